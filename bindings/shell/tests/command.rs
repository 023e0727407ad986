//! What the shell adds to the core: streams, exit codes, masks, shapes, and a crash without a backtrace.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

use std::process::{Command, ExitCode, Stdio};

use atmn_tests::project::{LIVE, Project, SANDBOX, binary};
use atmn_tests::vectors;

#[test]
fn a_pipe_gets_the_key_alone_and_the_talk_goes_to_stderr() {
    let project = Project::new();
    let _ = project.save().run().ok();
    let done = project.atmn(["key"]).run().ok();
    assert_eq!(done.stdout, format!("{SANDBOX}\n"));
    assert_eq!(
        done.stderr,
        format!("The sandbox key from AUTUMN_SECRET_KEY in {}, line 1.\n", project.path(".env").display())
    );
    assert_eq!(project.atmn(["key", "-q"]).run().ok().stderr, "");
    let verbose = project.atmn(["key", "-v"]).run().ok();
    assert_eq!(verbose.stdout, done.stdout);
    assert!(verbose.stderr.lines().count() > 5, "{verbose:?}");
}

/// Runs `atmn` with a terminal as its stdout.
fn in_terminal(project: &Project, arguments: &str) -> String {
    let line = format!("{} {arguments}", binary().display());
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(project.path(""));
    let output =
        command.env("HOME", project.home()).env_remove("AUTUMN_SECRET_KEY").stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_terminal_shows_the_key_only_when_asked() {
    let project = Project::new();
    let _ = project.save().run().ok();
    let shown = in_terminal(&project, "key");
    assert!(shown.contains("am_sk_test_…dbox") && !shown.contains(SANDBOX), "{shown}");
    assert!(in_terminal(&project, "key --reveal").contains(SANDBOX));
    assert!(!in_terminal(&project, "key --json -p").contains(LIVE));
    assert!(in_terminal(&project, "key --json --reveal -p").contains(LIVE));
}

#[test]
fn json_is_masked_unless_revealed_and_never_mixed_with_talk() {
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

#[test]
fn shapes_of_json_are_the_agreed_ones() {
    let project = Project::new();
    let check = atmn_tests::check_shape;
    let failure = project.atmn(["key", "--json"]).run();
    assert_eq!((failure.code, failure.stdout.as_str()), (4, ""));
    let error: serde_json::Value = serde_json::from_str(&failure.stderr).unwrap();
    check("error", &error["error"]);
    let saved = project.atmn(["save", "--json"]).stdin(SANDBOX).run().ok().json();
    check("save_result", &saved);
    let found = project.atmn(["key", "--json"]).run().ok().json();
    check("resolved_key", &found);
    check("location", &found["source"]);
    check("location", &project.atmn(["key", "--explain", "--json"]).run().ok().json());
    check("key_class", &project.atmn(["key", "--check", "--json"]).stdin(SANDBOX).run().ok().json());
    check("logout_result", &project.atmn(["logout", "--json"]).run().ok().json());
    // Here, and with the login beside.
    assert_eq!(vectors("shapes.json").as_object().unwrap().len(), 6 + 8, "a shape that nothing is checked against");
}

#[test]
fn check_tells_what_a_key_is_without_looking_anywhere() {
    let project = Project::new();
    let check = |text: &str| project.atmn(["key", "--check"]).stdin(text).run();
    assert_eq!(check(&format!("{LIVE}\r\n")).ok().stdout, "secret live\n");
    assert_eq!(check("am_pk_test_0123").ok().stdout, "publishable sandbox\n");
    for text in ["", "am_oauth_planted", "two words", "am_sk_test_a b", &"planted".repeat(20_000)] {
        let done = check(text);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{text:.20}");
        assert!(!done.stderr.contains("planted"));
    }
    let json = project.atmn(["key", "--check", "--json"]).stdin("no key").run();
    assert_eq!((json.code, json.stdout.as_str()), (1, "null\n"));
}

/// The registry of names is the core's; whoever adds one there is asked for its sentence here.
#[test]
fn help_names_every_variable_that_is_read() {
    let config = std::fs::read_to_string(atmn_tests::repository().join("core/src/config.rs")).unwrap();
    let help = Project::new().atmn(["--help"]).run().ok().stdout;
    let names = config.lines().filter_map(|line| line.split_once("_VARIABLE: &str = \"")?.1.strip_suffix("\";"));
    let missing: Vec<&str> = names.clone().filter(|name| !help.contains(name)).collect();
    assert!(names.count() >= 7 && missing.is_empty(), "{missing:?}");
}

#[test]
fn installed_it_has_its_pages_and_completions() {
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
fn wrong_use_is_2() {
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
fn a_reader_that_goes_away_is_no_crash() {
    let project = Project::new();
    let mut command = project.atmn(["key", "--explain"]).command();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_full_stdout_is_a_failure() {
    let project = Project::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = project.atmn(["key", "--explain"]).command().stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be printed"), "{output:?}");
}

const CRASH: &str = "ATMN_TEST_CRASH";

/// Run by the test below in a process of its own, since a panic hook belongs to the whole process.
#[test]
fn crash_in_a_process_of_its_own() {
    if std::env::var_os(CRASH).is_some() {
        let code = atmn_cli::guard(|| panic!("{SANDBOX}"));
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
    }
}

#[test]
fn a_crash_shows_one_sentence_and_nothing_else() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "crash_in_a_process_of_its_own", "--nocapture"])
        .env(CRASH, "1")
        .env("RUST_BACKTRACE", "full");
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.starts_with("error[panic]: libatmn 0."), "{stderr}");
    assert!(!stderr.contains("planted") && !stderr.contains("backtrace"), "{stderr}");
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
}
