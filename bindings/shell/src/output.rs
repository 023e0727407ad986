//! Everything that the command prints: results to stdout, messages, events and errors to stderr.

use std::error::Error as _;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::Style;
use libatmn::__internal::json;
use libatmn::__internal::text::visible;
use libatmn::{Caller, Check, CheckOutcome, Error, ErrorCode, Event, EventCode, Language};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::pretty::pretty;
use crate::program::{self, named, named_json};
use crate::screen::{self, Waiting};
use crate::slow_file;
use crate::style::{self, paint};

/// The exit code with which shells report a process that SIGPIPE ended. Rust programs ignore this signal.
const CLOSED_PIPE: u8 = 141;

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
        let json =
            program::arguments().iter().take_while(|argument| *argument != "--").any(|argument| argument == "--json");
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

    /// Prints a result whose lines are a name and a value.
    pub(crate) fn table(&self, text: &str) -> ExitCode {
        self.lines(text, 14)
    }

    /// Prints a result whose lines, in a terminal, break between words and go on at the column `indent`.
    pub(crate) fn lines(&self, text: &str, indent: usize) -> ExitCode {
        self.data(&screen::wrapped_data(text, indent))
    }

    /// Prints a result as JSON.
    pub(crate) fn data_json(&self, value: &Value) -> ExitCode {
        self.finish(writeln!(io::stdout(), "{}", escaped(&format!("{:#}", named_json(value.clone())))))
    }

    /// Prints bytes unchanged.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> ExitCode {
        let mut stdout = io::stdout();
        self.finish(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    /// Prints a response: unchanged into a pipe. In a terminal JSON is indented and coloured, and other text is without
    /// control characters.
    pub(crate) fn response(&self, head: &str, body: &[u8]) -> ExitCode {
        if !self.is_terminal() {
            return self.bytes(&[head.as_bytes(), body].concat());
        }
        let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
        let text = pretty(&escaped(&text), style::on_stdout()).unwrap_or_else(|| printable(&text));
        let text = format!("{}{text}", printable(head));
        if text.is_empty() { ExitCode::SUCCESS } else { self.data(text.trim_end_matches('\n')) }
    }

    /// Prints a message, but not with `--quiet` or `--json`.
    pub(crate) fn message(&self, text: &str) {
        if !self.quiet && !self.json {
            print_text("", style::STRONG, text);
        }
    }

    /// Prints a warning, but not with `--quiet` or `--json`.
    pub(crate) fn warning(&self, text: &str) {
        if !self.quiet && !self.json {
            print_text("Warning:", style::WARNING, text);
        }
    }

    /// Prints a title, in a terminal that shows styles.
    pub(crate) fn title(&self, text: &str) {
        if !self.quiet && !self.json {
            print_text(text, style::STRONG, "");
        }
    }

    /// Prints a step that is done: with a mark where the terminal shows symbols.
    pub(crate) fn done(&self, text: &str) {
        match (self.quiet || self.json, screen::is_rich()) {
            (true, _) => {}
            (false, true) => print_text("✓", style::DONE, text.trim_end_matches('.')),
            (false, false) => print_text("", style::DONE, text),
        }
    }

    /// Whether messages appear in a terminal that shows symbols and links.
    pub(crate) fn is_rich(&self) -> bool {
        !self.quiet && !self.json && screen::is_rich()
    }

    /// Shows what the command waits for, in a terminal that can remove the line again. An empty text removes it.
    pub(crate) fn status(&self, text: &str) {
        if self.is_rich() {
            screen::show_status(text);
        }
    }

    /// Says in a terminal which server the command waits for, once that takes longer than half a second.
    pub(crate) fn contacting(&self, server: &str) -> Waiting {
        let host = server.split_once("://").map_or(server, |(_, host)| host);
        let message = format!("Contacting {host} …");
        if self.quiet || self.json { Waiting::silent() } else { Waiting::start(|| message) }
    }

    /// The same for a login: with `--json`, an event says it.
    pub(crate) fn contacting_for_login(self, server: &str) -> Waiting {
        if !self.json {
            return self.contacting(server);
        }
        let message = format!("Waiting for {server} to respond …");
        let event = Event::new(EventCode::Hint, message).with("server", server);
        Waiting::tell(move || self.event_json(&json::event(&event)))
    }

    /// Says in a terminal which file the command waits for, once that takes longer than half a second.
    pub(crate) fn finding_key(&self, directory: Option<PathBuf>) -> Waiting {
        if self.quiet || self.json { Waiting::silent() } else { Waiting::start(|| slow_file::message(directory)) }
    }

    /// Prints a command that the user can copy, on its own line and whole, but not with `--quiet` or `--json`.
    pub(crate) fn command(&self, command: &str) {
        if !self.quiet && !self.json {
            screen::print(&format!("  {}", printable(command)));
        }
    }

    /// Prints a message that the user needs even with `--quiet`, on its own line and whole, so that the user can copy it.
    pub(crate) fn required_message(&self, text: &str) {
        if !self.json {
            let text = printable(&named(text));
            screen::print(&if style::on_stderr() { paint(style::STRONG, &text) } else { text });
        }
    }

    /// Asks the terminal to copy a text (OSC 52).
    pub(crate) fn copy(&self, text: &str) {
        if self.is_rich() {
            screen::control(&format!("\u{1b}]52;c;{}\u{1b}\\", base64(text.as_bytes())));
        }
    }

    /// Prints a link with a short text, in a terminal that shows links (OSC 8).
    pub(crate) fn link(&self, url: &str, text: &str) {
        let (url, text) = (printable(url), printable(text));
        let text = if style::on_stderr() { paint(style::STRONG, &text) } else { text };
        screen::print(&format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"));
    }

    /// Prints a check: its outcome, what it is about, a message, and a hint.
    pub(crate) fn check(&self, check: &Check) -> ExitCode {
        let Check { subject, outcome, message, hint } = check;
        let style = match outcome {
            CheckOutcome::Ok => style::DONE,
            CheckOutcome::Warning => style::WARNING,
            CheckOutcome::Failed => style::ERROR,
        };
        let (outcome, subject) = (outcome.name(), subject.name().replace('_', " "));
        let message = printable(&named(message));
        let mut lines = screen::wrapped_data(&format!("{outcome:<8} {subject:<13} {message}"), 23);
        if let Some(hint) = hint {
            let hint = format!("         hint: {}", printable(&named(&hint.to_string())));
            lines.push_str(&format!("\n{}", screen::wrapped_data(&hint, 15)));
        }
        let styled = style::on_stdout();
        self.data(&if styled { lines.replacen(outcome, &paint(style, outcome), 1) } else { lines })
    }

    /// Prints an event as one line of JSON, with `--json` only.
    pub(crate) fn event_json(&self, value: &Value) {
        if self.json {
            screen::print(&escaped(&named_json(value.clone()).to_string()));
        }
    }

    /// Prints a message with `--verbose` only; with `--json`, as an event.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose && self.json {
            self.event_json(&json::event(&Event::new(EventCode::Hint, text)));
        } else if self.verbose {
            print_text("", style::FAINT, text);
        }
    }

    /// Prints an error and returns its exit code. `--verbose` adds every cause and the context.
    pub(crate) fn failure(&self, error: &Error) -> ExitCode {
        screen::show_status("");
        let error = &error.clone().for_caller(&CALLER);
        if self.json {
            screen::print(&escaped(&named_json(json!({ "error": json::failure(error) })).to_string()));
            return ExitCode::from(error.code.exit_code());
        }
        print_text(&format!("error[{}]:", error.code.name()), style::ERROR, &error.message);
        let causes = if self.verbose { usize::MAX } else { 1 };
        for cause in causes_of(error).take(causes) {
            print_text("  cause:", style::FAINT, &cause.to_string());
        }
        if let Some(hint) = &error.hint {
            print_text("  hint:", style::HINT, &hint.to_string());
        }
        for (name, text) in error.context.iter().filter(|(name, _)| self.verbose || **name == "skipped") {
            print_text(&format!("  {name}:"), style::FAINT, text);
        }
        ExitCode::from(error.code.exit_code())
    }

    /// The exit code after a write to stdout. A closed pipe (`| head`) needs no message.
    fn finish(&self, written: io::Result<()>) -> ExitCode {
        match written {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(CLOSED_PIPE),
            Err(error) => {
                self.failure(&Error::new(ErrorCode::FileUnwritable, "Cannot write to stdout.").with_cause(error))
            }
        }
    }
}

/// Base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(*chunk.get(at).unwrap_or(&0)));
        let used = chunk.len();
        (0..4).map(move |at| if at > used { '=' } else { char::from(DIGITS[bits >> (18 - 6 * at) & 63]) })
    };
    bytes.chunks(3).flat_map(group).collect()
}

/// The cause of an error, the cause of that cause, and so on.
fn causes_of<'a>(error: &'a Error) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn std::error::Error + 'static)| (*cause).source())
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

/// Prints a text after a label to stderr. The label has the style; the text breaks between words.
fn print_text(label: &str, style: Style, text: &str) {
    let indent = if label.starts_with(' ') { 4 } else { 2 };
    let text = &named(text);
    let text = if label.is_empty() { printable(text) } else { format!("{label} {}", printable(text)) };
    let text = text.trim_end();
    let text = screen::wrapped(text, if label.is_empty() { 0 } else { indent });
    let styled = !label.is_empty() && style::on_stderr();
    screen::print(&if styled { text.replacen(label, &paint(style, label), 1) } else { text });
}
