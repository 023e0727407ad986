//! The same functions for Windows, which has access lists instead of owners and modes. Run under Wine, not yet run on
//! Windows.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::ReadError;
use crate::config::{POLL_INTERVAL, RENAME_TIMEOUT};
use crate::host::Host;
use crate::secret::SecretBytes;

/// The metadata of a file or directory.
#[derive(Clone, Debug)]
pub(super) struct Status(Metadata);

impl Status {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        Ok(Self(file.metadata()?))
    }

    pub(super) fn is_link(&self) -> bool {
        self.0.is_symlink()
    }

    pub(super) fn other_kind(&self) -> Option<&'static str> {
        if self.0.is_file() {
            None
        } else if self.0.is_dir() {
            Some("directory")
        } else {
            Some("device")
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.0.len()
    }

    /// Windows exchanges no files, so none is ever looked for.
    pub(super) fn is_same_file(&self, _: &Self) -> bool {
        true
    }

    /// Access lists are not compared.
    pub(super) fn has_same_access(&self, _: &Self) -> bool {
        true
    }

    pub(super) fn is_untouched(&self, now: &Self) -> bool {
        self.length() == now.length() && self.0.modified().ok() == now.0.modified().ok()
    }
}

/// A directory, by its path: without descriptors of directories, names are looked up again at each step.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn own_status(&self) -> io::Result<Status> {
        Ok(Status(self.0.metadata()?))
    }

    pub(super) fn status(&self, name: &OsStr) -> io::Result<Status> {
        Ok(Status(self.0.join(name).symlink_metadata()?))
    }

    pub(super) fn open(&self, name: &OsStr) -> io::Result<File> {
        File::open(self.0.join(name))
    }

    pub(super) fn create(&self, name: &OsStr, _private: bool) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.0.join(name))
    }

    /// Windows has no unnamed files.
    pub(super) fn create_unnamed(&self, _private: bool) -> io::Result<Option<File>> {
        Ok(None)
    }

    pub(super) fn link(&self, _: &File, _: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn create_private_directory(&self, name: &OsStr) -> io::Result<Self> {
        let path = self.0.join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(super) fn is_private(&self) -> bool {
        self.0.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
    }

    pub(super) fn subdirectory(&self, name: &OsStr) -> io::Result<Self> {
        Ok(Self(self.0.join(name)))
    }

    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        std::fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        std::fs::remove_file(self.0.join(name))
    }

    pub(super) fn remove_directory(&self, name: &OsStr) -> io::Result<()> {
        std::fs::remove_dir(self.0.join(name))
    }

    pub(super) fn check_writable(&self, name: &OsStr) -> io::Result<()> {
        let metadata = self.0.join(name).metadata()?;
        // The read-only attribute of a directory does not prevent writing.
        if metadata.is_file() && metadata.permissions().readonly() {
            Err(io::ErrorKind::PermissionDenied.into())
        } else {
            Ok(())
        }
    }

    pub(super) fn rename(&self, name: &OsStr, to: &Self, new_name: &OsStr) -> io::Result<()> {
        rename(&self.0.join(name), &to.0.join(new_name))
    }

    pub(super) fn exchange(&self, _: &OsStr, _: &Self, _: &OsStr) -> io::Result<bool> {
        Ok(false)
    }

    pub(super) fn rename_new(&self, _: &OsStr, _: &Self, _: &OsStr) -> io::Result<bool> {
        Ok(false)
    }

    /// Windows cannot flush directories.
    pub(super) fn sync(&self) {}
}

/// A file, present or not, by its directory and its name there.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) directory: Directory,
    pub(super) name: OsString,
    pub(super) is_linked: bool,
}

impl Found {
    pub(super) fn path(&self) -> PathBuf {
        self.directory.0.join(&self.name)
    }

    pub(super) fn status(&self) -> io::Result<Status> {
        self.directory.status(&self.name)
    }

    pub(super) fn open(&self) -> io::Result<File> {
        self.directory.open(&self.name)
    }

    /// Access lists decide on Windows, and the directories of a user profile are private by default.
    pub(super) fn check_trust(&self, _: &File, _: &Status) -> Result<(), ReadError> {
        Ok(())
    }

    pub(super) fn check_owner(&self, _: &Status) -> Result<(), ReadError> {
        Ok(())
    }
}

/// Finds a file. Links are followed, the last one too.
pub(super) fn find(path: &Path) -> Result<Found, ReadError> {
    let is_linked = match path.symlink_metadata() {
        Ok(metadata) => metadata.is_symlink(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error.into()),
    };
    let real =
        if is_linked { dunce::canonicalize(path).map_err(|_| ReadError::BrokenLink)? } else { path.to_path_buf() };
    let (Some(directory), Some(name)) = (real.parent(), real.file_name()) else {
        return Err(ReadError::NotAFile("directory"));
    };
    Ok(Found { directory: Directory(directory.to_path_buf()), name: name.to_owned(), is_linked })
}

pub(super) fn find_named(path: &Path) -> Result<Found, ReadError> {
    find(path)
}

/// Named pipes of Windows are not files.
pub(super) fn deliver(_: &Found, _: u64) -> Result<Option<SecretBytes>, ReadError> {
    Ok(None)
}

pub(super) fn real_directory(path: &Path) -> Result<PathBuf, ReadError> {
    Ok(dunce::canonicalize(path)?)
}

pub(super) fn is_link_loop(_: &io::Error) -> bool {
    false
}

pub(super) fn adopt(_: &File, _: &File, _: &Status) -> io::Result<()> {
    Ok(())
}

pub(super) fn are_missing(_: &Status) -> bool {
    false
}

pub(super) fn foreign_group(_: &Status) -> Option<String> {
    None
}

pub(super) fn is_mount_point(_: &Found) -> bool {
    false
}

pub(super) fn is_readable_by_others(_: &File, _: &Status) -> bool {
    false
}

pub(super) fn is_hidden_from_owner(_: &Status, _: &Directory) -> bool {
    false
}

/// Renames a file and replaces an existing one. Indexers and virus scanners briefly open changed files, which blocks
/// renaming.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let deadline = Instant::now() + RENAME_TIMEOUT;
    loop {
        match std::fs::rename(from, to) {
            Err(error) if is_held(&error) && Instant::now() < deadline => std::thread::sleep(POLL_INTERVAL),
            result => return result,
        }
    }
}

/// "Access denied" or "sharing violation", depending on how the other program opened the file.
fn is_held(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32))
}

/// The variable that [`state_home`] reads.
pub(crate) const STATE_VARIABLES: &str = "`LOCALAPPDATA`";

pub(super) fn state_home(host: &Host) -> Option<PathBuf> {
    host.var("LOCALAPPDATA").map(PathBuf::from).filter(|path| path.is_absolute())
}

pub(super) fn is_planted(_entry: &Path, _file: &Path) -> bool {
    false
}

pub(super) fn is_of_owner(_path: &Path, _other: &Path) -> io::Result<bool> {
    Ok(true)
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
            std::thread::sleep(std::time::Duration::from_millis(50));
            drop(held);
        });
        started.send(()).unwrap();
        rename(&new, &old).unwrap();
        holder.join().unwrap();
        assert_eq!(std::fs::read_to_string(&old).unwrap(), "new");
    }
}
