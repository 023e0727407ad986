//! `atmn run`: the key reaches the program through its environment only, and signals and exit code are the program's.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use atmn_tests::project::{LIVE, SANDBOX};

use crate::world::CommandFixture;

fn world() -> CommandFixture {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    world
}

/// The environment of a program, sorted, without what a shell adds.
fn variables(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn program_gets_the_key_and_no_other_change() {
    let world = world();
    for (arguments, key) in [(&["run", "--", "env"][..], SANDBOX), (&["-p", "run", "env"], LIVE)] {
        let done = world.atmn(arguments).end().ok();
        let plain = world.command(&[], &["env"]);
        let given = plain.get_envs().filter_map(|(name, value)| Some((name.to_str()?, value?.to_str()?)));
        let mut expected: Vec<String> = given.map(|(name, value)| format!("{name}={value}")).collect();
        expected.push(format!("AUTUMN_SECRET_KEY={key}"));
        expected.sort();
        assert_eq!(variables(&done.stdout), expected);
        assert_eq!(done.stderr, "");
    }
}

#[test]
fn exit_code_arguments_and_streams_are_those_of_the_program() {
    let world = world();
    for code in [0, 1, 3, 42, 255] {
        let done = world.atmn(&["run", "--", "sh", "-c", &format!("exit {code}")]).end();
        assert_eq!(done.code, code, "{done:?}");
    }
    // Options after the program are its own, and nothing is interpreted twice.
    let done = world.atmn(&["run", "printf", "%s|", "--json", "-p", "a b", "$HOME", "--"]).end().ok();
    assert_eq!(done.stdout.trim_end(), "--json|-p|a b|$HOME|--|");
    let mut cat = world.atmn(&["run", "--", "cat"]);
    cat.feed("typed");
    assert_eq!(cat.end().ok().stdout.trim_end(), "typed");
}

#[test]
fn key_is_in_no_argument_and_no_output() {
    let world = world();
    let script = "tr '\\0' ' ' </proc/$$/cmdline; tr '\\0' ' ' </proc/self/cmdline";
    let done = world.atmn(&["run", "-v", "--", "sh", "-c", script]).end().ok();
    world.assert_no_secret_in(&done);
    assert!(done.stderr.contains("Using the sandbox key from AUTUMN_SECRET_KEY in "), "{done:?}");
}

#[test]
fn program_does_not_start_without_a_key() {
    let world = CommandFixture::new();
    let done = world.atmn(&["run", "--", "touch", "started"]).end();
    assert_eq!(done.code, 4, "{done:?}");
    assert!(done.stderr.contains("error[key_not_found]") && done.stderr.contains("atmn login"), "{done:?}");
    world.assert_untouched();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={LIVE}\n"));
    world.atmn(&["run", "--", "touch", "started"]).end().fails("wrong_environment");
    assert!(!world.project.path("started").exists());
}

#[test]
fn program_that_cannot_run_is_reported_as_by_a_shell() {
    let world = world();
    world.project.write("plain.txt", "text");
    let absent = world.atmn(&["run", "--", "absent-program"]).end();
    assert_eq!(absent.code, 127, "{absent:?}");
    assert!(absent.stderr.contains("Cannot run `absent-program`: it was not found."), "{absent:?}");
    world.project.write("script", "#!/absent/interpreter\n");
    std::fs::set_permissions(world.project.path("script"), std::fs::Permissions::from_mode(0o700)).unwrap();
    let script = world.atmn(&["run", "--", "./script"]).end();
    assert_eq!(script.code, 127, "{script:?}");
    assert!(script.stderr.contains("Cannot run `./script`: its interpreter was not found."), "{script:?}");
    let refused = world.atmn(&["run", "--json", "--", "./plain.txt"]).end();
    assert_eq!(refused.code, 126, "{refused:?}");
    assert!(serde_json::from_str::<serde_json::Value>(&refused.stderr).is_ok(), "{refused:?}");
    let key = world.atmn(&["run", SANDBOX]).end();
    assert!(key.code == 127 && !key.stderr.contains("planted"), "{key:?}");
    assert_eq!(world.atmn(&["run"]).end().code, 2);
}

/// The program has the process of the command, so that each signal reaches it, those included that nothing can catch.
#[test]
fn signals_reach_the_program() {
    let world = world();
    for (signal, code) in [("INT", 7), ("TERM", 8), ("HUP", 9)] {
        let script = format!("trap 'exit {code}' {signal}; echo ready; while :; do read -r line || exit 1; done");
        let mut process = world.atmn(&["run", "--", "sh", "-c", &script]);
        process.line_with("ready");
        process.signal(signal);
        // `read` ends when the input does, after the trap of the signal.
        assert_eq!(process.end().code, code, "{signal}");
    }
    let mut process = world.atmn(&["run", "--", "cat"]);
    process.type_line("started");
    process.line_with("started");
    process.signal("KILL");
    assert_eq!(process.end().code, -1);
}

/// A program that runs below `atmn run` has the default disposition of each signal, as below a shell.
#[test]
fn signal_dispositions_are_the_defaults() {
    let world = world();
    // The C library has signals 32 and 33 for itself, and hides them from programs.
    let of_programs = |line: &str| {
        let (name, mask) = line.split_once(':').unwrap();
        format!("{name} {:x}\n", u64::from_str_radix(mask.trim(), 16).unwrap() & !(0b11 << 31))
    };
    let status = |command: &mut Command| {
        let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
        output.lines().map(of_programs).collect::<String>()
    };
    let below = |words: &[&str]| {
        let mut command = world.command(&["--default-signal"], &["run"]);
        command.args(words);
        status(&mut command)
    };
    let shown = below(&["--", "grep", "^Sig[IBC]", "/proc/self/status"]);
    let mut plain = Command::new("env");
    plain.args(["--default-signal", "grep", "^Sig[IBC]", "/proc/self/status"]);
    assert_eq!(shown, status(&mut plain));
}
