//! Sets and removes a variable so that every reader sees this change and no other.

use std::ops::Range;

use zeroize::Zeroizing;

use super::line::{Line, LineKind};
use super::position::Above;
use super::syntax::{BOM, comment};
use super::{Document, is_plain};
use crate::secret::SecretBytes;

/// Text for the file, which may contain a key.
type EditText = Zeroizing<Vec<u8>>;

/// A part of the file and its replacement.
struct Edit {
    range: Range<usize>,
    text: EditText,
}

impl Edit {
    fn new(range: Range<usize>, text: Vec<u8>) -> Self {
        Self { range, text: EditText::new(text) }
    }

    fn delete(range: Range<usize>) -> Self {
        Self::new(range, Vec::new())
    }
}

/// Whether the quotes of a removed line stay in a comment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Remove,
    Keep,
}

impl Document {
    /// The document with `NAME=value` as the only assignment of the name.
    ///
    /// The last assignment is replaced in place, since values below may refer to it. If some reader would then miss it or
    /// see another value, it moves to the position for new lines. `value` must not need quotes.
    #[must_use]
    pub fn set(&self, name: &str, value: &str) -> Self {
        if let Some(edited) = self.set_simply(name, value) {
            return edited;
        }
        let mut edited = self.set_once(name, value);
        // Removing text can change how readers see the lines around it, so another position may be better.
        for _ in 0..2 {
            let again = edited.set_once(name, value);
            if again.bytes() == edited.bytes() {
                break;
            }
            edited = again;
        }
        edited
    }

    /// Sets several variables in one step, if each has exactly one line of the plain form `NAME=value` that can stay in
    /// place. Such lines do not affect each other.
    #[must_use]
    pub(crate) fn set_plainly(&self, pairs: &[(&str, &str)]) -> Option<Self> {
        let edits = pairs.iter().map(|(name, value)| self.plain_edit(name, value)).collect::<Option<_>>()?;
        Some(self.applied(edits))
    }

    fn plain_edit(&self, name: &str, value: &str) -> Option<Edit> {
        let mut own = self.lines_about(name);
        let (Some(line), None) = (own.next(), own.next()) else { return None };
        let text = &self.bytes()[line.start..line.text_end];
        let old = text.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        let plain = |text: &[u8]| text.iter().copied().all(is_plain);
        (plain(old) && plain(value.as_bytes()) && !self.must_move(&line, name))
            .then(|| Edit::new(line.start..line.text_end, [name, "=", value].concat().into_bytes()))
    }

    /// The common cases: no line has the name, or one line without quotes that stays in place. Other assignments cannot
    /// change then, so they are not compared.
    fn set_simply(&self, name: &str, value: &str) -> Option<Self> {
        let mut own = self.lines_about(name);
        match (own.next(), own.next()) {
            (None, _) => Some(self.with_line(name, &self.rendered(None, name, value, true))),
            (Some(line), None) => {
                let quotes = self.bytes()[line.start..line.text_end].iter().any(|byte| is_quote(*byte));
                let simple = matches!(line.kind, LineKind::Assignment { .. }) && !quotes;
                (simple && !self.must_move(&line, name)).then(|| {
                    let text = self.rendered(Some(&line), name, value, false);
                    self.applied(vec![Edit { range: line.start..line.text_end, text }])
                })
            }
            _ => None,
        }
    }

    /// The lines that assign or export a name, for any reader.
    fn lines_about<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Line> + 'a {
        let bytes = self.bytes();
        self.lines().with(name).filter(move |line| line.names(bytes, name) || line.exports(bytes, name))
    }

    fn set_once(&self, name: &str, value: &str) -> Self {
        let last = self.last_assignment(name);
        let stays = last.as_ref().filter(|line| !self.must_move(line, name) || self.is_settled(line, name));
        let text = self.rendered(last.as_ref(), name, value, stays.is_none());
        self.keeping_others(&[name], |quotes| match stays {
            Some(line) => self.rewritten(line, name, &text, quotes),
            None => self.removed(&[name], quotes).with_line(name, &text),
        })
    }

    /// Whether the only assignment of the name is already at the position for new lines.
    fn is_settled(&self, line: &Line, name: &str) -> bool {
        if self.lines_of(name).nth(1).is_some() {
            return false;
        }
        let removed = self.removed(&[name], Quotes::Remove);
        let (lines, position) = (removed.lines().collect::<Vec<_>>(), removed.position_for_new_line(name));
        let index = lines.iter().filter(|line| line.start < position).count();
        let old_index = self.lines().until(line.start).count();
        // Node does not skip an indented comment.
        let blank = |line: &Line| matches!(line.kind, LineKind::Blank) && !line.swallows_next(removed.bytes());
        // Without the line, a quote above may span more lines, so the index can be out of range.
        lines.get(index.min(old_index)..index.max(old_index)).is_some_and(|between| between.iter().all(blank))
    }

    /// The document without any assignment of the names, including a bare `NAME` or `export NAME`.
    #[must_use]
    pub fn remove(&self, names: &[&str]) -> Self {
        self.keeping_others(names, |quotes| self.removed(names, quotes))
    }

    /// The document without any assignment of the names `whole`, and without the lines of other names that start at these
    /// bytes; `names` has all of these names.
    pub(super) fn remove_lines(&self, names: &[&str], whole: &[&str], starts: &[usize]) -> Self {
        let goes = |line: &Line| line.names_any(self.bytes(), whole) || starts.contains(&line.start);
        self.keeping_others(names, |quotes| self.applied(self.removals(whole, goes, quotes)))
    }

    /// A stray quote in the old value may close a quote above. If removing it changes another assignment, the quote stays
    /// in a comment.
    fn keeping_others(&self, names: &[&str], edit: impl Fn(Quotes) -> Self) -> Self {
        let edited = edit(Quotes::Remove);
        if edited.others(names).eq(self.others(names)) { edited } else { edit(Quotes::Keep) }
    }

    /// Names and raw values of all other assignments.
    pub(super) fn others<'a>(&'a self, names: &'a [&'a str]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let bytes = self.bytes();
        self.lines().filter(move |line| !line.names_any(bytes, names)).filter_map(move |line| match line.kind {
            LineKind::Assignment { name, value, .. } => Some((&bytes[name], &bytes[value])),
            LineKind::Blank | LineKind::Claim { .. } | LineKind::Other => None,
        })
    }

    /// `[export ]NAME=value`, with the comment of the old value.
    fn rendered(&self, old: Option<&Line>, name: &str, value: &str, moves: bool) -> EditText {
        let comment = match old.map(|line| &line.kind) {
            Some(LineKind::Assignment { value, .. }) => comment(&self.bytes()[value.clone()]),
            _ => &[][..],
        };
        // For a shell, one `export` anywhere applies to the variable, and its line may be removed.
        let export = self.lines().with(name).any(|line| line.exports(self.bytes(), name));
        let export: &[u8] = if export { b"export " } else { b"" };
        // At another position, a quote in the comment could close a quote above.
        let risky = moves && comment.iter().any(|byte| is_quote(*byte));
        let comment = if risky { &[][..] } else { comment };
        let blank: &[u8] = if comment.is_empty() { b"" } else { b" " };
        // Allocated once: a growing buffer would leave copies in memory that are not overwritten.
        EditText::new([export, name.as_bytes(), b"=", value.as_bytes(), blank, comment].concat())
    }

    fn rewritten(&self, line: &Line, name: &str, text: &[u8], quotes: Quotes) -> Self {
        let goes = |other: &Line| other != line && other.names(self.bytes(), name);
        let mut edits = self.removals(&[name], goes, quotes);
        let kept = self.kept_quotes(line, quotes);
        let text = [text, if kept.is_empty() { b"" } else { b" # " }, &kept].concat();
        edits.push(Edit::new(line.start..line.text_end, text));
        self.applied(edits)
    }

    fn removed(&self, names: &[&str], quotes: Quotes) -> Self {
        self.applied(self.removals(names, |line| line.names_any(self.bytes(), names), quotes))
    }

    /// One of each kind of quote in the line, separated so that none closes another.
    fn kept_quotes(&self, line: &Line, quotes: Quotes) -> Vec<u8> {
        let text = &self.bytes()[line.start..line.text_end];
        let stays = |quote: &u8| quotes == Quotes::Keep && text.contains(quote);
        b"\"'`".iter().filter(|quote| stays(quote)).flat_map(|quote| [*quote, b'.']).collect()
    }

    /// The edits that remove the lines which `goes` accepts, and the names from lists of exports, and keep all other lines
    /// unchanged for every reader.
    fn removals(&self, names: &[&str], goes: impl Fn(&Line) -> bool, quotes: Quotes) -> Vec<Edit> {
        let bytes = self.bytes();
        let last_name = self.lines().rfind(|line| line.ends_name(bytes) && !goes(line)).map(|line| line.start);
        let mut edits = Vec::new();
        let mut above = Above::start(bytes);
        for line in self.lines() {
            if !goes(&line) {
                edits.extend(self.out_of_export_list(&line, names));
                above.pass(&line, bytes);
                continue;
            }
            let swallowed = above.in_name && line.ends_name(bytes) && last_name.is_some_and(|last| last > line.start);
            let kept = self.kept_quotes(&line, quotes);
            if above.joined || swallowed || !kept.is_empty() {
                let text = placeholder(above.joined, swallowed, &kept);
                edits.push(Edit::new(line.start..line.text_end, text));
                above.joined = false;
                above.in_name &= !swallowed;
            } else if bytes[..line.start] == *BOM || bytes[line.end..].starts_with(BOM) {
                // Otherwise the BOM would become part of the next line for bash, or a later BOM that of the file.
                edits.push(Edit::delete(line.start..line.text_end));
            } else {
                edits.push(Edit::delete(line.start..line.end));
                // The line above ends in a lone CR, which some readers do not accept as a line end: it gets our line feed.
                if bytes[line.text_end..line.end].contains(&b'\n')
                    && let Some(lone_cr) = above.lone_cr.take()
                {
                    edits.push(Edit::new(lone_cr, b"\r\n".to_vec()));
                }
            }
        }
        edits
    }

    /// Removes the names from `export ONE TWO`: Ruby refuses a file that exports a variable without an assignment above.
    ///
    /// Another name of the list replaces it, since python-dotenv takes `export ONE` for a variable without a value, and
    /// ignores a longer list.
    fn out_of_export_list(&self, line: &Line, names: &[&str]) -> Vec<Edit> {
        let bytes = self.bytes();
        let list = line.export_list(bytes);
        let is_ours = |range: &Range<usize>| names.iter().any(|name| bytes[range.clone()] == *name.as_bytes());
        let other = list.iter().find(|range| !is_ours(range)).map_or(&[][..], |range| &bytes[range.clone()]);
        let edit = |range: &Range<usize>| Edit::new(range.clone(), other.to_vec());
        list.iter().filter(|range| is_ours(range)).map(edit).collect()
    }

    /// The document with a new line, at the position where all readers see it.
    fn with_line(&self, name: &str, text: &[u8]) -> Self {
        let at = self.position_for_new_line(name);
        self.applied(vec![Edit::new(at..at, [self.separator(at), text, b"\n"].concat())])
    }

    fn applied(&self, mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.range.start);
        let bytes = self.bytes();
        let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
        // Allocated once: a growing buffer would leave copies of the keys in memory that are not overwritten.
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

/// Node ends the name that starts above at the `=` of this comment. Without it, Node would lose the assignment below. The
/// comment names no variable, so that nothing looks like a key that is left.
const ENDS_NAME_FOR_NODE: &[u8] = b"# Node needs the = in this comment to read the next variable.";

/// The replacement of a removed line: an empty line for bash to join, a comment with `=` for Node, and the quotes of the old
/// value.
fn placeholder(joined: bool, swallowed: bool, quotes: &[u8]) -> Vec<u8> {
    let comment: &[u8] = match (swallowed, quotes.is_empty()) {
        (true, _) => ENDS_NAME_FOR_NODE,
        (false, false) => b"#",
        // The line end stays.
        (false, true) => return Vec::new(),
    };
    let blank: &[u8] = if quotes.is_empty() { b"" } else { b" " };
    let line_break: &[u8] = if joined { b"\n" } else { b"" };
    [line_break, comment, blank, quotes].concat()
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}
