//! Classifies a whole request: the callback, a request for the result page, or one of the many others.

use std::collections::BTreeSet;
use std::fmt;

use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use super::head::{self, HeadError, RequestHead};
use crate::config::{CALLBACK_ERROR_LIMIT, CALLBACK_TEXT_LIMIT, LOOPBACK_HOSTS};
use crate::page::{self, Page};
use crate::secret::Secret;
use crate::text::sanitize;

/// The response that the authorization server sent through the browser, with the right state (RFC 6749, 4.1.2;
/// RFC 9207). `Debug` does not show the code.
#[derive(Clone)]
pub enum AuthorizationResponse {
    /// The user approved the login.
    Authorized {
        /// The authorization code; the token endpoint accepts it once.
        code: Secret,
        /// The issuer, if the response names one.
        iss: Option<String>,
    },
    /// The user or the server refused the login.
    Denied {
        /// A code such as `access_denied`, without control characters.
        error: String,
        /// A sentence for people, without control characters.
        description: Option<String>,
        /// The issuer, if the response names one.
        iss: Option<String>,
    },
}

impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorized { code, iss } => {
                formatter.debug_struct("Authorized").field("code", code).field("iss", iss).finish()
            }
            Self::Denied { error, description, iss } => {
                let mut shown = formatter.debug_struct("Denied");
                shown.field("error", error).field("description", description).field("iss", iss).finish()
            }
        }
    }
}

/// How the server treats a request.
#[derive(Debug)]
pub enum RequestKind {
    /// It is the callback.
    Callback(AuthorizationResponse),
    /// It may be for the result page: a well-formed GET of this path.
    Path(String),
    /// It gets this page, and has no other effect.
    Other(Page),
    /// It is for the script of a service worker, and gets one that unregisters itself.
    ServiceWorker(Page),
    /// It gets only the head of this page, and has no other effect.
    HeadOnly(Page),
}

/// Classifies the bytes of a request head. A pure function, so that it can be tested and fuzzed without a socket.
#[must_use]
pub fn classify(bytes: &[u8], port: u16, state: &Secret) -> RequestKind {
    let head = match head::parse(bytes) {
        Ok(head) => head,
        Err(error) => return RequestKind::Other(error_page(error)),
    };
    match refusal_page(&head, port) {
        Some(page) if head.method == "HEAD" => return RequestKind::HeadOnly(page),
        Some(page) => return RequestKind::Other(page),
        None => {}
    }
    if head.values("service-worker").any(|value| value.eq_ignore_ascii_case(b"script")) {
        return RequestKind::ServiceWorker(page::service_worker());
    }
    let (path, query) = head.target.split_once('?').unwrap_or((head.target, ""));
    if path != "/" {
        return RequestKind::Path(path.to_owned());
    }
    authorization_response(query, state).map_or_else(|| RequestKind::Other(page::wrong_login()), RequestKind::Callback)
}

pub(super) fn error_page(error: HeadError) -> Page {
    match error {
        HeadError::Malformed => page::refused("400 Bad Request"),
        HeadError::Version => page::refused("505 HTTP Version Not Supported"),
        HeadError::TooLarge => page::too_large(),
    }
}

/// The page for a well-formed request that is not for us; `None` if the request may be the callback.
fn refusal_page(head: &RequestHead<'_>, port: u16) -> Option<Page> {
    // Checked first: a web page whose host name resolves to this machine (DNS rebinding) must learn nothing.
    if !names_us(head, port) {
        return Some(page::refused("421 Misdirected Request"));
    }
    if head.method != "GET" {
        return Some(page::refused("405 Method Not Allowed"));
    }
    if head.announces_body() || !head.target.starts_with('/') || head.target.contains('#') {
        return Some(page::refused("400 Bad Request"));
    }
    // The user never sees a prefetched page, and the real visit would come after the single result page was served.
    is_prefetch(head).then(|| page::refused("503 Service Unavailable"))
}

/// Whether there is exactly one `Host` field and it names this port on the local machine.
fn names_us(head: &RequestHead<'_>, port: u16) -> bool {
    let mut hosts = head.values("host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    LOOPBACK_HOSTS.iter().any(|name| host.eq_ignore_ascii_case(format!("{name}:{port}").as_bytes()))
}

/// Whether the browser fetches the page before the user asks for it.
fn is_prefetch(head: &RequestHead<'_>) -> bool {
    let says_prefetch = |value: &[u8]| {
        let value = value.to_ascii_lowercase();
        ["prefetch", "prerender", "preview"]
            .iter()
            .any(|word| value.windows(word.len()).any(|part| part == word.as_bytes()))
    };
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| head.values(name).any(says_prefetch))
}

/// The authorization response in a query, if it is complete, unambiguous and carries the right state.
#[must_use]
pub fn authorization_response(query: &str, state: &Secret) -> Option<AuthorizationResponse> {
    let [given, code, error, description, iss] = parameters(query)?;
    let is_ours: bool = given?.as_bytes().ct_eq(state.reveal().as_bytes()).into();
    let iss = iss.map(|iss| sanitize(&iss, CALLBACK_TEXT_LIMIT));
    match (code, error) {
        _ if !is_ours => None,
        (Some(code), None) => {
            let visible = code.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            visible.then(|| AuthorizationResponse::Authorized { code: Secret::from(code), iss })
        }
        (None, Some(error)) => {
            let description = description.map(|text| sanitize(&text, CALLBACK_TEXT_LIMIT));
            Some(AuthorizationResponse::Denied { error: sanitize(&error, CALLBACK_ERROR_LIMIT), description, iss })
        }
        _ => None,
    }
}

/// The values of `state`, `code`, `error`, `error_description` and `iss`. RFC 6749, 3.1: a repeated parameter makes the
/// query invalid, and a parameter without a value counts as omitted.
fn parameters(query: &str) -> Option<[Option<String>; 5]> {
    let mut seen = BTreeSet::new();
    let mut values = [const { None }; 5];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let index = ["state", "code", "error", "error_description", "iss"].iter().position(|known| *known == name);
        if !seen.insert(name) {
            return None;
        }
        if let Some(known) = index.and_then(|index| values.get_mut(index)).filter(|_| !value.is_empty()) {
            *known = Some(value.into_owned());
        }
    }
    Some(values)
}
