//! The same functions for Windows, which has access lists instead of owners and modes. Run under Wine, not yet run on
//! Windows.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::config::RENAME_TIMEOUT;
use crate::host::Host;

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
pub(super) struct Fingerprint {
    length: u64,
    modified: Option<SystemTime>,
}

pub(super) fn fingerprint(of: &Metadata) -> Fingerprint {
    Fingerprint { length: of.len(), modified: of.modified().ok() }
}

/// Access lists decide on Windows, and the directories of a user profile are private by default.
pub(super) fn is_trusted(_: &Metadata, _: &Path) -> bool {
    true
}

pub(super) fn is_mount_point(_: &Path) -> bool {
    false
}

pub(super) fn check_writable(path: &Path) -> io::Result<()> {
    let metadata = path.metadata()?;
    // The read-only attribute of a directory does not prevent writing.
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

/// Renames a file and replaces an existing one. Indexers and virus scanners briefly open changed files, which blocks
/// renaming.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let deadline = Instant::now() + RENAME_TIMEOUT;
    loop {
        match std::fs::rename(from, to) {
            Err(error) if is_held(&error) && Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
}

/// "Access denied" or "sharing violation", depending on how the other program opened the file.
fn is_held(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32))
}

pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

pub(super) fn rename_new(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Windows cannot flush directories.
pub(super) fn sync_directory(_: &Path) {}

pub(super) fn state_home(host: &Host) -> Option<PathBuf> {
    host.var("LOCALAPPDATA").map(PathBuf::from).filter(|path| path.is_absolute())
}

pub(super) fn create_private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use std::os::windows::fs::OpenOptionsExt;
    use std::sync::mpsc::channel;

    use super::*;

    /// The test opens the file as an indexer does: others may read it, but not rename it.
    #[test]
    fn rename_waits_for_a_program_that_has_the_file_open() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        std::fs::write(&new, "new").unwrap();
        std::fs::write(&old, "old").unwrap();
        let held = OpenOptions::new().read(true).share_mode(1).open(&old).unwrap();
        assert!(is_held(&std::fs::rename(&new, &old).unwrap_err()));

        let (started, starts) = channel();
        let holder = std::thread::spawn(move || {
            starts.recv().unwrap();
            std::thread::sleep(Duration::from_millis(50));
            drop(held);
        });
        started.send(()).unwrap();
        rename(&new, &old).unwrap();
        holder.join().unwrap();
        assert_eq!(std::fs::read_to_string(&old).unwrap(), "new");
    }
}
