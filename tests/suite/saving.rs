//! Saving and logging out with real files: bytes, modes, links, and the active key afterwards.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use atmn_tests::project::{LIVE, Project, SANDBOX, UNPRIVILEGED, has_accounts};

const OTHER: &str = "am_sk_test_another00000000000000000000000another";

#[test]
fn new_file_holds_both_keys_and_is_private() {
    let project = Project::new();
    // A umask that would remove even the owner's permissions.
    let script = "umask 0777; printf '%s %s' $1 $2 | $ATMN save";
    let script = script.replace("$1", SANDBOX).replace("$2", LIVE);
    assert_eq!(project.in_namespace(&script).run().code, 0);
    assert_eq!(project.read(".env"), format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    assert_eq!(project.mode(".env"), 0o600);
}

#[test]
fn save_accepts_keys_in_any_order() {
    let project = Project::new();
    let saved = project.atmn(["save", "--json"]).stdin(&format!("{LIVE}   {SANDBOX}\n\n")).run().ok().json();
    assert_eq!(project.read(".env"), format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    assert_eq!((&saved["created"], &saved["git"], &saved["locked"]), (&true.into(), &"none".into(), &true.into()));
    let project = Project::new();
    let _ = project.atmn(["save"]).stdin(LIVE).run().ok();
    assert_eq!(project.read(".env"), format!("AUTUMN_PROD_SECRET_KEY={LIVE}\n"));
}

#[test]
fn save_refuses_other_keys_without_repeating_them() {
    let project = Project::new();
    let publishable = "am_pk_test_0123456789abcdef";
    for (stdin, code) in [
        ("", "invalid_argument"),
        ("am_sk_test_", "malformed_key"),
        (publishable, "wrong_key_kind"),
        (&format!("{SANDBOX} {OTHER}"), "invalid_argument"),
        (&format!("{SANDBOX} {LIVE} {OTHER}"), "invalid_argument"),
        (&format!("{SANDBOX} nonsense-planted"), "malformed_key"),
    ] {
        let done = project.atmn(["save"]).stdin(stdin).run();
        done.fails(code);
        assert!(!done.stderr.contains("planted") && !done.stderr.contains(publishable), "{done:?}");
    }
    assert_eq!(project.snapshot(), "");
}

#[test]
fn save_keeps_rest_of_file() {
    let project = Project::new();
    let path = project.write(".env", format!("# mine\r\nA='1'\r\nexport AUTUMN_SECRET_KEY=\"{OTHER}\" # old\r\nB=2"));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let saved = project.atmn(["save", "--json"]).stdin(&format!("{SANDBOX} {LIVE}")).run().ok().json();
    let expected =
        format!("# mine\r\nA='1'\r\nexport AUTUMN_SECRET_KEY={SANDBOX} # old\r\nB=2\nAUTUMN_PROD_SECRET_KEY={LIVE}\n");
    assert_eq!(project.read(".env"), expected);
    assert_eq!(project.mode(".env"), 0o640);
    assert_eq!(saved["created"], false);
    assert_eq!(saved["replaced"][0]["masked"], "am_sk_test_…ther");
    assert_eq!(saved["replaced"][0]["line"], 3);
    assert_eq!(saved["replaced"].as_array().unwrap().len(), 1);
}

#[test]
fn save_of_same_keys_writes_nothing() {
    let project = Project::new();
    let _ = project.save().run().ok();
    let before = project.path(".env").metadata().unwrap();
    let _ = project.save().run().ok();
    let after = project.path(".env").metadata().unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn save_keeps_owner_and_group() {
    if !has_accounts("saving::save_keeps_owner_and_group") {
        return;
    }
    let project = Project::new();
    let path = project.write(".env", "A=1\n");
    let (user, group) = (UNPRIVILEGED, UNPRIVILEGED);
    std::os::unix::fs::chown(&path, Some(user), Some(group)).unwrap();
    std::os::unix::fs::chown(project.path(""), Some(user), Some(group)).unwrap();
    let _ = project.save().run().ok();
    let metadata = path.metadata().unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (user, group));
    assert!(project.read(".env").contains(SANDBOX));
}

#[test]
fn save_follows_links_within_project_and_to_env_files() {
    let project = Project::new();
    let shared = project.home().join("shared.env.production");
    std::fs::write(&shared, "A=1\n").unwrap();
    symlink(&shared, project.path(".env")).unwrap();
    let _ = project.save().run().ok();
    assert!(project.path(".env").symlink_metadata().unwrap().is_symlink());
    assert!(std::fs::read_to_string(&shared).unwrap().contains(SANDBOX));

    let project = Project::new();
    project.write("config/settings", "A=1\n");
    symlink("config/settings", project.path(".env")).unwrap();
    let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json();
    assert_eq!(saved["path"], project.path("config/settings").to_str().unwrap());
    assert!(project.read("config/settings").contains(SANDBOX));
    let _ = project.atmn(["logout"]).run().ok();
    assert_eq!(project.read("config/settings"), "A=1\n");
}

#[test]
fn save_reports_shadowing_locations() {
    let project = Project::new();
    let secret = project.write("secret", format!("{LIVE}x\n"));
    let done = project
        .save()
        .env("AUTUMN_SECRET_KEY", "am_sk_test_process0000000000000000000process")
        .env("AUTUMN_PROD_SECRET_KEY_FILE", secret)
        .run()
        .ok();
    for text in ["AUTUMN_SECRET_KEY in the process environment", "AUTUMN_PROD_SECRET_KEY_FILE"] {
        assert!(done.stderr.contains(text), "{text}: {}", done.stderr);
    }
    // A caller who names `.env` gets it, and learns what takes precedence.
    let project = Project::new();
    project.write(".env.local", format!("X=1\nAUTUMN_SECRET_KEY={OTHER}\n"));
    let done = project.atmn(["save", "--file", ".env"]).stdin(SANDBOX).run().ok();
    assert!(done.stderr.contains(".env.local, line 2"), "{}", done.stderr);
    // Neither the same key in the environment nor another key in a parent directory shadows the saved key.
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={OTHER}\n"));
    let inner = project.path("inner");
    std::fs::create_dir(&inner).unwrap();
    let saved =
        project.atmn(["save", "--json", "--dir", "inner"]).stdin(SANDBOX).env("AUTUMN_SECRET_KEY", SANDBOX).run();
    assert_eq!(saved.ok().json()["shadowed_by"], serde_json::json!([]));
}

#[test]
fn logout_removes_both_keys_and_lists_remaining() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={OTHER}\n"));
    project.write("app/.env", format!("A=1\nAUTUMN_SECRET_KEY={SANDBOX}\nB=2\nAUTUMN_PROD_SECRET_KEY={LIVE}"));
    project.write("app/.env.local", "AUTUMN_PROD_SECRET_KEY=am_sk_live_local00000000000000000000000local\n");
    let run = || project.atmn(["logout", "--json"]).current_dir(project.path("app"));
    let done = run().env("AUTUMN_SECRET_KEY", "am_sk_live_process0000000000000000000process").run().ok().json();
    assert_eq!(project.read("app/.env"), "A=1\nB=2\n");
    assert_eq!(project.read(".env"), format!("AUTUMN_SECRET_KEY={OTHER}\n"));
    let masked = |list: &str| -> Vec<String> {
        done[list].as_array().unwrap().iter().map(|location| location["masked"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(masked("removed"), ["am_sk_live_…ocal", "am_sk_test_…dbox", "am_sk_live_…live"]);
    assert_eq!(masked("remaining"), ["am_sk_live_…cess", "am_sk_test_…ther"]);
    assert!(done["note"].as_str().unwrap().contains("https://app.useautumn.com"));
    // A second logout succeeds and writes nothing, in this file or in another.
    let before = project.snapshot();
    let modified = project.path("app/.env").metadata().unwrap().mtime_nsec();
    assert_eq!(run().run().ok().json()["removed"], serde_json::json!([]));
    assert_eq!(project.snapshot(), before);
    assert_eq!(project.path("app/.env").metadata().unwrap().mtime_nsec(), modified);
}

#[test]
fn logout_without_file_creates_none() {
    let project = Project::new();
    let done = project.atmn(["logout", "-l"]).run().ok();
    assert!(done.stderr.contains("Keys are revoked on http://localhost:8080."), "{done:?}");
    assert!(!done.stderr.contains("valid"), "no key was removed: {done:?}");
    assert_eq!(done.stderr.matches("no key to remove").count(), 1, "{done:?}");
    assert_eq!(project.snapshot(), "");
}

#[test]
fn save_without_home_reports_missing_lock() {
    let project = Project::new();
    std::fs::write(project.home().join(".local"), "in the http").unwrap();
    let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json();
    assert_eq!(saved["locked"], false);
    assert!(project.read(".env").contains(SANDBOX));
}

#[test]
fn directory_names_are_sanitized() {
    let project = Project::new();
    project.write("a\u{1b}[31m\r\u{9b}2J/other", "");
    let run = |command: &[&str]| {
        let done = project.atmn(command).current_dir(project.path("a\u{1b}[31m\r\u{9b}2J")).stdin(SANDBOX).run();
        let printed = format!("{}{}", done.stdout, done.stderr);
        assert!(!printed.contains(|c: char| c.is_control() && c != '\n'), "{command:?}: {printed:?}");
    };
    for command in [&["key", "--verbose"][..], &["key", "--explain"], &["save"], &["save"], &["logout"], &["logout"]] {
        run(command);
    }
    run(&["save", "--dir", "other"]);
    std::fs::create_dir(project.path("a\u{1b}[31m\r\u{9b}2J/.env.atmn.tmp")).unwrap();
    run(&["save"]);
}

#[test]
fn lock_files_are_private_and_outside_project() {
    let project = Project::new();
    let _ = project.save().run().ok();
    let state = project.home().join(".local/state/atmn");
    assert_eq!(state.metadata().unwrap().mode() & 0o777, 0o700);
    assert_eq!(std::fs::read_dir(state).unwrap().count(), 1);
    assert_eq!(project.snapshot().lines().count(), 1, "{}", project.snapshot());
}

#[test]
fn hard_link_keeps_the_old_content() {
    let project = Project::new();
    let path = project.write(".env", "A=1\n");
    let other = project.path("copy");
    std::fs::hard_link(&path, &other).unwrap();
    let _ = project.save().run().ok();
    assert_eq!(std::fs::read_to_string(other).unwrap(), "A=1\n");
    assert!(project.read(".env").contains(SANDBOX));
}
