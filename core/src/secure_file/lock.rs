//! One writer, and one login, at a time, among all processes of a user. Whoever wants both takes the login's lock first.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::state_directory;
use crate::config::WRITE_LOCK_TIMEOUT_MS;
use crate::error::{Error, ErrorCode, Result};
use crate::locations::shown;

/// Longest word that one holder leaves for the next, in bytes.
const WORD_LIMIT: u64 = 4 * 1024;

/// Let go on drop, and by the system if the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    /// The process that took it.
    process: u32,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A child that was forked off meanwhile has the file open too, and closing ours would leave the lock to it. It is
        // not the child's to let go of.
        if self.process == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}

/// What came of asking for a lock.
#[derive(Debug)]
pub(crate) enum LockResult {
    /// It is ours.
    Held(Lock),
    /// Somebody else has it.
    Busy,
    /// There are no locks here, which is reported and no reason to fail.
    Impossible,
}

impl Lock {
    /// The lock held while a file is read, changed and written. Waits for it; `None` where locking is impossible.
    ///
    /// # Errors
    /// `file_locked` if somebody holds it for ten seconds.
    pub(crate) fn write(target: &Path) -> Result<Option<Self>> {
        let deadline = Instant::now() + Duration::from_millis(WRITE_LOCK_TIMEOUT_MS);
        loop {
            match Self::ask(target, "write") {
                LockResult::Held(lock) => return Ok(Some(lock)),
                LockResult::Impossible => return Ok(None),
                LockResult::Busy if Instant::now() >= deadline => {
                    let message = format!("Another program keeps {} locked.", shown(target));
                    return Err(Error::new(ErrorCode::FileLocked, message)
                        .with_hint("Wait for the other login or save to end, then try again.")
                        .with("path", target.to_string_lossy()));
                }
                LockResult::Busy => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// The lock held while somebody logs in anew because the key in a file was rejected. Never waits.
    pub(crate) fn login(target: &Path) -> LockResult {
        Self::ask(target, "login")
    }

    fn ask(target: &Path, purpose: &str) -> LockResult {
        let Some(file) = lock_file(target, purpose) else { return LockResult::Impossible };
        match file.try_lock() {
            Ok(()) => LockResult::Held(Self { file, process: std::process::id() }),
            Err(TryLockError::WouldBlock) => LockResult::Busy,
            Err(TryLockError::Error(_)) => LockResult::Impossible,
        }
    }

    /// What the holder before left for those who waited; empty if nothing.
    pub(crate) fn word(&mut self) -> String {
        let mut word = String::new();
        let read = self.file.rewind().and_then(|()| (&self.file).take(WORD_LIMIT).read_to_string(&mut word));
        if read.is_ok() { word } else { String::new() }
    }

    /// Leaves a word for those who wait, or takes it back. One that cannot be left is missed by nobody.
    pub(crate) fn leave_word(&mut self, word: &str) {
        let _ =
            self.file.set_len(0).and_then(|()| self.file.rewind()).and_then(|()| self.file.write_all(word.as_bytes()));
    }
}

/// One lock file per target, outside the project: a lock beside `.env` would be litter, and may not be writable.
fn lock_file(target: &Path, purpose: &str) -> Option<File> {
    let hash = Sha256::digest(target.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let path = state_directory().ok()?.join(format!("{name}.{purpose}.lock"));
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(path: &Path) -> File {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).unwrap()
    }

    /// What a child has that was forked off while the lock was held.
    #[test]
    fn a_lock_does_not_live_on_in_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = Lock { file: opened(&path), process: std::process::id() };
        lock.file.lock().unwrap();
        let copy = lock.file.try_clone().unwrap();
        assert!(opened(&path).try_lock().is_err());
        drop(lock);
        opened(&path).try_lock().unwrap();

        let of_the_parent = Lock { file: opened(&path), process: std::process::id() + 1 };
        of_the_parent.file.lock().unwrap();
        let copy_of_the_parents = of_the_parent.file.try_clone().unwrap();
        drop(of_the_parent);
        assert!(opened(&path).try_lock().is_err(), "a child lets go of its parent's lock");
        drop((copy, copy_of_the_parents));
    }
}
