//! The log of requests, for tests and for `atmn serve --verbose`.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use hyper::body::Bytes;
use hyper::header::HeaderMap;

use libatmn::__internal::redact::mask_secrets;
use libatmn::ApiKey;
use percent_encoding::percent_decode_str;

/// The largest number of requests in the log.
const LIMIT: usize = 1_000;

/// The start of the paths whose query and body the log has. Those of a login are full of secrets.
const API: &str = "/v1/";

/// A request in the log. It holds no key and no token of Autumn, and of a login neither query nor body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path without its query; keys and tokens in it are masked.
    pub path: String,
    /// The query of an API request, without `?`; keys and tokens in it are masked.
    pub query: String,
    /// The headers by their name in lower case. Keys, tokens, credentials and cookies are masked, and `referer` has no
    /// query.
    pub headers: BTreeMap<String, String>,
    /// The body of an API request; keys and tokens in it are masked.
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
            method: mask(request.method().as_str()),
            path: mask(path),
            query: query.map(mask).unwrap_or_default(),
            headers: mask_headers(request.headers()),
            body: String::new(),
            authorization: header("authorization").map(|text| mask_authorization(&text)),
            api_version: header("x-api-version").map(|text| mask(&text).chars().take(32).collect()),
            status: 0,
        }
    }

    /// Adds the body, once it has arrived.
    pub(crate) fn add_body(&mut self, body: &Bytes) {
        if self.path.starts_with(API) {
            self.body = mask(&String::from_utf8_lossy(body));
        }
    }
}

/// Masks Autumn's keys and tokens in a text. If percent-encoding hides one, nothing of the text stays.
fn mask(text: &str) -> String {
    let masked = mask_secrets(text);
    let decoded = percent_decode_str(&masked).decode_utf8_lossy();
    if mask_secrets(&decoded) == decoded { masked } else { "…".to_owned() }
}

fn mask_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut masked = BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = match name.as_str() {
            "authorization" | "proxy-authorization" => mask_authorization(&value),
            "cookie" => "…".to_owned(),
            // The page of a login has the query of the login URL.
            "referer" => mask(value.split(['?', '#']).next().unwrap_or_default()),
            _ => mask(&value),
        };
        let known = masked.entry(mask(name.as_str())).or_default();
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

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The requests, the oldest first.
    pub(crate) fn entries(&self) -> Vec<LoggedRequest> {
        self.0.iter().cloned().collect()
    }
}
