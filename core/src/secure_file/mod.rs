//! Reads and writes files: only trusted files, never blocking, in one atomic step, without leftovers after a failure.

mod lock;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;
mod replace;
mod snapshot;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

pub(crate) use lock::{Lock, LockResult};
pub(crate) use replace::{Target, Visibility};
pub(crate) use snapshot::Snapshot;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::locations::shown;
use crate::secret::SecretBytes;

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The path does not exist.
    Absent,
    /// The path is a symbolic link to a missing file, or a loop of links.
    BrokenLink,
    /// The path is not a regular file but, for example, a FIFO, which could block.
    NotAFile(&'static str),
    /// Another user could have written the file.
    Untrusted,
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
            Self::Untrusted => "belongs to another user, and other accounts can write to its directory".to_owned(),
            Self::TooLarge(limit) => format!("is larger than {limit} bytes"),
            Self::Unreadable(error) => format!("cannot be read: {}", system_reason(error)),
        }
    }

    /// The error of a call that needs this file.
    pub(crate) fn into_error(self, path: &Path) -> Error {
        let code = match &self {
            Self::NotAFile(_) => ErrorCode::NotAFile,
            Self::BrokenLink => ErrorCode::LinkRefused,
            Self::Untrusted => ErrorCode::FileUntrusted,
            Self::Absent | Self::TooLarge(_) | Self::Unreadable(_) => ErrorCode::FileUnreadable,
        };
        let hint = match &self {
            Self::NotAFile(_) | Self::TooLarge(_) | Self::Absent => "Move it, or choose another directory.".into(),
            Self::BrokenLink => "Remove the link, or create the file that it points to.".into(),
            Self::Untrusted => Hint::MakeTrusted,
            Self::Unreadable(_) => "Check the permissions of the file.".into(),
        };
        let error = Error::new(code, format!("{} {}.", shown(path), self.reason()))
            .with_hint(hint)
            .with("path", path.to_string_lossy());
        match self {
            Self::Unreadable(cause) => error.with_cause(cause),
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

/// Reads a regular, trusted file of at most `limit` bytes, following links.
pub(crate) fn read(path: &Path, limit: u64) -> Result<SecretBytes, ReadError> {
    let (file, metadata) = open(path)?;
    content(&file, metadata.len(), limit)
}

/// The content of an open file; `length` is its size when it was opened.
fn content(file: &File, length: u64, limit: u64) -> Result<SecretBytes, ReadError> {
    if length > limit {
        return Err(ReadError::TooLarge(limit));
    }
    // Allocated once: a growing buffer would leave copies in memory that are not overwritten.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    let bytes = SecretBytes::from(bytes);
    if bytes.reveal().len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

/// Whether the content of a regular, trusted file is `expected`. Reads in blocks, since allocating a second copy of a
/// large file would take longer than comparing it.
fn holds(path: &Path, expected: &[u8]) -> Result<bool, ReadError> {
    let (mut file, _) = open(path)?;
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
fn open(path: &Path) -> Result<(File, Metadata), ReadError> {
    // Checked before opening: opening a FIFO wakes its writer, and opening a device can have any effect.
    if let Some(kind) = platform::other_kind(&metadata(path)?) {
        return Err(ReadError::NotAFile(kind));
    }
    let file = platform::open(path)?;
    let metadata = file.metadata()?;
    if let Some(kind) = platform::other_kind(&metadata) {
        return Err(ReadError::NotAFile(kind));
    }
    if platform::is_trusted(&metadata, path) { Ok((file, metadata)) } else { Err(ReadError::Untrusted) }
}

/// The metadata of the file at a path, following links. Asks for the path itself first: it usually does not exist, and
/// then one system call suffices.
fn metadata(path: &Path) -> Result<Metadata, ReadError> {
    let itself = path.symlink_metadata()?;
    if !itself.is_symlink() {
        return Ok(itself);
    }
    path.metadata().map_err(|error| match ReadError::from(error) {
        ReadError::Absent => ReadError::BrokenLink,
        error => error,
    })
}

/// Creates a file that only its owner can read. Fails if the file exists.
pub(crate) fn create_private(path: &Path, content: &SecretBytes) -> io::Result<()> {
    let mut file = platform::create(path, true)?;
    file.write_all(content.reveal())?;
    file.sync_all()
}

/// Removes a file, on a best-effort basis.
pub(crate) fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

/// The private directory for state that outlives a process: locks and pending logins. It is created for the current user
/// only, and never used if another user owns it.
pub(crate) fn state_directory(host: &Host) -> io::Result<PathBuf> {
    let directory = platform::state_home(host)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no home directory"))?
        .join("atmn");
    platform::create_private_directory(&directory)?;
    Ok(directory)
}
