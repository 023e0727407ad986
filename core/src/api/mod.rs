//! The requests that libatmn itself makes: exchange a token for keys, get the organization of a key, revoke a token.

mod failure;
mod identity;
mod keys;

pub use failure::failure;
pub(crate) use failure::is_rejection;
pub(crate) use identity::{ExpectedOrganization, OrganizationIdentity};
pub(crate) use keys::keys_may_exist;
pub use keys::{MintedKeys, mint_keys};

use std::time::Duration;

use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::authenticate::is_public_endpoint;
use crate::config::{ACCEPT, API_VERSION, CLIENT_ID, ID_LIMIT, ORGANIZATION_PATH, REVOKE_PATH, SHOWN_LIMIT};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::http::{Http, OutgoingRequest};
use crate::key::{ApiKey, Kind};
use crate::oauth::Token;
use crate::response::ApiResponse;
use crate::server::Server;
use crate::text::{contains_secret, sanitize};

/// An organization. Every text is safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The id; older servers do not send it.
    pub id: Option<String>,
    /// The display name.
    pub name: String,
    /// The short name, as used in URLs.
    pub slug: String,
}

impl Organization {
    /// What identifies it.
    pub(crate) fn identity(&self) -> OrganizationIdentity {
        OrganizationIdentity { id: self.id.clone(), slug: Some(self.slug.clone()) }
    }
}

/// A request to the API with a key and the default headers.
///
/// # Errors
/// `endpoint_not_public`: the server refuses publishable keys at this endpoint.
pub fn request(key: &ApiKey, method: &str, target: &str) -> Result<OutgoingRequest> {
    let request = authorized(key, method, target)?;
    Ok([ACCEPT, API_VERSION].into_iter().fold(request, |request, (name, value)| request.header(name, value)))
}

/// A request to the API with a key and no other headers.
///
/// # Errors
/// `endpoint_not_public`: the server refuses publishable keys at this endpoint.
pub(crate) fn authorized(key: &ApiKey, method: &str, target: &str) -> Result<OutgoingRequest> {
    if key.kind() == Kind::Publishable && !is_public_endpoint(method, target) {
        let message = "A publishable key cannot be used for this request.";
        return Err(Error::new(ErrorCode::EndpointNotPublic, message)
            .with_hint(Hint::UseSecretKey)
            .with("env", key.environment().name()));
    }
    Ok(OutgoingRequest::new(method, target).bearer(key.reveal()))
}

/// Adds a request with a key to the context of an error. The environment is what the server said it is, or that of the key.
pub(crate) fn with_request(error: Error, key: &ApiKey, server: &Server, method: &'static str, target: &str) -> Error {
    let error = with_method_and_url(error, server, method, target);
    if error.context.contains_key("env") { error } else { error.with("env", key.environment().name()) }
}

/// Adds a request to the context of an error: its method, and its URL without the query, which may be secret.
fn with_method_and_url(error: Error, server: &Server, method: &'static str, target: &str) -> Error {
    let path = target.split('?').next().unwrap_or_default();
    let url = Some(format!("{}{path}", server.api())).filter(|url| !contains_secret(url, &[]));
    error.with("method", method).with_option("url", url)
}

/// Requests the organization that a secret key belongs to.
///
/// # Errors
/// - As [`failure()`], if the server does not accept the key.
/// - `response_unreadable`: the response names no organization.
/// - As [`request`] and [`Http::send`].
pub async fn organization(http: &Http, key: &ApiKey, timeout: Duration) -> Result<Organization> {
    owner(http, key, timeout).await.map(|owner| owner.organization)
}

/// The organization that a key belongs to.
#[derive(Clone, Debug)]
pub(crate) struct KeyOwner {
    /// What to show.
    pub(crate) organization: Organization,
    /// What to compare.
    pub(crate) identity: OrganizationIdentity,
}

/// Requests the organization that a secret key belongs to.
///
/// # Errors
/// As [`organization`].
pub(crate) async fn owner(http: &Http, key: &ApiKey, timeout: Duration) -> Result<KeyOwner> {
    let found = request_owner(http, key, timeout).await;
    found.map_err(|error| with_request(error, key, http.server(), "GET", ORGANIZATION_PATH))
}

async fn request_owner(http: &Http, key: &ApiKey, timeout: Duration) -> Result<KeyOwner> {
    let response = http.send(request(key, "GET", ORGANIZATION_PATH)?.timeout(timeout)).await?;
    if !response.is_success() {
        return Err(failure(http.server(), &response, &[key.reveal()]));
    }
    read_owner(&response, key.reveal()).ok_or_else(|| {
        Error::new(ErrorCode::ResponseUnreadable, "The server's response names no organization.")
            .with_hint(Hint::CheckUrl)
            .with("server", http.server().api())
            .with("status", response.status.to_string())
    })
}

/// The organization in a response, if the response names one.
pub fn read_organization(response: &ApiResponse, key: &str) -> Option<Organization> {
    read_owner(response, key).map(|owner| owner.organization)
}

/// The organization in a response, if the response names one.
pub(crate) fn read_owner(response: &ApiResponse, key: &str) -> Option<KeyOwner> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let text = |name: &str| {
        let text = sanitize(body.get(name)?.as_str()?, SHOWN_LIMIT);
        (!text.is_empty() && !contains_secret(&text, &[key])).then_some(text)
    };
    let (name, slug) = (text("name"), text("slug"));
    let id = body.get("id").and_then(Value::as_str).filter(|id| is_id(id)).map(str::to_owned);
    // A sanitized slug could equal the slug of another organization.
    let exact = slug.clone().filter(|slug| body.get("slug").and_then(Value::as_str) == Some(slug));
    Some(KeyOwner {
        identity: OrganizationIdentity { id: id.clone(), slug: exact },
        organization: Organization { id, name: name.clone().or_else(|| slug.clone())?, slug: slug.or(name)? },
    })
}

/// 1 to 128 characters of `[A-Za-z0-9_-]`.
fn is_id(text: &str) -> bool {
    let clean = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    clean && (1..=ID_LIMIT).contains(&text.len())
}

/// Revokes an OAuth token (RFC 7009), and returns whether the server accepted that. Callers may ignore a failure: the
/// token expires within the hour.
pub async fn revoke(http: &Http, token: &Token, timeout: Duration) -> bool {
    let form = Serializer::new(String::new())
        .append_pair("token", token.access_token.reveal())
        .append_pair("token_type_hint", "access_token")
        .append_pair("client_id", CLIENT_ID)
        .finish();
    let request = OutgoingRequest::new("POST", REVOKE_PATH)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into_bytes())
        .timeout(timeout);
    http.send(request).await.is_ok_and(|response| response.is_success())
}
