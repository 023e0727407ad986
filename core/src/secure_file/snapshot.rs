//! A file as it was at one moment, and whether it is still so.

use std::fs::Metadata;
use std::path::Path;

use super::platform::{self, Mark};
use super::{Refusal, content, open};
use crate::secret::SecretBytes;

/// What a file held when it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Nothing, where there was no file.
    pub(crate) bytes: SecretBytes,
    pub(super) mark: Option<Mark>,
}

impl Snapshot {
    /// Takes the mark before the content: who writes in between is noticed afterwards.
    pub(super) fn take(path: &Path, limit: u64) -> Result<Self, Refusal> {
        let (file, metadata) = match open(path) {
            Err(Refusal::Absent) => return Ok(Self::default()),
            result => result?,
        };
        let bytes = content(&file, metadata.len(), limit)?;
        Ok(Self { bytes, mark: Some(platform::mark(&metadata)) })
    }

    /// Whether there was a file.
    pub(crate) fn exists(&self) -> bool {
        self.mark.is_some()
    }

    /// Whether nothing has touched the file since, as far as its metadata tells.
    pub(super) fn is_untouched(&self, now: Option<&Metadata>) -> bool {
        self.mark == now.map(platform::mark)
    }

    /// Whether the other one is a file, or none, with the same content.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.exists() == other.exists() && self.bytes == other.bytes
    }
}
