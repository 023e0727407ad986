//! The log of requests, for tests and for `atmn serve --verbose`.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use hyper::body::Bytes;
use hyper::header::HeaderMap;

use libatmn::ApiKey;

/// The largest number of requests in the log.
const LIMIT: usize = 1_000;

/// The start of the paths whose query and body the log has. Those of a login are full of secrets.
const API: &str = "/v1/";

/// A request in the log. It holds no secret: keys are masked, and only API requests have a query and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path without its query; keys in it are masked.
    pub path: String,
    /// The query of an API request, without `?`; keys in it are masked.
    pub query: String,
    /// The headers by their name in lower case. Keys, credentials and cookies are masked.
    pub headers: BTreeMap<String, String>,
    /// The body of an API request; keys in it are masked.
    pub body: String,
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
        let path = request.uri().path();
        let query = request.uri().query().filter(|_| path.starts_with(API));
        Self {
            method: request.method().to_string(),
            path: mask_keys(path),
            query: query.map(mask_keys).unwrap_or_default(),
            headers: mask_headers(request.headers()),
            body: String::new(),
            authorization: header("authorization").map(|text| mask_authorization(&text)),
            api_version: header("x-api-version").map(|text| text.chars().take(32).collect()),
            status: 0,
        }
    }

    /// Adds the body, once it has arrived.
    pub(crate) fn add_body(&mut self, body: &Bytes) {
        if self.path.starts_with(API) {
            self.body = mask_keys(&String::from_utf8_lossy(body));
        }
    }
}

/// Masks each key in a text.
fn mask_keys(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let masked = |word: &str| {
        let key = word.trim_end_matches(|c| !is_part(c));
        let end = word.get(key.len()..).unwrap_or_default();
        ApiKey::parse(key).map_or_else(|_| word.to_owned(), |key| format!("{key}{end}"))
    };
    text.split_inclusive(|c| !is_part(c)).map(masked).collect()
}

fn mask_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut masked = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = match name.as_str() {
            "authorization" | "proxy-authorization" => mask_authorization(&value),
            "cookie" => "…".to_owned(),
            _ => mask_keys(&value),
        };
        let known = masked.entry(name.as_str().to_owned()).or_default();
        *known = if known.is_empty() { value } else { format!("{known}, {value}") };
    }
    masked
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
