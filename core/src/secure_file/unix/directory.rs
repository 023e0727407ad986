//! A directory kept open: its entries are reached through its descriptor, so that no exchange of a name above it leads
//! elsewhere.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::status::Status;

/// Opens a directory for its entries only. That does not need the permission to list them.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) const ENTRIES: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) const ENTRIES: OFlags = OFlags::RDONLY;

/// An open directory.
#[derive(Debug)]
pub(in super::super) struct Directory {
    pub(super) descriptor: OwnedFd,
    /// Its real path when it was opened, for messages.
    path: PathBuf,
}

impl Directory {
    pub(super) fn new(descriptor: OwnedFd, path: PathBuf) -> Self {
        Self { descriptor, path }
    }

    pub(in super::super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a subdirectory, or `..`, or `/`; fails for a link.
    pub(super) fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let flags = ENTRIES | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let descriptor = rustix::fs::openat(&self.descriptor, name, flags, Mode::empty())?;
        let mut path = self.path.clone();
        if name == ".." {
            path.pop();
        } else {
            path.push(name);
        }
        Ok(Self { descriptor, path })
    }

    pub(in super::super) fn own_status(&self) -> io::Result<Status> {
        Status::of(&self.descriptor)
    }

    /// The metadata of an entry; a link is not followed.
    pub(in super::super) fn status(&self, name: &OsStr) -> io::Result<Status> {
        Ok(rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)?.into())
    }

    /// Opens a file for reading without blocking, even if it has become a FIFO or a terminal in the meantime; fails for a
    /// link.
    pub(in super::super) fn open(&self, name: &OsStr) -> io::Result<File> {
        self.open_with(name, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW, Mode::empty())
    }

    pub(super) fn open_with(&self, name: &OsStr, flags: OFlags, mode: Mode) -> io::Result<File> {
        Ok(rustix::fs::openat(&self.descriptor, name, flags | OFlags::CLOEXEC, mode)?.into())
    }

    /// Opens the directory itself for what its entries' descriptor cannot do.
    pub(super) fn open_itself(&self) -> io::Result<File> {
        self.open_with(OsStr::new("."), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())
    }

    /// Creates a file, for its owner only or as the umask allows. Fails if the name exists.
    pub(in super::super) fn create(&self, name: &OsStr, private: bool) -> io::Result<File> {
        let mode = if private { Mode::RUSR | Mode::WUSR } else { Mode::from_raw_mode(0o666) };
        let file = self.open_with(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW, mode)?;
        make_private(&file, private)?;
        Ok(file)
    }

    /// Creates a file without a name, which vanishes unless it is linked; `None` where the system has none.
    pub(in super::super) fn create_unnamed(&self, private: bool) -> io::Result<Option<File>> {
        let file = match self.unnamed(private) {
            Ok(file) => file,
            // File systems and sandboxes without unnamed files return different errors.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => return Err(error),
            Err(_) => return Ok(None),
        };
        make_private(&file, private)?;
        Ok(Some(file))
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn unnamed(&self, private: bool) -> io::Result<File> {
        let mode = if private { Mode::RUSR | Mode::WUSR } else { Mode::from_raw_mode(0o666) };
        self.open_with(OsStr::new("."), OFlags::RDWR | OFlags::TMPFILE, mode)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn unnamed(&self, _private: bool) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Gives an unnamed file a name that does not exist yet.
    ///
    /// # Errors
    /// `AlreadyExists`; any other error if the system cannot do it.
    pub(in super::super) fn link(&self, file: &File, name: &OsStr) -> io::Result<()> {
        use std::os::fd::AsRawFd;
        let source = format!("/proc/self/fd/{}", file.as_raw_fd());
        Ok(rustix::fs::linkat(rustix::fs::CWD, source, &self.descriptor, name, AtFlags::SYMLINK_FOLLOW)?)
    }

    /// Creates a directory that only its owner can enter, and opens it. Fails if the name exists.
    pub(in super::super) fn create_private_directory(&self, name: &OsStr) -> io::Result<Self> {
        rustix::fs::mkdirat(&self.descriptor, name, Mode::RWXU)?;
        let directory = self.enter(name)?;
        let status = directory.own_status()?;
        // The owner of this directory can put another one in its place.
        if status.owner() != rustix::process::geteuid().as_raw() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "another user exchanged the directory"));
        }
        if status.mode() != Mode::RWXU {
            // The umask may have removed the permissions of the owner. File systems without modes refuse.
            let _ = directory.open_itself().and_then(|itself| Ok(rustix::fs::fchmod(itself, Mode::RWXU)?));
        }
        Ok(directory)
    }

    /// Whether the current user owns the directory, and only that user can enter it.
    pub(in super::super) fn is_private(&self) -> bool {
        let user = rustix::process::geteuid().as_raw();
        self.own_status().is_ok_and(|status| status.owner() == user && status.mode() == Mode::RWXU)
    }

    /// Opens a subdirectory.
    pub(in super::super) fn subdirectory(&self, name: &OsStr) -> io::Result<Self> {
        self.enter(name)
    }

    pub(in super::super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(self.open_itself()?)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    pub(in super::super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.descriptor, name, AtFlags::empty())?)
    }

    pub(in super::super) fn remove_directory(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.descriptor, name, AtFlags::REMOVEDIR)?)
    }

    /// Whether mode and mount allow the current user to write an entry, or `.` for the directory itself.
    pub(in super::super) fn check_writable(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::accessat(&self.descriptor, name, Access::WRITE_OK, AtFlags::EACCESS)?)
    }

    /// Renames an entry into another directory, and replaces an existing one there.
    pub(in super::super) fn rename(&self, name: &OsStr, to: &Self, new_name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.descriptor, name, &to.descriptor, new_name)?)
    }

    /// Exchanges two entries atomically; `false` if the file system does not support that.
    pub(in super::super) fn exchange(&self, name: &OsStr, other: &Self, other_name: &OsStr) -> io::Result<bool> {
        supported(self.rename_with(name, other, other_name, Exchange::Swap))
    }

    /// Renames atomically unless the new name exists; `false` if the file system does not support that.
    pub(in super::super) fn rename_new(&self, name: &OsStr, to: &Self, new_name: &OsStr) -> io::Result<bool> {
        supported(self.rename_with(name, to, new_name, Exchange::NoReplace))
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn rename_with(&self, name: &OsStr, to: &Self, new_name: &OsStr, how: Exchange) -> rustix::io::Result<()> {
        use rustix::fs::RenameFlags;
        let flags = match how {
            Exchange::Swap => RenameFlags::EXCHANGE,
            Exchange::NoReplace => RenameFlags::NOREPLACE,
        };
        rustix::fs::renameat_with(&self.descriptor, name, &to.descriptor, new_name, flags)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn rename_with(&self, _: &OsStr, _: &Self, _: &OsStr, _: Exchange) -> rustix::io::Result<()> {
        Err(Errno::NOSYS)
    }

    /// Makes a rename survive a power failure.
    pub(in super::super) fn sync(&self) {
        // Best effort: the content is complete either way.
        let _ = self.open_itself().and_then(|itself| itself.sync_all());
    }
}

#[derive(Clone, Copy)]
enum Exchange {
    Swap,
    NoReplace,
}

/// Gives the owner of a private file the permissions that the umask may have removed.
fn make_private(file: &File, private: bool) -> io::Result<()> {
    let wanted = Mode::RUSR | Mode::WUSR;
    if !private || Status::of(file)?.mode() == wanted {
        return Ok(());
    }
    match rustix::fs::fchmod(file, wanted) {
        Err(_) if super::modes::are_missing(&Status::of(file)?) => Ok(()),
        result => Ok(result?),
    }
}

fn supported(result: rustix::io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        // File systems without these flags return different errors.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
