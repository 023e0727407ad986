//! The examples do what they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

use std::process::Command;

use atmn_tests::project::{Project, SANDBOX};

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
