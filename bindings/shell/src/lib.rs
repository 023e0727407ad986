//! The `atmn` command: the operations of libatmn for people and scripts.
//!
//! Results go to stdout, messages to stderr. Exit codes: 0 success, 1 failed, 2 usage error, 4 login required; 129, 130
//! and 143 after SIGHUP, SIGINT and SIGTERM; 141 if the reader of stdout has closed the pipe.

#![forbid(unsafe_code)]
// A call takes the environment as a `Host`.
#![warn(clippy::disallowed_methods)]

mod api;
mod api_pages;
mod api_request;
mod arguments;
mod cli;
mod completions;
mod doctor;
mod env;
mod events;
mod help;
mod hidden;
mod key;
mod login;
mod logout;
mod open;
mod options;
mod output;
mod panics;
mod pretty;
mod program;
mod qr;
mod run;
mod save;
mod screen;
mod serve;
mod signals;
mod slow_file;
mod stdin;
mod style;
mod terminal;
mod usage;
mod used;
mod verify;

use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use serde_json::json;

use cli::{Cli, Command, Deferred};
use output::Output;

pub use program::CommandLine;

/// The script that completes commands, options and values in a shell.
#[doc(hidden)]
pub use completions::script as completion_script;
/// The sections after the options in `atmn --help`, from which the man page is generated too.
#[doc(hidden)]
pub use help::{SECTIONS, Section, examples_of};

/// The definition of the command line, from which completions and man pages are generated.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command for a program that has another name. Its streams, working directory and environment are those of the
/// process, and so are its signals: their dispositions must be those that a new process has. Returns the exit code, unless
/// `atmn run` replaces the process.
#[must_use]
pub fn call(program: CommandLine) -> u8 {
    program::set(program);
    let code = main();
    // No runtime does this at the end of a process whose `main` is not in Rust. What could not be written was reported.
    let _ = std::io::stdout().flush();
    // `ExitCode` has no conversion into a number.
    (0..=u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap_or(1)
}

/// Runs the command with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    keep_memory_private();
    panics::guard(|| match Cli::try_parse_from(arguments::of_process()) {
        Ok(cli) => run(&cli),
        Err(refused) if is_help(&refused) => print_help(&refused),
        Err(refused) => Output::for_usage_error().failure(&usage::error(&refused)),
    })
}

/// Keeps keys, OAuth state and PKCE verifier out of core dumps and from debuggers of other programs (prctl(2),
/// `PR_SET_DUMPABLE`). Child processes are not affected. The library leaves this to its host program.
#[cfg(target_os = "linux")]
fn keep_memory_private() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // Only a sandbox that forbids prctl refuses it, and the command is as useful there.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

#[cfg(not(target_os = "linux"))]
fn keep_memory_private() {}

/// Runs `work` as [`main`] does: a panic ends in one error and exit code 1, without a backtrace.
#[doc(hidden)]
#[must_use]
pub fn guard(work: impl FnOnce() -> ExitCode + std::panic::UnwindSafe) -> ExitCode {
    panics::guard(work)
}

/// Whether clap prints the help or the version instead of an error.
fn is_help(refused: &clap::Error) -> bool {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    matches!(refused.kind(), DisplayHelp | DisplayHelpOnMissingArgumentOrSubcommand | DisplayVersion)
}

/// Prints the help, or the version, which is JSON with `--json`. Without a command, the help is an error and goes to
/// stderr.
fn print_help(refused: &clap::Error) -> ExitCode {
    let text = |is_styled| match is_styled {
        true => refused.render().ansi().to_string(),
        false => refused.render().to_string(),
    };
    let output = Output::for_usage_error();
    match refused.exit_code() {
        0 if output.json && refused.kind() == ErrorKind::DisplayVersion => {
            output.data_json(&json!({ "version": env!("CARGO_PKG_VERSION") }))
        }
        0 => output.bytes(text(style::on_stdout()).as_bytes()),
        code => {
            screen::print(text(style::on_stderr()).trim_end());
            ExitCode::from(u8::try_from(code).unwrap_or(2))
        }
    }
}

fn run(cli: &Cli) -> ExitCode {
    if cli.global.server().is_some() {
        program::use_local_server();
    }
    let output = Output::new(&cli.global);
    if let Err(error) = options::check(cli) {
        return output.failure(&error);
    }
    let result = match &cli.command {
        Command::Login(Deferred(arguments)) => login::run(arguments, &cli.global, &output),
        Command::Env(_) => env::run(&cli.global, &output),
        Command::Key(Deferred(arguments)) => key::run(arguments, &cli.global, &output),
        Command::Save(Deferred(arguments)) => save::run(arguments, &cli.global, &output),
        Command::Logout(Deferred(arguments)) => logout::run(arguments, &cli.global, &output),
        Command::Run(Deferred(arguments)) => run::run(arguments, &cli.global, &output),
        Command::Api(Deferred(arguments)) => api::run(arguments, &cli.global, &output),
        Command::Open(Deferred(arguments)) => open::run(arguments, &cli.global, &output),
        Command::Doctor(Deferred(arguments)) => doctor::run(arguments, &cli.global, &output),
        Command::Completions(Deferred(arguments)) => Ok(completions::run(arguments, &output)),
        Command::Serve(Deferred(arguments)) => serve::run(arguments, &output),
    };
    match result {
        Ok(code) => code,
        Err(error) => output.failure(&error),
    }
}
