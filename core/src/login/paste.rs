//! Text that the user pastes in place of the callback: the callback URL, its query, or only the code.

use std::sync::{Mutex, PoisonError};

use url::form_urlencoded;

use crate::callback::{AuthorizationResponse, authorization_response};
use crate::config::{CODE_LENGTH, LOOPBACK_HOSTS, PASTED_URL_LIMIT};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::secret::Secret;
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
        // Terminals and chat programs add quotes and line breaks.
        let text = text.reveal().trim().trim_matches(['"', '\'', '`', '<', '>', '“', '”', '‘', '’']).trim();
        if text.starts_with("am_") {
            return Err(refused("That is an Autumn key or token, not the callback URL.").with_hint(Hint::SaveKey));
        }
        if is_code(text) {
            return Ok(Self::Code(Secret::from(text)));
        }
        // URLs contain no whitespace, so any whitespace is a line break of the terminal.
        let whole = Secret::from(text.split_whitespace().collect::<String>());
        let whole = unescaped(whole.reveal());
        query(whole.reveal()).map(|query| Self::Query(Secret::from(query))).ok_or_else(|| {
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

fn incomplete() -> Error {
    Error::new(ErrorCode::StateMismatch, "That URL is incomplete or belongs to another login.").with_hint(
        "Log in at the URL that was shown last, and paste the complete URL that the browser shows at the end.",
    )
}

/// The start of a URL that was pasted over several lines, each of which the terminal passes on alone.
#[derive(Default)]
pub(super) struct PastedLines(Mutex<Option<Fragment>>);

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
            return Ok(response);
        }
        let result = PastedText::parse(text).and_then(|pasted| match (&pasted, &joined) {
            // The next line of a URL can look like a code. A wrong code would end the login.
            (PastedText::Code(_), Some(joined)) if joined.lines == 2 => Err(incomplete()),
            _ => pasted.response(state),
        });
        if result.is_err() {
            *earlier = if is_start(text) { Some(Fragment { text: Secret::from(text), lines: 1 }) } else { joined };
            earlier.take_if(|fragment| fragment.text.reveal().len() > PASTED_URL_LIMIT);
        }
        result
    }
}

impl Fragment {
    fn and(&self, text: &str) -> Self {
        Self { text: Secret::from([self.text.reveal(), text].concat()), lines: self.lines + 1 }
    }
}

/// Whether a text is the start of a callback URL.
fn is_start(text: &str) -> bool {
    let text = clean_pasted(text);
    text.reveal().split_once('?').is_some_and(|(base, _)| is_redirect(base.trim().trim_start_matches(['"', '\'', '<'])))
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
    let clean = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-');
    CODE_LENGTH.contains(&text.len()) && text.bytes().all(clean)
}

fn query(text: &str) -> Option<&str> {
    let query = match text.split_once('?') {
        Some(("", query)) => query,
        Some((base, query)) if is_redirect(base) => query,
        Some(_) => return None,
        None => text,
    };
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "state").then_some(query)
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
