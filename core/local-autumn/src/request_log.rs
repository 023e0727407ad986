//! The log of requests, for tests and for `atmn serve --verbose`.

use std::collections::VecDeque;
use std::fmt;

use libatmn::ApiKey;

/// The largest number of requests in the log.
const LIMIT: usize = 1_000;

/// A request in the log. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path without its query; keys in it are masked.
    pub path: String,
    /// The masked Authorization header: `Bearer am_sk_test_…a1b2`, or the scheme and `…`.
    pub authorization: Option<String>,
    /// The `X-API-Version` header.
    pub api_version: Option<String>,
    /// The status of the response, or 0 if the server closed the connection without a response.
    pub status: u16,
}

impl fmt::Display for LoggedRequest {
    /// One line for a terminal.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}", self.status, self.method, self.path)?;
        self.authorization.iter().try_for_each(|authorization| write!(formatter, " {authorization}"))
    }
}

impl LoggedRequest {
    /// The entry for a request that has no response yet.
    pub(crate) fn new<B>(request: &hyper::Request<B>) -> Self {
        let header = |name: &str| request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let masked = |word: &str| ApiKey::parse(word).map_or_else(|_| word.to_owned(), |key| key.to_string());
        Self {
            method: request.method().to_string(),
            path: request.uri().path().split('/').map(masked).collect::<Vec<_>>().join("/"),
            authorization: header("authorization").map(|text| mask_authorization(&text)),
            api_version: header("x-api-version").map(|text| text.chars().take(32).collect()),
            status: 0,
        }
    }
}

fn mask_authorization(text: &str) -> String {
    let (scheme, token) = text.split_once(' ').unwrap_or(("", text));
    let shown = ApiKey::parse(token.trim()).map_or_else(|_| "…".to_owned(), |key| key.to_string());
    let scheme = if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) { scheme } else { "" };
    format!("{scheme} {shown}").trim_start().to_owned()
}

/// The last thousand requests.
#[derive(Default)]
pub(crate) struct RequestLog(VecDeque<LoggedRequest>);

impl RequestLog {
    pub(crate) fn record(&mut self, entry: LoggedRequest) {
        if self.0.len() == LIMIT {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    /// The requests, the oldest first.
    pub(crate) fn entries(&self) -> Vec<LoggedRequest> {
        self.0.iter().cloned().collect()
    }
}
