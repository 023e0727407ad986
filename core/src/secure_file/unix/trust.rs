//! Which files and links count, judged by open descriptors: those that no further account could have written.

use std::fs::File;
use std::io;

use rustix::fs::Mode;

use super::directory::Directory;
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
