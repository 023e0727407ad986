//! What the command adds to the core: streams, exit codes, masks, JSON, usage errors, and panics without a backtrace.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption fails the test

use std::process::{Command, ExitCode, Stdio};

use atmn_tests::project::{LIVE, Project, SANDBOX, binary};

#[test]
fn key_prints_only_the_key_to_a_pipe() {
    let project = Project::new();
    let _ = project.save().run().ok();
    let done = project.atmn(["key"]).run().ok();
    assert_eq!(done.stdout, format!("{SANDBOX}\n"));
    assert_eq!(done.stderr, "");
    assert!(in_terminal(&project, "key").contains("The active sandbox key is from AUTUMN_SECRET_KEY in "));
    assert_eq!(project.atmn(["key", "-q"]).run().ok().stderr, "");
    let verbose = project.atmn(["key", "-v"]).run().ok();
    assert_eq!(verbose.stdout, done.stdout);
    assert!(verbose.stderr.lines().count() > 5, "{verbose:?}");
}

/// Runs `atmn` with a terminal as its stdout.
fn in_terminal(project: &Project, arguments: &str) -> String {
    let line = format!("{} {arguments}", binary().display());
    let mut command = Command::new("env");
    command
        .args(["--default-signal", "script", "--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(project.path(""));
    let output =
        command.env("HOME", project.home()).env_remove("AUTUMN_SECRET_KEY").stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn key_is_masked_in_a_terminal_without_reveal() {
    let project = Project::new();
    let _ = project.save().run().ok();
    let shown = in_terminal(&project, "key");
    assert!(shown.contains("am_sk_test_…dbox") && !shown.contains(SANDBOX), "{shown}");
    assert!(in_terminal(&project, "key --reveal").contains(SANDBOX));
    assert!(!in_terminal(&project, "key --json -p").contains(LIVE));
    assert!(in_terminal(&project, "key --json --reveal -p").contains(LIVE));
}

#[test]
fn json_is_masked_and_free_of_messages() {
    let project = Project::new();
    let done = project.atmn(["save", "--json"]).stdin(&format!("{SANDBOX} {LIVE}")).run().ok();
    assert_eq!(done.stderr, "");
    for arguments in [&["key", "--json"][..], &["key", "--explain", "--json", "-p"], &["logout", "--json"]] {
        let done = project.atmn(arguments).run().ok();
        assert!(!done.stdout.contains(SANDBOX) && !done.stdout.contains(LIVE), "{done:?}");
        assert_eq!(done.stderr, "");
        let _ = done.json();
    }
}

/// A terminal would interpret C1 controls and direction marks in the name of a directory.
#[test]
fn json_escapes_characters_that_a_terminal_interprets() {
    let project = Project::new();
    let name = "a\u{9b}31mb\u{202e}c\u{e0041}d\u{7f}é";
    project.write(&format!("{name}/.env"), format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let inside = |arguments: &[&str]| project.atmn(arguments).current_dir(project.path(name)).run();
    let found = inside(&["key", "--json"]).ok();
    let failure = inside(&["key", "--json", "-p"]);
    assert!(found.stdout.contains("a\\u009b31mb\\u202ec\\udb40\\udc41d\\u007fé"), "{found:?}");
    assert!(found.json()["source"]["path"].as_str().unwrap().contains(name), "{found:?}");
    let plain = inside(&["key", "--explain"]).ok();
    for text in [&found.stdout, &failure.stderr, &plain.stdout, &plain.stderr] {
        assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{e0041}', '\u{7f}']), "{text:?}");
    }
}

#[test]
fn check_identifies_a_key() {
    let project = Project::new();
    let check = |text: &str| project.atmn(["key", "--check"]).stdin(text).run();
    assert_eq!(check(&format!("{LIVE}\r\n")).ok().stdout, "secret live\n");
    assert_eq!(check("am_pk_test_0123").ok().stdout, "publishable sandbox\n");
    for text in ["", "am_oauth_planted", "two words", "am_sk_test_a b", &"planted".repeat(20_000)] {
        let done = check(text);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{text:.20}");
        assert!(!done.stderr.contains("planted"));
        let json = project.atmn(["key", "--check", "--json"]).stdin(text).run();
        let error: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
        assert_eq!((json.code, json.stdout.as_str()), (1, ""), "{text:.20}");
        assert_eq!(error["error"]["code"], "malformed_key", "{error}");
    }
}

#[test]
fn check_says_what_is_on_stdin_instead_of_one_key() {
    let project = Project::new();
    for (text, message) in [
        ("", "Stdin contains no text."),
        (" \n", "Stdin contains no text."),
        ("PORT=80\n", "Stdin contains no key, only lines that set other variables."),
        (&format!("PORT=80\n{SANDBOX}\n"), "Stdin contains not only a key, but also lines that set other variables."),
        (&format!("{SANDBOX} {LIVE}"), "Stdin contains 2 keys."),
    ] {
        let done = project.atmn(["key", "--check"]).stdin(text).run();
        let expected = format!("error[malformed_key]: {message}\n  hint: Pass one key on stdin");
        assert!(done.code == 1 && done.stderr.starts_with(&expected), "{done:?}");
    }
}

#[test]
fn help_names_every_environment_variable() {
    let help = Project::new().atmn(["--help"]).run().ok().stdout;
    let names = [
        "AUTUMN_SECRET_KEY",
        "AUTUMN_PROD_SECRET_KEY",
        "AUTUMN_SECRET_KEY_FILE",
        "AUTUMN_PROD_SECRET_KEY_FILE",
        "ATMN_BACKEND_URL",
        "ATMN_DISABLE_AUTH_RECOVERY",
        "ATMN_EXTRA_CA_CERTS",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ];
    let missing: Vec<&str> = names.into_iter().filter(|name| !help.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn install_copies_pages_and_completions() {
    let project = Project::new();
    let script = atmn_tests::repository().join("bindings/shell/install");
    let status = Command::new(script).arg(binary().parent().unwrap()).arg("/usr").arg(project.path("root")).status();
    assert!(status.unwrap().success());
    let version = Command::new(project.path("root/usr/bin/atmn")).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&version.stdout), concat!("atmn ", env!("CARGO_PKG_VERSION"), "\n"));
    for page in
        ["man/man1/atmn.1", "man/man1/atmn-login.1", "bash-completion/completions/atmn", "zsh/site-functions/_atmn"]
    {
        assert!(project.path("root/usr/share").join(page).is_file(), "{page}");
    }
}

#[test]
fn logout_in_a_subdirectory_names_the_file_of_the_parent() {
    let project = Project::new();
    let _ = project.save().run().ok();
    let inside = project.path("packages/my web");
    std::fs::create_dir_all(&inside).unwrap();
    let logout = |directory: &std::path::Path| project.atmn(["logout"]).current_dir(directory).run().ok().stderr;
    let (nothing, parent) = (logout(&inside), project.path(""));
    let parent = parent.canonicalize().unwrap();
    let (file, command) = (parent.join(".env"), format!("run `atmn logout --dir {}`", parent.display()));
    assert!(
        nothing.contains(&format!("There are keys in {}. To remove them, {command}.", file.display())),
        "{nothing}"
    );
    assert!(project.read(".env").contains(SANDBOX));
    let own = logout(&parent);
    assert!(own.contains("Removed am_sk_test_") && !own.contains("--dir"), "{own}");

    std::fs::write(inside.join(".env"), format!("AUTUMN_SECRET_KEY={SANDBOX}\n")).unwrap();
    let below = inside.join("src");
    std::fs::create_dir(&below).unwrap();
    let quoted = logout(&below);
    assert!(quoted.contains(&format!("--dir '{}'`", inside.canonicalize().unwrap().display())), "{quoted}");
    // A directory with its own keys names those of the parent, too: they become active.
    let _ = project.save().run().ok();
    let done = logout(&inside);
    assert!(done.contains("Removed am_sk_test_") && done.contains(&command), "{done}");
}

/// No command is named that would fail.
#[test]
fn logout_names_where_to_remove_a_key_that_it_cannot_edit() {
    let project = Project::new();
    std::fs::create_dir(project.path("app")).unwrap();
    let outside = project.home().join("autumn");
    std::fs::write(&outside, format!("AUTUMN_SECRET_KEY={SANDBOX}\n")).unwrap();
    std::os::unix::fs::symlink(&outside, project.path("app/.env")).unwrap();
    project.write("app/.env.local", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let run = || project.atmn(["logout", "--dir", "app"]).run();
    let (done, way) = (run().ok().stderr, format!("remove the key from {} with an editor", outside.display()));
    assert!(done.contains("Still active") && done.contains(&way) && !done.contains("To remove them"), "{done}");
    let refused = run();
    refused.fails("link_refused");
    assert!(refused.stderr.contains(&way), "{refused:?}");
}

#[test]
fn logout_says_which_of_the_keys_left_is_active() {
    let project = Project::new();
    for directory in ["", "app/", "app/src/"] {
        project.write(&format!("{directory}.env"), format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    }
    let done = project.atmn(["logout", "--dir", "app/src"]).run().ok().stderr;
    let line = |start: &str| done.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(line("Still active: am_sk_test_").contains("app/.env, line 1"), "{done}");
    assert!(line("Still there, but not active: am_sk_test_").contains("/.env, line 1"), "{done}");
    assert_eq!(done.matches("Still active").count(), 1, "{done}");
}

#[test]
fn logout_with_prod_removes_what_the_next_call_would_use() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={LIVE}\n"));
    let done = project.atmn(["--prod", "logout"]).run().ok().stderr;
    assert!(done.contains("Removed am_sk_live_") && !done.contains("Still active"), "{done}");
    assert_eq!(project.read(".env"), "");
}

/// What a logout finds in the directory, it removes. What it leaves is named, with the command that removes it.
#[test]
fn logout_removes_what_is_found_and_names_what_it_leaves() {
    let project = Project::new();
    project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    project.write(".env.local", format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    let team = project.read(".env");
    let logout = |arguments: &[&str]| project.atmn([&["logout"], arguments].concat()).run().ok().stderr;
    project.git_init();
    project.git(&["add", ".env"]);
    assert!(!logout(&["--prod"]).contains("To remove them"));
    for _ in 0..2 {
        let done = logout(&[]);
        assert!(done.contains("To remove them, run `atmn logout --file .env`.") && done.contains("tracked by git"));
        assert_eq!((project.read(".env"), project.read(".env.local")), (team.clone(), String::new()));
    }
    project.git(&["rm", "--quiet", "--cached", ".env"]);
    project.write(".env.local", format!("AUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    let done = logout(&[]);
    assert!(done.contains("The keys stay valid") && !done.contains("To remove"), "{done}");
    assert_eq!(done.matches("Removed ").count(), 2, "{done}");
    assert_eq!((project.read(".env"), project.read(".env.local")), (String::new(), String::new()));
    project.atmn(["key"]).run().fails("key_not_found");
    let _ = project.atmn(["save"]).stdin(SANDBOX).run().ok();
    assert!(logout(&["--prod"]).contains("no key to remove"));
    let done = logout(&[]);
    assert!(done.contains("The key stays valid until you revoke it"), "{done}");
}

#[test]
fn usage_errors_exit_with_2() {
    let project = Project::new();
    for arguments in [
        &["nonsense"][..],
        &["key", "--nonsense"],
        &["key", "--explain", "--check"],
        &["key", "--quiet", "--verbose"],
        &[],
        &["save"],
    ] {
        assert_eq!(project.atmn(arguments).run().code, 2, "{arguments:?}");
    }
    let done = project.atmn(["logout"]).env("ATMN_BACKEND_URL", "http://autumn.example").run();
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("plain http"), "{done:?}");
}

#[test]
fn usage_errors_look_like_every_other_error() {
    let project = Project::new();
    for (arguments, message, hint) in [
        (&["logn"][..], "The command `logn` does not exist.", "Did you mean `login`? Run `atmn --help` for help."),
        (
            &["key", "--revael"],
            "The argument `--revael` does not exist.",
            "Did you mean `--reveal`? Run `atmn key --help` for help.",
        ),
        (
            &["api", "GET", "v1/customers"],
            "The path must start with exactly one `/`.",
            "Start the path with `/`, such as `/v1/customers`.",
        ),
        (&["api", "GET"], "The required argument `<PATH>` is missing.", "Run `atmn api --help` for help."),
        (
            &["key", "--explain", "--check"],
            "The option `--explain` cannot be used with `--check`.",
            "Run `atmn key --help` for help.",
        ),
        (
            &["login", "--timeout", "soon"],
            "The value `soon` of `--timeout <TIME>` is invalid: write seconds such as `90s`, or minutes such as `5m`.",
            "Run `atmn login --help` for help.",
        ),
        (
            &["login", "--timeout", "99999999999999999999"],
            "The value `99999999999999999999` of `--timeout <TIME>` is invalid: the longest time is 18446744073709551615 \
             seconds.",
            "Run `atmn login --help` for help.",
        ),
    ] {
        let done = project.atmn(arguments).run();
        assert_eq!(done.code, 2, "{done:?}");
        assert_eq!(done.stderr, format!("error[invalid_argument]: {message}\n  hint: {hint}\n"));
    }
    let json = project.atmn(["login", "--json", "--timeout", "soon"]).run();
    let error: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    atmn_tests::check_shape("error", &error["error"]);
}

/// The command uses the option in another form, which the error must not deny.
#[test]
fn option_without_effect_is_refused_with_the_form_that_has_none() {
    let project = Project::new();
    for (arguments, message, hint) in [
        (
            &["-l", "login", "--complete"][..],
            "`atmn login --complete` does not use it.",
            "those of the first step, `--begin`",
        ),
        (
            &["--dir", ".", "login", "--complete"],
            "`atmn login --complete` does not use it.",
            "the first step, `--begin`",
        ),
        (&["-p", "login"], "`atmn login` does not use it.", "`--sandbox-only`"),
    ] {
        let done = project.atmn(arguments).run();
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains(message) && done.stderr.contains(hint), "{done:?}");
    }
}

#[test]
fn usage_error_never_repeats_a_key() {
    let done = Project::new().atmn(["save", SANDBOX]).run();
    assert_eq!(done.code, 2, "{done:?}");
    assert!(!done.stderr.contains(SANDBOX) && done.stderr.contains("stdin"), "{done:?}");
}

#[test]
fn verbose_adds_causes_and_context_to_errors() {
    let project = Project::new();
    let details = |arguments: &[&str]| {
        let done = project.atmn(arguments).env("ATMN_BACKEND_URL", "http://autumn.example").run();
        done.stderr.lines().filter(|line| line.starts_with("  variable: ")).count()
    };
    assert_eq!((details(&["logout"]), details(&["logout", "--verbose"])), (0, 1));
}

#[test]
fn full_stdout_is_an_error() {
    let project = Project::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = project.atmn(["key", "--explain"]).command().stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("error[file_unwritable]: Cannot write to stdout."),
        "{output:?}"
    );
}

const PANIC: &str = "ATMN_TEST_PANIC";

/// The next test runs this one in another process, because a panic hook belongs to the whole process.
#[test]
fn child_that_panics() {
    if std::env::var_os(PANIC).is_some() {
        let code = atmn_cli::guard(|| panic!("{SANDBOX}"));
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
    }
}

#[test]
fn panic_prints_one_error_without_backtrace() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child_that_panics", "--nocapture"]).env(PANIC, "1").env("RUST_BACKTRACE", "full");
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.starts_with("error[panic]: "), "{stderr}");
    assert!(!stderr.contains("planted") && !stderr.contains("backtrace"), "{stderr}");
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
}
