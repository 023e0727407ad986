//! Reads and writes files: only trusted files, never blocking, in one atomic step, without leftovers after a failure.

mod failure;
mod lock;
mod lock_queue;
#[cfg_attr(unix, path = "unix/mod.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;
mod replace;
mod snapshot;
mod swap;
mod temporary;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub(crate) use lock::{Lock, LockResult};
pub(crate) use platform::STATE_VARIABLES;
pub(crate) use replace::{Target, Visibility};
pub(crate) use snapshot::Snapshot;

use platform::{Found, Status};
use zeroize::Zeroizing;

use crate::config::{ENV_FILE, LOCAL_ENV_FILE};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::locations::shown;
use crate::secret::SecretBytes;

/// Why a file or a link does not count: another account could have made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// The owner is another account, and not the only one that can write the directory.
    #[cfg(unix)]
    Owner,
    /// Other accounts can write the file.
    #[cfg(unix)]
    Writable,
    /// A symbolic link of another account leads to it.
    #[cfg(unix)]
    Link,
}

impl Distrust {
    /// The reason; completes "it …".
    fn reason(self) -> &'static str {
        match self {
            #[cfg(unix)]
            Self::Owner => "belongs to another user, who is not the only owner and writer of its directory",
            #[cfg(unix)]
            Self::Writable => "can be changed by other accounts",
            #[cfg(unix)]
            Self::Link => "is behind a symbolic link of another user",
        }
    }
}

/// The kind of a path through which another program delivers a file.
const FIFO: &str = "FIFO";
/// The kind of a path in whose place a container engine, or a virtual environment, put a directory.
const DIRECTORY: &str = "directory";

/// What to do about a FIFO that is not closed.
#[cfg(unix)]
const CLOSE_PIPE: &str = "The program that writes to the FIFO must close it after the content.";

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The path does not exist.
    Absent,
    /// The path is a symbolic link to a missing file, or a loop of links.
    BrokenLink,
    /// The path is not a regular file but, for example, a FIFO, which could block.
    NotAFile(&'static str),
    /// Another user could have written the file, or led us to it.
    #[cfg_attr(windows, allow(dead_code))] // access lists are not read there
    Untrusted(Distrust),
    /// No program delivered the whole file through the FIFO within this time.
    #[cfg(unix)]
    SilentPipe(std::time::Duration),
    /// A program delivered content through the FIFO, and did not close it within this time.
    #[cfg(unix)]
    OpenPipe(std::time::Duration),
    /// The pipe is empty, or was read before.
    #[cfg(unix)]
    EmptyPipe,
    /// The file is larger than this limit in bytes.
    TooLarge(u64),
    /// The system refused.
    Unreadable(io::Error),
}

impl ReadError {
    /// The reason; completes "it …".
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Absent => "does not exist".to_owned(),
            Self::BrokenLink => "is a broken symbolic link".to_owned(),
            Self::NotAFile(kind) => format!("is a {kind}, not a file"),
            Self::Untrusted(distrust) => distrust.reason().to_owned(),
            #[cfg(unix)]
            Self::SilentPipe(time) => {
                format!("is a FIFO, and no program delivered its content within {} seconds", time.as_secs())
            }
            #[cfg(unix)]
            Self::OpenPipe(time) => {
                format!(
                    "is a FIFO, and the program that delivers it did not close it within {} seconds",
                    time.as_secs()
                )
            }
            #[cfg(unix)]
            Self::EmptyPipe => "is a pipe that is empty, or that was read before".to_owned(),
            Self::TooLarge(limit) => format!("is larger than {limit} bytes"),
            Self::Unreadable(error) => format!("cannot be read: {}", system_reason(error)),
        }
    }

    /// Whether the file may hold a key that libatmn did not get to see: it is too large, or the state of the process or the
    /// disk hides it, such as a lack of descriptors or a locked secret manager. A key from another location would then be
    /// the wrong one.
    pub(crate) fn hides_content(&self) -> bool {
        #[cfg(unix)]
        if matches!(self, Self::SilentPipe(_) | Self::OpenPipe(_)) {
            return true;
        }
        if matches!(self, Self::TooLarge(_)) {
            return true;
        }
        let Self::Unreadable(error) = self else { return false };
        !matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidFilename)
    }

    /// What to do about a file that was not read, so that keys can be read from it and saved in it.
    pub(crate) fn repair(&self) -> Hint {
        match self {
            Self::NotAFile(DIRECTORY) => "Remove or rename that directory: a file belongs in its place.".into(),
            Self::NotAFile(_) => "Move it away: a file belongs in its place.".into(),
            Self::BrokenLink => "Remove the link, or create the file that it points to.".into(),
            Self::Untrusted(_) => Hint::MakeTrusted,
            Self::TooLarge(_) | Self::Absent => "Move it, or choose another directory.".into(),
            #[cfg(unix)]
            Self::OpenPipe(_) => CLOSE_PIPE.into(),
            #[cfg(unix)]
            Self::SilentPipe(_) => "Unlock or start the secret manager that provides the file, then try again.".into(),
            #[cfg(unix)]
            Self::EmptyPipe => "Provide the file again: a pipe can be read once.".into(),
            Self::Unreadable(_) => "Check the permissions of the file.".into(),
        }
    }

    /// Whether the file's permissions prevent reading it.
    pub(crate) fn is_permission(&self) -> bool {
        matches!(self, Self::Unreadable(error) if error.kind() == io::ErrorKind::PermissionDenied)
    }

    /// The system's error, if the system refused.
    pub(crate) fn into_system_error(self) -> Option<io::Error> {
        match self {
            Self::Unreadable(error) => Some(error),
            _ => None,
        }
    }

    fn into_io_error(self) -> io::Error {
        let reason = self.reason();
        self.into_system_error().unwrap_or_else(|| io::Error::other(reason))
    }

    /// The error of a call that needs this file.
    pub(crate) fn into_error(self, path: &Path) -> Error {
        let code = match &self {
            Self::NotAFile(_) => ErrorCode::NotAFile,
            Self::BrokenLink => ErrorCode::LinkRefused,
            Self::Untrusted(_) => ErrorCode::FileUntrusted,
            #[cfg(unix)]
            Self::SilentPipe(_) | Self::OpenPipe(_) | Self::EmptyPipe => ErrorCode::FileUnreadable,
            Self::Absent | Self::TooLarge(_) | Self::Unreadable(_) => ErrorCode::FileUnreadable,
        };
        let hint = match &self {
            Self::NotAFile(FIFO) => "Save the key in that secret manager, or choose another directory.".into(),
            #[cfg(unix)]
            Self::OpenPipe(_) => CLOSE_PIPE.into(),
            #[cfg(unix)]
            Self::SilentPipe(_) | Self::EmptyPipe => {
                "Unlock or start the secret manager that provides the file, then try again.".into()
            }
            Self::NotAFile(DIRECTORY) if path.file_name().is_some_and(|name| name == ENV_FILE) => {
                Hint::PassOption { option: "file", value: LOCAL_ENV_FILE, purpose: "use a file beside it" }
            }
            Self::NotAFile(_) | Self::TooLarge(_) | Self::Absent => "Move it, or choose another directory.".into(),
            Self::BrokenLink => "Remove the link, or create the file that it points to.".into(),
            Self::Untrusted(_) => Hint::MakeTrusted,
            Self::Unreadable(_) => "Check the permissions of the file.".into(),
        };
        let reason = match &self {
            Self::NotAFile(DIRECTORY) if path.join("pyvenv.cfg").exists() => {
                "is a virtual environment of Python, not a file".to_owned()
            }
            Self::NotAFile(FIFO) => "is a FIFO, through which a secret manager provides the file".to_owned(),
            other => other.reason(),
        };
        let error =
            Error::new(code, format!("{} {reason}.", shown(path))).with_hint(hint).with("path", path.to_string_lossy());
        match self {
            Self::Unreadable(cause) => error.with_system_cause(cause),
            _ => error,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Absent,
            _ if platform::is_link_loop(&error) => Self::BrokenLink,
            _ => Self::Unreadable(error),
        }
    }
}

/// The system's message without its error number.
fn system_reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Reads a regular, trusted file of at most `limit` bytes, following links that no other account made.
pub(crate) fn read(path: &Path, limit: u64) -> std::result::Result<SecretBytes, ReadError> {
    // Most files do not exist, and then one system call suffices. Nothing else is taken from its answer.
    path.symlink_metadata()?;
    content_of(&platform::find(path)?, limit)
}

/// [`read`], also through a trusted FIFO, as secret managers and shells deliver files. This takes two seconds at most.
pub(crate) fn read_delivered(path: &Path, limit: u64) -> std::result::Result<SecretBytes, ReadError> {
    path.symlink_metadata()?;
    delivered(&platform::find(path)?, limit)
}

/// [`read_delivered`] for a file that the caller names, which another account may own if only root or the user can write
/// its directory.
pub(crate) fn read_named(path: &Path, limit: u64) -> std::result::Result<SecretBytes, ReadError> {
    delivered(&platform::find_named(path)?, limit)
}

fn delivered(found: &Found, limit: u64) -> std::result::Result<SecretBytes, ReadError> {
    platform::deliver(found, limit)?.map_or_else(|| content_of(found, limit), Ok)
}

fn content_of(found: &Found, limit: u64) -> std::result::Result<SecretBytes, ReadError> {
    let file = open(found)?;
    content(&file, Status::of(&file)?.length(), limit)
}

/// The content of an open file; `length` is its size when it was opened.
fn content(file: &File, length: u64, limit: u64) -> std::result::Result<SecretBytes, ReadError> {
    if length > limit {
        return Err(ReadError::TooLarge(limit));
    }
    // Allocated once: a growing buffer would leave copies in memory that are not overwritten.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    let bytes = SecretBytes::from(bytes);
    if bytes.reveal().len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

/// Whether the content of an open file is `expected`. Reads in blocks, since allocating a second copy of a large file would
/// take longer than comparing it.
fn holds(mut file: &File, expected: &[u8]) -> std::result::Result<bool, ReadError> {
    let mut block = Zeroizing::new([0; 16 * 1024]);
    let mut rest = expected;
    loop {
        let count = file.read(&mut *block)?;
        match rest.strip_prefix(&block[..count]) {
            Some(_) if count == 0 => return Ok(rest.is_empty()),
            Some(after) => rest = after,
            None => return Ok(false),
        }
    }
}

/// Opens a regular, trusted file.
fn open(found: &Found) -> std::result::Result<File, ReadError> {
    // Checked before opening: opening a FIFO wakes its writer, and opening a device can have any effect.
    check_kind(&found.status()?)?;
    let file = found.open()?;
    let status = Status::of(&file)?;
    check_kind(&status)?;
    found.check_trust(&file, &status)?;
    Ok(file)
}

fn check_kind(status: &Status) -> std::result::Result<(), ReadError> {
    status.other_kind().map_or(Ok(()), |kind| Err(ReadError::NotAFile(kind)))
}

/// The directory to start from, as [`locations::starting_directory`](crate::locations::starting_directory) finds it, if
/// each link on the way counts.
///
/// # Errors
/// `invalid_argument`: `given` is not a directory; `file_untrusted`: another account made a link on the way.
pub(crate) fn starting_directory(given: Option<&Path>, host: &Host) -> Result<Option<PathBuf>> {
    // Its errors are the usual ones, but it follows any link.
    let directory = crate::locations::starting_directory(given, host)?;
    let Some(given) = given else { return Ok(directory) };
    match platform::real_directory(&host.in_working_directory(given)) {
        Ok(real) => Ok(Some(real)),
        Err(error @ ReadError::Untrusted(_)) => Err(error.into_error(given)),
        // Such as a directory that the user cannot enter. What `locations` found may be behind a link that was exchanged
        // since; the given path is judged again at each file.
        Err(_) => Ok(Some(host.in_working_directory(given).into_owned())),
    }
}

/// Creates a file that only its owner can read. Fails if the file exists.
pub(crate) fn create_private(path: &Path, content: &SecretBytes) -> io::Result<()> {
    let found = platform::find(path).map_err(ReadError::into_io_error)?;
    let mut file = found.directory.create(&found.name, true)?;
    file.write_all(content.reveal())?;
    file.sync_all()
}

/// Whether another account put an entry such as `.git` in a directory above a file that every account can write. It does not
/// answer for the user's file.
pub(crate) fn is_planted(entry: &Path, file: &Path) -> bool {
    platform::is_planted(entry, file)
}

/// Whether the user, root, or the owner of `other` owns a file.
pub(crate) fn is_of_owner(path: &Path, other: &Path) -> io::Result<bool> {
    platform::is_of_owner(path, other)
}

/// Whether a program, such as a secret manager, delivers this file through a FIFO.
pub(crate) fn is_fifo(path: &Path) -> bool {
    platform::find(path).and_then(|found| Ok(found.status()?)).is_ok_and(|status| status.other_kind() == Some(FIFO))
}

/// Removes a file, on a best-effort basis.
pub(crate) fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

/// The private directory for state that outlives a process: locks and pending logins. It is created for the current user
/// only, and never used if another user owns it or can exchange it.
pub(crate) fn state_directory(host: &Host) -> io::Result<PathBuf> {
    let directory = platform::state_home(host)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no home directory"))?
        .join("atmn");
    platform::create_private_directory(&directory)?;
    Ok(directory)
}
