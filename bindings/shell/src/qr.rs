//! A QR code of the login URL, for a browser on another device.

use anstyle::{Ansi256Color, Style};
use qrcode::{Color, EcLevel, QrCode};

use crate::output::Output;
use crate::screen;
use crate::style::{self, paint};

/// The light border that scanners need, in modules (ISO/IEC 18004, 6.3.8).
const BORDER: usize = 4;
/// The lines that a login prints below the code, which must not push its first lines off the screen.
const LINES_BELOW: usize = 4;
/// Black on white, independent of the colours of the terminal.
const BLACK_ON_WHITE: Style =
    Style::new().fg_color(Some(anstyle::Color::Ansi256(Ansi256Color(16)))).bg_color(Some(WHITE));
const WHITE: anstyle::Color = anstyle::Color::Ansi256(Ansi256Color(231));

/// Prints the code to stderr, or how large the terminal must be.
pub(crate) fn print(url: &str, output: &Output) {
    let Ok(code) = QrCode::with_error_correction_level(url, EcLevel::L) else {
        return output.warning("the login URL is too long for a QR code.");
    };
    let columns = code.width() + 2 * BORDER;
    let needed = (columns, columns.div_ceil(2) + LINES_BELOW);
    match screen::width().zip(screen::height()) {
        Some(size) if size.0 < needed.0 || size.1 < needed.1 => output.warning(&too_small(needed, size)),
        _ => lines(&code, style::on_stderr()).iter().for_each(|line| screen::print(line)),
    }
}

fn too_small(needed: (usize, usize), (width, height): (usize, usize)) -> String {
    let (columns, lines) = needed;
    let way = match (width < columns, height < lines) {
        (true, false) => "Make it wider",
        (false, true) => "Make it higher",
        _ => "Make it larger",
    };
    format!(
        "the QR code needs a terminal of {columns} columns and {lines} lines, and this one has {width} columns and \
         {height} lines. {way}, or use a smaller font, and log in again."
    )
}

/// The code as text: each character shows two modules, one above the other. Without colours, light modules are the full
/// blocks, because most terminals are dark.
fn lines(code: &QrCode, colored: bool) -> Vec<String> {
    let (width, colors) = (code.width(), code.to_colors());
    let is_dark = |x: usize, y: usize| {
        let at = |value: usize| value.checked_sub(BORDER).filter(|value| *value < width);
        matches!((at(x), at(y)), (Some(x), Some(y)) if colors[y * width + x] == Color::Dark)
    };
    let size = width + 2 * BORDER;
    let cell = |x, y| match (is_dark(x, y) == colored, is_dark(x, y + 1) == colored) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let line = |y| (0..size).map(|x| cell(x, y)).collect::<String>();
    let line = |y| if colored { paint(BLACK_ON_WHITE, &line(y)) } else { line(y) };
    (0..size).step_by(2).map(line).collect()
}
