//! What libatmn itself asks of Autumn: keys for a token, whose a key is, and that a token is worth nothing any more.

mod failure;
mod keys;

pub use failure::failure;
pub use keys::{MintedKeys, mint_keys};

use std::time::Duration;

use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::authenticate::is_public_endpoint;
use crate::config::{ACCEPT, API_VERSION, CLIENT_ID, ORGANIZATION_PATH, REVOKE_PATH, SHOWN_LIMIT};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::http::{Http, Request, Response};
use crate::key::{ApiKey, Kind};
use crate::oauth::Token;
use crate::text::{contains_secret, sanitize};

/// Longest id or slug, in bytes.
const ID_LIMIT: usize = 128;

/// An organization, as its members know it. Every text is ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id; older servers do not tell it.
    pub id: Option<String>,
    /// Its name for people.
    pub name: String,
    /// Its short name, as it stands in addresses.
    pub slug: String,
}

/// A request of the API in the name of a key, as libatmn itself makes them.
///
/// # Errors
/// As [`authorized`].
pub fn request(key: &ApiKey, method: &str, target: &str) -> Result<Request> {
    let request = authorized(key, method, target)?;
    Ok([ACCEPT, API_VERSION].into_iter().fold(request, |request, (name, value)| request.header(name, value)))
}

/// A request that carries a key and nothing else yet.
///
/// # Errors
/// `endpoint_not_public`: a publishable key may not be used there, and the server would refuse it.
pub(crate) fn authorized(key: &ApiKey, method: &str, target: &str) -> Result<Request> {
    if key.kind() == Kind::Publishable && !is_public_endpoint(method, target) {
        let message = "A publishable key cannot be used for this call.";
        return Err(Error::new(ErrorCode::EndpointNotPublic, message)
            .with_hint(Hint::UseSecretKey)
            .with("env", key.environment().name()));
    }
    Ok(Request::new(method, target).bearer(key.reveal()))
}

/// Asks whose a secret key is.
///
/// # Errors
/// - As [`failure()`], if the server does not accept the key.
/// - `response_unreadable`: the answer names no organization.
/// - As [`request`] and [`Http::send`].
pub async fn organization(http: &Http, key: &ApiKey, timeout: Duration) -> Result<Organization> {
    let response = http.send(request(key, "GET", ORGANIZATION_PATH)?.timeout(timeout)).await?;
    if !response.is_success() {
        return Err(failure(http.server(), &response, &[key.reveal()]));
    }
    read_organization(&response, key.reveal()).ok_or_else(|| {
        Error::new(ErrorCode::ResponseUnreadable, "The server's answer names no organization.")
            .with_hint(Hint::CheckUrl)
            .with("server", http.server().api())
            .with("status", response.status.to_string())
    })
}

/// Whose the key of a request is, if the answer says so.
pub fn read_organization(response: &Response, key: &str) -> Option<Organization> {
    let answer: Value = serde_json::from_slice(&response.body).ok()?;
    let text = |name: &str| {
        let text = sanitize(answer.get(name)?.as_str()?, SHOWN_LIMIT);
        (!text.is_empty() && !contains_secret(&text, &[key])).then_some(text)
    };
    let (name, slug) = (text("name"), text("slug"));
    let id = answer.get("id").and_then(Value::as_str).filter(|id| is_id(id)).map(str::to_owned);
    Some(Organization { id, name: name.clone().or_else(|| slug.clone())?, slug: slug.or(name)? })
}

/// 1 to 128 characters of `[A-Za-z0-9_-]`.
fn is_id(text: &str) -> bool {
    let clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    clean && (1..=ID_LIMIT).contains(&text.len())
}

/// Gives an OAuth token back (RFC 7009), so that it is worth nothing to anybody. Whether that worked is for a debug
/// event at most: the token would end by itself within the hour.
pub async fn revoke(http: &Http, token: &Token, timeout: Duration) -> bool {
    let form = Serializer::new(String::new())
        .append_pair("token", token.access_token.reveal())
        .append_pair("token_type_hint", "access_token")
        .append_pair("client_id", CLIENT_ID)
        .finish();
    let request = Request::new("POST", REVOKE_PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into_bytes())
        .timeout(timeout);
    http.send(request).await.is_ok_and(|response| response.is_success())
}
