//! What came of an exchange of a file with its new version.

use std::ffi::OsStr;
use std::io;

use super::platform::{Directory, Status};
use super::{Snapshot, holds};
use crate::secret::SecretBytes;

/// What an exchange put in place of the file.
pub(super) struct Exchanged {
    /// The file whose owner and permissions our version has.
    pub(super) adopted: Status,
    /// Our version.
    pub(super) written: Status,
}

pub(super) enum SwapResult {
    Done,
    /// Another program changed the file: its present content, and the newest content to edit.
    Conflict {
        present: Snapshot,
        newest: SecretBytes,
    },
}

impl SwapResult {
    pub(super) fn reread(present: Snapshot) -> Self {
        Self::Conflict { newest: present.bytes.clone(), present }
    }
}

/// Merges two concurrent writes: `taken` before the exchange, and `ours` while our version was in place. Text appended to
/// our version is appended to `taken`; otherwise the later write wins.
pub(super) fn joined(taken: &SecretBytes, ours: &SecretBytes, content: &SecretBytes) -> SecretBytes {
    match ours.reveal().strip_prefix(content.reveal()) {
        Some(appended) => SecretBytes::from([taken.reveal(), appended].concat()),
        None => ours.clone(),
    }
}

/// Whether an entry is the version that was found, with the access that was adopted.
pub(super) fn is_version(directory: &Directory, name: &OsStr, found: &Snapshot, adopted: &Status) -> io::Result<bool> {
    if directory.status(name)?.other_kind().is_some() {
        return Ok(false);
    }
    let file = directory.open(name)?;
    let same = Status::of(&file)?.has_same_access(adopted);
    Ok(same && holds(&file, found.bytes.reveal()).unwrap_or(false))
}
