//! The names of error numbers in POSIX.

use std::io;

/// The name of the system's number, if the error has one that is known by name.
#[cfg(unix)]
pub(super) fn name(error: &io::Error) -> Option<&'static str> {
    let errno = rustix::io::Errno::from_io_error(error)?;
    let mut known = NAMES.iter().chain(LINUX_NAMES);
    known.find(|(number, _)| *number == errno).map(|(_, name)| *name)
}

/// The name for a code of Windows that Rust's kind of error does not identify.
#[cfg(not(unix))]
pub(super) fn name(error: &io::Error) -> Option<&'static str> {
    Some(match error.raw_os_error()? {
        // ERROR_TOO_MANY_OPEN_FILES, WSAEMFILE.
        4 | 10_024 => "EMFILE",
        // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION.
        32 | 33 => "EBUSY",
        // ERROR_NOT_SUPPORTED.
        50 => "ENOTSUP",
        // ERROR_INVALID_PARAMETER, ERROR_INVALID_NAME.
        87 | 123 => "EINVAL",
        // ERROR_FILENAME_EXCED_RANGE.
        206 => "ENAMETOOLONG",
        // ERROR_IO_DEVICE.
        1_117 => "EIO",
        // WSAENOBUFS.
        10_055 => "ENOBUFS",
        _ => return None,
    })
}

/// Pairs the constants of rustix with their names.
#[cfg(unix)]
macro_rules! names {
    ($($constant:ident => $name:literal,)*) => { &[$((rustix::io::Errno::$constant, $name)),*] };
}

/// The names that all systems have. A number with two names has that of the first row.
#[cfg(unix)]
#[rustfmt::skip]
const NAMES: &[(rustix::io::Errno, &str)] = names! {
    ACCESS => "EACCES", ADDRINUSE => "EADDRINUSE", ADDRNOTAVAIL => "EADDRNOTAVAIL", AFNOSUPPORT => "EAFNOSUPPORT",
    AGAIN => "EAGAIN", ALREADY => "EALREADY", BADF => "EBADF", BADMSG => "EBADMSG", BUSY => "EBUSY",
    CANCELED => "ECANCELED", CHILD => "ECHILD", CONNABORTED => "ECONNABORTED", CONNREFUSED => "ECONNREFUSED",
    CONNRESET => "ECONNRESET", DEADLK => "EDEADLK", DESTADDRREQ => "EDESTADDRREQ", DOM => "EDOM", DQUOT => "EDQUOT",
    EXIST => "EEXIST", FAULT => "EFAULT", FBIG => "EFBIG", HOSTDOWN => "EHOSTDOWN", HOSTUNREACH => "EHOSTUNREACH",
    IDRM => "EIDRM", ILSEQ => "EILSEQ", INPROGRESS => "EINPROGRESS", INTR => "EINTR", INVAL => "EINVAL", IO => "EIO",
    ISCONN => "EISCONN", ISDIR => "EISDIR", LOOP => "ELOOP", MFILE => "EMFILE", MLINK => "EMLINK",
    MSGSIZE => "EMSGSIZE", NAMETOOLONG => "ENAMETOOLONG", NETDOWN => "ENETDOWN", NETRESET => "ENETRESET",
    NETUNREACH => "ENETUNREACH", NFILE => "ENFILE", NOBUFS => "ENOBUFS", NODEV => "ENODEV", NOENT => "ENOENT",
    NOEXEC => "ENOEXEC", NOLCK => "ENOLCK", NOMEM => "ENOMEM", NOMSG => "ENOMSG", NOPROTOOPT => "ENOPROTOOPT",
    NOSPC => "ENOSPC", NOSYS => "ENOSYS", NOTCONN => "ENOTCONN", NOTDIR => "ENOTDIR", NOTEMPTY => "ENOTEMPTY",
    NOTSOCK => "ENOTSOCK", NOTSUP => "ENOTSUP", NOTTY => "ENOTTY", NXIO => "ENXIO", OPNOTSUPP => "EOPNOTSUPP",
    OVERFLOW => "EOVERFLOW", PERM => "EPERM", PIPE => "EPIPE", PROTO => "EPROTO",
    PROTONOSUPPORT => "EPROTONOSUPPORT", PROTOTYPE => "EPROTOTYPE", RANGE => "ERANGE", ROFS => "EROFS",
    SPIPE => "ESPIPE", SRCH => "ESRCH", STALE => "ESTALE", TIMEDOUT => "ETIMEDOUT", TXTBSY => "ETXTBSY",
    XDEV => "EXDEV",
};

/// What the file systems and sockets of Linux return beside those.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[rustfmt::skip]
const LINUX_NAMES: &[(rustix::io::Errno, &str)] = names! {
    COMM => "ECOMM", HWPOISON => "EHWPOISON", KEYEXPIRED => "EKEYEXPIRED", KEYREJECTED => "EKEYREJECTED",
    KEYREVOKED => "EKEYREVOKED", MEDIUMTYPE => "EMEDIUMTYPE", MULTIHOP => "EMULTIHOP", NODATA => "ENODATA",
    NOKEY => "ENOKEY", NOLINK => "ENOLINK", NOMEDIUM => "ENOMEDIUM", NONET => "ENONET",
    NOTRECOVERABLE => "ENOTRECOVERABLE", OWNERDEAD => "EOWNERDEAD", REMOTE => "EREMOTE", REMOTEIO => "EREMOTEIO",
    SHUTDOWN => "ESHUTDOWN", TIME => "ETIME", TOOBIG => "E2BIG", TOOMANYREFS => "ETOOMANYREFS", UCLEAN => "EUCLEAN",
    USERS => "EUSERS",
};

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const LINUX_NAMES: &[(rustix::io::Errno, &str)] = &[];
