//! Other accounts of the machine: what they can write does not count, and no exchange of a name leads a call to another
//! file. The accounts are numbers that no group file lists.

mod exchanges;
mod files;
mod repositories;

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, lchown};
use std::path::Path;

use atmn_tests::project::{Project, Run};

/// A user that works, another user, and a group with both of them.
const USER: u32 = 4713;
const OTHER: u32 = 4711;
const TEAM: u32 = 4712;

fn own(path: &Path, user: u32, group: u32, mode: u32) {
    lchown(path, Some(user), Some(group)).unwrap();
    if !path.is_symlink() {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
}

/// The command as an account, whose home is its own.
fn atmn_as(user: u32, project: &Project, arguments: &[&str]) -> Run {
    let home = project.path("").with_file_name(format!("home-{user}"));
    std::fs::create_dir_all(&home).unwrap();
    own(&home, user, user, 0o700);
    project.atmn(arguments).env("HOME", home).account(user, &[TEAM])
}
