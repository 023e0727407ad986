//! Which of `.env` and `.env.local` a login writes and a logout edits.

use std::path::{Path, PathBuf};

use super::{EnvFile, located, readable};
use crate::cancel::Cancel;
use crate::dotenv::Value;
use crate::error::Result;
use crate::git::Git;
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::secure_file::Target;
use crate::version_control::TrackingStatus;

/// The variables with keys.
pub(crate) const VARIABLES: &[&str] = &[Environment::Sandbox.variable(), Environment::Live.variable()];

/// The file that a login writes: the one that the caller names, else `.env.local` if only that has keys, else `.env`.
pub(crate) fn file_with_keys(directory: &Path, named: Option<EnvFile>) -> PathBuf {
    let path = |file: EnvFile| directory.join(file.name());
    let has_key = |file| located(&path(file)).is_ok_and(|target| has_key(&target, VARIABLES));
    let only_local = || !has_key(EnvFile::Env) && has_key(EnvFile::EnvLocal);
    match named {
        Some(file) => path(file),
        None if only_local() => path(EnvFile::EnvLocal),
        None => path(EnvFile::Env),
    }
}

/// The files that a logout edits.
pub(crate) struct OwnFiles {
    /// Those with keys, the one that takes precedence first; if there are none, the one where a login would save.
    pub(crate) targets: Vec<Target>,
    /// A `.env` with keys that is left alone, and the reason, which completes "it …".
    pub(crate) left: Option<String>,
}

impl OwnFiles {
    /// The file that the caller names, else each of `.env.local` and `.env` that has a key in one of the variables, as
    /// resolution finds it. Beside a `.env.local`, a `.env` that version control tracks belongs to a team, so it is left.
    ///
    /// # Errors
    /// `cancelled`, and those of a file that must not be edited if no other file has keys.
    pub(crate) fn find(
        host: &Host,
        directory: &Path,
        named: Option<EnvFile>,
        variables: &[&str],
        cancel: &Cancel,
    ) -> Result<Self> {
        let path = |file: EnvFile| directory.join(file.name());
        if let Some(file) = named {
            return Ok(Self { targets: vec![located(&path(file))?], left: None });
        }
        let (local, own) = (path(EnvFile::EnvLocal), path(EnvFile::Env));
        let of_team = if local.symlink_metadata().is_ok() { of_team(&own, host, cancel)? } else { None };
        let mut targets: Vec<Target> = Vec::new();
        for file in [Some(&local), of_team.is_none().then_some(&own)].into_iter().flatten() {
            let target = located(file).ok().filter(|target| has_key(target, variables));
            // Of two links to one file, the second adds nothing.
            targets.extend(target.filter(|target| targets.iter().all(|known| known.path != target.path)));
        }
        if targets.is_empty() {
            targets.push(located(if of_team.is_some() { &local } else { &own })?);
        }
        let left = of_team.filter(|_| located(&own).is_ok_and(|target| has_key(&target, variables)));
        Ok(Self { targets, left })
    }
}

/// Why an existing `.env` may belong to a team; completes "it …".
fn of_team(own: &Path, host: &Host, cancel: &Cancel) -> Result<Option<String>> {
    let Some(target) = located(own).ok().filter(|target| target.path.symlink_metadata().is_ok()) else {
        return Ok(None);
    };
    let status = TrackingStatus::of(&target.path, host, cancel)?;
    Ok(match status.git {
        Git::Tracked => Some(format!("is tracked by {}", status.command())),
        Git::Unknown => Some(format!("may be tracked by {}, which did not answer", status.command())),
        Git::None | Git::Ignored | Git::Added | Git::NotIgnored => None,
    })
}

/// Whether a file has a key in one of the variables.
fn has_key(target: &Target, variables: &[&str]) -> bool {
    let Ok(document) = readable(target) else { return false };
    let is_key = |value: &Value| matches!(value, Value::Text(text) if ApiKey::parse(text.reveal()).is_ok());
    variables.iter().any(|variable| document.assignments(variable).any(|assignment| is_key(&assignment.value)))
}
