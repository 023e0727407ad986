//! The one place that prints: data to stdout, talk to stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::text::visible;
use libatmn::{Caller, Error, Language};
use serde_json::{Value, json};

use crate::cli::Global;

#[derive(Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
    quiet: bool,
    pub(crate) verbose: bool,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        Self { json: global.json, quiet: global.quiet, verbose: global.verbose }
    }

    /// Whether a person sees what is printed as data.
    pub(crate) fn is_seen(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a result.
    pub(crate) fn data(&self, text: &str) -> ExitCode {
        finished(writeln!(io::stdout(), "{text}"))
    }

    /// Prints a result as JSON.
    pub(crate) fn data_json(&self, value: &Value) -> ExitCode {
        finished(writeln!(io::stdout(), "{value:#}"))
    }

    /// Prints what a server sent: into a pipe as it is, for a person without what moves a cursor.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> ExitCode {
        if !self.is_seen() {
            return finished(io::stdout().write_all(bytes));
        }
        let text = shown(&String::from_utf8_lossy(bytes).replace("\r\n", "\n"));
        if text.is_empty() { ExitCode::SUCCESS } else { self.data(text.trim_end_matches('\n')) }
    }

    /// Tells a person what happened; nothing with `--quiet` or `--json`.
    pub(crate) fn talk(&self, text: &str) {
        if !self.quiet && !self.json {
            say(&shown(text));
        }
    }

    /// Tells a person what they must have, even with `--quiet`: on a line of its own, so that it can be copied whole.
    pub(crate) fn must(&self, text: &str) {
        if !self.json {
            say(&shown(text));
        }
    }

    /// Tells a program what happens while it waits: one line on stderr, with `--json` only.
    pub(crate) fn event_json(&self, value: &Value) {
        if self.json {
            say(value);
        }
    }

    /// Tells what only `--verbose` asks for.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            say(&shown(text));
        }
    }

    /// Prints a failure and gives its exit code.
    pub(crate) fn failure(&self, error: &Error) -> ExitCode {
        let error = &error.clone().for_caller(&CALLER);
        if self.json {
            say(&json!({ "error": json::failure(error) }));
            return ExitCode::from(error.code.exit_code());
        }
        say(&shown(&format!("error[{}]: {}", error.code.name(), error.message)));
        let hint = error.hint.as_ref().map(ToString::to_string);
        let (cause, skipped) = (error.cause.as_ref().map(ToString::to_string), error.context.get("skipped"));
        for (name, text) in [("cause", cause.as_ref()), ("hint", hint.as_ref()), ("skipped", skipped)] {
            if let Some(text) = text {
                say(&shown(&format!("  {name}: {text}")));
            }
        }
        ExitCode::from(error.code.exit_code())
    }
}

/// Hints name the commands and options of `atmn`.
pub(crate) const CALLER: Caller = Caller::new(Language::Command);

/// A text without what moves a cursor, hides text or turns it round.
fn shown(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\t') { c } else { visible(c) }).collect()
}

/// One line on stderr, in one piece, so that those of several programs do not mix.
fn say(line: &dyn Display) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// A reader that has gone away (`| head`) is no failure to talk about.
fn finished(written: io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.kind() != io::ErrorKind::BrokenPipe {
                let _ = writeln!(io::stderr(), "error: The result could not be printed: {error}.");
            }
            ExitCode::FAILURE
        }
    }
}
