//! The surface of the shell, read from what `atmn … --help` says.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{lists, surface as sections};

/// The operations that the command has, and where they are. Two of them are one command with a flag.
const COMMANDS: [(&str, &str, &str); 10] = [
    ("classify_key", "key", "--check"),
    ("resolve_key", "key", "--reveal"),
    ("explain_key", "key", "--explain"),
    ("save_keys", "save", ""),
    ("logout", "logout", ""),
    ("login", "login", ""),
    ("begin_login", "login", "--begin"),
    ("complete_login", "login", "--complete"),
    ("whoami", "env", ""),
    ("request", "api", ""),
];

/// Flags by the options that they are.
const FLAGS: [(&str, &str); 15] = [
    ("--prod", "environment"),
    ("--local", "server"),
    ("--dir", "directory"),
    ("--timeout", "timeout"),
    ("--no-browser", "open_browser"),
    ("--force", "force"),
    ("--sandbox-only", "sandbox_only"),
    ("--organization", "organization"),
    ("--allow-tracked", "allow_tracked"),
    ("--no-gitignore", "gitignore"),
    ("--reauth", "reauth"),
    ("--data", "body"),
    ("--header", "headers"),
    ("--query", "query"),
    ("--idempotency-key", "idempotency_key"),
];

pub(crate) fn surface(atmn: &Path) -> Value {
    let (mut operations, mut options) = (Vec::new(), Vec::new());
    for (operation, command, flag) in COMMANDS {
        let help = help(atmn, command);
        if help.is_empty() || !help.contains(flag) {
            continue;
        }
        let known = |flag: &str| help.split([' ', ',', '\n']).any(|word| word == flag);
        let found = FLAGS.iter().filter(|(flag, _)| known(flag)).map(|(_, option)| (*option).to_owned());
        let found: Vec<String> = found.collect();
        options.extend((operation == "request").then(|| ("client".to_owned(), found.clone())));
        options.push((operation.to_owned(), found));
        operations.push(operation);
    }
    sections([("operations", json!(operations)), ("options", lists(options))])
}

/// What a command says of itself; nothing if there is none.
fn help(atmn: &Path, command: &str) -> String {
    let output = Command::new(atmn)
        .args([command, "--help"])
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", atmn.display()));
    if output.status.success() { String::from_utf8_lossy(&output.stdout).into_owned() } else { String::new() }
}
