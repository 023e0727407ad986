//! Owners, modes and exclusive renames, as Unix has them.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Gid, OFlags, Uid};
use rustix::io::Errno;

/// What a path is if it is not a regular file.
pub(super) fn other_kind(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("directory")
    } else if kind.is_fifo() {
        Some("FIFO")
    } else if kind.is_socket() {
        Some("socket")
    } else {
        Some("device")
    }
}

/// Opens for reading without ever waiting, even if the path has become a FIFO or a terminal meanwhile.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

pub(super) fn is_link_loop(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

/// What a file cannot keep when it is written, replaced, or given other rights. Times are as coarse as the system's
/// clock ticks, so that the same mark is no proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    file: (u64, u64),
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

pub(super) fn fingerprint(of: &Metadata) -> Fingerprint {
    Fingerprint {
        file: (of.dev(), of.ino()),
        length: of.len(),
        modified: (of.mtime(), of.mtime_nsec()),
        changed: (of.ctime(), of.ctime_nsec()),
    }
}

/// Whether nobody but the current user, root or the file's owner could have put the content there.
pub(super) fn is_trusted(file: &Metadata, path: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    if file.uid() == user || file.uid() == 0 {
        return true;
    }
    let real = std::fs::canonicalize(path).ok();
    let Some(directory) = real.as_deref().and_then(Path::parent).and_then(|path| path.metadata().ok()) else {
        return false;
    };
    let owner_only = directory.mode() & 0o022 == 0;
    owner_only && [user, 0, file.uid()].contains(&directory.uid())
}

/// Whether the current user may write the file, by its mode and its mount.
pub(super) fn check_writable(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS)?)
}

/// Creates a file that was not there before: for nobody but its owner, or as the umask has it.
pub(super) fn create(path: &Path, private: bool) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW.bits().cast_signed();
    let mode = if private { 0o600 } else { 0o666 };
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(mode).custom_flags(flags).open(path)?;
    if private {
        // A strange umask could have taken the owner's own rights.
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Gives a new file the owner and the rights of the one that it will replace.
pub(super) fn adopt(file: &File, path: &Path, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    let owner = (new.uid() != old.uid()).then(|| Uid::from_raw(old.uid()));
    let group = (new.gid() != old.gid()).then(|| Gid::from_raw(old.gid()));
    if owner.is_some() || group.is_some() {
        rustix::fs::fchown(file, owner, group)?;
    }
    adopt_access_list(file, path)?;
    // Last, so that the file is never open to a group that the old one did not have.
    file.set_permissions(Permissions::from_mode(old.mode() & 0o777))
}

/// With an access list, the mode's bits for the group are the most that anybody in the list has: without it, the group
/// would have them. And a list that the directory hands to every new file is not that of the old one.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn adopt_access_list(file: &File, old: &Path) -> io::Result<()> {
    const NAME: &str = "system.posix_acl_access";
    // The most that Linux keeps under one name.
    let mut list = vec![0; 64 * 1024];
    let adopted = match rustix::fs::lgetxattr(old, NAME, &mut *list) {
        Ok(length) => rustix::fs::fsetxattr(file, NAME, &list[..length], rustix::fs::XattrFlags::empty()),
        Err(Errno::NODATA) => rustix::fs::fremovexattr(file, NAME),
        Err(error) => Err(error),
    };
    match adopted {
        Ok(()) | Err(Errno::NODATA | Errno::NOTSUP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn adopt_access_list(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether the file could be one that we left behind: ours, and under no other name.
pub(super) fn is_ours(metadata: &Metadata, old: Option<&Metadata>) -> bool {
    let owner = metadata.uid();
    let known = owner == rustix::process::geteuid().as_raw() || old.is_some_and(|old| old.uid() == owner);
    metadata.is_file() && metadata.nlink() == 1 && known
}

/// Renames over what stands at the new name.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

/// Lets two paths change places in one step; `false` where that cannot be done.
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    supported(rename_with(one, other, Exchange::Swap))
}

/// Renames in one step unless something stands at the new name; `false` where that cannot be done.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<bool> {
    supported(rename_with(from, to, Exchange::NoReplace))
}

#[derive(Clone, Copy)]
enum Exchange {
    Swap,
    NoReplace,
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_with(from: &Path, to: &Path, how: Exchange) -> rustix::io::Result<()> {
    use rustix::fs::RenameFlags;
    let flags = match how {
        Exchange::Swap => RenameFlags::EXCHANGE,
        Exchange::NoReplace => RenameFlags::NOREPLACE,
    };
    rustix::fs::renameat_with(CWD, from, CWD, to, flags)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_with(_: &Path, _: &Path, _: Exchange) -> rustix::io::Result<()> {
    Err(Errno::NOSYS)
}

fn supported(result: rustix::io::Result<()>) -> io::Result<bool> {
    match result {
        Ok(()) => Ok(true),
        // Filesystems without these flags answer in different ways.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Makes a rename survive a power failure.
pub(super) fn sync_directory(directory: &Path) {
    // The content is whole either way; a filesystem that cannot do this is no reason to fail.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
}

/// Where programs keep what is private and must outlive them.
pub(super) fn state_home() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let inside = if cfg!(target_vendor = "apple") { "Library/Application Support" } else { ".local/state" };
    named.or_else(|| std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(inside)))
}

/// Creates a directory for its owner only; fails if it is somebody else's.
pub(super) fn create_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let metadata = path.symlink_metadata()?;
    if !metadata.is_dir() || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the state directory belongs to somebody else"));
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}
