//! What can go wrong, once for all faces: a code with a number that never changes, a sentence, a hint, the names
//! and places it is about, and the reason behind it.

mod class;
mod failure;

pub use class::ErrorClass;
pub use failure::Error;

/// The result of every operation that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Every failure that libatmn reports, in all languages. Numbers are append-only; 0 stands for "no error" in C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum ErrorCode {
    /// A pointer that must not be NULL was NULL (C only).
    NullArgument = 1,
    /// A text was not valid UTF-8.
    NotUtf8 = 2,
    /// An argument or option has a value that cannot be used; the context names it.
    InvalidArgument = 3,
    /// The caller cancelled the call.
    Cancelled = 4,
    /// The deadline passed.
    TimedOut = 5,
    /// A defect in libatmn was caught before it reached the caller.
    Panic = 6,
    /// The object is in use by another call.
    Busy = 7,

    /// None of the callback ports is free.
    PortsInUse = 100,
    /// The person, or the server, said no.
    LoginDenied = 101,
    /// A login would be needed, and nobody could see its address.
    LoginUnattended = 102,
    /// The answer belongs to another login.
    StateMismatch = 103,
    /// The server refused to exchange the code.
    ExchangeRefused = 104,
    /// The server's answer to the exchange could not be understood.
    ExchangeUnreadable = 105,
    /// The keys that the server sent cannot be used.
    KeysRefused = 106,
    /// The call needs a login that it was not allowed to make.
    LoginNeeded = 108,
    /// There is no login waiting to be completed.
    NoPendingLogin = 109,

    /// No key was found in any place.
    KeyNotFound = 200,
    /// The text found is not an Autumn key.
    MalformedKey = 201,
    /// A publishable key stands where a secret key belongs.
    WrongKeyKind = 202,
    /// The key belongs to the other environment.
    WrongEnvironment = 203,
    /// The file that a `…_FILE` variable names cannot be used.
    KeyFileUnreadable = 204,

    /// A file could not be read.
    FileUnreadable = 300,
    /// A file could not be written.
    FileUnwritable = 301,
    /// The file is tracked by git, so a secret in it would be committed.
    EnvFileTracked = 302,
    /// Somebody else kept the file busy for too long.
    FileLocked = 303,
    /// The file cannot be replaced in one step, so it was not touched.
    EnvFileNotReplaceable = 304,
    /// The file, or the folder it lies in, can be changed by somebody else.
    FileUntrusted = 305,
    /// There is no room left on the disk.
    DiskFull = 306,
    /// The path leads to something that is not a regular file.
    NotAFile = 307,
    /// A symbolic link leads to nothing, or to a place where keys do not belong.
    LinkRefused = 308,

    /// The server could not be reached.
    ConnectFailed = 400,
    /// No secure connection could be made.
    TlsFailed = 401,
    /// The server answered with a failure.
    ApiError = 402,
    /// The server rejected the key.
    Unauthorized = 403,
    /// The login was for another organization than the one expected.
    OrganizationChanged = 404,
    /// The server's name could not be resolved.
    ResolveFailed = 405,
    /// The proxy refused or failed.
    ProxyFailed = 406,
    /// The server did not answer in time.
    RequestTimedOut = 407,
    /// The answer was larger than allowed.
    ResponseTooLarge = 408,
    /// The connection ended before the whole answer was there; the request may have arrived.
    ConnectionLost = 409,
    /// The answer is not what this server would say; the request may have arrived.
    ResponseUnreadable = 410,

    /// The request carries no secret key.
    NoSecretKey = 500,
    /// The secret key is not known.
    InvalidSecretKey = 501,
    /// The Authorization header is not `Bearer <key>`.
    InvalidAuthHeader = 502,
    /// The request carries no publishable key.
    NoPublishableKey = 503,
    /// The publishable key is not known.
    InvalidPublishableKey = 504,
    /// A publishable key may not be used for this endpoint.
    EndpointNotPublic = 505,
    /// The secret key could not be checked.
    FailedToVerifySecretKey = 506,
    /// The publishable key could not be checked.
    FailedToVerifyPublishableKey = 507,
}

impl ErrorCode {
    /// All codes, in the order of their numbers.
    pub const ALL: &[Self] = &[
        Self::NullArgument,
        Self::NotUtf8,
        Self::InvalidArgument,
        Self::Cancelled,
        Self::TimedOut,
        Self::Panic,
        Self::Busy,
        Self::PortsInUse,
        Self::LoginDenied,
        Self::LoginUnattended,
        Self::StateMismatch,
        Self::ExchangeRefused,
        Self::ExchangeUnreadable,
        Self::KeysRefused,
        Self::LoginNeeded,
        Self::NoPendingLogin,
        Self::KeyNotFound,
        Self::MalformedKey,
        Self::WrongKeyKind,
        Self::WrongEnvironment,
        Self::KeyFileUnreadable,
        Self::FileUnreadable,
        Self::FileUnwritable,
        Self::EnvFileTracked,
        Self::FileLocked,
        Self::EnvFileNotReplaceable,
        Self::FileUntrusted,
        Self::DiskFull,
        Self::NotAFile,
        Self::LinkRefused,
        Self::ConnectFailed,
        Self::TlsFailed,
        Self::ApiError,
        Self::Unauthorized,
        Self::OrganizationChanged,
        Self::ResolveFailed,
        Self::ProxyFailed,
        Self::RequestTimedOut,
        Self::ResponseTooLarge,
        Self::ConnectionLost,
        Self::ResponseUnreadable,
        Self::NoSecretKey,
        Self::InvalidSecretKey,
        Self::InvalidAuthHeader,
        Self::NoPublishableKey,
        Self::InvalidPublishableKey,
        Self::EndpointNotPublic,
        Self::FailedToVerifySecretKey,
        Self::FailedToVerifyPublishableKey,
    ];

    /// The number, as C sees it.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The name, as Node, Python and `--json` see it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NullArgument => "null_argument",
            Self::NotUtf8 => "not_utf8",
            Self::InvalidArgument => "invalid_argument",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Panic => "panic",
            Self::Busy => "busy",
            Self::PortsInUse => "ports_in_use",
            Self::LoginDenied => "login_denied",
            Self::LoginUnattended => "login_unattended",
            Self::StateMismatch => "state_mismatch",
            Self::ExchangeRefused => "exchange_refused",
            Self::ExchangeUnreadable => "exchange_unreadable",
            Self::KeysRefused => "keys_refused",
            Self::LoginNeeded => "login_needed",
            Self::NoPendingLogin => "no_pending_login",
            Self::KeyNotFound => "key_not_found",
            Self::MalformedKey => "malformed_key",
            Self::WrongKeyKind => "wrong_key_kind",
            Self::WrongEnvironment => "wrong_environment",
            Self::KeyFileUnreadable => "key_file_unreadable",
            Self::FileUnreadable => "file_unreadable",
            Self::FileUnwritable => "file_unwritable",
            Self::EnvFileTracked => "env_file_tracked",
            Self::FileLocked => "file_locked",
            Self::EnvFileNotReplaceable => "env_file_not_replaceable",
            Self::FileUntrusted => "file_untrusted",
            Self::DiskFull => "disk_full",
            Self::NotAFile => "not_a_file",
            Self::LinkRefused => "link_refused",
            Self::ConnectFailed => "connect_failed",
            Self::TlsFailed => "tls_failed",
            Self::ApiError => "api_error",
            Self::Unauthorized => "unauthorized",
            Self::OrganizationChanged => "organization_changed",
            Self::ResolveFailed => "resolve_failed",
            Self::ProxyFailed => "proxy_failed",
            Self::RequestTimedOut => "request_timed_out",
            Self::ResponseTooLarge => "response_too_large",
            Self::ConnectionLost => "connection_lost",
            Self::ResponseUnreadable => "response_unreadable",
            Self::NoSecretKey => "no_secret_key",
            Self::InvalidSecretKey => "invalid_secret_key",
            Self::InvalidAuthHeader => "invalid_auth_header",
            Self::NoPublishableKey => "no_publishable_key",
            Self::InvalidPublishableKey => "invalid_publishable_key",
            Self::EndpointNotPublic => "endpoint_not_public",
            Self::FailedToVerifySecretKey => "failed_to_verify_secret_key",
            Self::FailedToVerifyPublishableKey => "failed_to_verify_publishable_key",
        }
    }

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

    /// Numbers written once, in the enum: `ALL` must hold each of them, in their order, with a name of its own.
    #[test]
    fn the_list_of_all_codes_is_the_enum() {
        let source = include_str!("error.rs");
        let body = source.split("pub enum ErrorCode {").nth(1).unwrap().split("\n}").next().unwrap();
        let written: Vec<i32> =
            body.lines().filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = ")?.1.parse().ok()).collect();
        let listed: Vec<i32> = ErrorCode::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(listed, written);
        assert!(written.is_sorted_by(|a, b| a < b));
        let names: std::collections::BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
    }
}
