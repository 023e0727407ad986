//! The system's own code of a failure, by its name in POSIX.

use std::fmt;
use std::io::{self, ErrorKind};

use super::{Error, errno};

/// The name of the code, such as `ECONNREFUSED`, the same on every system; `None` if the system did not refuse anything.
pub(crate) fn system_code(error: &io::Error) -> Option<&'static str> {
    errno::name(error).or_else(|| name_of_kind(error))
}

/// The name for what Rust knows of an error: codes of Windows, and errors without a number. An error of another crate, such
/// as of a TLS library, has a kind and nothing that the system said.
fn name_of_kind(error: &io::Error) -> Option<&'static str> {
    if error.get_ref().is_some() {
        return None;
    }
    name_of_network_kind(error.kind()).or_else(|| name_of_file_kind(error.kind()))
}

fn name_of_network_kind(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::ConnectionRefused => "ECONNREFUSED",
        ErrorKind::ConnectionReset => "ECONNRESET",
        ErrorKind::ConnectionAborted => "ECONNABORTED",
        ErrorKind::TimedOut => "ETIMEDOUT",
        ErrorKind::HostUnreachable => "EHOSTUNREACH",
        ErrorKind::NetworkUnreachable => "ENETUNREACH",
        ErrorKind::NetworkDown => "ENETDOWN",
        ErrorKind::NotConnected => "ENOTCONN",
        ErrorKind::AddrInUse => "EADDRINUSE",
        ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL",
        ErrorKind::BrokenPipe => "EPIPE",
        ErrorKind::WouldBlock => "EAGAIN",
        ErrorKind::OutOfMemory => "ENOMEM",
        _ => return None,
    })
}

fn name_of_file_kind(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "ENOENT",
        ErrorKind::PermissionDenied => "EACCES",
        ErrorKind::AlreadyExists => "EEXIST",
        ErrorKind::NotADirectory => "ENOTDIR",
        ErrorKind::IsADirectory => "EISDIR",
        ErrorKind::DirectoryNotEmpty => "ENOTEMPTY",
        ErrorKind::ReadOnlyFilesystem => "EROFS",
        ErrorKind::StorageFull => "ENOSPC",
        ErrorKind::QuotaExceeded => "EDQUOT",
        ErrorKind::FileTooLarge => "EFBIG",
        ErrorKind::ResourceBusy => "EBUSY",
        ErrorKind::ExecutableFileBusy => "ETXTBSY",
        ErrorKind::Deadlock => "EDEADLK",
        ErrorKind::CrossesDevices => "EXDEV",
        ErrorKind::TooManyLinks => "EMLINK",
        ErrorKind::NotSeekable => "ESPIPE",
        ErrorKind::StaleNetworkFileHandle => "ESTALE",
        ErrorKind::ArgumentListTooLong => "E2BIG",
        _ => return None,
    })
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

    #[test]
    fn every_number_of_the_system_has_its_name() {
        use rustix::io::Errno;
        for (errno, name) in [
            (Errno::NOENT, "ENOENT"),
            (Errno::NOSPC, "ENOSPC"),
            (Errno::ROFS, "EROFS"),
            (Errno::PERM, "EPERM"),
            (Errno::ACCESS, "EACCES"),
            (Errno::IO, "EIO"),
            (Errno::STALE, "ESTALE"),
            (Errno::LOOP, "ELOOP"),
            (Errno::WOULDBLOCK, "EAGAIN"),
            (Errno::CONNREFUSED, "ECONNREFUSED"),
        ] {
            assert_eq!(system_code(&errno.into()), Some(name));
        }
        let nameless = (1..=40).filter(|number| system_code(&io::Error::from_raw_os_error(*number)).is_none());
        assert_eq!(nameless.collect::<Vec<_>>(), [15], "only ENOTBLK, which is for mounting");
    }

    #[test]
    fn error_of_another_crate_has_no_code_of_the_system() {
        assert_eq!(system_code(&io::Error::new(ErrorKind::NotFound, "there is no home directory")), None);
        assert_eq!(system_code(&ErrorKind::ResourceBusy.into()), Some("EBUSY"));
    }
}
