//! Setting and removing a variable so that every reader sees the change, and no other change.

use std::ops::Range;

use zeroize::Zeroizing;

use super::line::{Line, LineKind};
use super::position::Above;
use super::syntax::{BOM, comment};
use super::{Document, is_plain};
use crate::secret::SecretBytes;

/// What is to stand in a file: it may hold a key.
type Text = Zeroizing<Vec<u8>>;

/// A part of the file, and what stands there afterwards.
struct Edit {
    range: Range<usize>,
    text: Text,
}

impl Edit {
    fn new(range: Range<usize>, text: Vec<u8>) -> Self {
        Self { range, text: Text::new(text) }
    }

    fn delete(range: Range<usize>) -> Self {
        Self::new(range, Vec::new())
    }
}

/// What becomes of the quotes in a line that is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Go,
    Stay,
}

impl Document {
    /// The document with `NAME=value` as the only assignment of the name.
    ///
    /// The last assignment is rewritten where it stands, since values below it may refer to it; where some reader
    /// would then miss it or see another, it moves to the place for new lines. `value` must need no quotes.
    #[must_use]
    pub fn set(&self, name: &str, value: &str) -> Self {
        if let Some(edited) = self.set_simply(name, value) {
            return edited;
        }
        let mut edited = self.set_once(name, value);
        // What is cut can change how readers see the lines around it, so that another place is better.
        for _ in 0..2 {
            let again = edited.set_once(name, value);
            if again.bytes() == edited.bytes() {
                break;
            }
            edited = again;
        }
        edited
    }

    /// All of the assignments at once, where each has one line, which stays, and that holds nothing but `NAME=value` as we
    /// write it: what one line says then is nothing to the other ones, before and after.
    #[must_use]
    pub(crate) fn set_plainly(&self, pairs: &[(&str, &str)]) -> Option<Self> {
        let edits = pairs.iter().map(|(name, value)| self.plain_edit(name, value)).collect::<Option<_>>()?;
        Some(self.applied(edits))
    }

    fn plain_edit(&self, name: &str, value: &str) -> Option<Edit> {
        let mut own = self.concerned(name);
        let (Some(line), None) = (own.next(), own.next()) else { return None };
        let text = &self.bytes()[line.start..line.text_end];
        let old = text.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        let plain = |text: &[u8]| text.iter().copied().all(is_plain);
        (plain(old) && plain(value.as_bytes()) && !self.must_move(&line, name))
            .then(|| Edit::new(line.start..line.text_end, [name, "=", value].concat().into_bytes()))
    }

    /// The common cases: no line has the name, or one that stays and holds no quote. Nothing else can change then, so
    /// nothing has to be compared.
    fn set_simply(&self, name: &str, value: &str) -> Option<Self> {
        let mut own = self.concerned(name);
        match (own.next(), own.next()) {
            (None, _) => Some(self.with_line(&self.rendered(None, name, value, true))),
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

    /// The lines that assign to a name, claim to, or export it.
    fn concerned<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Line> + 'a {
        let bytes = self.bytes();
        self.lines().with(name).filter(move |line| line.names(bytes, name) || line.exports(bytes, name))
    }

    fn set_once(&self, name: &str, value: &str) -> Self {
        let last = self.last_assignment(name);
        let stays = last.as_ref().filter(|line| !self.must_move(line, name) || self.is_settled(line, name));
        let text = self.rendered(last.as_ref(), name, value, stays.is_none());
        self.keeping_others(name, |quotes| match stays {
            Some(line) => self.rewritten(line, name, &text, quotes),
            None => self.removed(name, quotes).with_line(&text),
        })
    }

    /// Whether the only assignment of the name stands where it would be moved to.
    fn is_settled(&self, line: &Line, name: &str) -> bool {
        if self.named(name).nth(1).is_some() {
            return false;
        }
        let removed = self.removed(name, Quotes::Go);
        let (lines, location) = (removed.lines().collect::<Vec<_>>(), removed.place_for_new_line());
        let location = lines.iter().filter(|line| line.start < location).count();
        let stood = self.lines().until(line.start).count();
        // An indented comment is not silent for Node.
        let silent = |line: &Line| matches!(line.kind, LineKind::Silent) && !line.swallows_next(removed.bytes());
        // Without the line, a quote above can run on, and there are fewer lines than stood above it.
        lines.get(location.min(stood)..location.max(stood)).is_some_and(|between| between.iter().all(silent))
    }

    /// The document without any assignment of the name, a bare `NAME` or `export NAME` included.
    #[must_use]
    pub fn remove(&self, name: &str) -> Self {
        self.keeping_others(name, |quotes| self.removed(name, quotes))
    }

    /// A stray quote in the old value can be what keeps a quote above it from running on. If cutting it changes what
    /// another line says, it stays behind in a comment.
    fn keeping_others(&self, name: &str, edit: impl Fn(Quotes) -> Self) -> Self {
        let edited = edit(Quotes::Go);
        if edited.others(name).eq(self.others(name)) { edited } else { edit(Quotes::Stay) }
    }

    /// Names and raw values of all other assignments.
    pub(super) fn others<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let bytes = self.bytes();
        self.lines().filter(move |line| !line.names(bytes, name)).filter_map(move |line| match line.kind {
            LineKind::Assignment { name, value, .. } => Some((&bytes[name], &bytes[value])),
            LineKind::Silent | LineKind::Claim { .. } | LineKind::Other => None,
        })
    }

    /// `[export ]NAME=value`, with the comment that stood behind the old value.
    fn rendered(&self, old: Option<&Line>, name: &str, value: &str, moves: bool) -> Text {
        let comment = match old.map(|line| &line.kind) {
            Some(LineKind::Assignment { value, .. }) => comment(&self.bytes()[value.clone()]),
            _ => &[][..],
        };
        // To a shell, one `export` anywhere holds for the variable, and its line may be one that goes.
        let export = self.lines().with(name).any(|line| line.exports(self.bytes(), name));
        let export: &[u8] = if export { b"export " } else { b"" };
        // At another place, a quote in it could be the end of a run that began above.
        let risky = moves && comment.iter().any(|byte| is_quote(*byte));
        let comment = if risky { &[][..] } else { comment };
        let blank: &[u8] = if comment.is_empty() { b"" } else { b" " };
        // In one piece, since a text that grows leaves unwiped copies behind.
        Text::new([export, name.as_bytes(), b"=", value.as_bytes(), blank, comment].concat())
    }

    fn rewritten(&self, line: &Line, name: &str, text: &[u8], quotes: Quotes) -> Self {
        let mut edits = self.removals(name, Some(line), quotes);
        let kept = self.kept_quotes(line, quotes);
        let text = [text, if kept.is_empty() { b"" } else { b" # " }, &kept].concat();
        edits.push(Edit::new(line.start..line.text_end, text));
        self.applied(edits)
    }

    fn removed(&self, name: &str, quotes: Quotes) -> Self {
        self.applied(self.removals(name, None, quotes))
    }

    /// One of each kind of quote in the line, so that none of them closes anything.
    fn kept_quotes(&self, line: &Line, quotes: Quotes) -> Vec<u8> {
        let text = &self.bytes()[line.start..line.text_end];
        let stays = |quote: &u8| quotes == Quotes::Stay && text.contains(quote);
        b"\"'`".iter().filter(|quote| stays(quote)).flat_map(|quote| [*quote, b'.']).collect()
    }

    /// What to cut so that the name is gone, and all other lines stay what they were for each reader.
    fn removals(&self, name: &str, except: Option<&Line>, quotes: Quotes) -> Vec<Edit> {
        let bytes = self.bytes();
        let goes = |line: &Line| Some(line) != except && line.names(bytes, name);
        let last_name = self.lines().rfind(|line| line.ends_name(bytes) && !goes(line)).map(|line| line.start);
        let mut edits = Vec::new();
        let mut above = Above::start(bytes);
        for line in self.lines() {
            if !goes(&line) {
                edits.extend(self.out_of_export_list(&line, name));
                above.pass(&line, bytes);
                continue;
            }
            let swallowed = above.in_name && line.ends_name(bytes) && last_name.is_some_and(|last| last > line.start);
            let kept = self.kept_quotes(&line, quotes);
            if above.joined || swallowed || !kept.is_empty() {
                let text = shell(name, above.joined, swallowed, &kept);
                edits.push(Edit::new(line.start..line.text_end, text));
                above.joined = false;
                above.in_name &= !swallowed;
            } else if bytes[..line.start] == *BOM || bytes[line.end..].starts_with(BOM) {
                // A BOM would become part of the next line for bash, or one further down that of the file.
                edits.push(Edit::delete(line.start..line.text_end));
            } else {
                edits.push(Edit::delete(line.start..line.end));
                // The line above ends in a lone CR, for some readers no end at all: it takes over our line feed.
                if bytes[line.text_end..line.end].contains(&b'\n')
                    && let Some(lone_cr) = above.lone_cr.take()
                {
                    edits.push(Edit::new(lone_cr, b"\r\n".to_vec()));
                }
            }
        }
        edits
    }

    /// Takes the name out of `export ONE TWO`: Ruby refuses the whole file if it exports what is not assigned above.
    ///
    /// Another name of the list takes its place, since python-dotenv takes `export ONE` alone for a variable without a
    /// value, and a longer list for nothing.
    fn out_of_export_list(&self, line: &Line, name: &str) -> Vec<Edit> {
        let bytes = self.bytes();
        let list = line.export_list(bytes);
        let is_ours = |range: &Range<usize>| bytes[range.clone()] == *name.as_bytes();
        let other = list.iter().find(|range| !is_ours(range)).map_or(&[][..], |range| &bytes[range.clone()]);
        let edit = |range: &Range<usize>| Edit::new(range.clone(), other.to_vec());
        list.iter().filter(|range| is_ours(range)).map(edit).collect()
    }

    /// The document with one more line, at the place where all readers see it.
    fn with_line(&self, text: &[u8]) -> Self {
        let at = self.place_for_new_line();
        self.applied(vec![Edit::new(at..at, [self.separator(at), text, b"\n"].concat())])
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

/// What stays of a line that is cut: nothing on an empty line for bash to join, an assignment in a comment for Node to
/// swallow instead of the next one, the quotes of the old value.
fn shell(name: &str, joined: bool, swallowed: bool, quotes: &[u8]) -> Vec<u8> {
    let comment = match (swallowed, quotes.is_empty()) {
        (false, true) => return Vec::new(),
        (false, false) => b"# ".to_vec(),
        (true, true) => format!("# {name}=").into_bytes(),
        (true, false) => format!("# {name}= ").into_bytes(),
    };
    [if joined { &b"\n"[..] } else { b"" }, comment.as_slice(), quotes].concat()
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}
