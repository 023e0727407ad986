//! `atmn login`, `env` and `serve` as processes: messages, exit codes, and that nothing is left after a failure.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use atmn_tests::check_shape;
use atmn_tests::project::Done;
use serde_json::Value;

use crate::world::CommandFixture;

#[test]
fn login_without_a_terminal_prints_the_url_and_saves_the_keys() {
    let world = CommandFixture::new();
    world.project.git_init();
    let mut login = world.login(&["--no-browser"]);
    world.approve(&login.url());
    let done = login.end().ok();
    assert_eq!(done.stdout, "");
    for message in
        ["Logged in to `Copper Kettle` (`copper-kettle`).", "Saved the live key am_sk_live_…", "Added /.env to"]
    {
        assert!(done.stderr.contains(message), "{done:?}");
    }
    world.assert_no_secret_in(&done);
    let kept = world.login(&["--no-browser"]).end().ok();
    assert!(kept.stderr.contains("were kept: am_sk_test_…"), "{kept:?}");
    world.assert_no_secret_in(&kept);
    let mut forced = world.login(&["--no-browser", "--force", "--sandbox-only"]);
    world.approve(&forced.url());
    let forced = forced.end().ok();
    assert!(forced.stderr.contains("Replaced am_sk_test_…") && !forced.stderr.contains("Saved the live"), "{forced:?}");
    assert!(forced.stderr.contains("which was not saved. You can delete it on the server."), "{forced:?}");
}

/// A key that works stays, and the output names it as kept, not as saved.
#[test]
fn login_keeps_the_key_that_works() {
    let world = CommandFixture::new();
    let mut login = world.login(&["--no-browser", "--sandbox-only"]);
    world.approve(&login.url());
    let _ = login.end().ok();
    let sandbox = world.project.read(".env");
    let mut login = world.login(&["--no-browser"]);
    world.approve(&login.url());
    let done = login.end().ok();
    assert!(world.project.read(".env").starts_with(&sandbox), "{done:?}");
    assert!(done.stderr.contains("This login saves only the live key."), "{done:?}");
    assert!(done.stderr.contains("Saved the live key") && !done.stderr.contains("Saved the sandbox key"), "{done:?}");
    assert_eq!(done.stderr.matches(", which worked when the login began, was kept.").count(), 1, "{done:?}");
}

/// The event about the file is a warning of the command, which prints it once.
#[test]
fn login_warns_once_of_a_file_that_git_does_not_ignore() {
    let world = CommandFixture::new();
    world.project.git_init();
    world.project.write(".env", "A=1\n");
    let mut login = world.login(&["--no-browser"]);
    world.approve(&login.url());
    let done = login.end().ok();
    assert_eq!(done.stderr.matches("Warning: git does not ignore ").count(), 1, "{done:?}");
    assert_eq!(done.stderr.matches("does not ignore").count(), 1, "{done:?}");
}

#[test]
fn second_login_waits_for_the_first() {
    let world = CommandFixture::new();
    let mut first = world.login(&["--no-browser"]);
    let url = first.url();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port().to_string();
    let mut second = world.atmn(&["--dir", ".", "login", "--no-browser", "--ports", &port]);
    second.line_with("is in progress. Waiting for it to end …");
    world.approve(&url);
    let _ = first.end().ok();
    let second = second.end().ok();
    assert!(second.stderr.contains("still work and were kept"), "{second:?}");
}

/// Nothing waits for a user who is not there. The command neither asks the server nor takes a port.
#[test]
fn login_in_ci_without_a_terminal_ends_at_once() {
    let world = CommandFixture::new();
    for arguments in [&["login"][..], &["login", "--json"], &["login", "--no-browser", "--force"]] {
        let mut command = world.command(&["--default-signal"], arguments);
        let done = world.start(command.env("CI", "1")).end();
        assert_eq!(done.code, 4, "{done:?}");
        assert!(done.stderr.contains("login_unattended") && done.stdout.is_empty(), "{done:?}");
        assert!(done.stderr.contains("AUTUMN_SECRET_KEY") && done.stderr.contains("atmn login --begin"), "{done:?}");
        world.assert_untouched();
    }
    assert!(world.autumn.store().requests().is_empty());
    // A login in two steps does not wait.
    let mut command = world.command(&["--default-signal"], &["login", "--begin"]);
    assert!(world.start(command.env("CI", "1")).end().ok().stdout.starts_with("http"));
}

/// A job of cron has no terminal and no display, and sets no variable of CI.
#[test]
fn login_that_no_user_could_see_ends_at_once() {
    let world = CommandFixture::new();
    let done = world.login(&[]).end();
    assert_eq!(done.code, 4, "{done:?}");
    assert!(done.stderr.starts_with("error[login_unattended]: There is no terminal and no browser"), "{done:?}");
    for way in ["AUTUMN_SECRET_KEY", "`--headless`", "atmn login --begin"] {
        assert!(done.stderr.contains(way), "{way}: {done:?}");
    }
    assert!(!done.stderr.contains("oauth2/authorize"), "{done:?}");
    world.assert_untouched();
    // A script may still run it where the saved keys work.
    let mut login = world.login(&["--headless"]);
    world.approve(&login.url());
    let _ = login.end().ok();
    assert!(world.login(&[]).end().ok().stderr.contains("were kept"));
    // CodeBuild does not set `CI`.
    let mut command = world.command(&["--default-signal"], &["login", "--force"]);
    let done = world.start(command.env("CODEBUILD_BUILD_ID", "shop:1")).end();
    assert!(done.code == 4 && done.stderr.contains("This is an automated environment"), "{done:?}");
}

#[test]
fn begin_without_a_state_directory_says_so() {
    let world = CommandFixture::new();
    let mut command = world.command(&["--default-signal"], &["login", "--begin"]);
    let done = world.start(command.env("XDG_STATE_HOME", "/dev/null")).end();
    done.fails("file_unwritable");
    assert!(done.stderr.contains("Cannot store the pending login in the state directory."), "{done:?}");
}

/// The second `--begin` keeps the keys of the first.
#[test]
fn begin_keeps_working_keys() {
    let world = CommandFixture::new();
    let mut login = world.login(&["--no-browser"]);
    world.approve(&login.url());
    let _ = login.end().ok();
    let kept = world.login(&["--begin"]).end().ok();
    assert!(kept.stdout.is_empty() && kept.stderr.contains("were kept: am_sk_test_…"), "{kept:?}");
    let kept = world.login(&["--begin", "--json"]).end().ok().json();
    check_shape("login_result", &kept);
    assert_eq!(kept["kept"], true);
    let forced = world.login(&["--begin", "--json", "--force"]).end().ok().json();
    assert!(forced["url"].as_str().unwrap().starts_with("http"), "{forced}");
}

#[test]
fn login_reports_keys_that_take_precedence() {
    let world = CommandFixture::new();
    world.project.write(".env.local", "AUTUMN_SECRET_KEY=am_sk_test_another\n");
    let mut login = world.login(&["--no-browser", "--file", ".env"]);
    world.approve(&login.url());
    let done = login.end().ok();
    assert!(
        done.stderr.contains("Warning: AUTUMN_SECRET_KEY in ") && done.stderr.contains("takes precedence"),
        "{done:?}"
    );
}

#[test]
fn signal_ends_login_with_one_error_and_changes_nothing() {
    for (signal, code, reason) in [("HUP", 129, " by SIGHUP"), ("INT", 130, ""), ("TERM", 143, " by SIGTERM")] {
        let world = CommandFixture::new();
        let mut login = world.login(&["--no-browser"]);
        login.url();
        login.signal(signal);
        // Waits for less time than a login takes to time out.
        let done = login.end();
        assert_eq!(done.code, code, "{done:?}");
        let last = done.stderr.lines().last().unwrap();
        assert_eq!(last, format!("error[cancelled]: Login cancelled{reason}. Nothing was saved."), "{done:?}");
        world.assert_untouched();
    }
}

/// State, verifier and keys are in the memory of a waiting login.
#[test]
fn crashed_login_leaves_no_core_dump() {
    let world = CommandFixture::new();
    let plain = world.command(&["--default-signal"], &["login", "--no-browser"]);
    let mut command = Command::new("sh");
    command.args(["-euc", "ulimit -c unlimited; exec \"$@\"", "sh"]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(world.project.path("")).env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut login = world.start(&mut command);
    login.url();
    login.signal("ABRT");
    assert!(!login.dumps_core(), "the system wrote a core dump");
    world.assert_untouched();
}

#[test]
fn ignored_signal_stays_ignored() {
    let world = CommandFixture::new();
    let signals = ["--default-signal", "--ignore-signal=HUP"];
    let mut login = world.start(&mut world.command(&signals, &["login", "--no-browser"]));
    let url = login.url();
    login.signal("HUP");
    world.approve(&url);
    let _ = login.end().ok();
}

#[test]
fn login_ends_with_its_parent_unless_hup_is_ignored() {
    let world = CommandFixture::new();
    let mut shell = world.login_below_a_shell("--default-signal");
    shell.url();
    shell.signal("KILL");
    // The pipe closes only after the orphaned process ended too.
    let done = shell.end();
    assert!(done.stderr.contains("because its parent process ended"), "{done:?}");
    world.assert_untouched();

    let mut shell = world.login_below_a_shell("--ignore-signal=HUP");
    let url = shell.url();
    shell.signal("KILL");
    world.approve(&url);
    let done = shell.end();
    assert!(done.stderr.contains("Logged in to `Copper Kettle`"), "{done:?}");
}

#[test]
fn login_continues_without_a_browser() {
    for browser in ["false", "/nowhere/browser", ""] {
        let world = CommandFixture::new();
        let mut command = world.command(&["--default-signal"], &["login", "--headless"]);
        let mut login = world.start(command.env("BROWSER", browser));
        let url = login.url();
        login.line_with("Could not open a browser");
        world.approve(&url);
        let _ = login.end().ok();
    }
}

/// A user may have forgotten the variable, so the error names it.
#[test]
fn refused_server_error_names_the_variable() {
    let world = CommandFixture::new();
    let mut login = world.command(&["--default-signal"], &["login"]);
    let done = world.start(login.env("ATMN_BACKEND_URL", "http://localhost.evil.example")).end();
    assert!(
        done.stderr.contains("The value comes from `ATMN_BACKEND_URL`") && !done.stderr.contains("evil"),
        "{done:?}"
    );
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    done.fails("invalid_argument");
}

#[test]
fn login_reports_used_ports() {
    let world = CommandFixture::new();
    let _in_use = TcpListener::bind(("127.0.0.1", world.port)).unwrap();
    let done = world.login(&["--no-browser"]).end();
    done.fails("ports_in_use");
    assert!(done.stderr.contains("atmn save"), "{done:?}");
}

#[test]
fn login_prints_and_keeps_the_deadline() {
    let world = CommandFixture::new();
    let done = world.login(&["--no-browser", "--timeout", "1s"]).end();
    assert!(done.stderr.contains("Waiting up to 1 second (until "), "{done:?}");
    done.fails("timed_out");
    world.assert_untouched();
    for wrong in ["0", "soon", "-1", "1h", "99999999999999999999m", "18446744073709551615"] {
        let done = world.login(&[&format!("--timeout={wrong}")]).end();
        assert_eq!(done.code, 2, "{wrong}: {done:?}");
    }
}

#[test]
fn login_in_two_steps_needs_no_port() {
    let world = CommandFixture::new();
    let begun = world.login(&["--begin", "--json"]).end().ok();
    let pending = begun.json();
    assert!(pending["next"].as_str().unwrap().ends_with("atmn login --complete"), "{pending}");
    let callback = world.callback(pending["url"].as_str().unwrap());
    let complete = |text: &str| {
        let mut process = world.login(&["--complete"]);
        process.type_line(text);
        process.end()
    };
    assert_eq!(complete("http://localhost:1/?code=0123456789abcdef&state=wrong").code, 4);
    let done = complete(&callback).ok();
    assert!(done.stderr.contains("Logged in to `Copper Kettle`"), "{done:?}");
    world.assert_no_secret_in(&done);
    complete(&callback).fails("no_pending_login");
}

#[test]
fn callback_url_can_be_pasted_in_a_terminal() {
    let world = CommandFixture::new();
    let mut login = world.login_in_terminal();
    let url = login.url();
    login.line_with("Press Ctrl-C to cancel");
    login.type_line("nonsense");
    login.line_with("Still waiting.");
    login.type_line("am_sk_test_planted");
    login.line_with("atmn save");
    // Ctrl-D before the pasted URL is ignored.
    login.type_line("\u{4}");
    login.type_line(&world.callback(&url));
    let done = login.end().ok();
    assert!(done.stdout.contains("Logged in to `Copper Kettle`"), "{done:?}");
    assert!(world.project.read(".env").contains("AUTUMN_PROD_SECRET_KEY=am_sk_live_"));
}

#[test]
fn ctrl_c_in_a_terminal_cancels_the_login() {
    let world = CommandFixture::new();
    let mut login = world.login_in_terminal();
    login.line_with("Press Ctrl-C to cancel");
    login.type_line("\u{3}");
    let done = login.end();
    assert_eq!(done.code, 130, "{done:?}");
    assert!(done.stdout.contains("error[cancelled]: Login cancelled. Nothing was saved."), "{done:?}");
    world.assert_untouched();
}

#[test]
fn env_prints_local_facts_and_fails_without_the_server() {
    let world = CommandFixture::new();
    let nothing = world.atmn(&["env", "--json"]).end();
    assert_eq!((nothing.code, nothing.stdout.as_str()), (4, ""));
    world.project.write(".env", "AUTUMN_SECRET_KEY=am_sk_test_planted0123\n");
    let known = |done: &Done, exit_code: i32, code: &str| {
        assert_eq!(done.code, exit_code, "{done:?}");
        assert_eq!(done.json()["organization"], Value::Null);
        assert_eq!(done.json()["source"]["line"], 1);
        assert!(done.stderr.contains(code) && !done.stdout.contains("planted0123"), "{done:?}");
    };
    known(&world.atmn(&["env", "--json"]).end(), 4, "invalid_secret_key");
    let mut offline = world.command(&["--default-signal"], &["env", "--json"]);
    offline.env("ATMN_BACKEND_URL", "http://localhost:1");
    known(&world.start(&mut offline).end(), 1, "connect_failed");
    let plain = world.atmn(&["env"]).end();
    assert!(plain.stdout.contains("Organization  unknown\n") && plain.stdout.contains(".env, line 1"), "{plain:?}");
}

#[test]
fn serve_prints_its_url_and_ends_after_a_signal() {
    let world = CommandFixture::new();
    let mut plain = world.atmn(&["serve", "--port", "0"]);
    let line = plain.line_with("For keys of Copper Kettle with all scopes, set `");
    plain.line_with("Press Ctrl-C to stop the server.");
    let body = r#"{"customer_id":"cus_first","feature_id":"messages"}"#;
    let mut check = world.command(&[], &["api", "POST", "/v1/check", "-d", body]);
    check.envs(line.split('`').nth(1).unwrap().split(' ').map(|variable| variable.split_once('=').unwrap()));
    assert_eq!(world.start(&mut check).end().ok().json()["allowed"], true);
    plain.signal("INT");
    let done = plain.end();
    assert_eq!(done.code, 130, "{done:?}");
    assert!(done.stdout.starts_with("http://localhost:") && done.stderr.contains("for development"), "{done:?}");
    assert!(done.stderr.contains("ada@example.com") && done.stderr.contains("ben@example.com"), "{done:?}");

    let mut json = world.atmn(&["serve", "--port", "0", "--json"]);
    let line = json.line_with("\"url\"");
    let port = line.trim_end().trim_end_matches('"').rsplit(':').next().unwrap().to_owned();
    world.atmn(&["serve", "--port", &port]).end().fails("ports_in_use");
    json.signal("TERM");
    let done = json.end();
    assert_eq!(done.code, 143, "{done:?}");
    let (result, is_key) = (done.json(), |key: &Value, start: &str| key.as_str().unwrap().starts_with(start));
    assert!(is_key(&result["secret_key"], "am_sk_test_"), "{result}");
    // Two secret keys of each organization, as the page about tests says.
    for organization in ["copper-kettle", "night-library", "paper-lantern"] {
        for (environment, start) in [("sandbox", "am_sk_test_"), ("live", "am_sk_live_")] {
            let keys = result["keys"].as_array().unwrap().iter();
            let fits = |key: &&Value| {
                (&key["organization"], &key["environment"], &key["kind"])
                    == (&organization.into(), &environment.into(), &"secret".into())
            };
            assert!(is_key(&keys.clone().find(fits).unwrap()["key"], start), "{organization} {environment}: {result}");
        }
    }
}

/// A user of the shell gets keys of both environments and of each organization.
#[test]
fn keys_that_serve_prints_work_in_both_environments() {
    let world = CommandFixture::new();
    let mut serve = world.atmn(&["serve", "--port", "0", "--organization", "night-library"]);
    let line = serve.line_with("For keys of Night Library with all scopes, set `");
    let variables = line.split('`').nth(1).unwrap().split(' ').map(|pair| pair.split_once('=').unwrap());
    let variables: Vec<(&str, &str)> = variables.collect();
    for arguments in [&["env"][..], &["env", "-p"]] {
        let mut command = world.command(&["--default-signal"], arguments);
        let done = world.start(command.envs(variables.iter().copied())).end().ok();
        assert!(done.stdout.contains("Night Library"), "{done:?}");
    }
    serve.signal("TERM");
    assert_eq!(serve.end().code, 143);
    let done = world.atmn(&["serve", "--port", "0", "--organization", "unknown"]).end();
    assert!(done.code == 2 && done.stderr.contains("Use one of `copper-kettle`"), "{done:?}");
}
