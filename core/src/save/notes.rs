//! What the user should know after a save, the same in every language.

use std::path::Path;

use super::{KeyEntry, with_keys};
use crate::dotenv::Document;
use crate::git::Git;
use crate::locations::{Location, Outcome, shown};
use crate::version_control::ignoring_line;

/// What the user should know about a file that may be committed.
pub(super) fn exposed_note(git: Git, path: &Path) -> Option<String> {
    let (system, line, ignore) = ignoring_line(path);
    let path = shown(path);
    match git {
        Git::None | Git::Ignored | Git::Added => None,
        Git::NotIgnored => Some(format!("{system} does not ignore {path}; add `{line}` to {ignore}.")),
        Git::Tracked => Some(format!("{system} tracks {path}, so the keys will be committed.")),
        Git::Unknown => Some(format!("Could not find out whether {system} ignores {path}.")),
    }
}

pub(super) fn byte_order_mark_note(before: &Document, entries: &[KeyEntry<'_>], path: &Path) -> Option<String> {
    before.has_byte_order_mark().then(|| with_keys(before, entries).byte_order_mark_note(&shown(path)))?
}

/// A variable without a value before the saved key: libatmn skips it, but other readers take the empty text.
pub(super) fn emptied_note(nearer: &[Location]) -> Option<String> {
    let empty = nearer.iter().find(|location| location.outcome == Outcome::Empty && location.path.is_some())?;
    Some(format!("{empty} has no value: other programs may use it in place of the saved key, so remove that line."))
}
