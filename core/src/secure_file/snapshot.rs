//! The state of a file at one moment, to detect later changes.

use super::platform::{Found, Status};
use super::{ReadError, content, open};
use crate::secret::SecretBytes;

/// The content of a file when it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Empty if the file did not exist.
    pub(crate) bytes: SecretBytes,
    pub(super) status: Option<Status>,
}

impl Snapshot {
    /// Takes the metadata before the content, so that a write in between is noticed.
    pub(super) fn take(found: &Found, limit: u64) -> Result<Self, ReadError> {
        let file = match open(found) {
            Err(ReadError::Absent) => return Ok(Self::default()),
            result => result?,
        };
        let status = Status::of(&file)?;
        let bytes = content(&file, status.length(), limit)?;
        Ok(Self { bytes, status: Some(status) })
    }

    /// Whether the file existed.
    pub(crate) fn exists(&self) -> bool {
        self.status.is_some()
    }

    /// Whether the metadata shows no change since.
    pub(super) fn is_untouched(&self, now: &Status) -> bool {
        self.status.as_ref().is_some_and(|status| status.is_untouched(now))
    }

    /// Whether both have the same content, or both have no file.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.exists() == other.exists() && self.bytes == other.bytes
    }
}
