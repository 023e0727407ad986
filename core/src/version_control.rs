//! Keeps a file with keys out of version control: whether it would be committed, and a line that ignores it.

mod ignore;

use std::path::Path;

pub(crate) use ignore::Ignoring;

use crate::error::{Error, ErrorCode};
use crate::git::{self, Git, Silence};
use crate::hint::Hint;
use crate::host::Host;
use crate::locations::{repository_root, shown};

/// How version control treats a file.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) git: Git,
    /// Why that is unknown.
    silence: Option<Silence>,
}

impl Status {
    /// Asks about a file, which does not need to exist.
    pub(crate) fn of(file: &Path, host: &Host) -> Self {
        if file.parent().is_none_or(|directory| repository_root(directory).is_none()) {
            return Self { git: Git::None, silence: None };
        }
        match git::status(file, host) {
            Ok(git) => Self { git, silence: None },
            Err(silence) => Self { git: Git::Unknown, silence: Some(silence) },
        }
    }

    /// Whether a file that is created must be ignored first. Without an answer it must, since a line too many does no
    /// harm.
    pub(crate) fn needs_ignoring(&self) -> bool {
        matches!(self.git, Git::NotIgnored | Git::Unknown)
    }

    /// Refuses to write keys to a file that is tracked, or that exists and may be tracked.
    ///
    /// # Errors
    /// `env_file_tracked`, `env_file_unprotected`.
    pub(crate) fn allow_writing(&self, path: &Path, exists: bool) -> Result<(), Error> {
        match (self.git, &self.silence) {
            (Git::Tracked, _) => Err(tracked(path)),
            (Git::Unknown, Some(silence)) if exists => Err(unknown(path, silence)),
            _ => Ok(()),
        }
    }
}

fn tracked(path: &Path) -> Error {
    let name = path.file_name().map(|name| shown(Path::new(name))).unwrap_or_default();
    Error::new(ErrorCode::EnvFileTracked, format!("{} is tracked by git, so the key would be committed.", shown(path)))
        .with_hint(Hint::Untrack { file: name })
        .with("path", path.to_string_lossy())
}

fn unknown(path: &Path, silence: &Silence) -> Error {
    let message = format!("{} may be tracked by git, so it was not changed: git {}.", shown(path), silence.reason());
    let repair = match silence {
        Silence::NotInstalled => "Install git, or put it on PATH.",
        Silence::NotStarted(_) | Silence::Failed(_) => "Repair the repository until `git status` works there.",
        Silence::Slow => "Try again when `git status` is fast there.",
    };
    let option = Hint::PassOption { option: "allow_tracked", value: "true", purpose: "save although git may track it" };
    Error::new(ErrorCode::EnvFileUnprotected, message)
        .with_hint(Hint::from(repair).and(option))
        .with("path", path.to_string_lossy())
        .with("reason", silence.reason())
}
