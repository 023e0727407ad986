//! Logs in, and shows which organization's keys are now in `.env`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // this is a program, not a library

use std::process::ExitCode;

use libatmn::{Cancel, LoginOptions, Result, blocking, terminal_listener};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error} {}", error.hint.as_ref().map(ToString::to_string).unwrap_or_default());
            ExitCode::from(error.code.exit_code())
        }
    }
}

fn run() -> Result<()> {
    // Prints the login URL before a browser opens. Keys that still work are kept.
    let mut listener = terminal_listener(std::io::stderr());
    let result = blocking::login(&LoginOptions::default(), Some(&mut listener), &Cancel::new())?;
    let organization = result.organization.map_or_else(|| "an organization".to_owned(), |found| found.name);
    for key in &result.keys {
        println!("{key} of {organization}"); // masked
    }
    Ok(())
}
