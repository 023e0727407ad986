//! One logical line of a `.env` file, and how other readers interpret it.

use std::ops::Range;

use super::node;
use super::syntax::{Head, is_name, leaves_quote_open, skip_blanks};

/// One assignment with all lines of its value, or any other physical line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The first byte, including leading blanks.
    pub(super) start: usize,
    /// The end of the text, exclusive.
    pub(super) text_end: usize,
    /// The end of the line terminator, exclusive; equals `text_end` if the file ends without one.
    pub(super) end: usize,
    pub(super) kind: LineKind,
    /// Whether the value spans several physical lines.
    pub(super) multi_line: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    /// An empty line or a comment.
    Blank,
    /// `[export ]NAME=value` or `NAME: value`.
    Assignment { export: bool, name: Range<usize>, value: Range<usize> },
    /// `NAME`, `export NAME` or `'NAME'=value`: an assignment for some readers, but not for libatmn.
    Claim { export: bool, name: Range<usize> },
    /// Any other line, including one of blanks.
    Other,
}

impl Line {
    /// Parses the line with these bounds.
    #[inline(always)]
    pub(super) fn read(bytes: &[u8], start: usize, text_end: usize, end: usize, multi_line: bool) -> Self {
        let first = skip_blanks(bytes, start, text_end);
        let kind = if start == text_end || bytes[first..text_end].first() == Some(&b'#') {
            LineKind::Blank
        } else {
            match Head::of(bytes, start, text_end) {
                Some(Head { export, quoted: false, name, value: Some(value) }) => {
                    LineKind::Assignment { export, name, value: value..text_end }
                }
                Some(Head { export, name, .. }) => LineKind::Claim { export, name },
                None => LineKind::Other,
            }
        };
        Self { start, text_end, end, kind, multi_line }
    }

    #[inline(always)]
    pub(super) fn names(&self, bytes: &[u8], wanted: &str) -> bool {
        match &self.kind {
            LineKind::Assignment { name, .. } | LineKind::Claim { name, .. } => {
                bytes[name.clone()] == *wanted.as_bytes()
            }
            LineKind::Blank | LineKind::Other => false,
        }
    }

    pub(super) fn names_any(&self, bytes: &[u8], wanted: &[&str]) -> bool {
        wanted.iter().any(|name| self.names(bytes, name))
    }

    /// Whether this line makes a shell that sources the file export the variable.
    #[inline(always)]
    pub(super) fn exports(&self, bytes: &[u8], wanted: &str) -> bool {
        match self.kind {
            LineKind::Assignment { export, .. } | LineKind::Claim { export, .. } => export && self.names(bytes, wanted),
            LineKind::Other => self.export_list(bytes).into_iter().any(|name| bytes[name] == *wanted.as_bytes()),
            LineKind::Blank => false,
        }
    }

    /// The names in `export ONE TWO`; empty for any other line.
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
                // Not a name, not separated from the one before, or an option.
                Some(first) if length == 0 || name == at || *first == b'-' => return Vec::new(),
                Some(_) => names.push(name..name + length),
            }
            at = name + length;
        }
    }

    /// Whether a lone CR ends the line. Node, dotenvy and bash do not end a line there.
    pub(super) fn ends_with_lone_cr(&self, bytes: &[u8]) -> bool {
        bytes[self.text_end..self.end] == *b"\r"
    }

    /// Whether the line leaves a quote open or escapes one, so that some reader may continue the value on the next line.
    pub(super) fn has_stray_quote(&self, bytes: &[u8]) -> bool {
        let first = skip_blanks(bytes, self.start, self.text_end);
        !matches!(self.kind, LineKind::Blank) && leaves_quote_open(&bytes[first..self.text_end])
    }

    /// Whether bash joins the next line to this one.
    pub(super) fn joins_next(&self, bytes: &[u8]) -> bool {
        let blank = matches!(self.kind, LineKind::Blank);
        let backslashes = bytes[self.start..self.text_end].iter().rev().take_while(|byte| **byte == b'\\').count();
        !blank && backslashes % 2 == 1
    }

    /// Whether Node's parser takes this line for the start of the next assignment's name. It skips empty lines and comments
    /// that start in the first column; any other text continues up to the next `=`.
    pub(super) fn swallows_next(&self, bytes: &[u8]) -> bool {
        !self.is_blank_for_node(bytes) && self.leaves_name_open(bytes)
    }

    /// Whether Node's parser finds the end of a name on this line, and begins no other name below it.
    pub(super) fn ends_name(&self, bytes: &[u8]) -> bool {
        !self.is_blank_for_node(bytes) && !self.leaves_name_open(bytes)
    }

    /// Whether a name that started above ends on this line for Node's parser. Within a name it knows no comments.
    pub(super) fn ends_open_name(&self, bytes: &[u8]) -> bool {
        bytes[self.start..self.text_end].contains(&b'=')
    }

    fn leaves_name_open(&self, bytes: &[u8]) -> bool {
        let text = &bytes[self.start..self.text_end];
        if self.multi_line { node::leaves_name_open(text) } else { !text.contains(&b'=') }
    }

    pub(super) fn is_blank_for_node(&self, bytes: &[u8]) -> bool {
        matches!(bytes[self.start..self.text_end].first(), None | Some(b'#'))
    }
}
