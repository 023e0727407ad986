//! Which of `.env` and `.env.local` a login writes and a logout edits.

use std::path::{Path, PathBuf};

use super::{EnvFile, located, readable};
use crate::cancel::Cancel;
use crate::dotenv::Value;
use crate::git::Git;
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::version_control::TrackingStatus;

/// The file that a login writes: the one that the caller names, else `.env.local` if only that has keys, else `.env`.
pub(crate) fn file_with_keys(directory: &Path, named: Option<EnvFile>) -> PathBuf {
    let path = |file: EnvFile| directory.join(file.name());
    let only_local = || !has_key(&path(EnvFile::Env)) && has_key(&path(EnvFile::EnvLocal));
    match named {
        Some(file) => path(file),
        None if only_local() => path(EnvFile::EnvLocal),
        None => path(EnvFile::Env),
    }
}

/// The file that a logout edits: the one that the caller names, else `.env`; `.env.local` if it exists and version control
/// tracks `.env`, whose content belongs to a team. It never depends on where keys are: a second logout would otherwise edit
/// another file than the first.
pub(crate) fn own_file(host: &Host, directory: &Path, named: Option<EnvFile>, cancel: &Cancel) -> PathBuf {
    let path = |file: EnvFile| directory.join(file.name());
    let is_of_team = || {
        let status = || TrackingStatus::of(&path(EnvFile::Env), host, cancel);
        path(EnvFile::EnvLocal).symlink_metadata().is_ok() && status().is_ok_and(|status| status.git == Git::Tracked)
    };
    match named {
        Some(file) => path(file),
        None if is_of_team() => path(EnvFile::EnvLocal),
        None => path(EnvFile::Env),
    }
}

/// Whether a file has a key that a login saves.
fn has_key(file: &Path) -> bool {
    let Ok(document) = located(file).and_then(|target| readable(&target)) else { return false };
    let is_key = |value: &Value| matches!(value, Value::Text(text) if ApiKey::parse(text.reveal()).is_ok());
    let environments = [Environment::Sandbox, Environment::Live];
    environments
        .iter()
        .any(|environment| document.assignments(environment.variable()).any(|assignment| is_key(&assignment.value)))
}
