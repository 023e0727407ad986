//! Changing a file in one step: readers see the old content or the new one, and a failure leaves the old one.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{ReadError, Snapshot, holds, platform, read};
use crate::config::ENV_FILE_LIMIT;
use crate::error::{Error, ErrorCode, Result};
use crate::locations::shown;
use crate::secret::SecretBytes;

/// Who may read a file that is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// Its owner only, whatever the umask.
    Private,
    /// Whoever the umask allows.
    Public,
}

/// How often another program may change the file while we do, before we give up.
const TRIES: usize = 100;

/// A file to be changed: the real one, behind links.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its real path.
    pub(crate) path: PathBuf,
    kind: Visibility,
}

impl Target {
    /// Finds the real file. Links are followed to an existing file that `allowed` agrees to.
    ///
    /// # Errors
    /// `link_refused` for any other link.
    pub(crate) fn locate(path: &Path, kind: Visibility, allowed: impl Fn(&Path) -> bool) -> Result<Self> {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                let real = dunce::canonicalize(path).map_err(|_| ReadError::BrokenLink.into_error(path))?;
                if !allowed(&real) {
                    let message = format!("{} is a link to {}, outside the project.", shown(path), shown(&real));
                    return Err(Error::new(ErrorCode::LinkRefused, message)
                        .with_hint("Keys are written through such a link only if the file's name contains .env.")
                        .with("path", path.to_string_lossy()));
                }
                Ok(Self { path: real, kind })
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ReadError::Unreadable(error).into_error(path)),
            Ok(_) | Err(_) => Ok(Self { path: path.to_path_buf(), kind }),
        }
    }

    /// What the file holds now; nothing where there is none.
    pub(crate) fn read(&self) -> Result<Snapshot> {
        Snapshot::take(&self.path, ENV_FILE_LIMIT).map_err(|error| error.into_error(&self.path))
    }

    /// Whether it could be written, as far as permissions and mounts tell.
    ///
    /// # Errors
    /// `file_unwritable`.
    pub(crate) fn check_writable(&self) -> Result<()> {
        let file = self.metadata()?.map(|_| self.path.as_path());
        let mut needed = file.into_iter().chain(self.path.parent());
        needed.try_for_each(platform::check_writable).map_err(|error| self.failure(error))
    }

    /// Replaces the content by what `edit` makes of it, or leaves the file alone where that is `None`. Returns what the
    /// last call of `edit` told besides.
    ///
    /// If another program writes at the same time, its change is kept: `edit` is given the newer content then. Right
    /// before our version takes the file's place, the place is looked at; and what is taken out of it is compared with
    /// what `edit` was given.
    pub(crate) fn update<T>(&self, mut edit: impl FnMut(&Snapshot) -> Result<(Option<SecretBytes>, T)>) -> Result<T> {
        // What we expect to find in the place, and what to edit: they differ once another program interfered.
        let mut found = self.read()?;
        let mut base = found.clone();
        for _ in 0..TRIES {
            let (content, told) = edit(&base)?;
            let content = match content {
                Some(content) => content,
                None if found.is_same(&base) => return Ok(told),
                // There is nothing to change in what two writers left together; it is not in the file yet.
                None => base.bytes.clone(),
            };
            match self.swap(&content, &found)? {
                SwapResult::Done => return Ok(told),
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

    /// What stands in the place. A link that has come there since was not looked into.
    fn metadata(&self) -> Result<Option<Metadata>> {
        match self.path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                let message = format!("{} has just become a link, so it was left alone.", shown(&self.path));
                Err(Error::new(ErrorCode::LinkRefused, message)
                    .with_hint("Try again.")
                    .with("path", self.path.to_string_lossy()))
            }
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// Puts `content` into the file's place, which should be as it was found.
    pub(super) fn swap(&self, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
        let old = self.metadata()?;
        if old.is_some() != found.exists() {
            return Ok(SwapResult::reread(self.read()?));
        }
        let temporary = Temporary::write(self, content, old.as_ref())?;
        // Whoever wrote meanwhile is seen here without a moment at which the change is gone. Where the file was only
        // touched, its content decides.
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
                temporary.gone();
                self.sync();
                Ok(SwapResult::Done)
            }
        }
    }

    fn install_over(&self, temporary: Temporary, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
        match platform::exchange(&temporary.path, &self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(SwapResult::reread(self.read()?)),
            Err(error) => Err(self.not_replaceable(error)),
            Ok(true) => self.check_taken(&temporary, content, found),
            Ok(false) if !holds(&self.path, found.bytes.reveal()).unwrap_or(false) => {
                Ok(SwapResult::reread(self.read()?))
            }
            Ok(false) => {
                platform::rename(&temporary.path, &self.path).map_err(|error| self.not_replaceable(error))?;
                temporary.gone();
                self.sync();
                Ok(SwapResult::Done)
            }
        }
    }

    /// The old file lies under the temporary name now: is it the one that was edited? If not, it goes back at once.
    fn check_taken(&self, temporary: &Temporary, content: &SecretBytes, found: &Snapshot) -> Result<SwapResult> {
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

    /// The name used while writing: fixed, so that one which a killed process left behind is found and removed.
    fn temporary_path(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".atmn.tmp");
        self.path.with_file_name(name)
    }

    fn not_replaceable(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
                let message = format!("{} cannot be replaced, so it was left alone.", shown(&self.path));
                Error::new(ErrorCode::EnvFileNotReplaceable, message)
                    .with_hint("It may be mounted by itself (a bind mount): mount its directory instead.")
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
                format!("There is no room to write {path}; it was left alone."),
                "Free some disk space, then try again.",
            ),
            _ => (
                ErrorCode::FileUnwritable,
                format!("{path} could not be written; it was left alone."),
                "Check the permissions of the file and its directory.",
            ),
        };
        Error::new(code, message).with_hint(hint).with("path", self.path.to_string_lossy()).with_cause(error)
    }
}

pub(super) enum SwapResult {
    Done,
    /// Another program wrote meanwhile: what is in the file's place now, and what is to be edited.
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

/// What two writers left: one before our version took the file's place, one in the moment that it stood there. A line
/// that was appended then is appended to the other's; whoever rewrote the file in that moment has the last word.
fn joined(taken: &SecretBytes, ours: &SecretBytes, content: &SecretBytes) -> SecretBytes {
    match ours.reveal().strip_prefix(content.reveal()) {
        Some(appended) => SecretBytes::from([taken.reveal(), appended].concat()),
        None => ours.clone(),
    }
}

/// A file beside the target that is removed when it is dropped.
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
        let file = create(&path, target.kind, old).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Error::new(ErrorCode::FileUnwritable, format!("{} is in the way.", shown(&path)))
                    .with_hint("It is not one of ours: move it away, then try again.")
                    .with("path", path.to_string_lossy())
            }
            _ => target.failure(error),
        })?;
        let temporary = Self { path, exists: true };
        if let Some(old) = old {
            platform::adopt(&file, &target.path, old).map_err(|error| {
                let message =
                    format!("{} would change its owner or its rights, so it was left alone.", shown(&target.path));
                Error::new(ErrorCode::EnvFileNotReplaceable, message)
                    .with_hint("Run as the file's owner.")
                    .with("path", target.path.to_string_lossy())
                    .with_cause(error)
            })?;
        }
        fill(&file, content).map_err(|error| target.failure(error))?;
        Ok(temporary)
    }

    fn gone(mut self) {
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

/// Creates the temporary file; one that a killed process left behind is removed first.
fn create(path: &Path, kind: Visibility, old: Option<&Metadata>) -> io::Result<File> {
    let private = kind == Visibility::Private;
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
