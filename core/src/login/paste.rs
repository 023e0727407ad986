//! What a person pastes instead of the callback: the address their browser ended at, its query, or the code alone.

use url::form_urlencoded;

use crate::callback::{Answer, callback};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::secret::Secret;

/// How long a bare code may be, in characters.
const CODE_LENGTH: std::ops::RangeInclusive<usize> = 16..=512;
/// Where the callback may have gone. Whether it is ours, the state decides.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// A text that can be the answer to some login.
pub(super) enum Pasted {
    /// The code alone; PKCE still ties it to its login.
    Code(Secret),
    /// The query of the address.
    Query(Secret),
}

impl Pasted {
    /// Tells what a text is. It is not repeated.
    ///
    /// # Errors
    /// `invalid_argument`: it is no answer, or a key.
    pub(super) fn read(text: &str) -> Result<Self> {
        // Terminals and chat programs wrap and quote.
        let text = text.trim().trim_matches(['"', '\'', '`', '<', '>']).trim();
        if text.starts_with("am_") {
            return Err(
                refused("This is a key or token of Autumn's, not the answer to the login.").with_hint(Hint::SaveKey)
            );
        }
        if is_code(text) {
            return Ok(Self::Code(Secret::from(text)));
        }
        // No address has blanks, so those in it are where a terminal broke the line.
        let whole = Secret::from(text.split_whitespace().collect::<String>());
        query(whole.reveal()).map(|query| Self::Query(Secret::from(query))).ok_or_else(|| {
            refused("This is not the answer to the login.").with_hint(
                "Paste the complete URL that the browser shows in the end; it starts with http://localhost:.",
            )
        })
    }

    /// The state that it carries, which names its login.
    pub(super) fn state(&self) -> Option<Secret> {
        let Self::Query(query) = self else { return None };
        let state = form_urlencoded::parse(query.reveal().as_bytes()).find(|(name, _)| name == "state")?;
        Some(Secret::from(state.1.into_owned()))
    }

    /// The answer to the login with this state.
    ///
    /// # Errors
    /// `state_mismatch`: it is the answer to another login.
    pub(super) fn answer(&self, state: &Secret) -> Result<Answer> {
        let answer = match self {
            Self::Code(code) => Some(Answer::Authorized { code: code.clone(), iss: None }),
            Self::Query(query) => callback(query.reveal(), state),
        };
        answer.ok_or_else(|| {
            Error::new(ErrorCode::StateMismatch, "This is the answer to another login, or not all of it.").with_hint(
                "Log in at the URL that was shown last, and paste the complete URL that the browser shows in the end.",
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
        Some((address, query)) if is_redirect(address) => query,
        Some(_) => return None,
        None => text,
    };
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "state").then_some(query)
}

/// Browsers leave out the scheme when a part of the address is copied, and those that insist on https put it there.
fn is_redirect(address: &str) -> bool {
    let schemeless = ["http://", "https://"].iter().find_map(|scheme| address.strip_prefix(scheme)).unwrap_or(address);
    let Some((host, port)) = schemeless.trim_end_matches('/').rsplit_once(':') else { return false };
    HOSTS.contains(&host) && port.parse::<u16>().is_ok()
}

fn refused(message: &str) -> Error {
    Error::invalid("text", message)
}
