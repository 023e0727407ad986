//! Finds the key in force and says where it came from.
#![allow(clippy::print_stdout, clippy::print_stderr)] // it is a program

use std::process::ExitCode;

use libatmn::{Environment, ResolveOptions, resolve_key};

fn main() -> ExitCode {
    let options = ResolveOptions { environment: Some(Environment::Sandbox), ..ResolveOptions::default() };
    match resolve_key(&options) {
        Ok(found) => {
            // The key shows itself masked; `found.key.reveal()` is the text.
            println!("{} from {}", found.key, found.source);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error} {}", error.hint.as_ref().map(ToString::to_string).unwrap_or_default());
            ExitCode::from(error.code.exit_code())
        }
    }
}
