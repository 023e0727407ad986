//! Keeps a file with keys out of version control: whether it would be committed, and a line that ignores it.

mod ignore;
mod other;
mod refusal;

use std::path::{Path, PathBuf};

pub(crate) use ignore::Ignoring;

use crate::cancel::Cancel;
use crate::error::Result;
use crate::git::{self, Git};
use crate::hint::Hint;
use crate::host::Host;
use crate::locations::shown;
use crate::secure_file::is_planted;
use crate::worktree::is_empty_directory;

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

/// The nearest work tree of each system, and its root: a repository can have the directory of another system among its
/// files. Where jj and git share a directory, git answers for both. As git does, the search goes on above an empty `.git`
/// directory. What another account planted is added to `planted`.
fn work_trees<'a>(file: &'a Path, planted: &mut Vec<PathBuf>) -> Vec<(System, &'a Path)> {
    let mut nearest = |system: System| {
        let is_root = |root: &&Path| {
            let data = root.join(system.data());
            let exists = data.symlink_metadata().is_ok();
            let is_planted = exists && is_planted(&data, file);
            planted.extend(is_planted.then_some(data));
            exists && !is_planted
        };
        let mut roots = file.ancestors().skip(1).filter(is_root);
        let first = roots.next()?;
        let is_empty = |root: &&Path| system == System::Git && is_empty_directory(&root.join(".git"));
        let above = is_empty(&first).then(|| roots.find(|root| !is_empty(root))).flatten();
        Some((system, above.unwrap_or(first)))
    };
    let git = nearest(System::Git);
    let is_shared = |found: &(System, &Path)| git.is_some_and(|(_, root)| found.1 == root);
    let (jj, mercurial) = (nearest(System::Jj), nearest(System::Mercurial));
    let others = [jj.filter(|found| !is_shared(found)), mercurial];
    git.into_iter().chain(others.into_iter().flatten()).collect()
}

/// The command of a version control system that does not ignore a file, the line for that, and the file for the line.
pub(crate) fn ignoring_line(file: &Path) -> (&'static str, String, String) {
    let trees = work_trees(file, &mut Vec::new());
    let is_open =
        |(system, root): &&(System, &Path)| *system == System::Mercurial && !other::is_ignored(*system, root, file);
    if let Some((_, root)) = trees.iter().find(is_open) {
        return ("hg", other::mercurial_line(file, root), shown(&root.join(".hgignore")));
    }
    let command = trees.first().map_or(System::Git, |(system, _)| *system).command();
    (command, format!("/{}", refusal::name(file)), ".gitignore".to_owned())
}

/// What one system says about a file.
#[derive(Debug)]
struct SystemStatus {
    system: System,
    root: PathBuf,
    git: Git,
    /// Why that is unknown; completes "git …".
    silence: Option<git::Silence>,
    /// Without an answer: `.gitignore` has a line for the file.
    is_listed: bool,
}

impl SystemStatus {
    fn of(system: System, root: &Path, file: &Path, host: &Host, cancel: &Cancel) -> Self {
        let answer = match system {
            System::Git => git::status(root, file, host, cancel),
            System::Jj | System::Mercurial => other::status(system, root, file),
        };
        let root = root.to_path_buf();
        match answer {
            Ok(git) => Self { system, root, git, silence: None, is_listed: false },
            Err(silence) => {
                let is_listed = other::is_ignored(system, &root, file);
                Self { system, root, git: Git::Unknown, silence: Some(silence), is_listed }
            }
        }
    }

    /// How bad it would be to write a key to the file.
    fn severity(&self) -> u8 {
        match self.git {
            Git::Tracked => 4,
            Git::Unknown => 3,
            Git::NotIgnored => 2,
            Git::None | Git::Ignored | Git::Added => 1,
        }
    }

    fn needs_ignoring(&self, exists: bool) -> bool {
        let is_open = matches!(self.git, Git::NotIgnored | Git::Unknown) && !self.is_listed;
        is_open && (!exists || self.system == System::Jj)
    }

    /// Whether there is no repository that could be asked, and `.gitignore` names the file. Otherwise, a new file could be
    /// saved in such a work tree once, and never again.
    fn is_listed_without_repository(&self) -> bool {
        use crate::worktree::NoRepository::{Absent, Empty};
        self.is_listed && matches!(self.silence, Some(git::Silence::NoRepository(_, Absent | Empty)))
    }

    fn not_ignored_by_mercurial(&self, file: &Path, exists: bool) -> Result<()> {
        if self.system == System::Mercurial && self.needs_ignoring(exists) {
            return Err(refusal::not_ignored_by_mercurial(file, &self.root));
        }
        Ok(())
    }
}

/// How version control treats a file.
#[derive(Debug)]
pub(crate) struct TrackingStatus {
    /// The worst answer.
    pub(crate) git: Git,
    answers: Vec<SystemStatus>,
    /// Data of a system that another account planted above the file, and that was ignored.
    planted: Vec<PathBuf>,
}

impl TrackingStatus {
    /// Asks about a file, which does not need to exist.
    ///
    /// # Errors
    /// `cancelled`
    pub(crate) fn of(file: &Path, host: &Host, cancel: &Cancel) -> Result<Self> {
        cancel.check()?;
        let mut planted = Vec::new();
        let mut answers: Vec<SystemStatus> = work_trees(file, &mut planted)
            .into_iter()
            .map(|(system, root)| SystemStatus::of(system, root, file, host, cancel))
            .collect();
        // A silence may be due to the cancellation.
        cancel.check()?;
        answers.sort_by_key(|answer| std::cmp::Reverse(answer.severity()));
        Ok(Self { git: answers.first().map_or(Git::None, |worst| worst.git), answers, planted })
    }

    /// The command of the system with the worst answer, such as `git`.
    pub(crate) fn command(&self) -> &'static str {
        self.answers.first().map_or(System::Git, |worst| worst.system).command()
    }

    /// Refuses to write keys to a file that is tracked, or that exists and may be tracked.
    ///
    /// # Errors
    /// `env_file_tracked`, `env_file_unprotected`.
    pub(crate) fn allow_writing(&self, path: &Path, exists: bool) -> Result<()> {
        self.answers.iter().try_for_each(|answer| match (answer.git, &answer.silence) {
            (Git::Tracked, _) => Err(refusal::tracked(path, answer.system)),
            (Git::Unknown, Some(silence)) if exists && !answer.is_listed_without_repository() => {
                Err(refusal::unknown(path, answer.system, silence, &answer.root))
            }
            _ => Ok(()),
        })
    }

    /// What the user should know about an existing file that was written, although no repository was there to say whether
    /// it is tracked.
    pub(crate) fn listed_note(&self, file: &Path, existed: bool) -> Option<String> {
        let answer = self.answers.iter().find(|answer| answer.is_listed_without_repository()).filter(|_| existed)?;
        let (file, reason) = (shown(file), answer.silence.as_ref()?.reason());
        Some(format!("{file} is in .gitignore, but could still be tracked by an earlier commit: git {reason}."))
    }

    /// Whether the file must be ignored before keys are written to it. Without an answer it must, since a line too many
    /// does no harm. An existing file is left as it is, but jj would commit it without being asked to.
    pub(crate) fn needs_ignoring(&self, exists: bool) -> bool {
        self.answers.iter().any(|answer| answer.needs_ignoring(exists))
    }

    /// What to do so that the system answers.
    pub(crate) fn repair(&self) -> Option<Hint> {
        let worst = self.answers.first()?;
        Some(refusal::repair(worst.system, worst.silence.as_ref()?, &worst.root))
    }

    /// What the user should know about a repository that was ignored.
    pub(crate) fn planted_note(&self) -> Option<String> {
        let path = self.planted.first()?;
        let reason = "another account put it in a directory that every account can write";
        Some(format!("{} was ignored: {reason}.", shown(path)))
    }

    /// What the user should know about a line that was added without an answer.
    pub(crate) fn added_note(&self, file: &Path) -> String {
        let (name, command) = (refusal::name(file), self.command());
        let silence = self.answers.first().and_then(|worst| worst.silence.as_ref());
        let reason = silence.map(git::Silence::reason).unwrap_or_default();
        format!("Added /{name} to .gitignore without knowing whether it is needed: {command} {reason}.")
    }

    /// Adds a line that ignores the file, and asks again.
    ///
    /// # Errors
    /// Those of a `.gitignore` that cannot be edited; `env_file_unprotected`: the line has no effect; `cancelled`.
    pub(crate) fn ignore(&self, file: &Path, exists: bool, host: &Host, cancel: &Cancel) -> Result<Ignoring> {
        self.answers.iter().try_for_each(|answer| answer.not_ignored_by_mercurial(file, exists))?;
        let ignoring = Ignoring::add(file)?;
        // Where there was no answer before, the line is all that can be done.
        let now = Self::of(file, host, cancel)?;
        match now.answers.iter().find(|answer| answer.git == Git::NotIgnored && answer.needs_ignoring(exists)) {
            Some(answer) => Err(refusal::still_not_ignored(file, answer.system)),
            None => Ok(ignoring),
        }
    }

    /// Checks whether `ignore` could add its line.
    ///
    /// # Errors
    /// As `ignore`, as far as this is known without writing.
    pub(crate) fn check_ignoring(&self, file: &Path, exists: bool) -> Result<()> {
        self.answers.iter().try_for_each(|answer| answer.not_ignored_by_mercurial(file, exists))?;
        Ignoring::check(file)
    }
}
