//! How bytes reach the disk and come back: trusted files only, nothing that blocks, one atomic step, no trace on failure.

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
pub(crate) use replace::{Kind, Target};
pub(crate) use snapshot::Snapshot;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode};
use crate::locations::shown;
use crate::secret::SecretBytes;

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// There is nothing at this path.
    Absent,
    /// A link that leads nowhere, or round in circles.
    BrokenLink,
    /// It is something else, such as a FIFO; opening it could block or have effects.
    NotAFile(&'static str),
    /// Somebody else could have written it.
    Untrusted,
    /// It is larger than the limit, in bytes.
    TooLarge(u64),
    /// The system said no.
    Unreadable(io::Error),
}

impl Refusal {
    /// The reason, to complete "it …".
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Absent => "does not exist".to_owned(),
            Self::BrokenLink => "is a link that leads nowhere".to_owned(),
            Self::NotAFile(kind) => format!("is a {kind}, not a file"),
            Self::Untrusted => "belongs to another user and lies in a folder that others can change".to_owned(),
            Self::TooLarge(limit) => format!("is larger than {limit} bytes"),
            Self::Unreadable(error) => format!("cannot be read: {}", system_reason(error)),
        }
    }

    /// The failure of a call that needs this file.
    pub(crate) fn into_error(self, path: &Path) -> Error {
        let code = match &self {
            Self::NotAFile(_) => ErrorCode::NotAFile,
            Self::BrokenLink => ErrorCode::LinkRefused,
            Self::Untrusted => ErrorCode::FileUntrusted,
            Self::Absent | Self::TooLarge(_) | Self::Unreadable(_) => ErrorCode::FileUnreadable,
        };
        let hint = match &self {
            Self::NotAFile(_) | Self::TooLarge(_) | Self::Absent => "Move it away, or choose another directory.",
            Self::BrokenLink => "Remove the link, or create the file that it names.",
            Self::Untrusted => "Become its owner, or make its folder writable for yourself only.",
            Self::Unreadable(_) => "Check its permissions.",
        };
        let error = Error::new(code, format!("{} cannot be used: it {}.", shown(path), self.reason()))
            .with_hint(hint)
            .with("path", path.to_string_lossy());
        match self {
            Self::Unreadable(cause) => error.with_cause(cause),
            _ => error,
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Absent,
            _ if platform::is_link_loop(&error) => Self::BrokenLink,
            _ => Self::Unreadable(error),
        }
    }
}

/// What the system says, without its error number.
fn system_reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Reads a regular, trusted file of at most `limit` bytes, following links.
pub(crate) fn read(path: &Path, limit: u64) -> Result<SecretBytes, Refusal> {
    let (file, metadata) = open(path)?;
    content(&file, metadata.len(), limit)
}

/// What is in an open file that had this length a moment ago.
fn content(file: &File, length: u64, limit: u64) -> Result<SecretBytes, Refusal> {
    if length > limit {
        return Err(Refusal::TooLarge(limit));
    }
    // Room for all of it at once, since a growing buffer leaves unwiped copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    let bytes = SecretBytes::from(bytes);
    if bytes.reveal().len() as u64 > limit { Err(Refusal::TooLarge(limit)) } else { Ok(bytes) }
}

/// Whether a regular, trusted file holds these bytes and no others. Piece by piece: memory for a second copy of a large
/// file would take longer than comparing it.
fn holds(path: &Path, expected: &[u8]) -> Result<bool, Refusal> {
    let (mut file, _) = open(path)?;
    let mut piece = Zeroizing::new([0; 16 * 1024]);
    let mut rest = expected;
    loop {
        let count = file.read(&mut *piece)?;
        match rest.strip_prefix(&piece[..count]) {
            Some(_) if count == 0 => return Ok(rest.is_empty()),
            Some(behind) => rest = behind,
            None => return Ok(false),
        }
    }
}

/// Opens a regular, trusted file.
fn open(path: &Path) -> Result<(File, Metadata), Refusal> {
    // LockResult before opening: to open a FIFO would wake its writer, to open a device may do anything.
    if let Some(kind) = platform::other_kind(&metadata(path)?) {
        return Err(Refusal::NotAFile(kind));
    }
    let file = platform::open(path)?;
    let metadata = file.metadata()?;
    if let Some(kind) = platform::other_kind(&metadata) {
        return Err(Refusal::NotAFile(kind));
    }
    if platform::is_trusted(&metadata, path) { Ok((file, metadata)) } else { Err(Refusal::Untrusted) }
}

/// What is behind a path. The path itself is asked first: mostly there is nothing, and one question tells so.
fn metadata(path: &Path) -> Result<Metadata, Refusal> {
    let itself = path.symlink_metadata()?;
    if !itself.is_symlink() {
        return Ok(itself);
    }
    path.metadata().map_err(|error| match Refusal::from(error) {
        Refusal::Absent => Refusal::BrokenLink,
        refusal => refusal,
    })
}

/// Writes a file that was not there before, for its owner only.
pub(crate) fn create_private(path: &Path, content: &SecretBytes) -> io::Result<()> {
    let mut file = platform::create(path, true)?;
    file.write_all(content.reveal())?;
    file.sync_all()
}

/// Removes a file of ours; that it is gone already is fine.
pub(crate) fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

/// The folder for what must outlive a process and concerns nobody else: locks, logins to be completed. It is created
/// for its owner only, and used only if it belongs to the current user.
pub(crate) fn state_directory() -> io::Result<PathBuf> {
    let directory = platform::state_home()
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no home directory"))?
        .join("atmn");
    platform::create_private_directory(&directory)?;
    Ok(directory)
}
