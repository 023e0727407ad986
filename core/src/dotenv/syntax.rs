//! What readers have in common within a line, and where they disagree about blanks, quotes and comments.
//!
//! What runs for each line is always inlined: the library is built for size, and a file may be large.

use std::ops::Range;

// The portable one: to ask the processor what it can do takes longer than to find the key in a usual file.
use memchr::arch::all::memchr::Two;

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Where the first line begins.
pub(super) fn top(bytes: &[u8]) -> usize {
    if bytes.starts_with(BOM) { BOM.len() } else { 0 }
}

/// The end of the physical line that `from` lies in: of its text, and behind its line end.
#[inline(always)]
pub(super) fn line_end(bytes: &[u8], from: usize) -> (usize, usize) {
    match Two::new(b'\n', b'\r').find(&bytes[from..]) {
        None => (bytes.len(), bytes.len()),
        Some(offset) => {
            let text_end = from + offset;
            let width = if bytes[text_end..].starts_with(b"\r\n") { 2 } else { 1 };
            (text_end, text_end + width)
        }
    }
}

/// Where the physical line begins that `at` lies in; `from` is the start of it or of one above.
#[inline(always)]
pub(super) fn line_start(bytes: &[u8], from: usize, at: usize) -> usize {
    Two::new(b'\n', b'\r').rfind(&bytes[from..at]).map_or(from, |offset| from + offset + 1)
}

/// Bytes without the line end that they close with.
#[inline(always)]
pub(super) fn without_line_end(bytes: &[u8]) -> &[u8] {
    match bytes {
        [text @ .., b'\r', b'\n'] | [text @ .., b'\n' | b'\r'] => text,
        text => text,
    }
}

/// Splits bytes at every line end that any reader knows, without the ends.
pub(super) fn physical(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    std::iter::from_fn(move || {
        (start < bytes.len()).then(|| {
            let (text_end, end) = line_end(bytes, start);
            let line = &bytes[start..text_end];
            start = end;
            line
        })
    })
}

/// The name that a physical line would assign to, if it stood by itself.
pub(super) fn assigned_name(line: &[u8]) -> Option<&[u8]> {
    let head = Head::of(line, 0, line.len())?;
    head.value.is_some().then(|| &line[head.name])
}

#[inline(always)]
pub(super) fn skip_blanks(bytes: &[u8], from: usize, end: usize) -> usize {
    let mut at = from;
    // What mostly stands there is no blank.
    if bytes[at..end].first().is_none_or(u8::is_ascii_graphic) {
        return at;
    }
    while let width @ 1.. = blank_width(&bytes[at..end]) {
        at += width;
    }
    at
}

/// How many bytes the blank takes that the text begins with; 0 if it begins with none.
///
/// dotenv and python-dotenv skip what Unicode calls a space too, such as the no-break space that comes along when a
/// line is copied from a web page.
fn blank_width(text: &[u8]) -> usize {
    match text {
        [first, ..] if is_blank(*first) => 1,
        [0xC2, 0x85 | 0xA0, ..] => 2,
        [0xE1, 0x9A, 0x80, ..] | [0xE2, 0x81, 0x9F, ..] | [0xE3, 0x80, 0x80, ..] | [0xEF, 0xBB, 0xBF, ..] => 3,
        [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, ..] => 3,
        _ => 0,
    }
}

/// Form feed, vertical tab and the separators of ASCII are blanks for most readers, and line ends for none.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0B | 0x0C | 0x1C..=0x1F)
}

#[inline(always)]
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// What stands before the value on a line.
pub(super) struct Head {
    pub(super) export: bool,
    pub(super) quoted: bool,
    pub(super) name: Range<usize>,
    /// Where the value begins, blanks skipped; `None` for a name alone.
    pub(super) value: Option<usize>,
}

impl Head {
    /// Reads `[export ]NAME` and what follows it, in `bytes[start..end]`; `None` if no reader sees a name there.
    #[inline(always)]
    pub(super) fn of(bytes: &[u8], start: usize, end: usize) -> Option<Self> {
        let mut at = skip_blanks(bytes, start, end);
        let export = bytes[at..end].starts_with(b"export") && blank_width(&bytes[at + 6..end]) > 0;
        if export {
            at = skip_blanks(bytes, at + 6, end);
        }
        let quoted = bytes[at..end].first() == Some(&b'\'');
        let name_start = at + usize::from(quoted);
        let length = bytes[name_start..end].iter().take_while(|byte| is_name(**byte)).count();
        let name = name_start..name_start + length;
        if length == 0 || (quoted && bytes[name.end..end].first() != Some(&b'\'')) {
            return None;
        }
        let after = skip_blanks(bytes, name.end + usize::from(quoted), end);
        let value = match bytes[after..end] {
            [b'=', ..] => Some(skip_blanks(bytes, after + 1, end)),
            [b':'] => Some(end),
            [b':', ref rest @ ..] if blank_width(rest) > 0 => Some(skip_blanks(bytes, after + 1, end)),
            [] | [b'#', ..] => None,
            _ => return None,
        };
        Some(Self { export, quoted, name, value })
    }
}

/// Whether a reader that minds quotes anywhere (bash, dotenvy) is inside one at the end, or two readers could disagree
/// because a backslash stands before a quote.
pub(super) fn leaves_quote_open(text: &[u8]) -> bool {
    let mut open = None;
    let mut before = b' ';
    for byte in text {
        match (open, *byte) {
            (_, b'"' | b'\'' | b'`') if before == b'\\' => return true,
            (None, b'#') if is_blank(before) => return false,
            (None, quote @ (b'"' | b'\'' | b'`')) => open = Some(quote),
            (Some(quote), byte) if quote == byte => open = None,
            _ => {}
        }
        before = *byte;
    }
    open.is_some()
}

/// The comment behind a value on one line, from its `#`; empty if there is none, or if readers disagree on whether it is
/// one.
pub(super) fn comment(raw: &[u8]) -> &[u8] {
    if raw.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return &[];
    }
    let mut open = None;
    let mut before = b' ';
    for (index, byte) in raw.iter().enumerate() {
        match (open, *byte) {
            (None, b'#') if matches!(before, b' ' | b'\t') => return &raw[index..],
            (None, quote @ (b'"' | b'\'')) => open = Some(quote),
            (Some(quote), byte) if quote == byte => open = None,
            _ => {}
        }
        before = *byte;
    }
    &[]
}
