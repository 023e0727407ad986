//! The positions at which every reader sees an assignment.

use std::ops::Range;

use super::Document;
use super::line::Line;
use super::syntax::{BOM, assigned_name, physical};

/// The effect of the lines above on the next one.
pub(super) struct Above {
    /// bash joins the next line to a trailing backslash.
    pub(super) joined: bool,
    /// Node searches for the `=` that ends a name which started above.
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
        let ended = if line.is_blank_for_node(bytes) { line.ends_open_name(bytes) } else { line.ends_name(bytes) };
        self.in_name = !ended && (self.in_name || line.swallows_next(bytes));
        self.lone_cr = line.ends_with_lone_cr(bytes).then_some(line.text_end..line.end);
    }
}

impl Document {
    /// Whether some reader misses or ignores the assignment at this position.
    pub(super) fn must_move(&self, line: &Line, name: &str) -> bool {
        let bytes = self.bytes();
        let (above, below) = (self.lines().until(line.start), self.lines().from(line.end));
        // Ruby 2.4 and direnv read the lines of a multi-line value as assignments, and the last one wins.
        let decoy_below = || below.multi_lines().any(|line| self.holds_decoy(&line, name));
        // Some reader may take the text between an open quote above and a quote below for one value, key included.
        let swallowed = || {
            bytes[line.end..].iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`'))
                && above.clone().any(|line| line.has_stray_quote(bytes))
        };
        let is_glued = |line: &Line| line.ends_with_lone_cr(bytes);
        let glued = is_glued(line) || above.clone().next_back().is_some_and(|line| is_glued(&line));
        glued || decoy_below() || swallowed() || (self.is_joined_above(line, name) && !self.is_referred_to(line, name))
    }

    /// Whether bash or Node joins this line to the lines above, and another position would help.
    fn is_joined_above(&self, line: &Line, name: &str) -> bool {
        let bytes = self.bytes();
        // Lines of the same name will be removed.
        let mut above = self.lines().until(line.start).rev().filter(|line| !line.names(bytes, name)).peekable();
        let joined = above.peek().is_some_and(|line| line.joins_next(bytes));
        // The nearest line above that Node does not skip decides. Below a comment with `=`, no name is open.
        let is_end = |line: &Line| line.ends_name(bytes) || line.is_blank_for_node(bytes) && line.ends_open_name(bytes);
        let deciding = above.find(|line| is_end(line) || line.swallows_next(bytes));
        let in_name = deciding.map_or(bytes.starts_with(BOM), |line| !is_end(&line));
        let ends_name = |line: Line| line.ends_name(bytes) && !line.names(bytes, name);
        // Without this line, Node would lose the next assignment instead.
        let needed = || self.lines().from(line.end).any(ends_name);
        // After a BOM, Node loses the first assignment at any position, so moving helps only if there is another one.
        let elsewhere = || !bytes.starts_with(BOM) || self.lines().until(line.start).any(ends_name);
        // Below a line that looks like the key, the last assignment wins; above, it would not.
        let decoy_above = || self.lines().until(line.start).multi_lines().any(|line| self.holds_decoy(&line, name));
        joined || (in_name && !needed() && elsewhere() && !decoy_above())
    }

    /// Whether the value of another name below contains `$NAME` or `${NAME`.
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

    /// The position for a new line: the end of the file, or above final lines without `=`, since Node's parser takes such a
    /// line for the start of the next name.
    pub(super) fn position_for_new_line(&self, name: &str) -> usize {
        let bytes = self.bytes();
        let named = self.lines().rfind(|line| line.ends_name(bytes)).map(|line| line.end);
        let mut following = named.map_or_else(|| self.lines(), |end| self.lines().from(end));
        match following.find(|line| line.swallows_next(bytes) && !self.holds_decoy(line, name)) {
            None => self.above_open_end().unwrap_or(bytes.len()),
            Some(line) => named.unwrap_or(line.start),
        }
    }

    /// The start of the last line if it ends in a backslash and without a terminator, or of the lines that bash joins to
    /// it: a line below would change its value for bash.
    fn above_open_end(&self) -> Option<usize> {
        let bytes = self.bytes();
        let last = self.lines().next_back().filter(|line| line.end == line.text_end && line.joins_next(bytes))?;
        let joined = self.lines().until(last.start).rev().take_while(|line| line.joins_next(bytes));
        let start = joined.last().map_or(last.start, |line| line.start);
        (start > 0 && bytes[..start] != *BOM || start == 0).then_some(start)
    }

    /// The bytes to insert before a new line so that it is a separate line for all readers.
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
