//! The surface of the command, from `atmn … --help`.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{lists, object_of};
use crate::shell::COMMANDS;

/// Each flag with its option.
const FLAGS: [(&str, &str); 18] = [
    ("--prod", "environment"),
    ("--local", "server"),
    ("--dir", "directory"),
    ("--file", "file"),
    ("--timeout", "timeout"),
    ("--retries", "retries"),
    ("--no-browser", "open_browser"),
    ("--force", "force"),
    ("--sandbox-only", "sandbox_only"),
    ("--organization", "organization"),
    ("--allow-tracked", "allow_tracked"),
    ("--no-gitignore", "gitignore"),
    ("--scopes", "scopes"),
    ("--reauth", "reauth"),
    ("--data", "body"),
    ("--header", "headers"),
    ("--query", "query"),
    ("--idempotency-key", "idempotency_key"),
];

pub(crate) fn surface(atmn: &Path) -> Value {
    let (mut operations, mut options) = (Vec::new(), Vec::new());
    for (operation, words) in COMMANDS {
        let command = words[0];
        let help = help(atmn, command);
        if help.is_empty() || !words[1..].iter().all(|flag| help.contains(flag)) {
            continue;
        }
        let known = |flag: &str| help.split([' ', ',', '\n']).any(|word| word == flag);
        let found = FLAGS.iter().filter(|(flag, _)| known(flag)).map(|(_, option)| match *option {
            "timeout" if command == "login" => "login_timeout".to_owned(),
            option => option.to_owned(),
        });
        let found: Vec<String> = found.collect();
        options.extend((operation == "request").then(|| ("client".to_owned(), found.clone())));
        options.push((operation.to_owned(), found));
        operations.push(operation);
    }
    object_of([("operations", json!(operations)), ("options", lists(options))])
}

/// The help text of a command; empty if there is no such command.
fn help(atmn: &Path, command: &str) -> String {
    let output = Command::new(atmn)
        .args([command, "--help"])
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", atmn.display()));
    if output.status.success() { String::from_utf8_lossy(&output.stdout).into_owned() } else { String::new() }
}
