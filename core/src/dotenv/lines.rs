//! Splits a `.env` file into logical lines: an assignment with all lines of its value, or one physical line.
//!
//! The readers of other languages end lines and values differently (see `docs/env-files.md`). This code uses the common
//! subset. Nearly all logical lines are physical lines, which are found on demand. Only values that span several lines
//! require a scan from the top, whose result is kept.

use std::ops::Range;

use memchr::arch::all::memchr::{One, Three, Two};

use super::heredoc::heredocs;
use super::line::Line;
use super::syntax::{Head, is_blank, line_end, line_start, skip_blanks, top, without_line_end};

/// Consecutive logical lines of a file.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    /// The lines that span several physical lines.
    multi_line: &'a [Range<usize>],
    /// From the start of a line to the end of a line.
    range: Range<usize>,
}

impl<'a> Lines<'a> {
    /// All lines of a file; `multi_line` is the result of [`multi_line`].
    pub(super) fn all(bytes: &'a [u8], multi_line: &'a [Range<usize>]) -> Self {
        Self { bytes, multi_line, range: top(bytes)..bytes.len() }
    }

    /// The lines from this start of a line on.
    pub(super) fn from(mut self, start: usize) -> Self {
        self.multi_line = &self.multi_line[self.multi_line.partition_point(|line| line.start < start)..];
        self.range.start = self.range.start.max(start);
        self
    }

    /// The lines before this start of a line.
    pub(super) fn until(mut self, end: usize) -> Self {
        self.multi_line = &self.multi_line[..self.multi_line.partition_point(|line| line.end <= end)];
        self.range.end = self.range.end.min(end);
        self
    }

    /// The line that contains a byte of text.
    pub(super) fn at(&self, byte: usize) -> Line {
        let following = &self.multi_line[self.multi_line.partition_point(|line| line.end <= byte)..];
        match following.first() {
            Some(line) if line.start <= byte => self.multi_line(line),
            _ => self.physical(line_start(self.bytes, self.range.start, byte)),
        }
    }

    /// The lines that contain a name in any role.
    pub(super) fn with(self, name: &'a str) -> impl Iterator<Item = Line> + 'a {
        let mut from = self.range.start;
        std::iter::from_fn(move || {
            let at = from + find(&self.bytes[from..self.range.end], name.as_bytes())?;
            let line = self.at(at);
            from = line.end;
            Some(line)
        })
    }

    /// The lines that span several physical lines.
    pub(super) fn multi_lines(&self) -> impl Iterator<Item = Line> + use<'a, '_> {
        self.multi_line.iter().map(|line| self.multi_line(line))
    }

    #[inline(always)]
    fn physical(&self, start: usize) -> Line {
        let (text_end, end) = line_end(self.bytes, start);
        Line::read(self.bytes, start, text_end, end, false)
    }

    #[inline(always)]
    fn multi_line(&self, line: &Range<usize>) -> Line {
        let text = without_line_end(&self.bytes[line.clone()]);
        Line::read(self.bytes, line.start, line.start + text.len(), line.end, true)
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    #[inline(always)]
    fn next(&mut self) -> Option<Line> {
        if self.range.is_empty() {
            return None;
        }
        let line = match self.multi_line {
            [first, rest @ ..] if first.start == self.range.start => {
                self.multi_line = rest;
                self.multi_line(first)
            }
            _ => self.physical(self.range.start),
        };
        self.range.start = line.end;
        Some(line)
    }
}

impl DoubleEndedIterator for Lines<'_> {
    fn next_back(&mut self) -> Option<Line> {
        if self.range.is_empty() {
            return None;
        }
        let line = match self.multi_line {
            [rest @ .., last] if last.end == self.range.end => {
                self.multi_line = rest;
                self.multi_line(last)
            }
            _ => {
                let text_end = self.range.start + without_line_end(&self.bytes[self.range.clone()]).len();
                let start = line_start(self.bytes, self.range.start, text_end);
                Line::read(self.bytes, start, text_end, self.range.end, false)
            }
        };
        self.range.end = line.start;
        Some(line)
    }
}

/// The position of a name. Searches for its last letter, which is rare in our names.
fn find(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let end = |at: usize| bytes[..=at].ends_with(name).then(|| at + 1 - name.len());
    One::new(*name.last()?).iter(bytes).find_map(end)
}

/// The here-documents, and the assignments whose values span several physical lines, each as a range of whole lines.
pub(super) fn multi_line(bytes: &[u8]) -> Vec<Range<usize>> {
    let heredocs = heredocs(bytes);
    let mut found = values(bytes);
    if !heredocs.is_empty() {
        let overlap = |one: &Range<usize>, other: &Range<usize>| one.start < other.end && other.start < one.end;
        // What begins first contains the other.
        let free = |range: &Range<usize>, others: &[Range<usize>]| {
            !others.iter().any(|other| overlap(range, other) && other.start < range.start)
        };
        let kept: Vec<_> = heredocs.iter().filter(|range| free(range, &found)).cloned().collect();
        found.retain(|range| !kept.iter().any(|other| overlap(range, other)));
        found.extend(kept);
        found.sort_by_key(|range| range.start);
    }
    found
}

/// The assignments whose values span several physical lines.
fn values(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut closings = Closings { bytes, next: [None; 3] };
    let mut at = top(bytes);
    while let Some(offset) = Three::new(b'"', b'\'', b'`').find(&bytes[at..]) {
        let quote = at + offset;
        at = quote + 1;
        if !may_open_value(bytes, quote) {
            continue;
        }
        let close = closings.after(quote);
        if !runs_on(&bytes[quote..close.at]) {
            // A line has one value, so no other value can start before the end of this one.
            at = (close.at + 1).min(bytes.len());
        } else if close.clean && opens_value(bytes, quote) {
            at = line_end(bytes, close.at).1;
            found.push(line_start(bytes, top(bytes), quote)..at);
        }
    }
    found
}

/// Whether the byte before a quote can precede a value. This quick check rules out most quotes.
#[inline(always)]
fn may_open_value(bytes: &[u8], quote: usize) -> bool {
    let before = quote.checked_sub(1).map_or(b'\n', |at| bytes[at]);
    matches!(before, b'=' | b':') || is_blank(before) || !before.is_ascii()
}

/// Whether a quote is the first byte of an assignment's value.
fn opens_value(bytes: &[u8], quote: usize) -> bool {
    let start = line_start(bytes, top(bytes), quote);
    Head::of(bytes, start, line_end(bytes, quote).0).is_some_and(|head| head.value == Some(quote))
}

#[inline(always)]
fn runs_on(text: &[u8]) -> bool {
    Two::new(b'\n', b'\r').find(text).is_some()
}

/// The position where a quote closes, if it opens a value.
#[derive(Clone, Copy)]
struct Closing {
    at: usize,
    /// Whether only blanks or a comment follow.
    clean: bool,
}

/// The next closing position of each kind of quote, cached: searching for each opening quote again would take quadratic
/// time for a file of unclosed quotes.
struct Closings<'a> {
    bytes: &'a [u8],
    next: [Option<Closing>; 3],
}

impl Closings<'_> {
    #[inline(always)]
    fn after(&mut self, quote: usize) -> Closing {
        let next = match self.bytes[quote] {
            b'"' => &mut self.next[0],
            b'\'' => &mut self.next[1],
            _ => &mut self.next[2],
        };
        match next {
            Some(closing) if closing.at > quote => *closing,
            _ => *next.insert(next_closing(self.bytes, self.bytes[quote], quote + 1)),
        }
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
        // Skip the backslash and the escaped character.
        search = at + 2;
    }
    Closing { at: bytes.len(), clean: false }
}
