//! Milliseconds, which is how C counts time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::{Error, Result};

/// The value of an option that is a length of time; a negative number is an error, as zero is in the core.
pub(crate) fn duration(milliseconds: i64, option: &'static str) -> Result<Duration> {
    positive(milliseconds).ok_or_else(|| Error::out_of_range(option, "greater than zero"))
}

/// The argument `max_ms` of a function, which a caller cannot omit.
pub(crate) fn longest_wait(max_ms: i64) -> Result<Duration> {
    positive(max_ms).ok_or_else(|| {
        Error::invalid("max_ms", "`max_ms` must be 0 or greater.")
            .with_hint("Pass the longest time to wait in milliseconds, or 0 to return at once.")
    })
}

fn positive(milliseconds: i64) -> Option<Duration> {
    u64::try_from(milliseconds).ok().map(Duration::from_millis)
}

/// A length of time, or the default if it is not set.
pub(crate) fn duration_or(milliseconds: Option<i64>, default: Duration, name: &'static str) -> Result<Duration> {
    milliseconds.map_or(Ok(default), |milliseconds| duration(milliseconds, name))
}

/// A point in time in milliseconds since 1970.
pub(crate) fn unix_milliseconds(time: SystemTime) -> i64 {
    i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
