//! Replaces a file atomically: readers see the old or the new content, and a failure leaves the old content.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{ReadError, Snapshot, holds, platform, read};
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

/// A file to change, with symbolic links resolved.
#[derive(Debug)]
pub(crate) struct Target {
    /// The real path.
    pub(crate) path: PathBuf,
    visibility: Visibility,
}

impl Target {
    /// Resolves the path. Links are followed only to an existing file that `allowed` accepts.
    ///
    /// # Errors
    /// `link_refused` for any other link.
    pub(crate) fn locate(path: &Path, visibility: Visibility, allowed: impl Fn(&Path) -> bool) -> Result<Self> {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                let real = dunce::canonicalize(path).map_err(|_| ReadError::BrokenLink.into_error(path))?;
                if !allowed(&real) {
                    let message = format!(
                        "{} is a symbolic link to {}, which is outside the project.",
                        shown(path),
                        shown(&real)
                    );
                    return Err(Error::new(ErrorCode::LinkRefused, message)
                        .with_hint("Keys are written through such a link only if the name of the file contains `.env`.")
                        .with("path", path.to_string_lossy()));
                }
                Ok(Self { path: real, visibility })
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ReadError::Unreadable(error).into_error(path)),
            Ok(_) | Err(_) => Ok(Self { path: path.to_path_buf(), visibility }),
        }
    }

    /// Reads the file; a missing file is an empty snapshot.
    pub(crate) fn read(&self) -> Result<Snapshot> {
        Snapshot::take(&self.path, ENV_FILE_LIMIT).map_err(|error| error.into_error(&self.path))
    }

    /// Tries everything that writing needs but the last step, and leaves nothing behind.
    ///
    /// # Errors
    /// `file_unwritable`, `disk_full`, `env_file_not_replaceable`.
    pub(crate) fn check_writable(&self) -> Result<()> {
        let old = self.metadata()?;
        let mut needed = old.iter().map(|_| self.path.as_path()).chain(self.path.parent());
        needed.try_for_each(platform::check_writable).map_err(|error| self.failure(error))?;
        if platform::is_mount_point(&self.path) {
            return Err(self.not_replaceable(io::ErrorKind::ResourceBusy.into()));
        }
        Temporary::write(self, &SecretBytes::default(), old.as_ref()).map(drop)
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
    fn metadata(&self) -> Result<Option<Metadata>> {
        match self.path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                let message = format!("{} has just become a symbolic link, so it was not changed.", shown(&self.path));
                Err(Error::new(ErrorCode::LinkRefused, message)
                    .with_hint("Try again.")
                    .with("path", self.path.to_string_lossy()))
            }
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// Replaces the file with `content`, provided that the file is still as it was found.
    pub(super) fn swap(&self, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
        let old = self.metadata()?;
        if old.is_some() != found.exists() {
            return Ok(SwapResult::reread(self.read()?));
        }
        let temporary = Temporary::write(self, content, old.as_ref())?;
        // Detects a concurrent write before our version replaces it. If only the metadata changed, the content decides.
        if !found.is_untouched(self.metadata()?.as_ref()) {
            let present = self.read()?;
            if !present.is_same(found) {
                return Ok(SwapResult::reread(present));
            }
        }
        if old.is_some() { self.install_over(temporary, content, found) } else { self.install_new(temporary) }
    }

    fn install_new(&self, temporary: Temporary) -> Result<SwapResult> {
        let placed = match platform::rename_new(&temporary.path, &self.path) {
            Ok(false) => platform::rename(&temporary.path, &self.path).map(|()| true),
            result => result,
        };
        match placed {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(SwapResult::reread(self.read()?)),
            Err(error) => Err(self.not_replaceable(error)),
            Ok(_) => {
                temporary.disarm();
                self.sync();
                Ok(SwapResult::Done)
            }
        }
    }

    fn install_over(&self, temporary: Temporary, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
        match platform::exchange(&temporary.path, &self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(SwapResult::reread(self.read()?)),
            Err(error) => Err(self.not_replaceable(error)),
            Ok(true) => self.check_exchanged(&temporary, content, found),
            Ok(false) if !holds(&self.path, found.bytes.reveal()).unwrap_or(false) => {
                Ok(SwapResult::reread(self.read()?))
            }
            Ok(false) => {
                platform::rename(&temporary.path, &self.path).map_err(|error| self.not_replaceable(error))?;
                temporary.disarm();
                self.sync();
                Ok(SwapResult::Done)
            }
        }
    }

    /// Checks the old file, which now has the temporary name. If it is not the one that was edited, exchanges them back.
    fn check_exchanged(&self, temporary: &Temporary, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
        if holds(&temporary.path, found.bytes.reveal()).unwrap_or(false) {
            self.sync();
            return Ok(SwapResult::Done);
        }
        platform::exchange(&temporary.path, &self.path).map_err(|error| self.failure(error))?;
        let present = self.read()?;
        let ours = read(&temporary.path, ENV_FILE_LIMIT).map_err(|error| error.into_error(&self.path))?;
        Ok(SwapResult::Conflict { newest: joined(&present.bytes, &ours, content), present })
    }

    fn sync(&self) {
        self.path.parent().map(platform::sync_directory).unwrap_or_default();
    }

    /// The temporary name. It is fixed, so that a file which a killed process left behind is found and removed.
    fn temporary_path(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".atmn.tmp");
        self.path.with_file_name(name)
    }

    fn not_replaceable(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
                let message = format!("{} cannot be replaced, so it was not changed.", shown(&self.path));
                Error::new(ErrorCode::EnvFileNotReplaceable, message)
                    .with_hint("The file may be a bind mount: mount its directory instead.")
                    .with("path", self.path.to_string_lossy())
                    .with_cause(error)
            }
            _ => self.failure(error),
        }
    }

    fn failure(&self, error: io::Error) -> Error {
        let path = shown(&self.path);
        let (code, message, hint) = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => (
                ErrorCode::DiskFull,
                format!("There is no space left to write {path}; it was not changed."),
                "Free some disk space, then try again.",
            ),
            _ => (
                ErrorCode::FileUnwritable,
                format!("{path} could not be written; it was not changed."),
                "Check the permissions of the file and its directory.",
            ),
        };
        Error::new(code, message).with_hint(hint).with("path", self.path.to_string_lossy()).with_cause(error)
    }
}

pub(super) enum SwapResult {
    Done,
    /// Another program changed the file: its present content, and the newest content to edit.
    Conflict {
        present: Snapshot,
        newest: SecretBytes,
    },
}

impl SwapResult {
    fn reread(present: Snapshot) -> Self {
        Self::Conflict { newest: present.bytes.clone(), present }
    }
}

/// Merges two concurrent writes: `taken` before the exchange, and `ours` while our version was in place. Text appended to
/// our version is appended to `taken`; otherwise the later write wins.
fn joined(taken: &SecretBytes, ours: &SecretBytes, content: &SecretBytes) -> SecretBytes {
    match ours.reveal().strip_prefix(content.reveal()) {
        Some(appended) => SecretBytes::from([taken.reveal(), appended].concat()),
        None => ours.clone(),
    }
}

/// A temporary file in the directory of the target. Dropping it removes the file.
struct Temporary {
    path: PathBuf,
    exists: bool,
}

impl Temporary {
    fn write(target: &Target, content: &SecretBytes, old: Option<&Metadata>) -> Result<Self> {
        if old.is_some() {
            platform::check_writable(&target.path).map_err(|error| target.failure(error))?;
        }
        let path = target.temporary_path();
        let file = create(&path, target.visibility, old).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Error::new(ErrorCode::FileUnwritable, format!("{} already exists.", shown(&path)))
                    .with_hint("libatmn did not create this file. Move it, then try again.")
                    .with("path", path.to_string_lossy())
            }
            _ => target.failure(error),
        })?;
        let temporary = Self { path, exists: true };
        if let Some(old) = old {
            platform::adopt(&file, &target.path, old).map_err(|error| {
                let message = format!(
                    "Replacing {} would change its owner or permissions, so it was not changed.",
                    shown(&target.path)
                );
                Error::new(ErrorCode::EnvFileNotReplaceable, message)
                    .with_hint("Run as the file's owner.")
                    .with("path", target.path.to_string_lossy())
                    .with_cause(error)
            })?;
        }
        fill(&file, content).map_err(|error| target.failure(error))?;
        Ok(temporary)
    }

    fn disarm(mut self) {
        self.exists = false;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.exists {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Creates the temporary file, and removes one that a killed process left behind.
fn create(path: &Path, visibility: Visibility, old: Option<&Metadata>) -> io::Result<File> {
    let private = visibility == Visibility::Private;
    match platform::create(path, private) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if !path.symlink_metadata().is_ok_and(|left| platform::is_ours(&left, old)) {
                return Err(error);
            }
            std::fs::remove_file(path)?;
            platform::create(path, private)
        }
        result => result,
    }
}

fn fill(mut file: &File, content: &SecretBytes) -> io::Result<()> {
    file.write_all(content.reveal())?;
    file.sync_all()
}
