//! Text that the user pastes in place of the callback: the callback URL, its query, or only the code.

use url::form_urlencoded;

use crate::callback::{AuthorizationResponse, authorization_response};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::secret::Secret;

/// The length of a code without a URL, in characters.
const CODE_LENGTH: std::ops::RangeInclusive<usize> = 16..=512;
/// The host names of a callback URL. The state decides whether it belongs to this login.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

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
        // Terminals and chat programs add quotes and line breaks.
        let text = text.trim().trim_matches(['"', '\'', '`', '<', '>']).trim();
        if text.starts_with("am_") {
            return Err(refused("That is an Autumn key or token, not the callback URL.").with_hint(Hint::SaveKey));
        }
        if is_code(text) {
            return Ok(Self::Code(Secret::from(text)));
        }
        // URLs contain no whitespace, so any whitespace is a line break of the terminal.
        let whole = Secret::from(text.split_whitespace().collect::<String>());
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
        response.ok_or_else(|| {
            Error::new(ErrorCode::StateMismatch, "That URL is incomplete or belongs to another login.").with_hint(
                "Log in at the URL that was shown last, and paste the complete URL that the browser shows at the end.",
            )
        })
    }
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

/// Whether the part before the query is a redirect URI. Browsers omit the scheme when part of the URL is copied, and
/// browsers in HTTPS-only mode change it.
fn is_redirect(base: &str) -> bool {
    let schemeless = ["http://", "https://"].iter().find_map(|scheme| base.strip_prefix(scheme)).unwrap_or(base);
    let Some((host, port)) = schemeless.trim_end_matches('/').rsplit_once(':') else { return false };
    HOSTS.contains(&host) && port.parse::<u16>().is_ok()
}

fn refused(message: &str) -> Error {
    Error::invalid("text", message)
}
