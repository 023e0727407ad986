//! What can go wrong, once for all faces: a code with a number that never changes, a sentence, a hint, the names
//! and places it is about, and the reason behind it.

mod class;
mod failure;

pub use class::ErrorClass;
pub use failure::Error;

/// The result of every operation that can fail.
pub type Result<T> = std::result::Result<T, Error>;

enumeration! {
    /// Every failure that libatmn reports, in all languages. Numbers are append-only; 0 stands for "no error" in C.
    pub enum ErrorCode {
        /// A pointer that must not be NULL was NULL (C only).
        NullArgument = 1 => "null_argument",
        /// A text was not valid UTF-8.
        NotUtf8 = 2 => "not_utf8",
        /// An argument or option has a value that cannot be used; the context names it.
        InvalidArgument = 3 => "invalid_argument",
        /// The caller cancelled the call.
        Cancelled = 4 => "cancelled",
        /// The deadline passed.
        TimedOut = 5 => "timed_out",
        /// A defect in libatmn was caught before it reached the caller.
        Panic = 6 => "panic",
        /// The object is in use by another call.
        Busy = 7 => "busy",

        /// None of the callback ports is free.
        PortsInUse = 100 => "ports_in_use",
        /// The person, or the server, said no.
        LoginDenied = 101 => "login_denied",
        /// A login would be needed, and nobody could see its address.
        LoginUnattended = 102 => "login_unattended",
        /// The answer belongs to another login.
        StateMismatch = 103 => "state_mismatch",
        /// The server refused to exchange the code.
        ExchangeRefused = 104 => "exchange_refused",
        /// The server's answer to the exchange could not be understood.
        ExchangeUnreadable = 105 => "exchange_unreadable",
        /// The keys that the server sent cannot be used.
        KeysRefused = 106 => "keys_refused",
        /// The call needs a login that it was not allowed to make.
        LoginNeeded = 108 => "login_needed",
        /// There is no login waiting to be completed.
        NoPendingLogin = 109 => "no_pending_login",

        /// No key was found in any place.
        KeyNotFound = 200 => "key_not_found",
        /// The text found is not an Autumn key.
        MalformedKey = 201 => "malformed_key",
        /// A publishable key stands where a secret key belongs.
        WrongKeyKind = 202 => "wrong_key_kind",
        /// The key belongs to the other environment.
        WrongEnvironment = 203 => "wrong_environment",
        /// The file that a `…_FILE` variable names cannot be used.
        KeyFileUnreadable = 204 => "key_file_unreadable",

        /// A file could not be read.
        FileUnreadable = 300 => "file_unreadable",
        /// A file could not be written.
        FileUnwritable = 301 => "file_unwritable",
        /// The file is tracked by git, so a secret in it would be committed.
        EnvFileTracked = 302 => "env_file_tracked",
        /// Somebody else kept the file busy for too long.
        FileLocked = 303 => "file_locked",
        /// The file cannot be replaced in one step, so it was not touched.
        EnvFileNotReplaceable = 304 => "env_file_not_replaceable",
        /// The file, or the folder it lies in, can be changed by somebody else.
        FileUntrusted = 305 => "file_untrusted",
        /// There is no room left on the disk.
        DiskFull = 306 => "disk_full",
        /// The path leads to something that is not a regular file.
        NotAFile = 307 => "not_a_file",
        /// A symbolic link leads to nothing, or to a place where keys do not belong.
        LinkRefused = 308 => "link_refused",

        /// The server could not be reached.
        ConnectFailed = 400 => "connect_failed",
        /// No secure connection could be made.
        TlsFailed = 401 => "tls_failed",
        /// The server answered with a failure.
        ApiError = 402 => "api_error",
        /// The server rejected the key.
        Unauthorized = 403 => "unauthorized",
        /// The login was for another organization than the one expected.
        OrganizationChanged = 404 => "organization_changed",
        /// The server's name could not be resolved.
        ResolveFailed = 405 => "resolve_failed",
        /// The proxy refused or failed.
        ProxyFailed = 406 => "proxy_failed",
        /// The server did not answer in time.
        RequestTimedOut = 407 => "request_timed_out",
        /// The answer was larger than allowed.
        ResponseTooLarge = 408 => "response_too_large",
        /// The connection ended before the whole answer was there; the request may have arrived.
        ConnectionLost = 409 => "connection_lost",
        /// The answer is not what this server would say; the request may have arrived.
        ResponseUnreadable = 410 => "response_unreadable",

        /// The request carries no secret key.
        NoSecretKey = 500 => "no_secret_key",
        /// The secret key is not known.
        InvalidSecretKey = 501 => "invalid_secret_key",
        /// The Authorization header is not `Bearer <key>`.
        InvalidAuthHeader = 502 => "invalid_auth_header",
        /// The request carries no publishable key.
        NoPublishableKey = 503 => "no_publishable_key",
        /// The publishable key is not known.
        InvalidPublishableKey = 504 => "invalid_publishable_key",
        /// A publishable key may not be used for this endpoint.
        EndpointNotPublic = 505 => "endpoint_not_public",
        /// The secret key could not be checked.
        FailedToVerifySecretKey = 506 => "failed_to_verify_secret_key",
        /// The publishable key could not be checked.
        FailedToVerifyPublishableKey = 507 => "failed_to_verify_publishable_key",
    }
}

impl ErrorCode {
    /// The exit code of the `atmn` command: 1 failed, 2 wrong use, 4 somebody has to log in.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::NullArgument | Self::NotUtf8 | Self::InvalidArgument => 2,
            Self::LoginUnattended | Self::LoginNeeded | Self::NoPendingLogin | Self::KeyNotFound => 4,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_names_are_unique() {
        assert!(ErrorCode::ALL.is_sorted_by(|a, b| a.number() < b.number()));
        let names: std::collections::BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
    }
}
