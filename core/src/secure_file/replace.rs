//! Replaces a file atomically: readers see the old or the new content, and a failure leaves the old content.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::platform::{self, Directory, Found, Status};
use super::swap::{Exchanged, SwapResult, is_version, joined};
use super::temporary::{TemporaryDirectory, fill};
use super::{ReadError, Snapshot, content, failure, holds, open};
use crate::config::{ENV_FILE_LIMIT, REPLACE_TRIES};
use crate::error::{Error, ErrorCode, Result};
use crate::locations::shown;
use crate::secret::SecretBytes;

/// The permissions of a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// Only the owner can read it, regardless of the umask.
    Private,
    /// As the umask allows.
    Public,
}

/// A file to change, with symbolic links resolved. Its directory is kept open, and everything is done through that
/// descriptor: an exchange of a name on the way leads to no other file.
#[derive(Debug)]
pub(crate) struct Target {
    /// The real path.
    pub(crate) path: PathBuf,
    /// The symbolic link that leads to it.
    link: Option<PathBuf>,
    pub(super) found: Found,
    visibility: Visibility,
}

impl Target {
    /// Resolves the path. Links are followed only to an existing file that `allowed` accepts, and never into the data of a
    /// version control system.
    ///
    /// # Errors
    /// `link_refused` for any other link; `file_untrusted` for a link that another account made.
    pub(crate) fn locate(path: &Path, visibility: Visibility, allowed: impl Fn(&Path) -> bool) -> Result<Self> {
        let found = platform::find(path).map_err(|error| error.into_error(path))?;
        let real = found.path();
        if found.is_linked && is_repository_data(&real) {
            return Err(failure::refused_link(path, &real, "which belongs to version control"));
        }
        if found.is_linked && !allowed(&real) {
            return Err(failure::refused_link(path, &real, "which is outside the project"));
        }
        let link = found.is_linked.then(|| path.to_path_buf());
        Ok(Self { path: real, link, found, visibility })
    }

    /// Reads the file; a missing file is an empty snapshot.
    pub(crate) fn read(&self) -> Result<Snapshot> {
        Snapshot::take(&self.found, ENV_FILE_LIMIT).map_err(|error| error.into_error(&self.path))
    }

    /// Tries everything that writing needs but the last step, and leaves nothing behind.
    ///
    /// # Errors
    /// `file_unwritable`, `disk_full`, `env_file_not_replaceable`.
    pub(crate) fn check_writable(&self) -> Result<()> {
        let exists = self.status()?.is_some();
        let directory = &self.found.directory;
        let writable = if exists { directory.check_writable(&self.found.name) } else { Ok(()) };
        writable.and_then(|()| directory.check_writable(OsStr::new("."))).map_err(|error| self.failure(error))?;
        if platform::is_mount_point(&self.found) {
            return Err(self.not_replaceable(io::ErrorKind::ResourceBusy.into()));
        }
        let workspace = self.workspace()?;
        let draft = self.draft(&workspace.directory, &workspace.file, &SecretBytes::default())?;
        if !exists {
            return Ok(());
        }
        let target = open(&self.found).map_err(|error| error.into_error(&self.path))?;
        self.adopt(&draft.file, &target).map(drop)
    }

    /// Removes the file, on a best-effort basis.
    pub(crate) fn remove(&self) {
        let _ = self.found.directory.remove(&self.found.name);
    }

    /// What the user must know about the accounts that can read the file, which this call created or changed.
    pub(crate) fn access_note(&self, created: bool) -> Option<String> {
        let file = open(&self.found).ok()?;
        let status = Status::of(&file).ok()?;
        let path = shown(&self.path);
        if platform::is_readable_by_others(&file, &status) {
            return Some(if platform::are_missing(&status) {
                format!("The file system keeps no permissions, so other accounts may be able to read {path}.")
            } else {
                format!("Other accounts can read {path}. Run `chmod 600` on it, unless one of them needs it.")
            });
        }
        (created && platform::is_hidden_from_owner(&status, &self.found.directory)).then(|| {
            format!(
                "{path} belongs to the account that saved it. The owner of the directory cannot read it; run `chown` or \
                 `chgrp` on it to change that."
            )
        })
    }

    /// Replaces the content with the result of `edit`, or keeps the file if that is `None`. Returns the second value of the
    /// last call of `edit`.
    ///
    /// A change that another program makes at the same time is kept: `edit` is called again with the newer content. To
    /// detect such a change, the file is checked right before the exchange, and the content that was exchanged is compared
    /// with the content that `edit` got.
    pub(crate) fn update<T>(&self, mut edit: impl FnMut(&Snapshot) -> Result<(Option<SecretBytes>, T)>) -> Result<T> {
        // The expected content of the file, and the content to edit. They differ after a conflict.
        let mut found = self.read()?;
        let mut base = found.clone();
        for _ in 0..REPLACE_TRIES {
            let (content, output) = edit(&base)?;
            let content = match content {
                Some(content) => content,
                None if found.is_same(&base) => return Ok(output),
                // The merged content of two writers needs no edit, but it is not in the file yet.
                None => base.bytes.clone(),
            };
            match self.swap(&content, &found)? {
                SwapResult::Done => return Ok(output),
                SwapResult::Conflict { present, newest } => {
                    (found, base) = (present.clone(), Snapshot { bytes: newest, ..present });
                }
            }
        }
        let message = format!("Another program keeps changing {}.", shown(&self.path));
        Err(Error::new(ErrorCode::FileLocked, message)
            .with_hint("Close the programs that write this file, then try again.")
            .with("path", self.path.to_string_lossy()))
    }

    /// The metadata of the file. A link that appeared since `locate` was never checked, so it is refused.
    fn status(&self) -> Result<Option<Status>> {
        match self.found.status() {
            Ok(status) if status.is_link() => {
                let message = format!("{} has just become a symbolic link, so it was not changed.", shown(&self.path));
                Err(Error::new(ErrorCode::LinkRefused, message)
                    .with_hint("Try again.")
                    .with("path", self.path.to_string_lossy()))
            }
            Ok(status) => Ok(Some(status)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// Replaces the file with `content`, provided that the file is still as it was found.
    pub(super) fn swap(&self, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
        if self.status()?.is_some() != found.exists() {
            return Ok(SwapResult::reread(self.read()?));
        }
        if found.exists() { self.install_over(content, found) } else { self.install_new(content) }
    }

    fn install_new(&self, content: &SecretBytes) -> Result<SwapResult> {
        let (directory, name) = (&self.found.directory, &self.found.name);
        let status = directory.own_status().map_err(|error| self.failure(error))?;
        self.found.check_owner(&status).map_err(|error| error.into_error(&self.path))?;
        let placed = match self.draft_unnamed(directory, content)? {
            Some(file) => match directory.link(&file, name) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => self.rename_new(content)?,
                result => result,
            },
            None => self.rename_new(content)?,
        };
        match placed {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(SwapResult::reread(self.read()?)),
            Err(error) => Err(self.not_replaceable(error)),
            Ok(()) => {
                directory.sync();
                Ok(SwapResult::Done)
            }
        }
    }

    /// Installs a new file where the system has no unnamed ones.
    fn rename_new(&self, content: &SecretBytes) -> Result<io::Result<()>> {
        let (directory, name) = (&self.found.directory, &self.found.name);
        let workspace = self.workspace()?;
        self.draft_named(&workspace.directory, &workspace.file, content)?;
        Ok(match workspace.directory.rename_new(&workspace.file, directory, name) {
            Ok(false) => workspace.directory.rename(&workspace.file, directory, name),
            result => result.map(drop),
        })
    }

    fn install_over(&self, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
        let (directory, name) = (&self.found.directory, &self.found.name);
        directory.check_writable(name).map_err(|error| self.failure(error))?;
        let workspace = self.workspace()?;
        let draft = self.draft(&workspace.directory, &workspace.file, content)?;
        // The file to replace is checked again, and its owner and permissions are taken from the same descriptor: until
        // then, only we can read the new content.
        let target = match open(&self.found) {
            Ok(target) => target,
            Err(ReadError::Absent | ReadError::NotAFile(_)) => return Ok(SwapResult::reread(self.read()?)),
            Err(error) => return Err(error.into_error(&self.path)),
        };
        let untouched = Status::of(&target).is_ok_and(|status| found.is_untouched(&status));
        if !untouched && !holds(&target, found.bytes.reveal()).unwrap_or(false) {
            return Ok(SwapResult::reread(self.read()?));
        }
        let adopted = self.adopt(&draft.file, &target)?;
        let mut written = Status::of(&draft.file).map_err(|error| self.failure(error))?;
        if !draft.is_named && workspace.directory.link(&draft.file, &workspace.file).is_err() {
            let file = self.draft_named(&workspace.directory, &workspace.file, content)?;
            self.adopt(&file, &target)?;
            written = Status::of(&file).map_err(|error| self.failure(error))?;
        }
        // Some file systems of Windows replace no file that is open.
        drop((draft, target));
        match workspace.directory.exchange(&workspace.file, directory, name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(SwapResult::reread(self.read()?)),
            Err(error) => Err(self.not_replaceable(error)),
            Ok(true) => self.check_exchanged(workspace, content, found, &Exchanged { adopted, written }),
            Ok(false) => self.rename_over(&workspace, found),
        }
    }

    /// Replaces the file where the file system cannot exchange two.
    fn rename_over(&self, workspace: &TemporaryDirectory<'_>, found: &Snapshot) -> Result<SwapResult> {
        let (directory, name) = (&self.found.directory, &self.found.name);
        let is_found = |target: File| holds(&target, found.bytes.reveal()).ok();
        if open(&self.found).ok().and_then(is_found) != Some(true) {
            return Ok(SwapResult::reread(self.read()?));
        }
        workspace.directory.rename(&workspace.file, directory, name).map_err(|error| self.not_replaceable(error))?;
        directory.sync();
        Ok(SwapResult::Done)
    }

    /// Checks the old file, which now has the temporary name. If it is not the one that was edited, or if other accounts
    /// have access to it, exchanges them back.
    pub(super) fn check_exchanged(
        &self,
        workspace: TemporaryDirectory<'_>,
        text: &SecretBytes,
        found: &Snapshot,
        exchanged: &Exchanged,
    ) -> Result<SwapResult> {
        if is_version(&workspace.directory, &workspace.file, found, &exchanged.adopted).unwrap_or(false) {
            self.found.directory.sync();
            return Ok(SwapResult::Done);
        }
        let displaced = workspace.status().map_err(|error| self.failure(error))?;
        match self.exchange_back(&workspace) {
            Ok(true) if workspace.holds_file(&exchanged.written) => {}
            Ok(true) => return self.after_takeover(workspace, displaced),
            Ok(false) => return Ok(SwapResult::reread(self.read()?)),
            Err(error) => return Err(self.kept(workspace).with_cause(error)),
        }
        let present = self.read()?;
        let ours = workspace.directory.open(&workspace.file).map_err(|error| self.failure(error))?;
        // What another program appended to our version stays with the accounts that could read it there.
        let is_ours = Status::of(&ours).is_ok_and(|status| status.is_same_file(&exchanged.written));
        if !is_ours || !present.status.as_ref().is_some_and(|status| status.has_same_access(&exchanged.adopted)) {
            return Ok(SwapResult::reread(present));
        }
        let ours = content(&ours, Status::of(&ours).map_or(0, |status| status.length()), ENV_FILE_LIMIT)
            .map_err(|error| error.into_error(&self.path))?;
        Ok(SwapResult::Conflict { newest: joined(&present.bytes, &ours, text), present })
    }

    /// Exchanges the file with the temporary one; `false` if another program has removed the file.
    fn exchange_back(&self, workspace: &TemporaryDirectory<'_>) -> io::Result<bool> {
        let (directory, name) = (&self.found.directory, &self.found.name);
        match workspace.directory.exchange(&workspace.file, directory, name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            result => result.map(|_| true),
        }
    }

    /// Another program replaced our version while it was in place, so a newer file of it has the temporary name. It goes
    /// back unread, since it may be of another account, until the file that comes out is the one that went in before: that
    /// one is superseded, and is removed.
    fn after_takeover(&self, workspace: TemporaryDirectory<'_>, displaced: Status) -> Result<SwapResult> {
        let mut in_place = displaced;
        for _ in 0..REPLACE_TRIES {
            let newer = workspace.status().map_err(|error| self.failure(error))?;
            match self.exchange_back(&workspace) {
                Ok(true) if !workspace.holds_file(&in_place) => in_place = newer,
                Ok(_) => return Ok(SwapResult::reread(self.read()?)),
                Err(error) => return Err(self.kept(workspace).with_cause(error)),
            }
        }
        Err(self.kept(workspace))
    }

    /// The error if the temporary file is one of another program and cannot go back. It is kept.
    fn kept(&self, workspace: TemporaryDirectory<'_>) -> Error {
        let kept = shown(&workspace.keep());
        let message = format!("Another program exchanged {} during the save.", shown(&self.path));
        Error::new(ErrorCode::FileLocked, message)
            .with_hint(format!("The file that it put there is now {kept}. Check both, then try again."))
            .with("path", self.path.to_string_lossy())
    }

    pub(super) fn workspace(&self) -> Result<TemporaryDirectory<'_>> {
        TemporaryDirectory::create(&self.found.directory).map_err(|error| self.failure(error))
    }

    /// Writes the content where only we can read it: without a name if the system has unnamed files.
    fn draft(&self, directory: &Directory, name: &OsStr, content: &SecretBytes) -> Result<Draft> {
        Ok(match self.draft_unnamed(directory, content)? {
            Some(file) => Draft { file, is_named: false },
            None => Draft { file: self.draft_named(directory, name, content)?, is_named: true },
        })
    }

    fn draft_unnamed(&self, directory: &Directory, content: &SecretBytes) -> Result<Option<File>> {
        let written = directory.create_unnamed(self.visibility == Visibility::Private).and_then(|file| {
            file.as_ref().map_or(Ok(()), |file| fill(file, content))?;
            Ok(file)
        });
        written.map_err(|error| self.failure(error))
    }

    pub(super) fn draft_named(&self, directory: &Directory, name: &OsStr, content: &SecretBytes) -> Result<File> {
        let _ = directory.remove(name);
        let written = directory.create(name, self.visibility == Visibility::Private).and_then(|file| {
            fill(&file, content)?;
            Ok(file)
        });
        written.map_err(|error| self.failure(error))
    }

    /// Gives a draft the owner, the permissions and the access list of the file that it replaces. Returns what was taken.
    fn adopt(&self, draft: &File, target: &File) -> Result<Status> {
        let old = Status::of(target).map_err(|error| self.failure(error))?;
        match platform::adopt(draft, target, &old) {
            // File systems without modes have nothing to adopt; the result says so.
            Err(_) if platform::are_missing(&old) => Ok(old),
            Err(error) => Err(failure::not_adoptable(&self.path, &old, error)),
            Ok(()) => Ok(old),
        }
    }

    fn not_replaceable(&self, error: io::Error) -> Error {
        self.with_link(failure::not_replaceable(&self.path, error))
    }

    fn failure(&self, error: io::Error) -> Error {
        self.with_link(failure::unwritable(&self.path, error))
    }

    fn with_link(&self, error: Error) -> Error {
        match &self.link {
            Some(link) if error.code == ErrorCode::FileUnwritable => failure::behind_link(error, link),
            Some(_) | None => error,
        }
    }
}

/// New content that is not in place yet.
struct Draft {
    file: File,
    is_named: bool,
}

/// Whether a path is inside the data of a version control system, where a key would be used as its configuration.
fn is_repository_data(path: &Path) -> bool {
    let is_data = |name: &OsStr| [".git", ".hg", ".jj"].iter().any(|data| name.eq_ignore_ascii_case(data));
    path.parent().is_some_and(|folder| folder.components().any(|component| is_data(component.as_os_str())))
}
