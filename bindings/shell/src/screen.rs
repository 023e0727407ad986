//! The lines that the command writes to stderr, and the status line below them while it waits.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use libatmn::Host;

/// What takes less time than this needs no message.
const PATIENCE: Duration = Duration::from_millis(500);

/// The status line that is on the screen; empty if there is none.
static STATUS: Mutex<String> = Mutex::new(String::new());

/// Whether stderr is a terminal that shows symbols, links and a status line. `ACCESSIBLE` asks for plain lines, which a
/// screen reader reads once.
pub(crate) fn is_rich() -> bool {
    static RICH: OnceLock<bool> = OnceLock::new();
    *RICH.get_or_init(|| {
        let host = Host::current();
        let is_set = |name: &str| host.var(name).is_some_and(|value| !matches!(value.to_str(), Some("" | "0")));
        stderr().is_terminal() && knows_controls(&host) && !is_set("ACCESSIBLE")
    })
}

/// Whether a terminal interprets control sequences.
pub(crate) fn knows_controls(host: &Host) -> bool {
    cfg!(windows) || host.var("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// Prints lines in a single write, so that lines of several processes do not mix. The status line stays below them.
pub(crate) fn print(lines: &str) {
    let status = STATUS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = if status.is_empty() { format!("{lines}\n") } else { format!("\r\u{1b}[K{lines}\n{status}") };
    let _ = stderr().write_all(text.as_bytes());
}

/// Sends a control sequence that moves nothing on the screen.
pub(crate) fn control(sequence: &str) {
    let _ = stderr().write_all(sequence.as_bytes());
}

/// Shows a status line, in a terminal that can remove it again. An empty one removes it.
pub(crate) fn show_status(text: &str) {
    if !is_rich() {
        return;
    }
    let mut status = STATUS.lock().unwrap_or_else(PoisonError::into_inner);
    let text: String = text.chars().take(width().map_or(79, |width| width - 1)).collect();
    if *status != text {
        let _ = stderr().write_all(format!("\r\u{1b}[K{text}").as_bytes());
        *status = text;
    }
}

/// The width of the terminal; `None` elsewhere.
pub(crate) fn width() -> Option<usize> {
    if !stderr().is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(stderr()).map(|(width, _)| usize::from(width.0))
}

/// The height of the terminal; `None` elsewhere.
pub(crate) fn height() -> Option<usize> {
    if !stderr().is_terminal() {
        return None;
    }
    terminal_size::terminal_size_of(stderr()).map(|(_, height)| usize::from(height.0))
}

/// The width of the help: that of the terminal, or the one that clap takes elsewhere.
pub(crate) fn help_width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0).max(20))
}

/// The text, broken between words where the terminal ends. A word that is longer than a line, such as a URL, stays whole,
/// so that it can be copied. Lines after the first begin with `indent` spaces.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    match width() {
        Some(width) => wrapped_to(text, indent, width.max(20)),
        None => text.to_owned(),
    }
}

/// The same for stdout.
pub(crate) fn wrapped_data(text: &str, indent: usize) -> String {
    let width = stdout().is_terminal().then(|| terminal_size::terminal_size_of(stdout())).flatten();
    width.map_or_else(|| text.to_owned(), |(width, _)| wrapped_to(text, indent, usize::from(width.0).max(20)))
}

/// The same for this width.
pub(crate) fn wrapped_to(text: &str, indent: usize, width: usize) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| wrapped_line(line, indent, width)).collect();
    lines.join("\n")
}

fn wrapped_line(line: &str, indent: usize, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let (mut text, mut column) = (String::with_capacity(line.len() + 16), 0);
    for word in units(line) {
        let length = word.trim_end().chars().count();
        if column > indent && column + length > width {
            text.truncate(text.trim_end().len());
            let _ = write!(text, "\n{:indent$}", "");
            column = indent;
        }
        text.push_str(word);
        column += word.chars().count();
    }
    text.truncate(text.trim_end().len());
    text
}

/// The parts of a line between which it can break: words with the blank after them. Text between backticks is one part,
/// because it can be a command to copy.
fn units(line: &str) -> impl Iterator<Item = &str> {
    // The last one of an odd number opens nothing.
    let (mut left, mut is_inside) = (line.matches('`').count() / 2 * 2, false);
    line.split_inclusive(move |c| {
        if c == '`' && left > 0 {
            left -= 1;
            is_inside = !is_inside;
        }
        c == ' ' && !is_inside
    })
}

/// Says what the command waits for, once that takes long. Ends when it is dropped.
pub(crate) struct Waiting(Option<Arc<(Mutex<bool>, Condvar)>>);

impl Waiting {
    /// In a terminal, shows a text after half a second; elsewhere nothing.
    pub(crate) fn start(text: impl FnOnce() -> String + Send + 'static) -> Self {
        if !stderr().is_terminal() {
            return Self(None);
        }
        Self::tell(move || match is_rich() {
            true => show_status(&text()),
            false => print(&text()),
        })
    }

    /// Calls a function after half a second.
    pub(crate) fn tell(tell: impl FnOnce() + Send + 'static) -> Self {
        let state = Arc::<(Mutex<bool>, Condvar)>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            let (ended, changed) = &*shared;
            let guard = ended.lock().unwrap_or_else(PoisonError::into_inner);
            let result = changed.wait_timeout_while(guard, PATIENCE, |ended| !*ended);
            // The lock is held, so that nothing is shown after the end.
            let (guard, _) = result.unwrap_or_else(PoisonError::into_inner);
            if !*guard {
                tell();
            }
        });
        Self(Some(state))
    }

    /// Shows nothing.
    pub(crate) fn silent() -> Self {
        Self(None)
    }

    /// The wait is over.
    pub(crate) fn end(&self) {
        let Some(state) = &self.0 else { return };
        let mut ended = state.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !*ended {
            *ended = true;
            state.1.notify_all();
            show_status("");
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let text = "  hint: Write the path of a readable file after `@`.";
        assert_eq!(wrapped_to(text, 4, 30), "  hint: Write the path of a\n    readable file after `@`.");
        assert_eq!(wrapped_to(text, 4, 200), text);
        let url = format!("See https://example.com/{} now", "x".repeat(60));
        assert_eq!(wrapped_to(&url, 2, 40), url.replace(' ', "\n  "));
        assert_eq!(wrapped_to("one\ntwo", 0, 3), "one\ntwo");
        let command = "`ssh -p 2222 -L 31448:localhost:31448 ada@192.0.2.7`";
        let hint = format!("First run this command there: {command}, then log in.");
        assert_eq!(wrapped_to(&hint, 2, 40), format!("First run this command there:\n  {command},\n  then log in."));
        assert_eq!(wrapped_to("one ` two three", 0, 9), "one ` two\nthree");
        for width in [20, 40, 80, 200] {
            let lines = wrapped_to(text, 4, width);
            assert!(lines.lines().all(|line| line.chars().count() <= width), "{width}: {lines}");
            assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        }
    }
}
