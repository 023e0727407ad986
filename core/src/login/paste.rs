//! Text that the user pastes in place of the callback: the callback URL, its query, or only the code.

use std::sync::{Mutex, PoisonError};

use url::form_urlencoded;

use crate::callback::{AuthorizationResponse, authorization_response};
use crate::config::{CODE_LENGTH, LOOPBACK_HOSTS, PASTED_URL_LIMIT};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::oauth::{Discovery, check_iss};
use crate::secret::Secret;
use crate::server::Server;
use crate::text::clean_pasted;

/// Text that can complete a login.
pub(super) enum PastedText {
    /// Only the code; PKCE still ties it to its login.
    Code(Secret),
    /// The query of the callback URL.
    Query(Secret),
}

impl PastedText {
    /// Parses pasted text. The error does not repeat it.
    ///
    /// # Errors
    /// `invalid_argument`: it is not a callback URL, or it is a key.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let text = clean_pasted(text);
        // Chat programs and sentences add quotes, brackets and punctuation.
        let word = text.reveal().trim_matches(|c: char| !is_of_code(c) || c == '.');
        if word.starts_with("am_") {
            return Err(refused("That is an Autumn key or token, not the callback URL.").with_hint(Hint::SaveKey));
        }
        if is_code(word) {
            return Ok(Self::Code(Secret::from(word)));
        }
        // URLs contain no whitespace, so any whitespace is a line break of the terminal.
        let whole = Secret::from(text.reveal().split_whitespace().collect::<String>());
        let whole = unescaped(whole.reveal());
        query(url_in(whole.reveal())).map(|query| Self::Query(Secret::from(query))).ok_or_else(|| {
            refused("That is not the callback URL.").with_hint(
                "Paste the complete URL that the browser shows at the end. It starts with `http://localhost:`.",
            )
        })
    }

    /// The state, which identifies the login.
    pub(super) fn state(&self) -> Option<Secret> {
        let Self::Query(query) = self else { return None };
        let state = form_urlencoded::parse(query.reveal().as_bytes()).find(|(name, _)| name == "state")?;
        Some(Secret::from(state.1.into_owned()))
    }

    /// The authorization response for the login with this state.
    ///
    /// # Errors
    /// `state_mismatch`: it belongs to another login.
    pub(super) fn response(&self, state: &Secret) -> Result<AuthorizationResponse> {
        let response = match self {
            Self::Code(code) => Some(AuthorizationResponse::Authorized { code: code.clone(), iss: None }),
            Self::Query(query) => authorization_response(query.reveal(), state),
        };
        response.ok_or_else(incomplete)
    }
}

/// Checks that a pasted response comes from the server of the login. A URL that was cut, or to which something was added,
/// names no server or another one; unlike a callback from the browser, it does not end the login.
///
/// # Errors
/// `state_mismatch`: it is incomplete, or belongs to another login.
pub(super) fn check_pasted(
    response: &AuthorizationResponse,
    server: &Server,
    discovery: Option<&Discovery>,
) -> Result<()> {
    let (AuthorizationResponse::Authorized { iss, .. } | AuthorizationResponse::Denied { iss, .. }) = response;
    check_iss(server, iss.as_deref(), discovery).map_err(|_| incomplete())
}

/// The message about a text that cannot complete this login.
pub(super) const INCOMPLETE: &str = "That URL is incomplete or belongs to another login.";

fn incomplete() -> Error {
    Error::new(ErrorCode::StateMismatch, INCOMPLETE).with_hint(
        "Log in at the URL that was shown last, and paste the complete URL that the browser shows at the end.",
    )
}

/// The start of a URL that was pasted over several lines, each of which the terminal passes on alone.
#[derive(Default)]
pub(super) struct PastedLines(Mutex<Option<Fragment>>);

#[derive(Clone)]
struct Fragment {
    text: Secret,
    lines: usize,
}

impl PastedLines {
    /// The authorization response in a text, or in the earlier lines together with it.
    ///
    /// # Errors
    /// As [`PastedText::parse`] and [`PastedText::response`]. The text is kept if it can be the start of a URL.
    pub(super) fn response(&self, text: &str, state: &Secret) -> Result<AuthorizationResponse> {
        let mut earlier = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let joined = earlier.take().map(|fragment| fragment.and(text));
        if let Some(joined) = &joined
            && let Ok(response) = PastedText::parse(joined.text.reveal()).and_then(|pasted| pasted.response(state))
        {
            // The server's name, at the end of the URL, may be in yet another line.
            keep(&mut earlier, joined.clone());
            return Ok(response);
        }
        let result = PastedText::parse(text).and_then(|pasted| match (&pasted, &joined) {
            // The next line of a URL can look like a code. A wrong code would end the login.
            (PastedText::Code(_), Some(joined)) if joined.lines == 2 => Err(incomplete()),
            _ => pasted.response(state),
        });
        let start = is_start(text).then(|| Fragment { text: Secret::from(text), lines: 1 });
        if let Some(fragment) = start.or(joined) {
            keep(&mut earlier, fragment);
        }
        result
    }
}

fn keep(earlier: &mut Option<Fragment>, fragment: Fragment) {
    *earlier = Some(fragment).filter(|fragment| fragment.text.reveal().len() <= PASTED_URL_LIMIT);
}

impl Fragment {
    fn and(&self, text: &str) -> Self {
        Self { text: Secret::from([self.text.reveal(), text].concat()), lines: self.lines + 1 }
    }
}

/// Whether a text is the start of a callback URL.
fn is_start(text: &str) -> bool {
    let text = clean_pasted(text);
    url_in(text.reveal().trim()).split_once('?').is_some_and(|(base, _)| is_redirect(base.trim_end_matches('\\')))
}

/// The URL in a text: from its scheme on, without brackets and quotes around it. The scheme may be missing.
fn url_in(text: &str) -> &str {
    let base = text.split('?').next().unwrap_or_default().to_ascii_lowercase();
    let start = ["http://", "https://"].iter().filter_map(|scheme| base.find(scheme)).min();
    let is_opening = |c: char| matches!(c, '"' | '\'' | '`' | '<' | '(' | '{' | '“' | '„' | '‘' | '«');
    let url = text[start.unwrap_or_default()..].trim_start_matches(is_opening);
    // An IPv6 address is in brackets.
    let url = url.strip_prefix('[').filter(|rest| !rest.starts_with("::")).unwrap_or(url);
    let query = url.find('?').unwrap_or_default();
    let end = url[query..].find(['"', '`', '<', '>', ')', ']', '}', '|', '”', '“', '’', '»']);
    &url[..end.map_or(url.len(), |end| query + end)]
}

/// A URL without what shells and HTML add: zsh escapes `?` and `&` in pasted URLs, and HTML writes `&amp;`.
fn unescaped(text: &str) -> Secret {
    // Allocated once: a growing text would leave copies in memory that are not overwritten.
    let mut url = String::with_capacity(text.len());
    for (index, part) in text.split("&amp;").enumerate() {
        if index > 0 {
            url.push('&');
        }
        url.extend(part.chars().filter(|c| *c != '\\'));
    }
    Secret::from(url)
}

fn is_code(text: &str) -> bool {
    CODE_LENGTH.contains(&text.len()) && text.chars().all(is_of_code)
}

fn is_of_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-')
}

fn query(text: &str) -> Option<&str> {
    let query = match text.split_once('?') {
        Some(("", query)) => query,
        Some((base, query)) if is_redirect(base) => query,
        Some(_) => return None,
        None => text,
    };
    // A server encodes punctuation, so that the last characters are of the text around the URL.
    let query = query.split('#').next().unwrap_or_default().trim_end_matches(|c: char| !is_at_end(c));
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "state").then_some(query)
}

/// Whether the last value of a query can end in this character: a code, a state, or the URL of a server.
fn is_at_end(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '=')
}

/// Whether the part before the query is a redirect URI, in any case. Browsers omit the scheme when part of the URL is copied, and
/// browsers in HTTPS-only mode change it.
fn is_redirect(base: &str) -> bool {
    let base = &base.to_ascii_lowercase();
    let schemeless = ["http://", "https://"].iter().find_map(|scheme| base.strip_prefix(scheme)).unwrap_or(base);
    let Some((host, port)) = schemeless.trim_end_matches('/').rsplit_once(':') else { return false };
    LOOPBACK_HOSTS.contains(&host) && port.parse::<u16>().is_ok()
}

fn refused(message: &str) -> Error {
    Error::invalid("text", message)
}
