//! `atmn run`

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use libatmn::{Environment, Error, ErrorCode, ResolveOptions, Result, resolve_key};

use crate::cli::{Global, RunArguments};
use crate::output::Output;

/// The exit codes of shells and of env(1) for a program that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_RUNNABLE: u8 = 126;
const CHECK_NAME: &str = "Check the name of the program and `PATH`.";

pub(crate) fn run(arguments: &RunArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let options = ResolveOptions {
        environment: Some(global.environment()),
        directory: global.dir.clone(),
        ..ResolveOptions::default()
    };
    let waiting = output.finding_key(options.directory.clone());
    let found = resolve_key(&options)?;
    drop(waiting);
    found.skipped.iter().for_each(|location| output.warning(&format!("Skipped: {location}.")));
    output.detail(&format!("Using the {} key from {}.", found.key.environment().name(), found.source));
    let Some((program, rest)) = arguments.command.split_first() else { return Ok(ExitCode::FAILURE) };
    let mut command = Command::new(program);
    // Programs read this variable, for a sandbox key and for a live key.
    command.args(rest).env(Environment::Sandbox.variable(), found.key.reveal());
    match system::run(command) {
        Ok(code) => Ok(code),
        Err(error) => Ok(not_started(program, error, output)),
    }
}

/// Reports that the program did not start. Its name may be text that was never meant to be a name, so a key in it is not
/// shown.
fn not_started(program: &OsStr, error: io::Error, output: &Output) -> ExitCode {
    let name = program.display().to_string();
    let name = if crate::usage::is_key(&name) { "the program".to_owned() } else { format!("`{name}`") };
    let is_file = program.as_encoded_bytes().contains(&b'/') && Path::new(program).is_file();
    let (code, reason, hint) = match error.kind() {
        io::ErrorKind::NotFound if is_file => {
            (NOT_FOUND, ": its interpreter was not found", "Check the first line of the file.")
        }
        io::ErrorKind::NotFound => (NOT_FOUND, ": it was not found", CHECK_NAME),
        _ => (NOT_RUNNABLE, "", CHECK_NAME),
    };
    let failure = Error::new(ErrorCode::FileUnreadable, format!("Cannot run {name}{reason}.")).with_hint(hint);
    let _ = output.failure(&failure.with_cause(error));
    ExitCode::from(code)
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, ExitCode};

    /// Replaces this process, so that signals, terminal and exit status are those of the program.
    pub(super) fn run(mut command: Command) -> io::Result<ExitCode> {
        Err(command.exec())
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;
    use std::process::{Child, Command, ExitCode};

    /// Starts the program and waits for it. Ctrl-C reaches both processes, and the program decides what it means.
    pub(super) fn run(mut command: Command) -> io::Result<ExitCode> {
        let _ = ctrlc::set_handler(|| {});
        let status = start(&mut command)?.wait()?;
        // Windows has exit codes of 32 bits; the code of a process is passed on unchanged.
        match status.code() {
            Some(code) => std::process::exit(code),
            None => Ok(ExitCode::FAILURE),
        }
    }

    /// Starts the program. Package managers install scripts such as `npm.cmd`, which the system finds only by their whole
    /// name.
    fn start(command: &mut Command) -> io::Result<Child> {
        let missing = match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => error,
            result => return result,
        };
        let script = |extension: &str| {
            let mut name = command.get_program().to_owned();
            name.push(extension);
            let mut script = Command::new(name);
            script.args(command.get_args());
            script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            script.spawn().ok()
        };
        [".cmd", ".bat"].into_iter().find_map(script).ok_or(missing)
    }
}
