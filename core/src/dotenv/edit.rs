//! Setting and removing a variable so that every reader sees the change, and no other change.

use std::ops::Range;

use super::Document;
use super::lines::{self, BOM, Line, LineKind};
use crate::secret::SecretBytes;

/// A part of the file, and what stands there afterwards.
struct Edit {
    range: Range<usize>,
    text: Vec<u8>,
}

impl Edit {
    fn delete(range: Range<usize>) -> Self {
        Self { range, text: Vec::new() }
    }
}

impl Document {
    /// The document with `NAME=value` as the only assignment of the name.
    ///
    /// The last assignment is rewritten where it stands, since values below it may refer to it; where some reader
    /// would then miss it or see another, it moves to the place for new lines. `value` must need no quotes.
    #[must_use]
    pub fn set(&self, name: &str, value: &str) -> Self {
        let last = self.last_assignment(name);
        let text = self.rendered(last, name, value);
        match last.filter(|index| !self.must_move(*index, name)) {
            Some(stays) => self.rewritten(stays, name, text),
            None => self.remove(name).with_line(&text),
        }
    }

    /// The document without any assignment of the name, a bare `NAME` or `export NAME` included.
    #[must_use]
    pub fn remove(&self, name: &str) -> Self {
        self.applied(self.removals(name, None))
    }

    /// `[export ]NAME=value`, with the comment that stood behind the old value.
    fn rendered(&self, old: Option<usize>, name: &str, value: &str) -> Vec<u8> {
        let (export, comment) = match old.map(|index| &self.lines[index].kind) {
            Some(LineKind::Assignment { export, value, .. }) => (*export, comment(&self.bytes()[value.clone()])),
            _ => (false, &[][..]),
        };
        let mut text = Vec::with_capacity(name.len() + value.len() + comment.len() + 16);
        text.extend_from_slice(if export { b"export " } else { b"" });
        text.extend_from_slice(format!("{name}={value}").as_bytes());
        if !comment.is_empty() {
            text.push(b' ');
            text.extend_from_slice(comment);
        }
        text
    }

    /// Whether some reader would not see, or not heed, the assignment at this place.
    fn must_move(&self, index: usize, name: &str) -> bool {
        let bytes = self.bytes();
        let line = &self.lines[index];
        let (above, below) = (&self.lines[..index], &self.lines[index + 1..]);
        // Ruby 2.4 and direnv read the lines inside a multi-line value as assignments, and the last one wins.
        let decoy_below = || below.iter().any(|line| self.holds_decoy(line, name));
        // A quote that some reader runs on from, and one at which that run could end: the key would be in between.
        let swallowed = || {
            above.iter().any(|line| line.stray_quote)
                && bytes[line.end..].iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`'))
        };
        let glued = line.ends_with_lone_cr(bytes) || above.last().is_some_and(|line| line.ends_with_lone_cr(bytes));
        glued || decoy_below() || swallowed()
    }

    fn holds_decoy(&self, line: &Line, name: &str) -> bool {
        line.multi_line
            && lines::physical(&self.bytes()[line.start..line.text_end])
                .skip(1)
                .any(|inner| lines::assigned_name(inner) == Some(name.as_bytes()))
    }

    fn rewritten(&self, stays: usize, name: &str, text: Vec<u8>) -> Self {
        let line = &self.lines[stays];
        let mut edits = self.removals(name, Some(stays));
        edits.push(Edit { range: line.start..line.text_end, text });
        self.applied(edits)
    }

    /// What to cut so that the name is gone and all other lines stay apart as they were.
    fn removals(&self, name: &str, except: Option<usize>) -> Vec<Edit> {
        let bytes = self.bytes();
        let mut edits = Vec::new();
        let mut above: Option<&Line> = None;
        // Behind a BOM or a trailing backslash the next line would become part of something else: an empty one stays.
        let mut guarded = bytes.starts_with(BOM);
        for (index, line) in self.lines.iter().enumerate() {
            if Some(index) == except || !line.names(bytes, name) {
                guarded = line.joins_next(bytes);
                above = Some(line);
            } else if guarded {
                edits.push(Edit::delete(line.start..line.text_end));
                guarded = false;
            } else {
                edits.push(Edit::delete(line.start..line.end));
                // The line above ends in a lone CR, for some readers no end at all: it takes over our line feed.
                if bytes[line.text_end..line.end].contains(&b'\n')
                    && let Some(above) = above.take().filter(|above| above.ends_with_lone_cr(bytes))
                {
                    edits.push(Edit { range: above.text_end..above.end, text: b"\r\n".to_vec() });
                }
            }
        }
        edits
    }

    /// The document with one more line, at the place where all readers see it.
    fn with_line(&self, text: &[u8]) -> Self {
        let index = self.place_for_new_line();
        let at = self.lines.get(index).map_or(self.bytes().len(), |line| line.start);
        let mut inserted = self.separator(index).to_vec();
        inserted.extend_from_slice(text);
        inserted.push(b'\n');
        self.applied(vec![Edit { range: at..at, text: inserted }])
    }

    /// The end of the file; or, if lines without `=` come last, above them, since Node's parser takes such a line for
    /// the beginning of the next name.
    fn place_for_new_line(&self) -> usize {
        let bytes = self.bytes();
        let behind = self.lines.iter().rposition(|line| line.ends_name(bytes)).map_or(0, |index| index + 1);
        match self.lines[behind..].iter().position(|line| line.swallows_next(bytes)) {
            None => self.lines.len(),
            Some(offset) if behind == 0 => offset,
            Some(_) => behind,
        }
    }

    /// What has to stand before a new line so that it begins one for all readers.
    fn separator(&self, index: usize) -> &'static [u8] {
        let bytes = self.bytes();
        let Some(above) = index.checked_sub(1).map(|above| &self.lines[above]) else {
            return if bytes.starts_with(BOM) { b"\n" } else { b"" };
        };
        let ended = bytes[above.text_end..above.end].contains(&b'\n');
        match (ended, above.joins_next(bytes)) {
            (true, false) => b"",
            (false, true) => b"\n\n",
            (true, true) | (false, false) => b"\n",
        }
    }

    fn applied(&self, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.range.start);
        let bytes = self.bytes();
        let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
        // Full size at once: a buffer that grows would leave unwiped copies of the keys behind.
        let mut result = Vec::with_capacity(bytes.len() + added);
        let mut from = 0;
        for edit in edits {
            result.extend_from_slice(&bytes[from..edit.range.start]);
            result.extend_from_slice(&edit.text);
            from = edit.range.end;
        }
        result.extend_from_slice(&bytes[from..]);
        Self::parse(SecretBytes::from(result))
    }
}

/// The comment behind a value on one line, from its `#`; empty if there is none, or if readers disagree on whether it is
/// one.
fn comment(raw: &[u8]) -> &[u8] {
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
