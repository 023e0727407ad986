//! A `.env` file as a document that keeps every byte: read a value, set one, remove one.
//!
//! Not part of the public API. `__internal` exports it for the fuzz target and the tests that compare other readers.

mod edit;
mod held;
mod heredoc;
mod line;
mod lines;
mod node;
mod position;
mod syntax;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::OnceLock;

use crate::key::Flaw;
use crate::secret::{Secret, SecretBytes};
use crate::text::trim_invisible;
pub(crate) use held::{Held, HeldLine};
use line::{Line, LineKind};
use lines::Lines;
use syntax::{BOM, line_count, top};

/// What to do about a file in UTF-16.
pub(crate) const SAVE_AS_UTF8: &str = "Save the file as UTF-8, then try again.";
/// What to do about a file that is no text.
pub(crate) const DECRYPT: &str = "If git-crypt or another program has encrypted the file, decrypt it, then try again.";

/// The bytes of a `.env` file, parsed into logical lines on demand.
#[derive(Clone, Debug)]
pub struct Document {
    bytes: SecretBytes,
    /// The values that span several lines; computed on first use.
    multi_line: OnceLock<Vec<Range<usize>>>,
}

/// The assignment of a variable.
#[derive(Debug)]
pub struct Assignment {
    /// The line number, from 1.
    pub line: u32,
    /// The value.
    pub value: Value,
}

/// The value of an assignment.
#[derive(Debug)]
pub enum Value {
    /// The value is empty, or has only quotes.
    Empty,
    /// The decoded text.
    Text(Secret),
    /// The value is not plain text; the reason completes "it …".
    Unusable(Flaw),
}

impl Document {
    /// Accepts any bytes.
    #[must_use]
    pub fn parse(bytes: SecretBytes) -> Self {
        Self { bytes, multi_line: OnceLock::new() }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.reveal()
    }

    /// Whether the file is UTF-16 text, as older versions of PowerShell write it, or has such text appended. No reader finds
    /// a variable in it, and a line in another encoding would corrupt it for editors. Without a BOM, pairs of an ASCII
    /// character and NUL tell.
    #[must_use]
    pub fn is_utf16(&self) -> bool {
        let bytes = self.bytes();
        bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") || syntax::has_utf16_text(bytes)
    }

    /// Whether the file has a NUL byte, as encrypted files do and text does not.
    pub(crate) fn is_binary(&self) -> bool {
        self.bytes().contains(&0)
    }

    /// Whether the file is UTF-8 text after a byte order mark.
    pub(crate) fn has_byte_order_mark(&self) -> bool {
        self.bytes().starts_with(BOM)
    }

    /// What the user should know about a byte order mark: some readers take the text from there to the first `=` for a name.
    pub(crate) fn byte_order_mark_note(&self, name: &str) -> Option<String> {
        let bytes = self.bytes();
        let first = self.lines().find(|line| line.ends_name(bytes) || line.ends_open_name(bytes));
        let is_hidden = first.is_some_and(|line| matches!(line.kind, LineKind::Assignment { .. }));
        (self.has_byte_order_mark() && is_hidden).then(|| {
            format!(
                "{name} starts with a byte order mark, so Node's --env-file and Vite do not see its first variable."
            )
        })
    }

    /// The bytes, shared without a copy.
    pub(crate) fn secret_bytes(&self) -> &SecretBytes {
        &self.bytes
    }

    /// The assignment that counts. It is the last one, as in all readers but one.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<Assignment> {
        let line = self.last_assignment(name)?;
        let bytes = self.bytes();
        self.assignment(&line, 1 + line_count(&bytes[top(bytes)..line.start]))
    }

    /// The texts of all assignments of the name: decoded, or as they are written if they are not plain text. Empty values are
    /// left out.
    pub(crate) fn texts(&self, name: &str) -> Vec<SecretBytes> {
        let text = |line: Line| {
            let LineKind::Assignment { value, .. } = line.kind else { return None };
            let raw = &self.bytes()[value];
            let text = match decode(raw) {
                Value::Text(text) => trim_invisible(text.reveal()).as_bytes().to_vec(),
                Value::Unusable(_) => raw.trim_ascii().to_vec(),
                Value::Empty => return None,
            };
            (!text.is_empty()).then(|| SecretBytes::from(text))
        };
        self.lines_of(name).filter_map(text).collect()
    }

    /// Every assignment of the name, from top to bottom.
    pub fn assignments<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Assignment> + 'a {
        let bytes = self.bytes();
        let (mut number, mut counted) = (1, top(bytes));
        self.lines_of(name).filter_map(move |line| {
            number += line_count(&bytes[counted..line.start]);
            counted = line.start;
            self.assignment(&line, number)
        })
    }

    /// The names of all assignments in order, duplicates included.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.lines().filter_map(|line| match line.kind {
            LineKind::Assignment { name, .. } => Some(&self.bytes()[name]),
            LineKind::Blank | LineKind::Claim { .. } | LineKind::Other => None,
        })
    }

    fn lines(&self) -> Lines<'_> {
        let bytes = self.bytes.reveal();
        Lines::all(bytes, self.multi_line.get_or_init(|| lines::multi_line(bytes)))
    }

    /// The lines that assign a name, or that some reader takes for such a line.
    fn lines_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Line> + 'a {
        self.lines().with(name).filter(|line| line.names(self.bytes(), name))
    }

    fn last_assignment(&self, name: &str) -> Option<Line> {
        self.lines_of(name).filter(|line| matches!(line.kind, LineKind::Assignment { .. })).last()
    }

    fn assignment(&self, line: &Line, number: usize) -> Option<Assignment> {
        let LineKind::Assignment { value, .. } = &line.kind else { return None };
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Some(Assignment { line: number, value: decode(&self.bytes()[value.clone()]) })
    }
}

/// Whether every reader takes this byte literally, anywhere in a value.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Decodes the raw value after the `=`, which may end in a comment.
///
/// dotenvy gets one assignment at a time, so that a malformed line elsewhere cannot hide this one. It gets no `$`, which
/// it would look up in the process environment. Its errors contain the raw line and are dropped.
fn decode(raw: &[u8]) -> Value {
    let raw = raw[..raw.len() - syntax::comment(raw).len()].trim_ascii_end();
    if raw.contains(&b'$') {
        return unusable(raw, "refers to another variable, which is not supported");
    }
    let Ok(raw) = std::str::from_utf8(raw) else {
        return unusable(raw, "is not UTF-8 text");
    };
    // A plain word, such as a key, needs no decoding. dotenvy would leave copies of it in memory.
    let quoted = ['\'', '"'].into_iter().find_map(|quote| raw.strip_prefix(quote)?.strip_suffix(quote));
    let word = quoted.unwrap_or(raw);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return Value::Text(Secret::from(word));
    }
    let line = Secret::from(format!("VALUE={raw}"));
    let mut items = dotenvy::from_read_iter(line.reveal().as_bytes());
    match (items.next(), items.next()) {
        (Some(Ok((_, text))), None) if text.is_empty() => Value::Empty,
        (Some(Ok((_, text))), None) => Value::Text(Secret::from(text)),
        _ => unusable(raw.as_bytes(), "has quotes or spaces that readers interpret differently"),
    }
}

/// A value with the class of its text, or else with a reason of `.env` files.
fn unusable(raw: &[u8], reason: &str) -> Value {
    let flaw = std::str::from_utf8(raw).ok().and_then(Flaw::of_ambiguous);
    Value::Unusable(flaw.unwrap_or_else(|| Flaw::new(reason, None)))
}
