//! One writer at a time, among all processes of a user.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::state_directory;
use crate::config::WRITE_LOCK_TIMEOUT_MS;
use crate::error::{Error, ErrorCode, Result};
use crate::places::shown;

/// Held while a file is read, changed and written; let go on drop, and by the system if the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of a file; `None` where locking is impossible, which is reported and no reason to fail.
    ///
    /// # Errors
    /// `file_locked` if somebody holds it for ten seconds.
    pub(crate) fn write(target: &Path) -> Result<Option<Self>> {
        let Some(file) = lock_file(target) else { return Ok(None) };
        let deadline = Instant::now() + Duration::from_millis(WRITE_LOCK_TIMEOUT_MS);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::Error(_)) => return Ok(None),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    let message = format!("Another program keeps {} locked.", shown(target));
                    return Err(Error::new(ErrorCode::FileLocked, message)
                        .with_hint("Wait for the other login or save to end, then try again.")
                        .with("path", target.to_string_lossy()));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }
}

/// One lock file per target, outside the project: a lock beside `.env` would be litter, and may not be writable.
fn lock_file(target: &Path) -> Option<File> {
    let hash = Sha256::digest(target.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let path = state_directory().ok()?.join(format!("{name}.write.lock"));
    OpenOptions::new().write(true).create(true).truncate(false).open(path).ok()
}
