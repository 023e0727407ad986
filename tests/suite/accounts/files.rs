//! Files that another account owns or can write.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};

use atmn_tests::project::{Project, SANDBOX, has_accounts};

use super::{OTHER, TEAM, USER, atmn_as, own};

#[test]
fn link_of_another_account_does_not_count() {
    if !has_accounts("accounts::link_of_another_account_does_not_count") {
        return;
    }
    let project = Project::new();
    let mine = project.write("mine.env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    own(&mine, USER, USER, 0o600);
    own(&project.path(""), 0, 0, 0o1777);
    symlink("mine.env", project.path(".env")).unwrap();
    for (owner, counts) in [(OTHER, false), (USER, true), (0, true)] {
        lchown(project.path(".env"), Some(owner), Some(owner)).unwrap();
        let done = atmn_as(USER, &project, &["key"]).run();
        assert_eq!(done.code == 0, counts, "{owner}: {done:?}");
        assert_eq!(done.stderr.contains("is behind a symbolic link of another user"), !counts, "{done:?}");
        let done = atmn_as(USER, &project, &["logout"]).run();
        assert_eq!(done.code == 0, counts, "{owner}: {done:?}");
        if counts {
            assert_eq!(std::fs::read_to_string(&mine).unwrap(), "");
            std::fs::write(&mine, format!("AUTUMN_SECRET_KEY={SANDBOX}\n")).unwrap();
        } else {
            done.fails("file_untrusted");
        }
    }
    // The same for a link to the directory.
    let link = project.path("link");
    std::fs::create_dir(project.path("folder")).unwrap();
    own(&project.path("folder"), USER, USER, 0o755);
    symlink("folder", &link).unwrap();
    lchown(&link, Some(OTHER), Some(OTHER)).unwrap();
    for arguments in [["save", "--dir", "link"], ["key", "--dir", "link"], ["logout", "--dir", "link"]] {
        atmn_as(USER, &project, &arguments).stdin(SANDBOX).run().fails("file_untrusted");
    }
    lchown(&link, Some(USER), Some(USER)).unwrap();
    assert_eq!(atmn_as(USER, &project, &["save", "--dir", "link"]).stdin(SANDBOX).run().code, 0);
}

#[test]
fn file_counts_if_no_further_account_could_write_it() {
    if !has_accounts("accounts::file_counts_if_no_further_account_could_write_it") {
        return;
    }
    // The owner and group of the directory and its mode; the same of the file; who reads; whether the file counts.
    let cases = [
        // The group of the user's own number is private, as with umask 002.
        ((USER, USER, 0o775), (USER, USER, 0o664), USER, true),
        ((USER, TEAM, 0o775), (USER, TEAM, 0o664), USER, false),
        ((USER, TEAM, 0o755), (USER, TEAM, 0o640), USER, true),
        ((USER, USER, 0o755), (USER, USER, 0o666), USER, false),
        // Root reads the file of a user who alone writes the directory.
        ((USER, USER, 0o755), (USER, USER, 0o600), 0, true),
        ((USER, USER, 0o775), (USER, USER, 0o664), 0, true),
        ((USER, USER, 0o777), (USER, USER, 0o600), 0, false),
        ((USER, TEAM, 0o775), (USER, USER, 0o600), 0, false),
        // A file of a third account.
        ((USER, USER, 0o755), (OTHER, OTHER, 0o644), USER, false),
        ((0, 0, 0o755), (OTHER, OTHER, 0o644), USER, false),
        ((0, 0, 0o755), (0, 0, 0o644), USER, true),
        ((OTHER, OTHER, 0o755), (OTHER, OTHER, 0o644), USER, true),
    ];
    for case in cases {
        let ((user, group, mode), file, reader, counts) = case;
        let project = Project::new();
        let path = project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
        own(&path, file.0, file.1, file.2);
        own(&project.path(""), user, group, mode);
        let done = atmn_as(reader, &project, &["key"]).run();
        assert_eq!(done.code == 0, counts, "{case:?} {done:?}");
    }
}

/// Container engines mount a secret with the owner that it has on the host.
#[test]
fn named_key_file_counts_if_root_or_the_user_put_it_there() {
    if !has_accounts("accounts::named_key_file_counts_if_root_or_the_user_put_it_there") {
        return;
    }
    // The owner and mode of the directory and of the file; who reads; whether the file counts.
    let cases = [
        ((0, 0o755), (OTHER, 0o600), 0, true),
        ((0, 0o755), (OTHER, 0o644), USER, true),
        ((USER, 0o755), (OTHER, 0o644), USER, true),
        ((0, 0o755), (OTHER, 0o666), USER, false),
        ((0, 0o1777), (OTHER, 0o644), USER, false),
        ((OTHER, 0o777), (OTHER, 0o644), USER, false),
        ((4710, 0o755), (OTHER, 0o644), USER, false),
    ];
    for case in cases {
        let ((owner, mode), file, reader, counts) = case;
        let project = Project::new();
        let path = project.write("secrets/autumn", format!("{SANDBOX}\n"));
        own(&path, file.0, file.0, file.1);
        own(&project.path("secrets"), owner, owner, mode);
        own(&project.path(""), 0, 0, 0o755);
        let done = atmn_as(reader, &project, &["key"]).env("AUTUMN_SECRET_KEY_FILE", &path).run();
        assert_eq!(done.code == 0, counts, "{case:?} {done:?}");
    }
}

/// `sudo` can keep the `HOME` of the account that called it.
#[test]
fn root_creates_nothing_in_the_home_of_another_account() {
    if !has_accounts("accounts::root_creates_nothing_in_the_home_of_another_account") {
        return;
    }
    let project = Project::new();
    let home = tempfile::tempdir().unwrap();
    own(home.path(), USER, USER, 0o755);
    for arguments in [&["save"][..], &["doctor"], &["logout"]] {
        let _ = project.atmn(arguments).env("HOME", home.path()).env("XDG_STATE_HOME", "").stdin(SANDBOX).run();
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "{arguments:?}");
    }
    let done = project.atmn(["save"]).env("HOME", home.path()).env("XDG_STATE_HOME", "").stdin(SANDBOX).run().ok();
    assert!(!done.stderr.contains("could not lock"), "{done:?}");
}

#[test]
fn link_of_the_directorys_owner_counts_for_the_owners_files() {
    if !has_accounts("accounts::link_of_the_directorys_owner_counts_for_the_owners_files") {
        return;
    }
    let project = Project::new();
    let (theirs, ours) = (project.write("real.env", ""), project.home().join("root.env"));
    for (path, owner, counts) in [(&theirs, USER, true), (&ours, 0, false)] {
        std::fs::write(path, format!("AUTUMN_SECRET_KEY={SANDBOX}\n")).unwrap();
        own(path, owner, owner, 0o600);
        let _ = std::fs::remove_file(project.path(".env"));
        symlink(path, project.path(".env")).unwrap();
        lchown(project.path(".env"), Some(USER), Some(USER)).unwrap();
        own(&project.path(""), USER, USER, 0o755);
        let done = project.atmn(["key"]).run();
        assert_eq!(done.code == 0, counts, "{done:?}");
        let done = project.save().run();
        assert_eq!(done.code == 0, counts, "{done:?}");
    }
    assert_eq!(std::fs::read_to_string(ours).unwrap(), format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
}

#[test]
fn new_file_of_root_stays_roots_and_is_reported() {
    if !has_accounts("accounts::new_file_of_root_stays_roots_and_is_reported") {
        return;
    }
    let project = Project::new();
    chown(project.path(""), Some(USER), Some(USER)).unwrap();
    let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json();
    assert_eq!((project.path(".env").metadata().unwrap().uid(), project.mode(".env")), (0, 0o600));
    assert!(saved["note"].as_str().unwrap().contains("belongs to the account that saved it"), "{saved}");
}

#[test]
fn foreign_group_is_named_with_the_way_out() {
    if !has_accounts("accounts::foreign_group_is_named_with_the_way_out") {
        return;
    }
    // Group 0 has a name on every system.
    for (group, name) in [(4799, "number 4799"), (0, "`root`")] {
        let project = Project::new();
        own(&project.write(".env", "A=1\n"), USER, group, 0o640);
        own(&project.path(""), USER, USER, 0o755);
        let before = project.snapshot();
        let done = atmn_as(USER, &project, &["save"]).stdin(SANDBOX).run();
        done.fails("env_file_not_replaceable");
        assert!(done.stderr.contains(&format!("group, {name}: run `chgrp`")), "{done:?}");
        assert_eq!(project.snapshot(), before);
    }
}

#[test]
fn readable_file_is_reported() {
    let project = Project::new();
    let path = project.write(".env", "A=1\n");
    for (mode, reported) in [(0o644, true), (0o604, true), (0o600, false)] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json();
        let note = saved["note"].as_str().unwrap_or_default();
        assert_eq!(note.contains("Run `chmod 600` on it"), reported, "{mode:o} {saved}");
        let done = project.atmn(["save"]).stdin(SANDBOX).run().ok();
        assert_eq!(done.stderr.contains("Warning: Other accounts can read"), !note.is_empty(), "{done:?}");
    }
}
