//! The syntax within a line: blanks, names, quotes and comments, as the readers share it.
//!
//! Functions that run for each line are always inlined, since the library is optimized for size and a file may be large.

use std::ops::Range;

// The portable implementation: detecting CPU features takes longer than finding the key in a usual file.
use memchr::arch::all::memchr::{One, Two};

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The start of the first line.
pub(super) fn top(bytes: &[u8]) -> usize {
    if bytes.starts_with(BOM) { BOM.len() } else { 0 }
}

/// The end of the physical line that contains `from`: of its text, and of its terminator.
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

/// The start of the physical line that contains `at`; `from` is the start of that line or of an earlier one.
#[inline(always)]
pub(super) fn line_start(bytes: &[u8], from: usize, at: usize) -> usize {
    Two::new(b'\n', b'\r').rfind(&bytes[from..at]).map_or(from, |offset| from + offset + 1)
}

/// The bytes without a final line terminator.
#[inline(always)]
pub(super) fn without_line_end(bytes: &[u8]) -> &[u8] {
    match bytes {
        [text @ .., b'\r', b'\n'] | [text @ .., b'\n' | b'\r'] => text,
        text => text,
    }
}

/// Splits bytes at every line terminator that any reader knows.
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

/// The number of physical lines in bytes that end with a line terminator.
pub(super) fn line_count(bytes: &[u8]) -> usize {
    let is_alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    One::new(b'\n').iter(bytes).count() + One::new(b'\r').iter(bytes).filter(is_alone).count()
}

/// Whether some bytes are two ASCII characters in UTF-16.
pub(super) fn has_utf16_text(bytes: &[u8]) -> bool {
    let is_text = |byte: u8| byte == b'\n' || byte == b'\r' || (b' '..=b'~').contains(&byte);
    One::new(0).iter(bytes).any(|at| match bytes[at.saturating_sub(1)..] {
        [before, 0, after, 0, ..] => at > 0 && is_text(before) && is_text(after),
        _ => matches!(bytes[at..], [0, before, 0, after, ..] if is_text(before) && is_text(after)),
    })
}

/// The name that a physical line assigns, if it is read alone.
pub(super) fn assigned_name(line: &[u8]) -> Option<&[u8]> {
    let head = Head::of(line, 0, line.len())?;
    head.value.is_some().then(|| &line[head.name])
}

#[inline(always)]
pub(super) fn skip_blanks(bytes: &[u8], from: usize, end: usize) -> usize {
    let mut at = from;
    // The common case: there is no blank.
    if bytes[at..end].first().is_none_or(u8::is_ascii_graphic) {
        return at;
    }
    while let width @ 1.. = blank_width(&bytes[at..end]) {
        at += width;
    }
    at
}

/// The length in bytes of the blank at the start of the text; 0 if there is none.
///
/// dotenv and python-dotenv also skip the spaces of Unicode, such as the no-break space in a line that was copied from a
/// web page.
fn blank_width(text: &[u8]) -> usize {
    match text {
        [first, ..] if is_blank(*first) => 1,
        [0xC2, 0x85 | 0xA0, ..] => 2,
        [0xE1, 0x9A, 0x80, ..] | [0xE2, 0x81, 0x9F, ..] | [0xE3, 0x80, 0x80, ..] | [0xEF, 0xBB, 0xBF, ..] => 3,
        [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, ..] => 3,
        _ => 0,
    }
}

/// Whether a byte is a blank. Most readers treat form feed, vertical tab and the ASCII separators as blanks, and none
/// treats them as line terminators.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0B | 0x0C | 0x1C..=0x1F)
}

#[inline(always)]
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// The part of a line before the value.
pub(super) struct Head {
    pub(super) export: bool,
    pub(super) quoted: bool,
    pub(super) name: Range<usize>,
    /// The start of the value, after blanks; `None` if there is only a name.
    pub(super) value: Option<usize>,
}

impl Head {
    /// Parses `[export ]NAME` and the separator in `bytes[start..end]`; `None` if no reader finds a name.
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

/// Whether the text ends inside quotes for readers that accept quotes anywhere (bash, dotenvy), or readers could disagree
/// because of a backslash before a quote.
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

/// The comment after a value on one line, from its `#`; empty if there is none, or if readers disagree.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_they_are_read() {
        for text in ["", "\n", "\r", "\r\n", "a\nb\n", "a\r\nb\r\n", "a\rb\r", "\n\r", "\r\r\n\n", "a\n\r\nb\r\r\n"] {
            assert_eq!(line_count(text.as_bytes()), physical(text.as_bytes()).count(), "{text:?}");
        }
    }
}
