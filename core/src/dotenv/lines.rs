//! Finds the logical lines of a `.env` file: which bytes belong together for all readers, and where they disagree.
//!
//! The readers of other languages differ in what ends a line or a value (see `docs/env-files.md`). This finder takes
//! what they have in common. Nearly all logical lines are physical ones, found when they are asked for; only values that
//! run over several have to be looked for from the top, and are remembered.

use std::ops::Range;

use memchr::arch::all::memchr::{One, Three, Two};

use super::line::Line;
use super::syntax::{Head, is_blank, line_end, line_start, skip_blanks, top, without_line_end};

/// Logical lines of a file, one behind the other.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    /// Which of them run over several physical lines.
    multi_line: &'a [Range<usize>],
    /// From the start of a line to the end of one.
    range: Range<usize>,
}

impl<'a> Lines<'a> {
    /// All lines of a file; `multi_line` is what [`multi_line`] finds in it.
    pub(super) fn all(bytes: &'a [u8], multi_line: &'a [Range<usize>]) -> Self {
        Self { bytes, multi_line, range: top(bytes)..bytes.len() }
    }

    /// Those that begin at a line's start or below.
    pub(super) fn from(mut self, start: usize) -> Self {
        self.multi_line = &self.multi_line[self.multi_line.partition_point(|line| line.start < start)..];
        self.range.start = self.range.start.max(start);
        self
    }

    /// Those above a line's start.
    pub(super) fn until(mut self, end: usize) -> Self {
        self.multi_line = &self.multi_line[..self.multi_line.partition_point(|line| line.end <= end)];
        self.range.end = self.range.end.min(end);
        self
    }

    /// The line that a byte of text lies in.
    pub(super) fn at(&self, byte: usize) -> Line {
        let behind = &self.multi_line[self.multi_line.partition_point(|line| line.end <= byte)..];
        match behind.first() {
            Some(line) if line.start <= byte => self.multi_line(line),
            _ => self.physical(line_start(self.bytes, self.range.start, byte)),
        }
    }

    /// The lines in which a name stands, whatever it is there.
    pub(super) fn with(self, name: &'a str) -> impl Iterator<Item = Line> + 'a {
        let mut from = self.range.start;
        std::iter::from_fn(move || {
            let at = from + find(&self.bytes[from..self.range.end], name.as_bytes())?;
            let line = self.at(at);
            from = line.end;
            Some(line)
        })
    }

    /// Those that run over several physical lines.
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

/// Where a name stands. Its last letter is looked for: in our names it is a rare one.
fn find(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let end = |at: usize| bytes[..=at].ends_with(name).then(|| at + 1 - name.len());
    One::new(*name.last()?).iter(bytes).find_map(end)
}

/// The assignments whose values run over several physical lines, from the first byte of the line to behind its end.
pub(super) fn multi_line(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut closings = Closings { bytes, next: [None; 3] };
    let mut at = top(bytes);
    while let Some(offset) = Three::new(b'"', b'\'', b'`').find(&bytes[at..]) {
        let quote = at + offset;
        at = quote + 1;
        if !may_open_value(bytes, quote) {
            continue;
        }
        let close = closings.behind(quote);
        if !runs_on(&bytes[quote..close.at]) {
            // A line has one value, so that nothing else can begin before the end of this one.
            at = (close.at + 1).min(bytes.len());
        } else if close.clean && opens_value(bytes, quote) {
            at = line_end(bytes, close.at).1;
            found.push(line_start(bytes, top(bytes), quote)..at);
        }
    }
    found
}

/// Whether what stands before a quote can be what stands before a value: told from one byte, since most quotes are others.
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

/// Where a quote closes, if it opens a value.
#[derive(Clone, Copy)]
struct Closing {
    at: usize,
    /// Nothing but blanks or a comment follows.
    clean: bool,
}

/// The next place where each kind of quote closes, as last looked up: looking it up anew for each opening quote would
/// make a file of unclosed quotes take quadratic time.
struct Closings<'a> {
    bytes: &'a [u8],
    next: [Option<Closing>; 3],
}

impl Closings<'_> {
    #[inline(always)]
    fn behind(&mut self, quote: usize) -> Closing {
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
        // The backslash and what it escapes.
        search = at + 2;
    }
    Closing { at: bytes.len(), clean: false }
}
