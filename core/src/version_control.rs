//! Keeps a file with keys out of version control: whether it would be committed, and a line that ignores it.

mod ignore;
mod other;
mod refusal;

use std::path::Path;

pub(crate) use ignore::Ignoring;

use crate::cancel::Cancel;
use crate::error::Result;
use crate::git::{self, Git};
use crate::host::Host;

/// A version control system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Git,
    /// Jujutsu, in a work tree without `.git`.
    Jj,
    Mercurial,
}

impl System {
    /// The command of the system, which is also its short name.
    fn command(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Jj => "jj",
            Self::Mercurial => "hg",
        }
    }

    /// The directory with its data, which is a file in a linked git worktree.
    fn data(self) -> &'static str {
        match self {
            Self::Git => ".git",
            Self::Jj => ".jj",
            Self::Mercurial => ".hg",
        }
    }
}

/// The system of the nearest work tree, and its root. Where jj and git share a directory, git answers for both.
fn work_tree(directory: &Path) -> Option<(System, &Path)> {
    let systems = [System::Git, System::Jj, System::Mercurial];
    directory.ancestors().find_map(|root| {
        let here = |system: &System| root.join(system.data()).symlink_metadata().is_ok();
        systems.into_iter().find(here).map(|system| (system, root))
    })
}

/// How version control treats a file.
#[derive(Debug)]
pub(crate) struct TrackingStatus {
    pub(crate) git: Git,
    system: System,
    /// Why that is unknown; completes "git …".
    silence: Option<git::Silence>,
    /// Without an answer: `.gitignore` has a line for the file.
    is_listed: bool,
}

impl TrackingStatus {
    /// Asks about a file, which does not need to exist.
    ///
    /// # Errors
    /// `cancelled`
    pub(crate) fn of(file: &Path, host: &Host, cancel: &Cancel) -> Result<Self> {
        cancel.check()?;
        let Some((system, root)) = file.parent().and_then(work_tree) else {
            return Ok(Self { git: Git::None, system: System::Git, silence: None, is_listed: false });
        };
        let answer = match system {
            System::Git => git::status(file, host, cancel),
            System::Jj | System::Mercurial => other::status(system, root, file),
        };
        // A silence may be due to the cancellation.
        cancel.check()?;
        Ok(match answer {
            Ok(git) => Self { git, system, silence: None, is_listed: false },
            Err(silence) => {
                let is_listed = other::is_ignored(system, root, file);
                Self { git: Git::Unknown, system, silence: Some(silence), is_listed }
            }
        })
    }

    /// The command of the system, such as `git`.
    pub(crate) fn command(&self) -> &'static str {
        self.system.command()
    }

    /// Refuses to write keys to a file that is tracked, or that exists and may be tracked.
    ///
    /// # Errors
    /// `env_file_tracked`, `env_file_unprotected`.
    pub(crate) fn allow_writing(&self, path: &Path, exists: bool) -> Result<()> {
        match (self.git, &self.silence) {
            (Git::Tracked, _) => Err(refusal::tracked(path, self.system)),
            (Git::Unknown, Some(silence)) if exists => Err(refusal::unknown(path, self.system, silence)),
            _ => Ok(()),
        }
    }

    /// Whether the file must be ignored before keys are written to it. Without an answer it must, since a line too many
    /// does no harm. An existing file is left as it is, but jj would commit it without being asked to.
    pub(crate) fn needs_ignoring(&self, exists: bool) -> bool {
        let is_open = matches!(self.git, Git::NotIgnored | Git::Unknown) && !self.is_listed;
        is_open && (!exists || self.system == System::Jj)
    }

    /// What the user should know about a line that was added without an answer.
    pub(crate) fn added_note(&self, file: &Path) -> String {
        let (name, command) = (refusal::name(file), self.command());
        let reason = self.silence.as_ref().map(git::Silence::reason).unwrap_or_default();
        format!("Added /{name} to .gitignore without knowing whether it is needed: {command} {reason}.")
    }

    /// Adds a line that ignores the file, and asks again.
    ///
    /// # Errors
    /// Those of a `.gitignore` that cannot be edited; `env_file_unprotected`: the line has no effect; `cancelled`.
    pub(crate) fn ignore(&self, file: &Path, host: &Host, cancel: &Cancel) -> Result<Ignoring> {
        if self.system == System::Mercurial {
            return Err(refusal::not_ignored_by_mercurial(file, work_tree(file).map_or(file, |(_, root)| root)));
        }
        let ignoring = Ignoring::add(file)?;
        // Where there was no answer before, the line is all that can be done.
        if self.git == Git::NotIgnored && Self::of(file, host, cancel)?.git != Git::Ignored {
            return Err(refusal::still_not_ignored(file, self.system));
        }
        Ok(ignoring)
    }

    /// Checks whether `ignore` could add its line.
    ///
    /// # Errors
    /// As `ignore`, as far as this is known without writing.
    pub(crate) fn check_ignoring(&self, file: &Path) -> Result<()> {
        match self.system {
            System::Mercurial => {
                Err(refusal::not_ignored_by_mercurial(file, work_tree(file).map_or(file, |(_, root)| root)))
            }
            System::Git | System::Jj => Ignoring::check(file),
        }
    }
}
