//! The same questions where there are no Unix owners and modes (Windows). Not yet run.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(super) fn other_kind(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_file() {
        None
    } else if metadata.is_dir() {
        Some("directory")
    } else {
        Some("device")
    }
}

pub(super) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

pub(super) fn is_link_loop(_: &io::Error) -> bool {
    false
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    length: u64,
    modified: Option<SystemTime>,
}

pub(super) fn mark(of: &Metadata) -> Mark {
    Mark { length: of.len(), modified: of.modified().ok() }
}

/// Access lists decide on Windows, and a profile's folders are private by default.
pub(super) fn is_trusted(_: &Metadata, _: &Path) -> bool {
    true
}

pub(super) fn check_writable(path: &Path) -> io::Result<()> {
    let metadata = path.metadata()?;
    // On a directory the attribute means something else.
    if metadata.is_file() && metadata.permissions().readonly() {
        Err(io::ErrorKind::PermissionDenied.into())
    } else {
        Ok(())
    }
}

pub(super) fn create(path: &Path, _private: bool) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

pub(super) fn adopt(_: &File, _: &Path, _: &Metadata) -> io::Result<()> {
    Ok(())
}

pub(super) fn is_ours(metadata: &Metadata, _: Option<&Metadata>) -> bool {
    metadata.is_file()
}

pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

pub(super) fn rename_new(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Directories cannot be flushed there.
pub(super) fn sync_directory(_: &Path) {}

pub(super) fn state_home() -> Option<PathBuf> {
    std::env::var_os("LOCALAPPDATA").map(PathBuf::from).filter(|path| path.is_absolute())
}

pub(super) fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}
