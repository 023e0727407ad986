//! Finds the logical lines of a `.env` file: which bytes belong together for all readers, and where they disagree.
//!
//! The readers of other languages differ in what ends a line or a value (see `docs/env-files.md`). This finder takes
//! what they have in common and marks the lines at which they part, so that the editor can keep away from those.
//!
//! What runs for each line is always inlined: the library is built for size, and a file may be large.

use std::ops::Range;

// The portable ones: to ask the processor what it can do takes longer than to find the key in a usual file.
use memchr::arch::all::memchr::{One, Two};

/// One assignment with all lines of its value, or any other physical line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// First byte, leading blanks included.
    pub(super) start: usize,
    /// Behind the last byte of the text.
    pub(super) text_end: usize,
    /// Behind the line end; equals `text_end` where the file ends without one.
    pub(super) end: usize,
    /// Number of the first physical line, from 1.
    pub(super) number: u32,
    pub(super) kind: LineKind,
    /// The value runs over several physical lines.
    pub(super) multi_line: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Nothing, or a comment.
    Silent,
    /// `[export ]NAME=value` or `NAME: value`.
    Assignment { export: bool, name: Range<usize>, value: Range<usize> },
    /// `NAME`, `export NAME` or `'NAME'=value`: an assignment for some readers, and none for us.
    Claim { export: bool, name: Range<usize> },
    /// Anything else, a line of blanks included.
    Other,
}

impl Line {
    /// The same line, further down or up in the file.
    pub(super) fn moved(&self, by: isize) -> Self {
        let at = |place: usize| place.saturating_add_signed(by);
        let range = |range: &Range<usize>| at(range.start)..at(range.end);
        let kind = match &self.kind {
            LineKind::Silent => LineKind::Silent,
            LineKind::Other => LineKind::Other,
            LineKind::Claim { export, name } => LineKind::Claim { export: *export, name: range(name) },
            LineKind::Assignment { export, name, value } => {
                LineKind::Assignment { export: *export, name: range(name), value: range(value) }
            }
        };
        Self { start: at(self.start), text_end: at(self.text_end), end: at(self.end), kind, ..self.clone() }
    }

    #[inline(always)]
    pub(super) fn names(&self, bytes: &[u8], wanted: &str) -> bool {
        match &self.kind {
            LineKind::Assignment { name, .. } | LineKind::Claim { name, .. } => {
                bytes[name.clone()] == *wanted.as_bytes()
            }
            LineKind::Silent | LineKind::Other => false,
        }
    }

    /// Whether a shell that sources the file gives the variable to its children because of this line.
    #[inline(always)]
    pub(super) fn exports(&self, bytes: &[u8], wanted: &str) -> bool {
        match self.kind {
            LineKind::Assignment { export, .. } | LineKind::Claim { export, .. } => export && self.names(bytes, wanted),
            LineKind::Other => self.export_list(bytes).into_iter().any(|name| bytes[name] == *wanted.as_bytes()),
            LineKind::Silent => false,
        }
    }

    /// The names in `export ONE TWO`; none if the line is anything else.
    pub(super) fn export_list(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut at = skip_blanks(bytes, self.start, self.text_end);
        if !matches!(self.kind, LineKind::Other) || !bytes[at..self.text_end].starts_with(b"export") {
            return Vec::new();
        }
        at += b"export".len();
        let mut names = Vec::new();
        loop {
            let name = skip_blanks(bytes, at, self.text_end);
            let length = bytes[name..self.text_end].iter().take_while(|byte| is_name(**byte)).count();
            match bytes[name..self.text_end].first() {
                None | Some(b'#') => return names,
                // No name, none of its own, or an option.
                Some(first) if length == 0 || name == at || *first == b'-' => return Vec::new(),
                Some(_) => names.push(name..name + length),
            }
            at = name + length;
        }
    }

    /// Whether a lone CR ends the line: Node, dotenvy and bash do not see an end there.
    pub(super) fn ends_with_lone_cr(&self, bytes: &[u8]) -> bool {
        bytes[self.text_end..self.end] == *b"\r"
    }

    /// Whether it leaves a quote open, or escapes one: some reader may run on from here.
    pub(super) fn has_stray_quote(&self, bytes: &[u8]) -> bool {
        let first = skip_blanks(bytes, self.start, self.text_end);
        !matches!(self.kind, LineKind::Silent) && leaves_quote_open(&bytes[first..self.text_end])
    }

    /// Whether bash joins the next line to this one.
    pub(super) fn joins_next(&self, bytes: &[u8]) -> bool {
        let silent = matches!(self.kind, LineKind::Silent);
        let backslashes = bytes[self.start..self.text_end].iter().rev().take_while(|byte| **byte == b'\\').count();
        !silent && backslashes % 2 == 1
    }

    /// Whether Node's parser takes this line for the beginning of the next assignment's name. It knows empty lines, and
    /// comments that begin in the first column; all else runs on to the next `=`.
    pub(super) fn swallows_next(&self, bytes: &[u8]) -> bool {
        !self.is_silent_for_node(bytes) && !bytes[self.start..self.text_end].contains(&b'=')
    }

    /// Whether Node's parser finds the end of a name on this line.
    pub(super) fn ends_name(&self, bytes: &[u8]) -> bool {
        !self.is_silent_for_node(bytes) && bytes[self.start..self.text_end].contains(&b'=')
    }

    fn is_silent_for_node(&self, bytes: &[u8]) -> bool {
        matches!(bytes[self.start..self.text_end].first(), None | Some(b'#'))
    }
}

/// Cuts the bytes into logical lines, in one pass and in linear time.
pub(super) fn cut(bytes: &[u8]) -> Vec<Line> {
    let mut scanner = Scanner { bytes, closing: [None; 3] };
    let mut lines = Vec::with_capacity(One::new(b'\n').iter(bytes).count() + 1);
    let mut start = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let mut number = 1;
    while start < bytes.len() {
        let line = scanner.line(start, number);
        start = line.end;
        number += if line.multi_line { physical_lines(&bytes[line.start..line.end]) } else { 1 };
        lines.push(line);
    }
    lines
}

/// Cuts the one logical line that begins at a place.
pub(super) fn cut_one(bytes: &[u8], start: usize, number: u32) -> Line {
    Scanner { bytes, closing: [None; 3] }.line(start, number)
}

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

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

fn physical_lines(bytes: &[u8]) -> u32 {
    u32::try_from(physical(bytes).count()).unwrap_or(u32::MAX)
}

/// The name that a physical line would assign to, if it stood by itself.
pub(super) fn assigned_name(line: &[u8]) -> Option<&[u8]> {
    let head = Head::of(line, 0, line.len())?;
    head.value.is_some().then(|| &line[head.name])
}

/// The end of the physical line that `from` lies in: of its text, and behind its line end.
#[inline(always)]
fn line_end(bytes: &[u8], from: usize) -> (usize, usize) {
    match Two::new(b'\n', b'\r').find(&bytes[from..]) {
        None => (bytes.len(), bytes.len()),
        Some(offset) => {
            let text_end = from + offset;
            let width = if bytes[text_end..].starts_with(b"\r\n") { 2 } else { 1 };
            (text_end, text_end + width)
        }
    }
}

#[inline(always)]
fn skip_blanks(bytes: &[u8], from: usize, end: usize) -> usize {
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
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0B | 0x0C | 0x1C..=0x1F)
}

#[inline(always)]
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// What stands before the value on a line.
struct Head {
    export: bool,
    quoted: bool,
    name: Range<usize>,
    /// Where the value begins, blanks skipped; `None` for a name alone.
    value: Option<usize>,
}

impl Head {
    /// Reads `[export ]NAME` and what follows it, in `bytes[start..end]`; `None` if no reader sees a name there.
    #[inline(always)]
    fn of(bytes: &[u8], start: usize, end: usize) -> Option<Self> {
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

/// The next place where a kind of quote closes, as last looked up: looking it up anew for each opening quote would make
/// a file of unclosed quotes take quadratic time.
#[derive(Clone, Copy)]
struct Closing {
    at: usize,
    /// Nothing but blanks or a comment follows.
    clean: bool,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    closing: [Option<Closing>; 3],
}

impl Scanner<'_> {
    #[inline(always)]
    fn line(&mut self, start: usize, number: u32) -> Line {
        let (mut text_end, mut end) = line_end(self.bytes, start);
        let mut multi_line = false;
        let first = skip_blanks(self.bytes, start, text_end);
        let head = Head::of(self.bytes, start, text_end);
        let value_start = head.as_ref().and_then(|head| head.value);
        if let Some(close) = value_start.and_then(|value| self.closing_quote(value, text_end)) {
            multi_line = close > text_end;
            (text_end, end) = line_end(self.bytes, close);
        }
        let kind = match head {
            _ if start == text_end || self.bytes[first..text_end].first() == Some(&b'#') => LineKind::Silent,
            Some(Head { export, quoted: false, name, value: Some(value) }) => {
                LineKind::Assignment { export, name, value: value..text_end }
            }
            Some(Head { export, name, .. }) => LineKind::Claim { export, name },
            None => LineKind::Other,
        };
        Line { start, text_end, end, number, kind, multi_line }
    }

    /// Where the quote that opens the value closes, if it does so with nothing but blanks or a comment behind.
    fn closing_quote(&mut self, value: usize, text_end: usize) -> Option<usize> {
        let quote = *self.bytes[value..text_end].first()?;
        let slot = [b'"', b'\'', b'`'].iter().position(|known| *known == quote)?;
        let from = value + 1;
        let closing = match self.closing[slot] {
            Some(closing) if closing.at >= from => closing,
            _ => *self.closing[slot].insert(next_closing(self.bytes, quote, from)),
        };
        closing.clean.then_some(closing.at)
    }
}

fn next_closing(bytes: &[u8], quote: u8, from: usize) -> Closing {
    let mut search = from;
    while let Some(offset) = bytes.get(search..).and_then(|rest| Two::new(quote, b'\\').find(rest)) {
        let at = search + offset;
        if bytes[at] == quote {
            let after = skip_blanks(bytes, at + 1, bytes.len());
            let clean = matches!(bytes[after..].first(), None | Some(b'\n' | b'\r' | b'#'));
            return Closing { at, clean };
        }
        // The backslash and what it escapes.
        search = at + 2;
    }
    Closing { at: bytes.len(), clean: false }
}

/// Whether a reader that minds quotes anywhere (bash, dotenvy) is inside one at the end, or two readers could disagree
/// because a backslash stands before a quote.
fn leaves_quote_open(text: &[u8]) -> bool {
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
