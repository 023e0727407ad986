//! Everything that the command prints: results to stdout, messages, events and errors to stderr.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::text::visible;
use libatmn::{Caller, Error, ErrorCode, Language};
use serde_json::{Value, json};

use crate::cli::Global;

/// Errors and hints name the commands and options of `atmn`.
pub(crate) const CALLER: Caller = Caller::new(Language::Command);

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

    /// The output for a usage error, when the options are not parsed.
    pub(crate) fn for_usage_error() -> Self {
        let json = std::env::args_os().take_while(|argument| argument != "--").any(|argument| argument == "--json");
        Self { json, quiet: false, verbose: false }
    }

    /// Whether stdout is a terminal, so that a person reads the results.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a result.
    pub(crate) fn data(&self, text: &str) -> ExitCode {
        self.finish(writeln!(io::stdout(), "{text}"))
    }

    /// Prints a result as JSON.
    pub(crate) fn data_json(&self, value: &Value) -> ExitCode {
        self.finish(writeln!(io::stdout(), "{}", escaped(&format!("{value:#}"))))
    }

    /// Prints the bytes of a response: unchanged into a pipe, without control characters in a terminal.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> ExitCode {
        if !self.is_terminal() {
            let mut stdout = io::stdout();
            return self.finish(stdout.write_all(bytes).and_then(|()| stdout.flush()));
        }
        let text = printable(&String::from_utf8_lossy(bytes).replace("\r\n", "\n"));
        if text.is_empty() { ExitCode::SUCCESS } else { self.data(text.trim_end_matches('\n')) }
    }

    /// Prints a message, but not with `--quiet` or `--json`.
    pub(crate) fn message(&self, text: &str) {
        if !self.quiet && !self.json {
            print_line(&printable(text));
        }
    }

    /// Prints a warning, but not with `--quiet` or `--json`.
    pub(crate) fn warning(&self, text: &str) {
        self.message(&format!("Warning: {text}"));
    }

    /// Prints a message that the user needs even with `--quiet`, on its own line so that the user can copy it.
    pub(crate) fn required_message(&self, text: &str) {
        if !self.json {
            print_line(&printable(text));
        }
    }

    /// Prints an event as one line of JSON, with `--json` only.
    pub(crate) fn event_json(&self, value: &Value) {
        if self.json {
            print_line(&escaped(&value.to_string()));
        }
    }

    /// Prints a message with `--verbose` only.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            print_line(&printable(text));
        }
    }

    /// Prints an error and returns its exit code. `--verbose` adds every cause and the context.
    pub(crate) fn failure(&self, error: &Error) -> ExitCode {
        let error = &error.clone().for_caller(&CALLER);
        if self.json {
            print_line(&escaped(&json!({ "error": json::failure(error) }).to_string()));
            return ExitCode::from(error.code.exit_code());
        }
        print_line(&printable(&format!("error[{}]: {}", error.code.name(), error.message)));
        let causes = if self.verbose { usize::MAX } else { 1 };
        for cause in causes_of(error).take(causes) {
            print_line(&printable(&format!("  cause: {cause}")));
        }
        if let Some(hint) = &error.hint {
            print_line(&printable(&format!("  hint: {hint}")));
        }
        for (name, text) in error.context.iter().filter(|(name, _)| self.verbose || **name == "skipped") {
            print_line(&printable(&format!("  {name}: {text}")));
        }
        ExitCode::from(error.code.exit_code())
    }

    /// The exit code after a write to stdout. A closed pipe (`| head`) needs no message.
    fn finish(&self, written: io::Result<()>) -> ExitCode {
        match written {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            Err(error) => {
                self.failure(&Error::new(ErrorCode::FileUnwritable, "Cannot write to stdout.").with_cause(error))
            }
        }
    }
}

/// The cause of an error, the cause of that cause, and so on.
fn causes_of<'a>(error: &'a Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn StdError + 'static)| (*cause).source())
}

/// JSON in which characters that a terminal could interpret, or not show, are escaped; its value is the same.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || visible(c) == c {
            text.push(c);
        } else {
            let units = c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            text.push_str(&units);
        }
    }
    text
}

/// The text without characters that move the cursor, hide text or change its direction.
fn printable(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\t') { c } else { visible(c) }).collect()
}

/// Prints one line to stderr in a single write, so that lines of several processes do not mix.
fn print_line(line: &dyn Display) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}
