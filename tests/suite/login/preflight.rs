//! Where keys could not be saved, a login ends before the user sees its URL, and the server creates no keys.

use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use atmn_tests::project::{Done, Run, UNPRIVILEGED, has_accounts};

use super::LoginFixture;

/// A group that no account of the tests is in.
const OTHER_GROUP: u32 = 54321;

/// Asserts that a login in this project fails with the code, leaves no trace, and creates no key.
fn fails_early(world: &LoginFixture, code: &str, run: impl Fn(Run) -> Done) {
    let (before, keys) = (world.project.snapshot(), world.autumn.store().keys().len());
    let done = run(world.project.atmn(["login", "--no-browser"]).env("ATMN_BACKEND_URL", world.autumn.url()));
    done.fails(code);
    assert!(!done.stderr.contains("/oauth2/authorize"), "the login URL was shown: {done:?}");
    assert_eq!(world.project.snapshot(), before, "{code}");
    assert_eq!(world.autumn.store().keys().len(), keys, "the server created keys");
    assert!(world.autumn.store().requests().is_empty(), "{:?}", world.autumn.store().requests());
}

fn give(path: &Path, owner: u32, group: u32, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    chown(path, Some(owner), Some(group)).unwrap();
}

#[test]
fn uneditable_gitignore_ends_a_login_early() {
    type Obstacle = fn(&Path);
    let obstacles: &[(&str, Obstacle)] = &[
        ("not_a_file", |path| std::fs::create_dir(path).unwrap()),
        ("link_refused", |path| symlink("README", path).unwrap()),
        ("link_refused", |path| symlink("/etc/hostname", path).unwrap()),
    ];
    for (code, obstacle) in obstacles {
        let world = LoginFixture::new();
        world.project.git_init();
        world.project.write("README", "");
        obstacle(&world.project.path(".gitignore"));
        fails_early(&world, code, Run::run);
    }
}

#[test]
fn silent_git_ends_a_login_early() {
    let world = LoginFixture::new();
    world.project.git_init();
    world.project.write(".env", "A=1\n");
    fails_early(&world, "env_file_unprotected", |run| run.env("PATH", world.project.home()).run());
}

#[test]
fn mounted_file_ends_a_login_early() {
    let world = LoginFixture::new();
    world.project.write(".env", "A=1\n");
    world.project.write("host/.env", "B=1\n");
    fails_early(&world, "env_file_not_replaceable", |_| {
        let script = "mount --bind host/.env .env; exec $ATMN login --no-browser";
        world.project.in_namespace(script).env("ATMN_BACKEND_URL", world.autumn.url()).run()
    });
}

/// A `.env` or `.gitignore` that belongs to root, and a group that the user is not in.
#[test]
fn files_of_others_end_a_login_early() {
    if !has_accounts("login::preflight::files_of_others_end_a_login_early") {
        return;
    }
    for (name, code, owner, group, mode) in [
        (".env", "file_unwritable", 0, 0, 0o644),
        (".env", "env_file_not_replaceable", UNPRIVILEGED, OTHER_GROUP, 0o640),
        (".gitignore", "file_unwritable", 0, 0, 0o644),
        (".gitignore", "env_file_not_replaceable", UNPRIVILEGED, OTHER_GROUP, 0o644),
    ] {
        let world = LoginFixture::new();
        world.project.git_init();
        let file = world.project.write(name, "A=1\n");
        give(&world.project.path(""), UNPRIVILEGED, UNPRIVILEGED, 0o755);
        give(&file, owner, group, mode);
        fails_early(&world, code, |run| run.unprivileged().run());
    }
}
