//! Locks that allow one writer and one login at a time among all processes of a user. A process that needs both locks
//! takes the login lock first.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::state_directory;
use crate::cancel::Cancel;
use crate::config::{LOCK_MESSAGE_LIMIT, POLL_INTERVAL, WRITE_LOCK_TIMEOUT};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Host;
use crate::locations::shown;
use crate::text::hex;

/// A lock. It is released on drop, and by the system if the process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    /// The process that acquired the lock.
    process: u32,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A forked child shares the open file, so closing it here would not release the lock; and the child must not
        // release the lock of its parent.
        if self.process == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}

/// The result of trying to acquire a lock.
#[derive(Debug)]
pub(crate) enum LockResult {
    /// The lock is acquired.
    Held(Lock),
    /// Another process holds the lock.
    Busy,
    /// The system offers no locks. Callers report that and continue.
    Impossible,
}

impl Lock {
    /// Acquires the lock for changing a file, and waits for it. `None` if the system offers no locks.
    ///
    /// # Errors
    /// `file_locked`: another process holds the lock for ten seconds; `cancelled`.
    pub(crate) fn write(host: &Host, target: &Path, cancel: &Cancel) -> Result<Option<Self>> {
        let deadline = Instant::now() + WRITE_LOCK_TIMEOUT;
        loop {
            cancel.check()?;
            match Self::ask(host, target, "write") {
                LockResult::Held(lock) => return Ok(Some(lock)),
                LockResult::Impossible => return Ok(None),
                LockResult::Busy if Instant::now() >= deadline => {
                    let message = format!("{} is locked by another program.", shown(target));
                    return Err(Error::new(ErrorCode::FileLocked, message)
                        .with_hint("Wait for the other login or save to finish, then try again.")
                        .with("path", target.to_string_lossy()));
                }
                LockResult::Busy => std::thread::sleep(POLL_INTERVAL),
            }
        }
    }

    /// Tries to acquire the lock for changing a file. Never waits.
    pub(crate) fn try_write(host: &Host, target: &Path) -> LockResult {
        Self::ask(host, target, "write")
    }

    /// Tries to acquire the lock for a login that replaces a rejected key. Never waits.
    pub(crate) fn login(host: &Host, target: &Path) -> LockResult {
        Self::ask(host, target, "login")
    }

    /// Acquires the lock in a file, and blocks the thread until it is free. `None` if the system offers no locks.
    pub(super) fn blocking(path: &Path) -> Option<Self> {
        let file = open(path)?;
        loop {
            match file.lock() {
                Ok(()) => return Some(Self { file, process: std::process::id() }),
                // A signal handler of the program ran on this thread.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    /// Tries to acquire the lock for changing a file of the state directory. Never waits.
    pub(crate) fn state(host: &Host, target: &Path) -> LockResult {
        Self::ask(host, target, "state")
    }

    fn ask(host: &Host, target: &Path, purpose: &str) -> LockResult {
        let file = lock_path(host, target, purpose).and_then(|path| open(&path));
        let Some(file) = file else { return LockResult::Impossible };
        match file.try_lock() {
            Ok(()) => LockResult::Held(Self { file, process: std::process::id() }),
            Err(TryLockError::WouldBlock) => LockResult::Busy,
            Err(TryLockError::Error(_)) => LockResult::Impossible,
        }
    }

    /// The message of the previous holder; empty if there is none.
    pub(crate) fn message(&mut self) -> String {
        let mut message = String::new();
        let read = self.file.rewind().and_then(|()| (&self.file).take(LOCK_MESSAGE_LIMIT).read_to_string(&mut message));
        if read.is_ok() { message } else { String::new() }
    }

    /// Leaves a message for the next holder, or clears it with an empty one. Best effort: errors are ignored.
    pub(crate) fn leave_message(&mut self, message: &str) {
        let _ = self
            .file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| self.file.write_all(message.as_bytes()));
    }
}

/// One lock file per target, in the state directory: the project may be read-only, and git would list a lock file
/// there.
pub(super) fn lock_path(host: &Host, target: &Path, purpose: &str) -> Option<PathBuf> {
    let hash = Sha256::digest(target.as_os_str().as_encoded_bytes());
    let name = hex(&hash[..16]);
    Some(state_directory(host).ok()?.join(format!("{name}.{purpose}.lock")))
}

fn open(path: &Path) -> Option<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(path: &Path) -> File {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).unwrap()
    }

    /// A forked child holds a copy of the open file.
    #[test]
    fn lock_is_released_although_a_copy_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = Lock { file: opened(&path), process: std::process::id() };
        lock.file.lock().unwrap();
        let copy = lock.file.try_clone().unwrap();
        assert!(opened(&path).try_lock().is_err());
        drop(lock);
        opened(&path).try_lock().unwrap();

        let parent = Lock { file: opened(&path), process: std::process::id() + 1 };
        parent.file.lock().unwrap();
        let parent_copy = parent.file.try_clone().unwrap();
        drop(parent);
        assert!(opened(&path).try_lock().is_err(), "a child releases the lock of its parent");
        drop((copy, parent_copy));
    }
}
