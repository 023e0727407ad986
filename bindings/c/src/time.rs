//! Milliseconds, which is how C counts time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::{Error, Result};

/// A length of time; a negative number is an error.
pub(crate) fn duration(milliseconds: i64, name: &'static str) -> Result<Duration> {
    u64::try_from(milliseconds).map(Duration::from_millis).map_err(|_| Error::no_time(name))
}

/// A length of time, or the default if it is not set.
pub(crate) fn duration_or(milliseconds: Option<i64>, default: Duration, name: &'static str) -> Result<Duration> {
    milliseconds.map_or(Ok(default), |milliseconds| duration(milliseconds, name))
}

/// A point in time in milliseconds since 1970.
pub(crate) fn unix_milliseconds(time: SystemTime) -> i64 {
    i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
