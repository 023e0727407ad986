//! The system's own code of a failure, by its name in POSIX.

use std::io::{self, ErrorKind};

/// The name of the code, such as `ECONNREFUSED`, the same on every system; `None` if the failure has none of these.
pub(crate) fn system_code(error: &io::Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::ConnectionRefused => "ECONNREFUSED",
        ErrorKind::ConnectionReset => "ECONNRESET",
        ErrorKind::ConnectionAborted => "ECONNABORTED",
        ErrorKind::TimedOut => "ETIMEDOUT",
        ErrorKind::HostUnreachable => "EHOSTUNREACH",
        ErrorKind::NetworkUnreachable => "ENETUNREACH",
        ErrorKind::NetworkDown => "ENETDOWN",
        ErrorKind::AddrInUse => "EADDRINUSE",
        ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL",
        ErrorKind::BrokenPipe => "EPIPE",
        ErrorKind::PermissionDenied => "EACCES",
        ErrorKind::WouldBlock => "EAGAIN",
        ErrorKind::OutOfMemory => "ENOMEM",
        _ => return descriptors_code(error),
    })
}

/// The code of a lack of descriptors, for which Rust has no kind.
#[cfg(unix)]
fn descriptors_code(error: &io::Error) -> Option<&'static str> {
    use rustix::io::Errno;
    match Errno::from_io_error(error)? {
        Errno::MFILE => Some("EMFILE"),
        Errno::NFILE => Some("ENFILE"),
        _ => None,
    }
}

#[cfg(not(unix))]
fn descriptors_code(_: &io::Error) -> Option<&'static str> {
    None
}
