//! A file as it was at one moment, and whether it is still so.

use std::fs::Metadata;
use std::path::Path;

use super::platform::{self, Fingerprint};
use super::{ReadError, content, open};
use crate::secret::SecretBytes;

/// What a file held when it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Nothing, where there was no file.
    pub(crate) bytes: SecretBytes,
    pub(super) fingerprint: Option<Fingerprint>,
}

impl Snapshot {
    /// Takes the mark before the content: who writes in between is noticed afterwards.
    pub(super) fn take(path: &Path, limit: u64) -> Result<Self, ReadError> {
        let (file, metadata) = match open(path) {
            Err(ReadError::Absent) => return Ok(Self::default()),
            result => result?,
        };
        let bytes = content(&file, metadata.len(), limit)?;
        Ok(Self { bytes, fingerprint: Some(platform::fingerprint(&metadata)) })
    }

    /// Whether there was a file.
    pub(crate) fn exists(&self) -> bool {
        self.fingerprint.is_some()
    }

    /// Whether nothing has touched the file since, as far as its metadata tells.
    pub(super) fn is_untouched(&self, now: Option<&Metadata>) -> bool {
        self.fingerprint == now.map(platform::fingerprint)
    }

    /// Whether the other one is a file, or none, with the same content.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.exists() == other.exists() && self.bytes == other.bytes
    }
}
