//! What is said about keys as people really keep them, and about files beside them.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use atmn_tests::project::{Project, SANDBOX};

#[test]
fn explanation_starts_with_the_active_key() {
    let project = Project::new();
    project.write("a/b/.env", "AUTUMN_SECRET_KEY=\n");
    project.write("a/.env", format!("A=1\nAUTUMN_SECRET_KEY={SANDBOX}\n"));
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    std::fs::create_dir(project.path("a/b/.env.local")).unwrap();
    let run = |arguments: &[&str]| project.atmn(arguments).current_dir(project.path("a/b")).run().ok().stdout;
    let short = run(&["key", "--explain"]);
    let (lines, all) = (short.lines().collect::<Vec<_>>(), run(&["key", "--explain", "--verbose"]));
    let path = |name: &str| project.path(name).display().to_string();
    assert!(lines[0].starts_with(&format!("used      AUTUMN_SECRET_KEY in {}, line 2: am_sk_test_…", path("a/.env"))));
    assert!(lines[1].starts_with(&format!("skipped   {}", path("a/b/.env.local"))), "{short}");
    assert!(lines[2].starts_with(&format!("shadowed  AUTUMN_SECRET_KEY in {}", path(".env"))), "{short}");
    let others = all.lines().count() - 3;
    assert_eq!(lines[3..], [format!("also checked: {others} locations without a key")]);
    assert!(all.starts_with("absent    AUTUMN_SECRET_KEY in the process environment\n"), "{all}");
}

/// Node and Vite take the mark for a part of the name of the first variable.
#[test]
fn doctor_names_a_byte_order_mark_before_a_variable() {
    let project = Project::new();
    let doctor = || {
        let done = project.atmn(["doctor", "--offline"]).run();
        done.stdout + &done.stderr
    };
    for (text, is_named) in
        [("\u{feff}A=1\n", true), ("\u{feff}\n A=1\n", true), ("\u{feff}# A=\nA=1\n", false), ("A=1\n", false)]
    {
        project.write(".env", text);
        assert_eq!(doctor().contains("starts with a byte order mark"), is_named, "{text:?}");
    }
}

/// A file that another account could have written is not named either.
#[test]
fn misplaced_key_is_named_by_command_and_doctor() {
    let project = Project::new();
    let file = project.write(".dev.vars", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let said = |arguments: &[&str]| {
        let done = project.atmn(arguments).run();
        done.stdout + &done.stderr
    };
    for arguments in [&["key"][..], &["key", "--explain"], &["doctor", "--offline"]] {
        let text = said(arguments);
        assert!(text.contains(".dev.vars") && !text.contains(SANDBOX), "{arguments:?}: {text}");
    }
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    assert!(!said(&["key"]).contains(".dev.vars"));
}

/// A file that is not readable to libatmn is not writable to it either, so a login alone would not help.
#[test]
fn hint_repairs_the_file_in_which_a_login_would_save() {
    let project = Project::new();
    std::fs::create_dir(project.path("app")).unwrap();
    let file = project.write(".env", "A=1\n");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    let hint = |directory: &str| {
        let run = project.atmn(["key", "--dir", directory]).run();
        run.fails("key_not_found");
        run.stderr
    };
    let own = hint(".");
    assert!(own.contains(".env can be changed by other accounts. Take ownership of the file"), "{own}");
    assert!(own.contains("atmn login"), "{own}");
    project.save().run().fails("file_untrusted");
    // A login in a subdirectory saves there.
    assert!(!hint("app").contains("Take ownership"), "{}", hint("app"));
    // After the repair, the same command names only the login.
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(!hint(".").contains("Take ownership"), "{}", hint("."));
    let _ = project.save().run().ok();
}

#[test]
fn hint_of_a_key_file_fits_the_reason() {
    let project = Project::new();
    let file = project.write("secret", format!("{SANDBOX}\n"));
    let hint = || {
        let run = project.atmn(["key"]).env("AUTUMN_SECRET_KEY_FILE", &file).run();
        run.fails("key_file_unreadable");
        run.stderr
    };
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    assert!(hint().contains("Take ownership of the file"), "{}", hint());
    assert!(hint().contains("named by AUTUMN_SECRET_KEY_FILE, can be changed by other accounts"), "{}", hint());
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(&file, "\u{feff}a".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    assert!(hint().contains("Save the file as UTF-8"), "{}", hint());
    std::fs::write(&file, "a\nb\n").unwrap();
    assert!(hint().contains("Set `AUTUMN_SECRET_KEY_FILE` to the path of a file that has the key"), "{}", hint());
}

#[test]
fn file_that_is_no_text_is_not_edited() {
    let project = Project::new();
    let encrypted = b"\0GITCRYPT\0\x8a\x01";
    std::fs::write(project.path(".env"), encrypted).unwrap();
    for run in [project.save().run(), project.atmn(["logout"]).run()] {
        run.fails("file_unreadable");
        assert!(run.stderr.contains("contains a NUL byte") && run.stderr.contains("git-crypt"), "{run:?}");
    }
    assert_eq!(std::fs::read(project.path(".env")).unwrap(), encrypted);
}

/// git finds no line in such a file, so the key would be committed.
#[test]
fn gitignore_that_is_no_text_is_not_edited() {
    let project = Project::new();
    project.git_init();
    let utf16: Vec<u8> = "\u{feff}node_modules\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(project.path(".gitignore"), &utf16).unwrap();
    let run = project.save().run();
    run.fails("file_unreadable");
    assert!(run.stderr.contains(".gitignore is not UTF-8 text") && run.stderr.contains("--no-gitignore"), "{run:?}");
    assert_eq!(std::fs::read(project.path(".gitignore")).unwrap(), utf16);
    assert!(!project.path(".env").exists());
}

#[test]
fn mercurial_gets_its_own_ignore_file() {
    let project = Project::new();
    assert!(Command::new("hg").arg("init").current_dir(project.path("")).status().unwrap().success());
    project.write(".env", "A=1\n");
    let advice = format!(r"`re:^\.env$` to {}", project.path(".hgignore").display());
    let doctor = project.atmn(["doctor", "--offline"]).run();
    assert!(doctor.stdout.contains(&format!("Add {advice}.")), "{doctor:?}");
    let saved = project.save().run().ok();
    assert!(
        saved.stderr.contains(&format!("hg does not ignore {}; add {advice}.", project.path(".env").display())),
        "{saved:?}"
    );
}

#[test]
fn doctor_names_a_command_that_a_shell_accepts() {
    let project = Project::new();
    std::fs::create_dir(project.path("my pro'j")).unwrap();
    project.write("my pro'j/.env", "A=1\n");
    let file = project.path("my pro'j/.env");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    for directory in file.ancestors().skip(1).take_while(|directory| directory.starts_with(project.path(""))) {
        std::fs::set_permissions(directory, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let doctor = || {
        let run = project.atmn(["doctor", "--offline", "--dir", "my pro'j"]).run();
        run.stdout + &run.stderr
    };
    let quoted = file.display().to_string().replace('\'', r"'\''");
    let is_reached = file
        .ancestors()
        .skip(1)
        .all(|directory| std::fs::metadata(directory).unwrap().permissions().mode() & 0o011 != 0);
    assert_eq!(doctor().contains(&format!("Run `chmod 600 '{quoted}'`.")), is_reached, "{}", doctor());
    // Other accounts cannot enter this directory.
    std::fs::set_permissions(file.parent().unwrap(), PermissionsExt::from_mode(0o700)).unwrap();
    assert!(!doctor().contains("chmod"), "{}", doctor());
}
