//! The errors of all languages: a stable code, a message, a hint, a context and a cause.

mod class;
mod errno;
mod failure;
mod system_code;

pub use class::ErrorClass;
pub use failure::Error;
pub(crate) use system_code::{NoThread, lack_hint, lacks_descriptors, system_code};

/// The result of every operation that can fail.
pub type Result<T> = std::result::Result<T, Error>;

enumeration! {
    /// Every failure that libatmn reports, in all languages. Numbers are append-only; 0 means "no error" in C.
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
        /// An internal error in libatmn (a bug) was caught.
        Panic = 6 => "panic",
        /// The object is in use by another call.
        Busy = 7 => "busy",
        /// The system gives this process no more threads or file descriptors; the context has its code.
        SystemLimit = 8 => "system_limit",

        /// None of the callback ports is free.
        PortsInUse = 100 => "ports_in_use",
        /// The user or the server denied the login.
        LoginDenied = 101 => "login_denied",
        /// A login is required, but there is no listener to show its URL.
        LoginUnattended = 102 => "login_unattended",
        /// The callback belongs to another login.
        StateMismatch = 103 => "state_mismatch",
        /// The server refused to exchange the code.
        ExchangeRefused = 104 => "exchange_refused",
        /// The response to the exchange is invalid.
        ExchangeUnreadable = 105 => "exchange_unreadable",
        /// The server sent keys that cannot be used.
        KeysRefused = 106 => "keys_refused",
        /// A login is required, but automatic login is not allowed here.
        LoginNeeded = 108 => "login_needed",
        /// No pending login can be completed.
        NoPendingLogin = 109 => "no_pending_login",

        /// No location has a key.
        KeyNotFound = 200 => "key_not_found",
        /// The text is not an Autumn API key.
        MalformedKey = 201 => "malformed_key",
        /// A publishable key was found where a secret key is needed.
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
        /// Another program kept the file locked for too long, or changed it during a login.
        FileLocked = 303 => "file_locked",
        /// The file cannot be replaced atomically, so it was not changed.
        EnvFileNotReplaceable = 304 => "env_file_not_replaceable",
        /// Another user can change the file or its directory.
        FileUntrusted = 305 => "file_untrusted",
        /// The disk is full.
        DiskFull = 306 => "disk_full",
        /// The path is not a regular file.
        NotAFile = 307 => "not_a_file",
        /// A symbolic link is broken, or points to a file where keys must not be saved.
        LinkRefused = 308 => "link_refused",
        /// Version control did not say that it leaves the file alone, so a secret in it could be committed.
        EnvFileUnprotected = 309 => "env_file_unprotected",

        /// The server could not be reached.
        ConnectFailed = 400 => "connect_failed",
        /// No secure connection could be established.
        TlsFailed = 401 => "tls_failed",
        /// The server responded with an error.
        ApiError = 402 => "api_error",
        /// The server rejected the key.
        Unauthorized = 403 => "unauthorized",
        /// The login was for an unexpected organization.
        OrganizationChanged = 404 => "organization_changed",
        /// The server's host name could not be resolved.
        ResolveFailed = 405 => "resolve_failed",
        /// The proxy refused the connection or failed.
        ProxyFailed = 406 => "proxy_failed",
        /// The server did not respond in time.
        RequestTimedOut = 407 => "request_timed_out",
        /// The response is larger than the limit.
        ResponseTooLarge = 408 => "response_too_large",
        /// The connection closed before the response was complete; the request may have arrived.
        ConnectionLost = 409 => "connection_lost",
        /// The response is invalid; the request may have arrived.
        ResponseUnreadable = 410 => "response_unreadable",
        /// The key was replaced, and the request was not repeated with it: its organization may be another one.
        RequestNotRepeated = 411 => "request_not_repeated",

        /// The request has no secret key.
        NoSecretKey = 500 => "no_secret_key",
        /// The secret key is unknown.
        InvalidSecretKey = 501 => "invalid_secret_key",
        /// The `Authorization` header is not `Bearer <key>`.
        InvalidAuthHeader = 502 => "invalid_auth_header",
        /// The request has no publishable key.
        NoPublishableKey = 503 => "no_publishable_key",
        /// The publishable key is unknown.
        InvalidPublishableKey = 504 => "invalid_publishable_key",
        /// This endpoint does not accept publishable keys.
        EndpointNotPublic = 505 => "endpoint_not_public",
        /// The secret key could not be verified.
        FailedToVerifySecretKey = 506 => "failed_to_verify_secret_key",
        /// The publishable key could not be verified.
        FailedToVerifyPublishableKey = 507 => "failed_to_verify_publishable_key",
    }
}

impl ErrorCode {
    /// The exit code of the `atmn` command: 1 failed, 2 usage error, 4 login required.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::NullArgument | Self::NotUtf8 | Self::InvalidArgument => 2,
            Self::LoginUnattended | Self::LoginNeeded | Self::NoPendingLogin | Self::KeyNotFound => 4,
            // The server rejected the key.
            Self::Unauthorized | Self::InvalidSecretKey => 4,
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
