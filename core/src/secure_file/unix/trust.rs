//! Which files and links count, judged by open descriptors: those that no further account could have written.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};

use super::directory::{Directory, ENTRIES};
use super::status::Status;
use super::{access_list, accounts, modes};
use crate::secure_file::Distrust;

const ROOT: u32 = 0;

fn current_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn is_own(owner: u32) -> bool {
    owner == current_user() || owner == ROOT
}

/// Whether an account other than the owner, the current user and root has a permission, by mode or access list.
fn is_open_to_others(status: &Status, group: Mode, world: Mode, list: impl FnOnce(&[u32]) -> bool) -> bool {
    let known = [ROOT, current_user(), status.owner()];
    if status.mode().intersects(world) {
        return true;
    }
    let group_has_it = status.mode().intersects(group);
    // With an access list, the bits of the group are the upper bound of what it grants.
    group_has_it && (!accounts::is_private_group(status.group(), status.owner(), &known) || list(&known))
}

fn is_writable_by_others(status: &Status, open: impl FnOnce() -> io::Result<File>) -> bool {
    // A list that cannot be read may name further accounts.
    let list = |known: &[u32]| open().map_or(true, |file| access_list::grants(&file, 2, known));
    is_open_to_others(status, Mode::WGRP, Mode::WOTH, list) && !modes::are_missing(status)
}

/// Whether other accounts can read the file.
pub(in super::super) fn is_readable_by_others(file: &File, status: &Status) -> bool {
    is_open_to_others(status, Mode::RGRP, Mode::ROTH, |known| access_list::grants(file, 4, known))
}

/// The owner of a directory in which no further account can write.
fn only_writer(directory: &Directory) -> io::Result<Option<u32>> {
    let status = directory.own_status()?;
    Ok((!is_writable_by_others(&status, || directory.open_itself())).then_some(status.owner()))
}

/// Checks the owner and the permissions of an open file in a directory. A file that the caller `named` may belong to any
/// account if only root or the user could have put it there: container engines mount secrets with the owner of the host.
pub(super) fn check_file(
    file: &File,
    status: &Status,
    directory: &Directory,
    named: bool,
) -> io::Result<Result<(), Distrust>> {
    let owner = status.owner();
    if !is_own(owner) {
        match only_writer(directory)? {
            Some(writer) if writer == owner || named && is_own(writer) => {}
            Some(_) | None => return Ok(Err(Distrust::Owner)),
        }
    }
    let open = || file.try_clone();
    Ok(if is_writable_by_others(status, open) { Err(Distrust::Writable) } else { Ok(()) })
}

/// Checks the owner of a link in a directory. A link of the directory's only writer counts too, but only for a file that
/// this account owns, and so could have placed there: its number is returned.
pub(super) fn check_link(link: &Status, directory: &Directory) -> io::Result<Result<Option<u32>, Distrust>> {
    if is_own(link.owner()) {
        return Ok(Ok(None));
    }
    Ok(match only_writer(directory)? {
        Some(writer) if is_own(writer) => Ok(None),
        Some(writer) if writer == link.owner() => Ok(Some(writer)),
        Some(_) | None => Err(Distrust::Link),
    })
}

/// Whether a new file of the current user in this directory cannot be read by the directory's owner.
pub(in super::super) fn is_hidden_from_owner(file: &Status, directory: &Directory) -> bool {
    let readable = file.mode().intersects(Mode::ROTH);
    !readable && directory.own_status().is_ok_and(|status| !is_own(status.owner()) && file.owner() != status.owner())
}

/// Whether another account could put another directory in the place of this one: it owns the directory above, or can write
/// one of those on the way, which then does not have the sticky bit.
pub(super) fn is_exchangeable(path: &Path) -> io::Result<bool> {
    for (level, above) in path.canonicalize()?.ancestors().skip(1).enumerate() {
        let flags = ENTRIES | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::openat(CWD, above, flags, Mode::empty())?;
        let directory = Directory::new(descriptor, above.to_path_buf());
        let status = directory.own_status()?;
        let is_open = || is_writable_by_others(&status, || directory.open_itself());
        if level == 0 && !is_own(status.owner()) || !status.is_sticky() && is_open() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an account that owns neither the file nor its directory put an entry in a directory that every account can
/// write, such as a `.git` in `/tmp`. That account cannot read a private file below, and git refuses such a repository.
pub(in super::super) fn is_planted(entry: &Path, file: &Path) -> bool {
    let owner = |path: &Path| path.symlink_metadata().ok().map(|metadata| metadata.uid());
    let is_public = |directory: &Path| {
        // Without modes, every directory looks so.
        let status = rustix::fs::stat(directory).map(Status::from);
        status.is_ok_and(|status| status.mode().contains(Mode::WOTH) && !modes::are_missing(&status))
    };
    let (Some(planter), Some(above), Some(project)) = (owner(entry), entry.parent(), file.parent()) else {
        return false;
    };
    let is_foreign = !is_own(planter) && owner(project) != Some(planter) && owner(file) != Some(planter);
    is_foreign && project != above && is_public(above)
}

/// Whether the user, root, or the owner of `other` owns a file.
pub(in super::super) fn is_of_owner(path: &Path, other: &Path) -> io::Result<bool> {
    let owner = path.metadata()?.uid();
    Ok(is_own(owner) || owner == other.symlink_metadata()?.uid())
}
