//! The system's own code of a failure, by its name in POSIX.

use std::fmt;
use std::io::{self, ErrorKind};

use super::Error;

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

/// Whether the process, or the machine, has no descriptor left.
pub(crate) fn lacks_descriptors(error: &io::Error) -> bool {
    matches!(system_code(error), Some("EMFILE" | "ENFILE"))
}

pub(super) const CLOSE_DESCRIPTORS: &str =
    "Close files or connections that the program no longer needs, or raise its limit of open files.";

/// What to do if the system refused something for want of descriptors, threads, processes or memory; `None` if it had
/// another reason.
pub(crate) fn lack_hint(error: &io::Error) -> Option<&'static str> {
    match system_code(error)? {
        "EMFILE" | "ENFILE" => Some(CLOSE_DESCRIPTORS),
        "EAGAIN" | "ENOMEM" => {
            Some("End threads or processes that are no longer needed, or raise the limit of processes or memory.")
        }
        _ => None,
    }
}

/// The system started no further thread.
#[derive(Debug)]
pub(crate) struct NoThread(pub(crate) io::Error);

impl fmt::Display for NoThread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "could not start a thread: {}", self.0)
    }
}

impl std::error::Error for NoThread {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl NoThread {
    // No `From`, with which `?` in the closures of the bindings would need annotations.
    pub(crate) fn into_error(self) -> Error {
        Error::system_limit("Could not start a thread", self.0)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn lack_of_threads_and_descriptors_is_said_in_the_words_of_the_system() {
        for (number, code, word) in
            [(rustix::io::Errno::AGAIN, "EAGAIN", "threads"), (rustix::io::Errno::MFILE, "EMFILE", "files")]
        {
            let error = NoThread(number.into()).into_error();
            assert_eq!(error.code, ErrorCode::SystemLimit);
            assert_eq!(error.context["system_code"], code);
            assert_eq!(error.message, format!("Could not start a thread: {}.", io::Error::from(number)));
            assert!(format!("{:?}", error.hint).contains(word), "{error:?}");
        }
        let refused = io::Error::from(rustix::io::Errno::ACCESS);
        assert_eq!(lack_hint(&refused), None);
    }
}
