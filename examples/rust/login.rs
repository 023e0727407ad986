//! Logs in, and says whose keys are in `.env` now.
#![allow(clippy::print_stdout, clippy::print_stderr)] // it is a program

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
    // Shows the address, whether or not a browser opens; keys that still work are kept.
    let mut listener = terminal_listener(std::io::stderr());
    let done = blocking::login(&LoginOptions::default(), Some(&mut listener), &Cancel::new())?;
    let whose = done.organization.map_or_else(|| "an organization".to_owned(), |organization| organization.name);
    for key in &done.keys {
        println!("{key} of {whose}"); // masked
    }
    Ok(())
}
