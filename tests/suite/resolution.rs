//! Which key is active, and why: the order of locations, outcomes, and the walk to the root.

use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use atmn_tests::project::{Done, LIVE, Project, SANDBOX, UNPRIVILEGED, has_accounts};

fn key(text: &str) -> String {
    format!("am_sk_test_{text:0>20}")
}

fn live(text: &str) -> String {
    format!("am_sk_live_{text:0>20}")
}

fn found(project: &Project, arguments: &[&str]) -> String {
    let arguments = ["key"].iter().chain(arguments);
    project.atmn(arguments).run().ok().stdout.trim_end().to_owned()
}

#[test]
fn resolve_follows_order_of_locations() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", key("parent")));
    std::fs::create_dir_all(project.path("a/b")).unwrap();
    let secret = project.home().join("secret");
    let run = |process: Option<&str>, file: bool| {
        let mut run = project.atmn(["key"]).current_dir(project.path("a/b"));
        if let Some(text) = process {
            run = run.env("AUTUMN_SECRET_KEY", text);
        }
        if file {
            run = run.env("AUTUMN_SECRET_KEY_FILE", &secret);
        }
        run.run().ok().stdout.trim_end().to_owned()
    };
    assert_eq!(run(None, false), key("parent"));
    project.write(".env.local", format!("AUTUMN_SECRET_KEY={}\n", key("parentlocal")));
    assert_eq!(run(None, false), key("parentlocal"));
    project.write("a/.env", format!("OTHER=1\nAUTUMN_SECRET_KEY={}\n", key("nearer")));
    assert_eq!(run(None, false), key("nearer"));
    // A file without the variable, and an empty value, do not stop the walk.
    project.write("a/b/.env", "OTHER=1\n");
    project.write("a/b/.env.local", "AUTUMN_SECRET_KEY=\n");
    assert_eq!(run(Some(""), false), key("nearer"));
    std::fs::write(&secret, format!("{}\r\n", key("file"))).unwrap();
    assert_eq!(run(Some(""), true), key("file"));
    assert_eq!(run(Some(&key("process")), true), key("process"));
    // An empty file is a secret that has not arrived, and no reason to use another key.
    std::fs::write(&secret, "").unwrap();
    let run = project.atmn(["key"]).current_dir(project.path("a/b")).env("AUTUMN_SECRET_KEY_FILE", &secret);
    run.run().fails("key_file_unreadable");
}

#[test]
fn resolve_never_returns_key_of_other_environment() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={LIVE}\n"));
    let done = project.atmn(["key"]).run();
    done.fails("wrong_environment");
    assert!(done.stderr.contains("--prod") && done.stderr.contains("line 1"), "{done:?}");
    // Deployments keep their live key in `AUTUMN_SECRET_KEY`.
    assert_eq!(found(&project, &["-p"]), LIVE);
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={SANDBOX}x\n"));
    project.atmn(["key", "-p"]).run().fails("wrong_environment");
    project.write(".env", format!("AUTUMN_SECRET_KEY={}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n", live("other")));
    assert_eq!(found(&project, &["-p"]), LIVE);
    // Both variables of a file are checked before the next file.
    project.write("a/.env", format!("AUTUMN_SECRET_KEY={}\n", live("near")));
    assert_eq!(found(&project, &["-p", "--dir", "a"]), live("near"));
    project.write("a/.env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    assert_eq!(found(&project, &["-p", "--dir", "a"]), LIVE);
}

#[test]
fn resolve_refuses_other_keys_with_location() {
    for (value, code) in [
        ("am_pk_test_0123456789abcdef", "wrong_key_kind"),
        ("am_oauth_planted", "malformed_key"),
        ("planted with blanks", "malformed_key"),
        ("$PLANTED", "malformed_key"),
        ("am_sk_test_planted#comment", "malformed_key"),
        ("'am_sk_test_planted", "malformed_key"),
    ] {
        let project = Project::new();
        project.write("deep/.env", format!("\n\nAUTUMN_SECRET_KEY={value}\n"));
        project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
        let done = project.atmn(["key", "--dir", "deep"]).run();
        done.fails(code);
        assert!(done.stderr.contains("deep/.env, line 3"), "{done:?}");
        assert!(!done.stderr.to_lowercase().contains("planted"), "{done:?}");
        let error = project.atmn(["key", "--json", "--dir", "deep"]).run();
        let error: serde_json::Value = serde_json::from_str(&error.stderr).unwrap();
        assert_eq!(error["error"]["code"], code);
        assert_eq!(error["error"]["context"]["line"], "3");
        assert_eq!(error["error"]["context"]["variable"], "AUTUMN_SECRET_KEY");
    }
}

#[test]
fn resolve_refuses_non_utf8_variable() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let bytes = std::ffi::OsString::from_vec(b"am_sk_test_planted\xFF".to_vec());
    let done = project.atmn(["key"]).env("AUTUMN_SECRET_KEY", bytes).run();
    done.fails("malformed_key");
    assert!(done.stderr.contains("is not an Autumn API key: it is not UTF-8 text"), "{done:?}");
    assert!(!done.stderr.contains("planted"), "{done:?}");
}

#[test]
fn env_file_values_are_not_expanded() {
    let project = Project::new();
    project.write(".env", "AUTUMN_SECRET_KEY=${PLANTED}\n");
    let done = project.atmn(["key"]).env("PLANTED", SANDBOX).run();
    done.fails("malformed_key");
    assert!(done.stderr.contains("refers to another variable"), "{done:?}");
}

#[test]
fn malformed_line_does_not_hide_key() {
    let project = Project::new();
    project.write(".env", format!("this is no line\nA=\"open\nB='it's\n\u{1}\nAUTUMN_SECRET_KEY={SANDBOX}\nC=$$$\n"));
    assert_eq!(found(&project, &[]), SANDBOX);
}

#[test]
fn key_file_requires_one_line() {
    let project = Project::new();
    let file = project.home().join("key");
    let run = |path: &str| project.atmn(["key"]).env("AUTUMN_SECRET_KEY_FILE", path).run();
    let path = file.to_str().unwrap();
    for (content, reason) in
        [(format!("{SANDBOX}\n{SANDBOX}\n"), "more than one line"), ("k".repeat(5000), "larger than 4096 bytes")]
    {
        std::fs::write(&file, content).unwrap();
        let done = run(path);
        done.fails("key_file_unreadable");
        assert!(done.stderr.contains(reason) && done.stderr.contains("AUTUMN_SECRET_KEY_FILE"), "{done:?}");
    }
    std::fs::write(&file, b"am_sk_test_\xFF\xFF").unwrap();
    run(path).fails("key_file_unreadable");
    for path in ["/missing", "/dev/zero", "/tmp", "/dev/stdin"] {
        run(path).fails("key_file_unreadable");
    }
    std::fs::write(&file, SANDBOX).unwrap();
    assert_eq!(run(path).ok().stdout.trim_end(), SANDBOX);
}

#[test]
fn walk_skips_unreadable_and_untrusted_files() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let deep = project.path("directory/loop/broken/device/here");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::create_dir(project.path("directory/.env")).unwrap();
    symlink(".env", project.path("directory/loop/.env")).unwrap();
    symlink("nothing", project.path("directory/loop/broken/.env")).unwrap();
    symlink("/dev/zero", project.path("directory/loop/broken/device/.env")).unwrap();
    let done = project.atmn(["key", "--json"]).current_dir(&deep).run().ok().json();
    let reasons: Vec<&str> =
        done["skipped"].as_array().unwrap().iter().map(|p| p["reason"].as_str().unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "is a device, not a file",
            "is a broken symbolic link",
            "is a broken symbolic link",
            "is a directory, not a file",
        ]
    );
    assert_eq!(done["source"]["path"], project.path(".env").to_str().unwrap());
}

#[test]
fn walk_skips_unreadable_files_and_directories() {
    let project = Project::new();
    let top = project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let closed = project.write("closed/.env", format!("AUTUMN_SECRET_KEY={}\n", key("closed")));
    std::fs::create_dir_all(project.path("closed/inner")).unwrap();
    std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
    std::fs::set_permissions(&top, PermissionsExt::from_mode(0o644)).unwrap();
    let run = || project.atmn(["key", "--json"]).current_dir(project.path("closed/inner")).unprivileged().run();
    let done = run().ok().json();
    assert_eq!(done["skipped"][0]["reason"], "cannot be read: permission denied");
    // A directory with search permission but without read permission.
    std::fs::set_permissions(project.path("closed"), PermissionsExt::from_mode(0o311)).unwrap();
    assert_eq!(run().ok().json()["source"]["line"], 1);
    std::fs::set_permissions(project.path("closed"), PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn file_of_other_user_requires_private_directory() {
    if !has_accounts("resolution::file_of_other_user_requires_private_directory") {
        return;
    }
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let theirs = project.write("shared/.env", format!("AUTUMN_SECRET_KEY={}\n", key("theirs")));
    let shared = project.path("shared");
    let here = || project.atmn(["key", "--json", "--dir", "shared"]);
    std::os::unix::fs::chown(&theirs, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).unwrap();
    std::os::unix::fs::chown(&shared, Some(UNPRIVILEGED), Some(UNPRIVILEGED - 1)).unwrap();
    // Only the directory's owner, who owns the file, can create a file there.
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(here().run().ok().json()["source"]["path"], theirs.to_str().unwrap());
    for mode in [0o777, 0o1777, 0o775] {
        std::fs::set_permissions(&shared, PermissionsExt::from_mode(mode)).unwrap();
        let done = here().run().ok().json();
        assert!(done["skipped"][0]["reason"].as_str().unwrap().contains("another user"), "{done}");
    }
    // The directory belongs to a third user.
    std::fs::set_permissions(&shared, PermissionsExt::from_mode(0o755)).unwrap();
    std::os::unix::fs::chown(&shared, Some(UNPRIVILEGED - 1), None).unwrap();
    assert_eq!(here().run().ok().json()["skipped"].as_array().unwrap().len(), 1);
}

#[test]
fn walk_handles_deep_and_non_utf8_directories() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let mut deep = project.path("");
    for _ in 0..200 {
        deep.push("d");
    }
    deep.push(PathBuf::from(std::ffi::OsString::from_vec(b"\xFF\xFE\x1b[31m".to_vec())));
    std::fs::create_dir_all(&deep).unwrap();
    let done = project.atmn(["key", "--explain", "--verbose"]).current_dir(&deep).run().ok();
    assert!(done.stdout.lines().count() > 400);
    assert!(!done.stdout.contains('\u{1b}'), "an escape sequence in a name reaches the terminal");
    let done = project.atmn(["key"]).current_dir(&deep).run().ok();
    assert_eq!(done.stdout.trim_end(), SANDBOX);
}

#[test]
fn walk_follows_directory_links() {
    let project = Project::new();
    project.write("real/.env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    std::fs::create_dir_all(project.path("real/inner")).unwrap();
    std::fs::create_dir_all(project.path("elsewhere")).unwrap();
    project.write("elsewhere/.env", format!("AUTUMN_SECRET_KEY={}\n", key("elsewhere")));
    symlink(project.path("real/inner"), project.path("elsewhere/link")).unwrap();
    assert_eq!(found(&project, &["--dir", "elsewhere/link"]), SANDBOX);
}

#[test]
fn resolve_works_in_deleted_working_directory() {
    let project = Project::new();
    let script =
        format!("mkdir gone; cd gone; rmdir ../gone; AUTUMN_SECRET_KEY={SANDBOX} $ATMN key; $ATMN key --explain");
    let done = project.in_namespace(&script).run().ok();
    assert!(done.stdout.starts_with(SANDBOX), "{done:?}");
    assert!(done.stdout.contains("the working directory (skipped: it no longer exists)"), "{done:?}");
}

#[test]
fn key_not_found_lists_searched_locations() {
    let project = Project::new();
    let done: Done = project.atmn(["key", "-p"]).run();
    done.fails("key_not_found");
    assert_eq!(done.code, 4);
    for text in ["AUTUMN_PROD_SECRET_KEY or AUTUMN_SECRET_KEY", "atmn login", project.path("").to_str().unwrap()] {
        assert!(done.stderr.contains(text), "{text}: {done:?}");
    }
}

#[test]
fn explain_lists_every_location_with_outcome() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    project.write(".env.local", "A=1\nAUTUMN_SECRET_KEY=\n");
    project.write("a/.env", format!("AUTUMN_SECRET_KEY={LIVE}\n"));
    let locations = project.atmn(["key", "--explain", "--json", "--dir", "a"]).run().ok().json();
    let outcome = |end: &str| {
        let location =
            locations.as_array().unwrap().iter().find(|p| p["path"].as_str().is_some_and(|p| p.ends_with(end)));
        location.unwrap()["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!(outcome("/a/.env.local"), "absent");
    assert_eq!(outcome("/a/.env"), "refused");
    assert_eq!(outcome("project/.env.local"), "empty");
    assert_eq!(outcome("project/.env"), "shadowed");
    assert_eq!(locations[0]["origin"], "process");
    assert_eq!(locations[1]["origin"], "secret_file");
}
