//! The `atmn` command: the operations of libatmn for people and scripts.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 wrong use, 4 somebody has to log in;
//! 129, 130 and 143 where a signal ended it.

mod api;
mod cli;
mod crash;
mod signals;
mod env;
mod key;
mod login;
mod logout;
mod output;
mod save;
mod serve;
mod terminal;
mod progress;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Cli, Command, Deferred};
use output::Output;

/// The definition of the command line, from which completions and the man pages are generated.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    crash::guard(|| run(&Cli::parse()))
}

/// Runs `work` as [`main`] does: a panic ends in one sentence and exit code 1, without a backtrace.
#[doc(hidden)]
#[must_use]
pub fn guard(work: impl FnOnce() -> ExitCode + std::panic::UnwindSafe) -> ExitCode {
    crash::guard(work)
}

fn run(cli: &Cli) -> ExitCode {
    let output = Output::new(&cli.global);
    let result = match &cli.command {
        Command::Login(Deferred(arguments)) => login::run(arguments, &cli.global, &output),
        Command::Env => env::run(&cli.global, &output),
        Command::Key(Deferred(arguments)) => key::run(arguments, &cli.global, &output),
        Command::Save(Deferred(arguments)) => save::run(arguments, &cli.global, &output),
        Command::Logout => logout::run(&cli.global, &output),
        Command::Api(Deferred(arguments)) => api::run(arguments, &cli.global, &output),
        Command::Serve(Deferred(arguments)) => serve::run(arguments, &output),
    };
    match result {
        Ok(code) => code,
        Err(error) => output.failure(&error),
    }
}
