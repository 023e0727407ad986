//! A value that does not survive `fork`, such as a connection pool or a runtime.

use std::sync::{PoisonError, RwLock, TryLockError};

use crate::error::Result;

/// Holds a value for the process that made it; the child of a fork makes its own. No method waits for the lock: a fork
/// during another thread's write leaves it locked in the child forever.
#[derive(Debug)]
pub(crate) struct PerProcess<T>(RwLock<Option<OwnValue<T>>>);

#[derive(Debug)]
struct OwnValue<T> {
    process: u32,
    value: T,
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> PerProcess<T> {
    /// Holds no value yet.
    pub(crate) const fn new() -> Self {
        Self(RwLock::new(None))
    }
}

impl<T: Clone> PerProcess<T> {
    /// The value of this process. The first call makes it; after a fork, `make` gets the parent's value if it can be
    /// read. Two first calls at the same time may each make a value, and one of the two stays.
    ///
    /// # Errors
    /// As `make`.
    pub(crate) fn get_or_try_init(&self, make: impl FnOnce(Option<&T>) -> Result<T>) -> Result<T> {
        let process = std::process::id();
        let found = match self.0.try_read() {
            Ok(slot) => slot.as_ref().map(|owned| (owned.process, owned.value.clone())),
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => None,
        };
        let inherited = match found {
            Some((owner, value)) if owner == process => return Ok(value),
            inherited => inherited.map(|(_, value)| value),
        };
        let made = make(inherited.as_ref());
        // Dropping the parent's value would close connections that the parent still uses.
        std::mem::forget(inherited);
        let value = made?;
        self.store(OwnValue { process, value: value.clone() });
        Ok(value)
    }

    fn store(&self, owned: OwnValue<T>) {
        let mut slot = match self.0.try_write() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(TryLockError::WouldBlock) => return,
        };
        forget_inherited(slot.replace(owned));
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        forget_inherited(self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Drops a value of this process, and leaks one of the parent, which still uses the connections that both share.
fn forget_inherited<T>(owned: Option<OwnValue<T>>) {
    if let Some(owned) = owned
        && owned.process != std::process::id()
    {
        std::mem::forget(owned);
    }
}
