//! Which of `.env` and `.env.local` a login writes and a logout edits.

use std::path::{Path, PathBuf};

use super::{EnvFile, SaveOptions, located, readable};
use crate::cancel::Cancel;
use crate::dotenv::{Document, Held, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::git::Git;
use crate::hint::Hint;
use crate::host::Host;
use crate::key::Environment;
use crate::secure_file::Target;
use crate::text::trim_invisible;
use crate::version_control::TrackingStatus;

/// The variables with keys.
pub(crate) const VARIABLES: &[&str] = &[Environment::Sandbox.variable(), Environment::Live.variable()];

/// The file that a login for both keys writes.
pub(crate) fn file_with_keys(directory: &Path, named: Option<EnvFile>) -> PathBuf {
    file_to_write(directory, named, VARIABLES)
}

/// The file for these variables: the one that the caller names, else `.env.local` if it has a value for one of them, since
/// a key in `.env` would have no effect beside it, else `.env`.
pub(crate) fn file_to_write(directory: &Path, named: Option<EnvFile>, variables: &[&str]) -> PathBuf {
    let local = directory.join(EnvFile::EnvLocal.name());
    let document = || readable(&located(&local).ok()?).ok();
    match named {
        Some(file) => directory.join(file.name()),
        None if document().is_some_and(|document| has_value(&document, variables)) => local,
        None => directory.join(EnvFile::Env.name()),
    }
}

/// Whether resolution finds a value, which need not be a key.
pub(crate) fn has_value(document: &Document, variables: &[&str]) -> bool {
    let value = |variable: &&str| document.read(variable).map(|assignment| assignment.value);
    variables.iter().filter_map(value).any(|value| match value {
        Value::Text(text) => !trim_invisible(text.reveal()).is_empty(),
        Value::Unusable(_) => true,
        Value::Empty => false,
    })
}

/// The `.env.local` beside a tracked `.env`, if it is ignored and the caller named no file: frameworks commit `.env` for
/// the whole team, and keep secrets of one machine in `.env.local`.
pub(super) fn untracked_instead(host: &Host, file: &Path, error: &Error, options: &SaveOptions) -> Option<PathBuf> {
    let is_env = file.file_name().is_some_and(|name| name == EnvFile::Env.name());
    if error.code != ErrorCode::EnvFileTracked || options.file.is_some() || !is_env {
        return None;
    }
    let local = file.with_file_name(EnvFile::EnvLocal.name());
    let target = located(&local).ok()?;
    let status = TrackingStatus::of(&target.path, host, &options.cancel).ok()?;
    (status.git == Git::Ignored).then_some(local)
}

/// For a tracked `.env`, the hint names the file beside it, unless that leads to the same file or is tracked, too.
pub(super) fn with_private_file(error: Error, host: &Host, file: &Path, cancel: &Cancel) -> Error {
    let local = file.with_file_name(EnvFile::EnvLocal.name());
    let is_open = || {
        let target = located(&local).ok()?;
        let status = TrackingStatus::of(&target.path, host, cancel).ok()?;
        (status.git != Git::Tracked && !is_same_file(&local, file)).then_some(())
    };
    let is_env = file.file_name().is_some_and(|name| name == EnvFile::Env.name());
    if error.code != ErrorCode::EnvFileTracked || !is_env || is_open().is_none() {
        return error;
    }
    let purpose = "save in a file of this machine";
    error.with_hint(Hint::PassOption { option: "file", value: EnvFile::EnvLocal.name(), purpose })
}

/// The files that a logout edits.
pub(crate) struct OwnFiles {
    /// Those with keys, the one that takes precedence first; if there are none, the one where a login would save.
    pub(crate) targets: Vec<Target>,
    /// A `.env` that is left alone, and the reason, which completes "it …".
    pub(crate) left: Option<String>,
}

impl OwnFiles {
    /// The file that the caller names, else each of `.env.local` and `.env` that has a key which `goes` accepts. Beside
    /// another `.env.local`, a `.env` that version control tracks belongs to a team, so it is left.
    ///
    /// # Errors
    /// `cancelled`, and those of a file that must not be edited if no other file has keys.
    pub(crate) fn find(
        host: &Host,
        directory: &Path,
        named: Option<EnvFile>,
        goes: impl Fn(&Held) -> bool,
        cancel: &Cancel,
    ) -> Result<Self> {
        let path = |file: EnvFile| directory.join(file.name());
        if let Some(file) = named {
            return Ok(Self { targets: vec![located(&path(file))?], left: None });
        }
        let (local, own) = (path(EnvFile::EnvLocal), path(EnvFile::Env));
        let is_beside = local.symlink_metadata().is_ok() && !is_same_file(&local, &own);
        let left = if is_beside { of_team(&own, host, cancel)? } else { None };
        let mut targets: Vec<Target> = Vec::new();
        for file in [Some(&local), left.is_none().then_some(&own)].into_iter().flatten() {
            let target = located(file).ok().filter(|target| has_key(target, &goes));
            // Of two links to one file, the second adds nothing.
            targets.extend(target.filter(|target| targets.iter().all(|known| known.path != target.path)));
        }
        if targets.is_empty() {
            targets.push(located(if left.is_some() { &local } else { &own })?);
        }
        Ok(Self { targets, left })
    }
}

/// Whether one of the files is a link to the other, or both are links to a third one.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |file: &Path| dunce::canonicalize(file).ok();
    real(one).is_some_and(|path| real(other) == Some(path))
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

/// Whether a file has a key that `goes` accepts.
pub(crate) fn has_key(target: &Target, goes: impl Fn(&Held) -> bool) -> bool {
    let Ok(document) = readable(target) else { return false };
    VARIABLES.iter().any(|variable| document.held(variable).any(|line| goes(&line.held)))
}
