//! The here-documents of a shell. Their lines are text for bash, and look like assignments to all other readers.

use crate::config::HEREDOC_LIMIT;
use std::ops::Range;

use memchr::arch::all::memchr::One;

use super::syntax::{is_blank, leaves_quote_open, line_end, line_start, top, without_line_end};

/// The here-documents of a file, each as a range of whole lines from its command to its last line.
pub(super) fn heredocs(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut tried = 0;
    for at in One::new(b'<').iter(bytes).filter(|at| bytes[*at..].starts_with(b"<<")) {
        if tried == HEREDOC_LIMIT || found.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let start = line_start(bytes, top(bytes), at);
        let Some(mark) = Mark::of(bytes, start, at) else { continue };
        tried += 1;
        if let Some(end) = mark.end(bytes, line_end(bytes, at).1) {
            found.push(start..end);
        }
    }
    found
}

/// The word after `<<`, which ends the text on a line for itself.
struct Mark<'a> {
    word: &'a [u8],
    /// `<<-`: tabs before the word do not count.
    tabs: bool,
}

impl<'a> Mark<'a> {
    fn of(bytes: &'a [u8], start: usize, at: usize) -> Option<Self> {
        let (before, after) = (&bytes[start..at], &bytes[at + 2..line_end(bytes, at).0]);
        let is_comment = before.trim_ascii_start().starts_with(b"#");
        if is_comment || before.ends_with(b"<") || after.starts_with(b"<") || leaves_quote_open(before) {
            return None;
        }
        let tabs = after.starts_with(b"-");
        let after = &after[usize::from(tabs)..];
        let blanks = after.iter().take_while(|byte| is_blank(**byte)).count();
        let quoted = matches!(after.get(blanks), Some(b'"' | b'\'' | b'\\'));
        let word = &after[blanks + usize::from(quoted)..];
        let length = word.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        (length > 0).then(|| Self { word: &word[..length], tabs })
    }

    /// The end of the line that ends the text.
    fn end(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut start = from;
        while start < bytes.len() {
            let end = line_end(bytes, start).1;
            let line = without_line_end(&bytes[start..end]);
            let tabs = if self.tabs { line.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
            if line[tabs..] == *self.word {
                return Some(end);
            }
            start = end;
        }
        None
    }
}
