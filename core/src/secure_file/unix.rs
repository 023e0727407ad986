//! Owners, modes and atomic renames on Unix.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Gid, OFlags, Uid};
use rustix::io::Errno;

use crate::host::Host;

/// The kind of a path that is not a regular file.
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

/// Opens for reading without blocking, even if the path has become a FIFO or a terminal in the meantime.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

pub(super) fn is_link_loop(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

/// Changes when a file is written, replaced or given other permissions. Timestamps are coarse, so an equal fingerprint
/// does not prove that the file is unchanged.
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

/// Whether only the current user, root or the file's owner could have written the content.
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

/// Whether mode and mount allow the current user to write.
pub(super) fn check_writable(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS)?)
}

/// Whether the file is mounted over its name, so that no other file can take this name.
#[cfg(target_os = "linux")]
pub(super) fn is_mount_point(path: &Path) -> bool {
    use rustix::fs::{StatxAttributes, StatxFlags, statx};
    let status = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS);
    status.is_ok_and(|status| status.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_mount_point(_: &Path) -> bool {
    false
}

/// Creates a file, for its owner only or as the umask allows. Fails if the file exists.
pub(super) fn create(path: &Path, private: bool) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW.bits().cast_signed();
    let mode = if private { 0o600 } else { 0o666 };
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(mode).custom_flags(flags).open(path)?;
    if private {
        // The umask may have removed the permissions of the owner.
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

/// Gives a new file the owner and the permissions of the file that it replaces.
pub(super) fn adopt(file: &File, path: &Path, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    let owner = (new.uid() != old.uid()).then(|| Uid::from_raw(old.uid()));
    let group = (new.gid() != old.gid()).then(|| Gid::from_raw(old.gid()));
    if owner.is_some() || group.is_some() {
        rustix::fs::fchown(file, owner, group)?;
    }
    adopt_access_list(file, path)?;
    // Last, so that no other group can access the file in between.
    file.set_permissions(Permissions::from_mode(old.mode() & 0o777))
}

/// Copies the access list. With one, the group bits of the mode are the upper bound for all entries of the list; without
/// the list, the group would get these permissions. A default list of the directory must not replace the old list.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn adopt_access_list(file: &File, old: &Path) -> io::Result<()> {
    const NAME: &str = "system.posix_acl_access";
    // The size limit of an extended attribute on Linux.
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

/// Whether the file can be a leftover of an earlier write: owned by us and without hard links.
pub(super) fn is_ours(metadata: &Metadata, old: Option<&Metadata>) -> bool {
    let owner = metadata.uid();
    let known = owner == rustix::process::geteuid().as_raw() || old.is_some_and(|old| old.uid() == owner);
    metadata.is_file() && metadata.nlink() == 1 && known
}

/// Renames a file and replaces an existing one.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

/// Exchanges two paths atomically; `false` if the file system does not support that.
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    supported(rename_with(one, other, Exchange::Swap))
}

/// Renames atomically unless the new name exists; `false` if the file system does not support that.
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
        // File systems without these flags return different errors.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Makes a rename survive a power failure.
pub(super) fn sync_directory(directory: &Path) {
    // Best effort: the content is complete either way.
    let _ = File::open(directory).and_then(|directory| directory.sync_all());
}

/// The directory for private state of programs.
pub(super) fn state_home(host: &Host) -> Option<PathBuf> {
    let named = host.var("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let inside = if cfg!(target_vendor = "apple") { "Library/Application Support" } else { ".local/state" };
    named.or_else(|| host.home_directory().map(|home| home.join(inside)))
}

/// Creates a directory for the current user only; fails if another user owns it.
pub(super) fn create_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let metadata = path.symlink_metadata()?;
    if !metadata.is_dir() || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the state directory belongs to another user"));
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}
