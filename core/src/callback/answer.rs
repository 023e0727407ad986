//! What a whole request means: the answer that is waited for, the result page, or one of the many others.

use std::collections::BTreeSet;
use std::fmt;

use subtle::ConstantTimeEq as _;
use url::form_urlencoded;

use super::head::{self, Fault, Head};
use crate::page::{self, Page};
use crate::secret::Secret;
use crate::text::sanitize;

/// Longest `error` that is passed on, in characters.
const ERROR_LIMIT: usize = 64;
/// Longest `error_description` and `iss` that are passed on, in characters.
const TEXT_LIMIT: usize = 300;

/// What the authorization server sent through the browser, with the right state (RFC 6749, 4.1.2; RFC 9207).
/// `Debug` does not show the code.
#[derive(Clone)]
pub enum Answer {
    /// The person agreed.
    Authorized {
        /// What the token endpoint wants to see, once.
        code: Secret,
        /// Who says so, if it was said.
        iss: Option<String>,
    },
    /// The person, or the server, said no.
    Denied {
        /// A code such as `access_denied`, cleaned.
        error: String,
        /// A sentence for people, cleaned.
        description: Option<String>,
        /// Who says so, if it was said.
        iss: Option<String>,
    },
}

impl fmt::Debug for Answer {
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

/// What to do about a request.
#[derive(Debug)]
pub enum Request {
    /// It is the callback.
    Callback(Answer),
    /// It may be for the result page: a well-formed GET of this path.
    Path(String),
    /// It gets this page, and is forgotten.
    Other(Page),
    /// It gets the head of this page only, and is forgotten.
    HeadOnly(Page),
}

/// Judges the bytes of a head: pure, so that it can be tested and fuzzed without a socket.
#[must_use]
pub fn read(bytes: &[u8], port: u16, state: &Secret) -> Request {
    let head = match head::parse(bytes) {
        Ok(head) => head,
        Err(fault) => return Request::Other(fault_page(fault)),
    };
    match refusal(&head, port) {
        Some(page) if head.method == "HEAD" => return Request::HeadOnly(page),
        Some(page) => return Request::Other(page),
        None => {}
    }
    let (path, query) = head.target.split_once('?').unwrap_or((head.target, ""));
    if path != "/" {
        return Request::Path(path.to_owned());
    }
    callback(query, state).map_or_else(|| Request::Other(page::ignored()), Request::Callback)
}

pub(super) fn fault_page(fault: Fault) -> Page {
    match fault {
        Fault::Malformed => page::refused("400 Bad Request"),
        Fault::Version => page::refused("505 HTTP Version Not Supported"),
        Fault::TooLarge => page::too_large(),
    }
}

/// Why a well-formed head is none of ours.
fn refusal(head: &Head<'_>, port: u16) -> Option<Page> {
    // First of all: a page of somebody else's site whose name was made to point here must learn nothing.
    if !is_ours(head, port) {
        return Some(page::refused("421 Misdirected Request"));
    }
    if head.method != "GET" {
        return Some(page::refused("405 Method Not Allowed"));
    }
    if head.announces_body() || !head.target.starts_with('/') || head.target.contains('#') {
        return Some(page::refused("400 Bad Request"));
    }
    // What is fetched ahead is not looked at by anybody, and the real visit would come too late.
    is_ahead(head).then(|| page::refused("503 Service Unavailable"))
}

/// Exactly one `Host`, and it names us as the browser's address bar would.
fn is_ours(head: &Head<'_>, port: u16) -> bool {
    let mut hosts = head.values("host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let names = ["localhost", "127.0.0.1", "[::1]"];
    names.iter().any(|name| host.eq_ignore_ascii_case(format!("{name}:{port}").as_bytes()))
}

/// Whether the browser only wants to have it before somebody asks.
fn is_ahead(head: &Head<'_>) -> bool {
    let says = |value: &[u8]| {
        let value = value.to_ascii_lowercase();
        ["prefetch", "prerender", "preview"]
            .iter()
            .any(|word| value.windows(word.len()).any(|part| part == word.as_bytes()))
    };
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| head.values(name).any(says))
}

/// The answer in a query, if it is complete, unambiguous and for us.
#[must_use]
pub fn callback(query: &str, state: &Secret) -> Option<Answer> {
    let mut names = BTreeSet::new();
    let mut known = [const { None }; 5];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let location = ["state", "code", "error", "error_description", "iss"].iter().position(|known| *known == name);
        // RFC 6749, 3.1: no parameter twice, and one without a value counts as left out.
        if !names.insert(name) {
            return None;
        }
        if let Some(slot) = location.and_then(|location| known.get_mut(location)).filter(|_| !value.is_empty()) {
            *slot = Some(value);
        }
    }
    let [given, code, error, description, iss] = known;
    let right: bool = given?.as_bytes().ct_eq(state.reveal().as_bytes()).into();
    let iss = iss.map(|iss| sanitize(&iss, TEXT_LIMIT));
    match (code, error) {
        _ if !right => None,
        (Some(code), None) => {
            let visible = code.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            visible.then(|| Answer::Authorized { code: Secret::from(code.into_owned()), iss })
        }
        (None, Some(error)) => {
            let description = description.map(|text| sanitize(&text, TEXT_LIMIT));
            Some(Answer::Denied { error: sanitize(&error, ERROR_LIMIT), description, iss })
        }
        _ => None,
    }
}
