//! Colours and other styles, and whether stdout and stderr show them.

use std::io::{IsTerminal, stderr, stdout};
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use libatmn::Host;

use crate::screen;

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
    shows_styles(AutoStream::choice(&stderr()), stderr().is_terminal())
}

/// The same for stdout.
pub(crate) fn on_stdout() -> bool {
    shows_styles(AutoStream::choice(&stdout()), stdout().is_terminal())
}

/// The choice of the crate, which takes `CLICOLOR_FORCE=0` for a demand, although it is none
/// (<https://bixense.com/clicolors/>).
fn shows_styles(choice: ColorChoice, is_terminal: bool) -> bool {
    static WITHOUT_DEMAND: OnceLock<Option<bool>> = OnceLock::new();
    let without_demand = WITHOUT_DEMAND.get_or_init(|| {
        let host = Host::current();
        let is_zero = |name: &str| host.var(name).is_some_and(|value| value == "0");
        is_zero("CLICOLOR_FORCE").then(|| !is_zero("CLICOLOR") && screen::knows_controls(&host))
    });
    choice != ColorChoice::Never && without_demand.is_none_or(|knows_styles| is_terminal && knows_styles)
}

/// The text in a style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
