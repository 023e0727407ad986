//! The examples do what they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

use std::path::Path;
use std::process::Command;

use atmn_tests::project::{Project, SANDBOX, binary};

#[test]
fn key_shows_the_masked_key_and_its_place() {
    let project = Project::new();
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_key"));
        command.current_dir(project.path("")).env_clear().output().unwrap()
    };
    assert_eq!(run().status.code(), Some(4));
    let _ = project.save().run().ok();
    let output = run();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("am_sk_test_…dbox from AUTUMN_SECRET_KEY in "), "{text}");
    assert!(!text.contains(SANDBOX));
}

/// Waits for the demo's end; both ways of having no browser are gone through at once.
#[test]
fn the_demo_ends_by_itself_and_shows_no_key() {
    let demo = Path::new(env!("CARGO_BIN_EXE_demo"));
    // The demo runs the command that lies beside it.
    let folder = tempfile::tempdir().unwrap();
    for (from, name) in [(demo, "demo"), (binary(), "atmn")] {
        std::fs::copy(from, folder.path().join(name)).unwrap();
    }
    for (name, value) in [("CI", "1"), ("BROWSER", "false")] {
        let mut command = Command::new(folder.path().join("demo"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder.path()).env(name, value);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        assert!(
            text.contains("Logged in to Night Library") && text.contains("AUTUMN_SECRET_KEY=am_sk_test_…"),
            "{text}"
        );
        let keys = text.split("am_sk_").skip(1).map(|rest| rest.split_whitespace().next().unwrap_or_default());
        assert!(keys.filter(|key| !key.contains('…')).count() == 0, "a whole key: {text}");
    }
}
