//! Where an assignment may stand so that every reader sees it.

use std::ops::Range;

use super::Document;
use super::line::Line;
use super::syntax::{BOM, assigned_name, physical};

/// What the lines above do to the next one.
pub(super) struct Above {
    /// bash joins it to a trailing backslash.
    pub(super) joined: bool,
    /// Node is looking for the `=` that ends a name which began above.
    pub(super) in_name: bool,
    /// The lone CR that ends the line above.
    pub(super) lone_cr: Option<Range<usize>>,
}

impl Above {
    pub(super) fn start(bytes: &[u8]) -> Self {
        Self { joined: false, in_name: bytes.starts_with(BOM), lone_cr: None }
    }

    pub(super) fn pass(&mut self, line: &Line, bytes: &[u8]) {
        self.joined = line.joins_next(bytes);
        self.in_name = !line.ends_name(bytes) && (self.in_name || line.swallows_next(bytes));
        self.lone_cr = line.ends_with_lone_cr(bytes).then_some(line.text_end..line.end);
    }
}

impl Document {
    /// Whether some reader would not see, or not heed, the assignment at this place.
    pub(super) fn must_move(&self, line: &Line, name: &str) -> bool {
        let bytes = self.bytes();
        let (above, below) = (self.lines().until(line.start), self.lines().from(line.end));
        // Ruby 2.4 and direnv read the lines inside a multi-line value as assignments, and the last one wins.
        let decoy_below = || below.multi_lines().any(|line| self.holds_decoy(&line, name));
        // A quote that some reader runs on from, and one at which that run could end: the key would be in between.
        let swallowed = || {
            bytes[line.end..].iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`'))
                && above.clone().any(|line| line.has_stray_quote(bytes))
        };
        let is_glued = |line: &Line| line.ends_with_lone_cr(bytes);
        let glued = is_glued(line) || above.clone().next_back().is_some_and(|line| is_glued(&line));
        glued || decoy_below() || swallowed() || (self.is_taken_in(line, name) && !self.is_referred_to(line, name))
    }

    /// Whether the lines above make this one a part of theirs, for bash or Node, and another place would help.
    fn is_taken_in(&self, line: &Line, name: &str) -> bool {
        let bytes = self.bytes();
        // Those of the same name will be gone.
        let mut above = self.lines().until(line.start).rev().filter(|line| !line.names(bytes, name)).peekable();
        let joined = above.peek().is_some_and(|line| line.joins_next(bytes));
        // From below, the first line that counts for Node decides.
        let deciding = above.find(|line| line.ends_name(bytes) || line.swallows_next(bytes));
        let in_name = deciding.map_or(bytes.starts_with(BOM), |line| !line.ends_name(bytes));
        // Behind a BOM, Node swallows the first assignment wherever it stands: there must be another one to take the loss.
        let elsewhere =
            || !bytes.starts_with(BOM) || self.lines().any(|line| line.ends_name(bytes) && !line.names(bytes, name));
        joined || (in_name && elsewhere())
    }

    /// Whether a line below, of another name, says `$NAME` or `${NAME`.
    fn is_referred_to(&self, line: &Line, name: &str) -> bool {
        let bytes = self.bytes();
        let mut others = self.lines().from(line.end).with(name).filter(|line| !line.names(bytes, name));
        let refers = |text: &[u8]| text.strip_prefix(b"{").unwrap_or(text).starts_with(name.as_bytes());
        others.any(|line| {
            let text = &bytes[line.start..line.text_end];
            text.iter().enumerate().any(|(at, byte)| *byte == b'$' && refers(&text[at + 1..]))
        })
    }

    fn holds_decoy(&self, line: &Line, name: &str) -> bool {
        physical(&self.bytes()[line.start..line.text_end])
            .skip(1)
            .any(|inner| assigned_name(inner) == Some(name.as_bytes()))
    }

    /// The end of the file; or, if lines without `=` come last, above them, since Node's parser takes such a line for
    /// the beginning of the next name.
    pub(super) fn place_for_new_line(&self) -> usize {
        let bytes = self.bytes();
        let named = self.lines().rfind(|line| line.ends_name(bytes)).map(|line| line.end);
        let mut behind = named.map_or_else(|| self.lines(), |end| self.lines().from(end));
        match behind.find(|line| line.swallows_next(bytes)) {
            None => bytes.len(),
            Some(line) => named.unwrap_or(line.start),
        }
    }

    /// What has to stand before a new line so that it begins one for all readers.
    pub(super) fn separator(&self, at: usize) -> &'static [u8] {
        let bytes = self.bytes();
        let Some(above) = self.lines().until(at).next_back() else {
            return if bytes.starts_with(BOM) { b"\n" } else { b"" };
        };
        let ended = bytes[above.text_end..above.end].contains(&b'\n');
        match (ended, above.joins_next(bytes)) {
            (true, false) => b"",
            (false, true) => b"\n\n",
            (true, true) | (false, false) => b"\n",
        }
    }
}
