//! The server's clock, which tests can advance.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The system clock plus the time that tests added.
#[derive(Default)]
pub(crate) struct Clock {
    offset: Duration,
}

impl Clock {
    /// Seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_add(self.offset).as_secs()
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.offset = self.offset.saturating_add(time);
    }
}
