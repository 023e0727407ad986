//! Colours and other styles, and whether stdout and stderr show them.

use std::io::{stderr, stdout};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const DONE: Style = AnsiColor::Green.on_default().bold();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
pub(crate) const STRONG: Style = Style::new().bold();
/// The headings of clap's help.
pub(crate) const STRONG_LINE: Style = Style::new().bold().underline();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const JSON_KEY: Style = AnsiColor::Blue.on_default().bold();
pub(crate) const JSON_TEXT: Style = AnsiColor::Green.on_default();
pub(crate) const JSON_WORD: Style = AnsiColor::Cyan.on_default();

/// Whether stderr shows styles: it is a terminal that knows them, and `NO_COLOR` does not forbid them; or
/// `CLICOLOR_FORCE` demands them.
pub(crate) fn on_stderr() -> bool {
    AutoStream::choice(&stderr()) != ColorChoice::Never
}

/// The same for stdout.
pub(crate) fn on_stdout() -> bool {
    AutoStream::choice(&stdout()) != ColorChoice::Never
}

/// The text in a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
