//! Each failure of a file operation has its own code, changes nothing, and leaves nothing behind.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use atmn_tests::project::{Project, Run, SANDBOX, UNPRIVILEGED, is_root};

/// Asserts that save and logout fail with the code, and change nothing.
fn both_fail(project: &Project, code: &str, prepare: impl Fn(Run) -> Run) {
    let before = project.snapshot();
    prepare(project.save()).run().fails(code);
    assert_eq!(project.snapshot(), before);
    prepare(project.atmn(["logout"])).run().fails(code);
    assert_eq!(project.snapshot(), before);
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn fifo_is_refused_without_blocking() {
    let project = Project::new();
    fifo(&project.path(".env"));
    both_fail(&project, "not_a_file", |run| run);
}

#[test]
fn utf_16_file_is_refused() {
    let project = Project::new();
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let big_endian: Vec<u8> = "A=1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    // With a BOM, without one, and appended to a UTF-8 file, as older versions of PowerShell do.
    let appended = [b"A=1\n", utf16("B=2\r\n").as_slice()].concat();
    for content in [utf16("\u{feff}A=1\r\n"), utf16("A=1\r\n"), big_endian, appended] {
        project.write(".env", content);
        both_fail(&project, "file_unreadable", |run| run);
        let done = project.atmn(["key"]).run();
        done.fails("key_not_found");
        assert!(done.stderr.contains("is UTF-16 text"), "{done:?}");
    }
}

/// A sparse file that would fill the memory.
#[test]
fn oversized_file_is_refused() {
    let project = Project::new();
    let path = project.write(".env", "");
    std::fs::File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
    let before = path.metadata().unwrap().modified().unwrap();
    project.save().run().fails("file_unreadable");
    project.atmn(["logout"]).run().fails("file_unreadable");
    assert_eq!((path.metadata().unwrap().len(), path.metadata().unwrap().modified().unwrap()), (1 << 40, before));
    let done = project.atmn(["key"]).run();
    // Not the key of another file: this one may have a key, too.
    done.fails("file_unreadable");
    assert!(done.stderr.contains("is larger than 67108864 bytes"), "{done:?}");
}

#[test]
fn directory_is_refused() {
    let project = Project::new();
    std::fs::create_dir(project.path(".env")).unwrap();
    both_fail(&project, "not_a_file", |run| run);
}

#[test]
fn link_to_device_is_refused() {
    let project = Project::new();
    symlink("/dev/zero", project.path(".env")).unwrap();
    both_fail(&project, "link_refused", |run| run);
}

#[test]
fn dangling_and_outside_links_are_refused() {
    let project = Project::new();
    let outside = project.home().join("notes.txt");
    std::fs::write(&outside, "A=1\n").unwrap();
    for target in [Path::new("missing.env"), Path::new(".env"), &outside] {
        symlink(target, project.path(".env")).unwrap();
        both_fail(&project, "link_refused", |run| run);
        std::fs::remove_file(project.path(".env")).unwrap();
    }
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "A=1\n");
}

#[test]
fn unreadable_file_is_an_error() {
    let project = Project::new();
    let path = project.write(".env", "A=1\nAUTUMN_SECRET_KEY=am_sk_test_0123456789\n");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o200)).unwrap();
    give_away(&project, &[""]);
    both_fail(&project, "file_unreadable", Run::unprivileged);
}

#[test]
fn read_only_file_is_unchanged() {
    let project = Project::new();
    let path = project.write(".env", "AUTUMN_SECRET_KEY=am_sk_test_0123456789\n");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
    give_away(&project, &["", ".env"]);
    both_fail(&project, "file_unwritable", Run::unprivileged);
}

#[test]
fn read_only_directory_is_unchanged() {
    let project = Project::new();
    project.write(".env", "AUTUMN_SECRET_KEY=am_sk_test_0123456789\n");
    give_away(&project, &["", ".env"]);
    std::fs::set_permissions(project.path(""), PermissionsExt::from_mode(0o555)).unwrap();
    both_fail(&project, "file_unwritable", Run::unprivileged);
    std::fs::remove_file(project.path(".env")).ok();
    std::fs::set_permissions(project.path(""), PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn file_of_other_user_in_shared_directory_is_untrusted() {
    let project = Project::new();
    project.write(".env", "AUTUMN_SECRET_KEY=am_sk_test_0123456789\n");
    std::fs::set_permissions(project.path(""), PermissionsExt::from_mode(0o777)).unwrap();
    if is_root() {
        give_away(&project, &[".env"]);
        both_fail(&project, "file_untrusted", |run| run);
    } else {
        // If the test does not run as root, root in a separate namespace owns the file.
        let script = "mount -t tmpfs none .; chmod 777 .; cp $ATMN ./a; $ATMN save";
        assert_ne!(project.in_namespace(script).stdin(SANDBOX).run().code, 0);
    }
}

#[test]
fn full_disk_changes_nothing() {
    let project = Project::new();
    let script = "mkdir small; mount -t tmpfs -o size=16k none small; cd small; echo A=1 >.env
        dd if=/dev/zero of=fill 2>/dev/null || true; ls -A >../before; cat .env >>../before
        $ATMN save || code=$?; ls -A >../after; cat .env >>../after; exit ${code:-0}";
    let keys = format!("{SANDBOX}\n");
    project.in_namespace(script).stdin(&keys).run().fails("disk_full");
    assert_eq!(project.read("after"), project.read("before"));
    // If there is no file, none is created.
    let script = script.replace("echo A=1 >.env", "true").replace("cat .env", "true");
    std::fs::remove_dir(project.path("small")).unwrap();
    project.in_namespace(&script).stdin(&keys).run().fails("disk_full");
    assert_eq!(project.read("after"), project.read("before"));
}

#[test]
fn read_only_disk_changes_nothing() {
    let project = Project::new();
    project.write(".env", "A=1\n");
    let script = "mount --bind . . && mount -o remount,bind,ro . && cd . && $ATMN save";
    let before = project.snapshot();
    let done = project.in_namespace(&format!("cd {}; {script}", project.path("").display())).stdin(SANDBOX).run();
    done.fails("file_unwritable");
    assert!(done.stderr.contains("is on a read-only file system"), "{done:?}");
    assert_eq!(project.snapshot(), before);
}

/// What the system said reaches the caller, no matter which code the error has.
#[test]
fn file_errors_have_the_code_of_the_system() {
    let keys = format!("{SANDBOX}\n");
    let full = "mkdir small; mount -t tmpfs -o size=16k none small; cd small
        dd if=/dev/zero of=fill 2>/dev/null || true; $ATMN save --json";
    let read_only = "mount -t tmpfs none . && mount -o remount,ro . && $ATMN save --json --dir $PWD";
    for (script, code, system_code) in [
        (full, "disk_full", "ENOSPC"),
        (read_only, "file_unwritable", "EROFS"),
        ("$ATMN save --json --dir /proc", "file_unwritable", "ENOENT"),
        ("$ATMN save --json --dir ./absent", "invalid_argument", "ENOENT"),
        ("ln -s loop loop; $ATMN save --json --dir ./loop", "invalid_argument", "ELOOP"),
    ] {
        let project = Project::new();
        let done = project.in_namespace(script).stdin(&keys).run();
        let error =
            serde_json::from_str::<serde_json::Value>(done.stderr.trim()).unwrap_or_else(|_| panic!("{done:?}"));
        let error = &error["error"];
        assert_eq!((&error["code"], &error["context"]["system_code"]), (&code.into(), &system_code.into()), "{done:?}");
    }
}

/// As with a store whose files only its manager changes.
#[test]
fn unwritable_target_of_a_link_is_reported_with_the_link() {
    let project = Project::new();
    project.write("store/app.env", "A=1\n");
    symlink("store/app.env", project.path(".env")).unwrap();
    give_away(&project, &["", "store", "store/app.env"]);
    std::fs::set_permissions(project.path("store"), PermissionsExt::from_mode(0o555)).unwrap();
    let done = project.save().unprivileged().run();
    done.fails("file_unwritable");
    for part in ["/.env is a symbolic link to this file", "--file .env.local"] {
        assert!(done.stderr.contains(part), "{part:?} is missing: {done:?}");
    }
    std::fs::set_permissions(project.path("store"), PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn directory_or_virtual_environment_has_a_way_out() {
    let project = Project::new();
    std::fs::create_dir(project.path(".env")).unwrap();
    let done = project.save().run();
    done.fails("not_a_file");
    assert!(done.stderr.contains("is a directory") && done.stderr.contains("--file .env.local"), "{done:?}");
    project.write(".env/pyvenv.cfg", "home = /usr/bin\n");
    assert!(project.save().run().stderr.contains("is a virtual environment of Python"));
    assert_eq!(project.atmn(["save", "--file", ".env.local"]).stdin(SANDBOX).run().code, 0);
}

#[test]
fn mounted_file_cannot_be_replaced() {
    let project = Project::new();
    project.write(".env", "A=1\n");
    project.write("host/.env", "B=1\n");
    let before = project.snapshot();
    let script = "mount --bind host/.env .env; $ATMN save || code=$?; cat .env >&2; exit ${code:-0}";
    let done = project.in_namespace(script).stdin(SANDBOX).run();
    done.fails("env_file_not_replaceable");
    assert!(done.stderr.ends_with("B=1\n"), "{done:?}");
    assert_eq!(project.snapshot(), before);
}

/// A logout edits both files or none.
#[test]
fn logout_of_two_files_leaves_both_if_one_cannot_be_replaced() {
    let project = Project::new();
    for file in [".env", ".env.local", "host/.env"] {
        project.write(file, format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    }
    let before = project.snapshot();
    let done = project.in_namespace("mount --bind host/.env .env; $ATMN logout").run();
    done.fails("env_file_not_replaceable");
    assert_eq!(project.snapshot(), before);
    let _ = project.in_namespace("mount --bind host/.env .env; $ATMN logout --file .env.local").run().ok();
    assert_eq!(project.read(".env.local"), "");
}

#[test]
fn what_a_killed_save_left_behind_is_removed() {
    let project = Project::new();
    project.write(".env.atmn.tmp/.gitignore", "*\n");
    project.write(".env.atmn.tmp/0123456789abcdef", "half a ke");
    std::fs::create_dir(project.path(".env.atmn.tmp/.hg")).unwrap();
    std::fs::set_permissions(project.path(".env.atmn.tmp"), PermissionsExt::from_mode(0o700)).unwrap();
    project.write(".env", "A=1\n");
    let _ = project.save().run().ok();
    assert!(!project.path(".env.atmn.tmp").exists());
}

/// Such as one that a repository brings: it stays, and does not stop a save.
#[test]
fn foreign_file_of_the_temporary_name_is_kept() {
    let outside = tempfile::tempdir().unwrap();
    let make: &[&dyn Fn(&Path)] = &[
        &|path| symlink(outside.path(), path).unwrap(),
        &|path| fifo(path),
        &|path| std::fs::write(path, "mine").unwrap(),
        &|path| std::fs::create_dir(path).unwrap(),
        &|path| {
            std::fs::create_dir(path).unwrap();
            std::fs::write(path.join(".gitignore"), "!*\n").unwrap();
            std::fs::write(path.join("new"), "mine").unwrap();
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)).unwrap();
        },
    ];
    for make in make {
        let project = Project::new();
        make(&project.path(".env.atmn.tmp"));
        let before = project.snapshot();
        project.write(".env", "A=1\nAUTUMN_SECRET_KEY=am_sk_test_0123456789\n");
        let _ = project.save().run().ok();
        assert!(project.read(".env").contains(SANDBOX));
        std::fs::remove_file(project.path(".env")).unwrap();
        assert_eq!(project.snapshot(), before);
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn link_into_repository_data_is_refused() {
    let project = Project::new();
    project.git_init();
    symlink(".git/config", project.path(".env")).unwrap();
    let config = project.read(".git/config");
    both_fail(&project, "link_refused", |run| run);
    assert_eq!(project.read(".git/config"), config);
}

#[test]
fn invalid_directory_is_a_usage_error() {
    let project = Project::new();
    project.write("file", "");
    for name in ["missing", "file", "file/below"] {
        for command in [&["save"][..], &["logout"], &["key"], &["key", "--explain"]] {
            let done = project.atmn(command.iter().chain(&["--dir", name])).stdin(SANDBOX).run();
            assert_eq!(done.code, 2, "{done:?}");
            let problem = if name == "file" { "is not a directory" } else { "does not exist" };
            assert!(done.stderr.contains(problem), "{done:?}");
        }
    }
}

#[test]
fn deleted_working_directory_is_reported() {
    let project = Project::new();
    let done = project.in_namespace("mkdir gone; cd gone; rmdir ../gone; $ATMN save").stdin(SANDBOX).run();
    done.fails("invalid_argument");
}

/// Makes the user that runs the commands the owner of these paths.
fn give_away(project: &Project, names: &[&str]) {
    if is_root() {
        for name in names {
            std::os::unix::fs::chown(project.path(name), Some(UNPRIVILEGED), Some(UNPRIVILEGED)).unwrap();
        }
    }
}
