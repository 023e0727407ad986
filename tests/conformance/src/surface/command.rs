//! The surface of the command, from its definition.

use clap::{Arg, Command};
use serde_json::{Value, json};

use super::{lists, object_of};
use crate::shell::COMMANDS;

/// Each flag with its option.
const FLAGS: &[(&str, &str)] = &[
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
    ("--offline", "offline"),
    ("--reauth", "reauth"),
    ("--data", "body"),
    ("--header", "headers"),
    ("--query", "query"),
    ("--idempotency-key", "idempotency_key"),
];

pub(crate) fn surface() -> Value {
    let (mut operations, mut options) = (Vec::new(), Vec::new());
    let mut atmn = atmn_cli::command();
    // Gives each command the global options.
    atmn.build();
    for &(operation, words) in COMMANDS {
        let Some(command) = atmn.find_subcommand(words[0]) else { continue };
        if !words[1..].iter().all(|flag| has(command, flag)) {
            continue;
        }
        let found = FLAGS.iter().filter(|(flag, _)| has(command, flag)).map(|(_, option)| match *option {
            "timeout" if words[0] == "login" => "login_timeout".to_owned(),
            option => option.to_owned(),
        });
        let found: Vec<String> = found.collect();
        options.extend((operation == "request").then(|| ("client".to_owned(), found.clone())));
        options.push((operation.to_owned(), found));
        operations.push(operation);
    }
    object_of([("operations", json!(operations)), ("options", lists(options))])
}

/// Whether the help of a command shows a flag.
fn has(command: &Command, flag: &str) -> bool {
    let mut shown = command.get_arguments().filter(|argument| !argument.is_hide_set()).filter_map(Arg::get_long);
    shown.any(|name| flag.strip_prefix("--") == Some(name))
}
