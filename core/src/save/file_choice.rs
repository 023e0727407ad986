//! Which of `.env` and `.env.local` a login writes and a logout edits.

use std::path::{Path, PathBuf};

use super::{EnvFile, located, readable};
use crate::cancel::Cancel;
use crate::dotenv::Value;
use crate::git::Git;
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::version_control::TrackingStatus;

/// The file that a login writes, and a logout edits: the one that the caller names, else `.env.local` if only that has
/// keys, else `.env`.
pub(crate) fn file_with_keys(directory: &Path, named: Option<EnvFile>) -> PathBuf {
    let path = |file: EnvFile| directory.join(file.name());
    let only_local = || !has_key(&path(EnvFile::Env)) && has_key(&path(EnvFile::EnvLocal));
    match named {
        Some(file) => path(file),
        None if only_local() => path(EnvFile::EnvLocal),
        None => path(EnvFile::Env),
    }
}

/// As [`file_with_keys`]; where both have keys, `.env.local` if git tracks `.env`, whose content belongs to a team.
pub(crate) fn own_file_with_keys(host: &Host, directory: &Path, named: Option<EnvFile>, cancel: &Cancel) -> PathBuf {
    let (file, local) = (file_with_keys(directory, named), directory.join(EnvFile::EnvLocal.name()));
    let is_of_team = || TrackingStatus::of(&file, host, cancel).is_ok_and(|status| status.git == Git::Tracked);
    if named.is_none() && file != local && has_key(&local) && is_of_team() { local } else { file }
}

/// Whether a file has a key that a login saves or a logout removes.
fn has_key(file: &Path) -> bool {
    let Ok(document) = located(file).and_then(|target| readable(&target)) else { return false };
    let is_key = |value: &Value| matches!(value, Value::Text(text) if ApiKey::parse(text.reveal()).is_ok());
    let environments = [Environment::Sandbox, Environment::Live];
    environments
        .iter()
        .any(|environment| document.assignments(environment.variable()).any(|assignment| is_key(&assignment.value)))
}
