//! Owners, modes, links and atomic renames on Unix.

mod access_list;
mod accounts;
mod directory;
mod modes;
mod pipe;
mod status;
mod trust;
mod walk;

use std::fs::{DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, Uid};

pub(super) use directory::Directory;
pub(super) use modes::are_missing;
pub(super) use pipe::deliver;
pub(super) use status::Status;
pub(super) use trust::{is_hidden_from_owner, is_of_owner, is_planted, is_readable_by_others};
pub(super) use walk::{Found, find, find_named, is_link_loop, real_directory};

use crate::host::Host;

/// Gives a new file the owner, the permissions and the access list of the file that it replaces. Only what differs is
/// set: file systems without modes refuse every change.
pub(super) fn adopt(new: &File, old: &File, old_status: &Status) -> io::Result<()> {
    let status = Status::of(new)?;
    let owner = (status.owner() != old_status.owner()).then(|| Uid::from_raw(old_status.owner()));
    let group = (status.group() != old_status.group()).then(|| Gid::from_raw(old_status.group()));
    if owner.is_some() || group.is_some() {
        rustix::fs::fchown(new, owner, group)?;
    }
    access_list::copy(old, new)?;
    // Last, so that no other group can access the file in between.
    if Status::of(new)?.mode() != old_status.mode() {
        rustix::fs::fchmod(new, old_status.mode())?;
    }
    Ok(())
}

/// The name of the group of the user's own file, if it is one that the user cannot give to a file.
pub(super) fn foreign_group(status: &Status) -> Option<String> {
    let user = rustix::process::geteuid().as_raw();
    let groups = rustix::process::getgroups().unwrap_or_default();
    let own = rustix::process::getegid().as_raw();
    let is_member = own == status.group() || groups.iter().any(|group| group.as_raw() == status.group());
    (user != 0 && status.owner() == user && !is_member).then(|| accounts::group_name(status.group()))
}

/// Whether the file is mounted over its name in the directory, so that the name cannot be given to another file.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn is_mount_point(found: &Found) -> bool {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    let mount = |name: &std::ffi::OsStr| {
        let status = statx(&found.directory.descriptor, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::MNT_ID).ok()?;
        StatxFlags::from_bits_retain(status.stx_mask).contains(StatxFlags::MNT_ID).then_some(status.stx_mnt_id)
    };
    match (mount(&found.name), mount(std::ffi::OsStr::new("."))) {
        (Some(file), Some(directory)) => file != directory,
        _ => false,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn is_mount_point(_: &Found) -> bool {
    false
}

/// The variables that [`state_home`] reads.
pub(crate) const STATE_VARIABLES: &str = "`XDG_STATE_HOME` or `HOME`";

/// The directory for private state of programs.
pub(super) fn state_home(host: &Host) -> Option<PathBuf> {
    let named = host.var("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let inside = if cfg!(target_vendor = "apple") { "Library/Application Support" } else { ".local/state" };
    named.or_else(|| own_home(host).map(|home| home.join(inside)))
}

/// The home directory. `sudo` can keep the `HOME` of the account that called it: directories that root makes there would be
/// closed to that account, so root uses its own home instead.
fn own_home(host: &Host) -> Option<PathBuf> {
    let home = host.home_directory()?;
    let is_root = rustix::process::geteuid().is_root();
    if is_root && home.metadata().is_ok_and(|metadata| metadata.uid() != 0) { accounts::home_of(0) } else { Some(home) }
}

/// Creates a directory for the current user only; fails if another user owns it, or could put another one in its place.
pub(super) fn create_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let metadata = path.symlink_metadata()?;
    if !metadata.is_dir() || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the state directory belongs to another user"));
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    if trust::is_exchangeable(path)? {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "another user can exchange the state directory"));
    }
    Ok(())
}
