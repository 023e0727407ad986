//! The test bench: faults to be played for the next requests, and a log of what came in. Only with
//! `Options::controls`.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use libatmn::ApiKey;

use crate::answer::{Answer, Request};
use crate::store::Store;

/// Requests remembered at most.
const LOG_LIMIT: usize = 1_000;

/// Something that goes wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request is not handled; this is the answer instead. A redirect is a status with `location`.
    Answer {
        /// The HTTP status.
        status: u16,
        /// Header names and values; those that no header may hold are left out.
        headers: Vec<(String, String)>,
        /// The body, as it is.
        body: String,
    },
    /// The request is handled, the answer comes late.
    Delay(Duration),
    /// The request is handled; the answer has its status and headers, and bytes that are no text at all.
    Garbage,
    /// The request is handled; the answer breaks off in its middle.
    Truncate,
    /// The request is handled; the connection is closed without an answer.
    Drop,
}

impl Fault {
    /// An answer with a status and nothing else.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: String::new() }
    }

    /// A redirect that keeps the method (307).
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        let headers = vec![("location".to_owned(), location.to_owned())];
        Self::Answer { status: 307, headers, body: String::new() }
    }

    /// The answer that takes the place of handling the request, for [`Fault::Answer`].
    pub(crate) fn answer(&self) -> Option<Answer> {
        let Self::Answer { status, headers, body } = self else { return None };
        let mut answer = Answer::new(Bytes::from(body.clone()));
        *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                answer.headers_mut().append(name, value);
            }
        }
        Some(answer)
    }
}

/// What is remembered of a request: nothing that could be used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The method.
    pub method: String,
    /// The path without its query, keys in it masked.
    pub path: String,
    /// The Authorization header, masked: `Bearer am_sk_test_…a1b2`, or the scheme and `…`.
    pub authorization: Option<String>,
    /// The `X-API-Version` header.
    pub api_version: Option<String>,
    /// The status of the answer; 0 if the connection was closed without one.
    pub status: u16,
}

impl fmt::Display for LoggedRequest {
    /// One line, ready to print.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}", self.status, self.method, self.path)?;
        self.authorization.iter().try_for_each(|authorization| write!(formatter, " {authorization}"))
    }
}

impl LoggedRequest {
    /// Of a request that was not answered yet.
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

/// Faults and log of one server.
pub(crate) struct Bench {
    /// Whether there is a bench at all.
    enabled: bool,
    faults: Vec<(String, u32, Fault)>,
    log: VecDeque<LoggedRequest>,
}

impl Bench {
    pub(crate) fn new(enabled: bool) -> Self {
        Self { enabled, faults: Vec::new(), log: VecDeque::new() }
    }

    /// The fault for this request, one less of it then. Faults of one path are played in the order of their making.
    pub(crate) fn take(&mut self, path: &str) -> Option<Fault> {
        let index = self.faults.iter().position(|(at, _, _)| at == path)?;
        let (_, left, fault) = self.faults.get_mut(index)?;
        let fault = fault.clone();
        *left -= 1;
        if *left == 0 {
            self.faults.remove(index);
        }
        Some(fault)
    }

    pub(crate) fn record(&mut self, entry: LoggedRequest) {
        if !self.enabled {
            return;
        }
        if self.log.len() == LOG_LIMIT {
            self.log.pop_front();
        }
        self.log.push_back(entry);
    }
}

impl Store {
    /// Plays a fault for the next `count` requests of a path (without query). `false` without
    /// `Options::controls`, and for a count of 0.
    pub fn inject(&self, path: &str, count: u32, fault: Fault) -> bool {
        let mut state = self.lock();
        let possible = state.bench.enabled && count > 0;
        if possible {
            state.bench.faults.push((path.to_owned(), count, fault));
        }
        possible
    }

    /// Forgets the faults that were not played yet.
    pub fn clear_faults(&self) {
        self.lock().bench.faults.clear();
    }

    /// The last thousand requests, the oldest first, without those to `/_test/`; empty without `Options::controls`.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.lock().bench.log.iter().cloned().collect()
    }

    /// The fault that is due for a request.
    pub(crate) fn due_fault(&self, request: &Request) -> Option<Fault> {
        self.lock().bench.take(request.uri().path())
    }
}
