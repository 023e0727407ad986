//! The state of a file at one moment, to detect later changes.

use std::fs::Metadata;
use std::path::Path;

use super::platform::{self, Fingerprint};
use super::{ReadError, content, open};
use crate::secret::SecretBytes;

/// The content of a file when it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Empty if the file did not exist.
    pub(crate) bytes: SecretBytes,
    pub(super) fingerprint: Option<Fingerprint>,
}

impl Snapshot {
    /// Takes the fingerprint before the content, so that a write in between is noticed.
    pub(super) fn take(path: &Path, limit: u64) -> Result<Self, ReadError> {
        let (file, metadata) = match open(path) {
            Err(ReadError::Absent) => return Ok(Self::default()),
            result => result?,
        };
        let bytes = content(&file, metadata.len(), limit)?;
        Ok(Self { bytes, fingerprint: Some(platform::fingerprint(&metadata)) })
    }

    /// Whether the file existed.
    pub(crate) fn exists(&self) -> bool {
        self.fingerprint.is_some()
    }

    /// Whether the metadata shows no change since.
    pub(super) fn is_untouched(&self, now: Option<&Metadata>) -> bool {
        self.fingerprint == now.map(platform::fingerprint)
    }

    /// Whether both have the same content, or both have no file.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.exists() == other.exists() && self.bytes == other.bytes
    }
}
