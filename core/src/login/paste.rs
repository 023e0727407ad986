//! What a person pastes instead of the callback: the address their browser ended at, its query, or the code alone.

use crate::callback::{Answer, callback};
use crate::error::{Error, ErrorCode, Result};
use crate::secret::Secret;

/// How long a bare code may be, in characters.
const CODE_LENGTH: std::ops::RangeInclusive<usize> = 16..=512;

/// Understands a pasted text for the login with this state and redirect.
///
/// # Errors
/// `state_mismatch`: it is the answer to another login; `invalid_argument`: it is none, or a key. The text is not
/// repeated.
pub(super) fn understand(text: &str, state: &Secret, redirect_uri: &str) -> Result<Answer> {
    // Terminals and chat programs wrap and quote.
    let text = text.trim().trim_matches(['"', '\'', '<', '>']);
    if text.starts_with("am_") {
        return Err(refused("This is a key or token of Autumn's, not the answer to the login.")
            .with_hint("To save a key that you have, use `atmn save`. To log in, paste the address of the browser."));
    }
    if is_code(text) {
        return Ok(Answer::Authorized { code: Secret::from(text), iss: None });
    }
    let query = query(text, redirect_uri).ok_or_else(|| {
        refused("This is not the answer to the login.")
            .with_hint("Paste the whole address that the browser ended at; it begins with http://localhost:.")
    })?;
    callback(query, state).ok_or_else(|| {
        Error::new(ErrorCode::StateMismatch, "This is the answer to another login, or not all of it.")
            .with_hint("Log in at the address shown last, and paste the whole address that the browser ends at.")
    })
}

/// The state that a pasted text carries, to find the login that it belongs to.
pub(super) fn state_of(text: &str) -> Option<Secret> {
    let query = query(text.trim(), "http://localhost")?;
    let mut states = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
    let state = states.next()?.1.into_owned();
    states.next().is_none().then(|| Secret::from(state))
}

pub(super) fn is_code(text: &str) -> bool {
    let clean = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-');
    CODE_LENGTH.contains(&text.len()) && text.bytes().all(clean)
}

fn query<'a>(text: &'a str, redirect_uri: &str) -> Option<&'a str> {
    let query = match text.split_once('?') {
        Some(("", query)) => query,
        Some((address, query)) if is_redirect(address, redirect_uri) => query,
        Some(_) => return None,
        None => text,
    };
    let query = query.split('#').next().unwrap_or_default();
    (query.contains("state=") && query.contains('=')).then_some(query)
}

/// Browsers leave out the scheme when a part of the address is copied.
fn is_redirect(address: &str, redirect_uri: &str) -> bool {
    let plain = |text: &str| text.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let (address, redirect) = (plain(address), plain(redirect_uri));
    address == redirect || address.starts_with(&format!("{redirect}:")) || address.starts_with("localhost:")
}

fn refused(message: &str) -> Error {
    Error::invalid("text", message)
}
