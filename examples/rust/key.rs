//! Finds the active key and shows where it came from.
#![allow(clippy::print_stdout, clippy::print_stderr)] // this is a program, not a library

use std::process::ExitCode;

use libatmn::{Environment, ResolveOptions, resolve_key};

fn main() -> ExitCode {
    let options = ResolveOptions { environment: Some(Environment::Sandbox), ..ResolveOptions::default() };
    match resolve_key(&options) {
        Ok(found) => {
            // Prints the masked key; `found.key.reveal()` returns the text.
            println!("{} from {}", found.key, found.source);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error} {}", error.hint.as_ref().map(ToString::to_string).unwrap_or_default());
            ExitCode::from(error.code.exit_code())
        }
    }
}
