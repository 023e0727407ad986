//! File descriptors for event loops.

/// The number of a descriptor, which its owner closes.
#[cfg(unix)]
pub(crate) fn fd(owner: &impl std::os::fd::AsFd) -> i32 {
    use std::os::fd::AsRawFd;
    owner.as_fd().as_raw_fd()
}

/// Event loops on Windows wait for handles.
#[cfg(not(unix))]
pub(crate) fn fd<T>(_: &T) -> i32 {
    -1
}
