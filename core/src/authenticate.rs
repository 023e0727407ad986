//! The rules for programs that receive Autumn requests: which credential a request carries, whether it is allowed at the
//! endpoint, and the response that refuses it.
//!
//! [`read_credential`], [`conclude`] and [`refusal`] are pure, so every language calls its own `verify` between them;
//! [`authenticate`] and [`authenticate_async`] compose them for Rust.

use std::fmt;

use crate::config::{DASHBOARD_CLIENT_TYPE, PUBLIC_ENDPOINTS};
use crate::context::is_documented;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::key::{ApiKey, Environment, Kind, mask_segments};
use crate::text::{parse_enum, visible};

/// One of the eight refusals: its code, and the message for the client. The message does not quote the
/// request, since the client may not own the key that it sent.
type RefusalText = (ErrorCode, &'static str);

const NO_SECRET_KEY: RefusalText = (ErrorCode::NoSecretKey, "Secret key not found in Authorization header");
const INVALID_SECRET_KEY: RefusalText = (ErrorCode::InvalidSecretKey, "Invalid secret key");
const INVALID_AUTH_HEADER: RefusalText =
    (ErrorCode::InvalidAuthHeader, "Invalid Authorization header, expected: Bearer <key>");
const NO_PUBLISHABLE_KEY: RefusalText =
    (ErrorCode::NoPublishableKey, "Publishable key not found in Authorization header");
const INVALID_PUBLISHABLE_KEY: RefusalText = (ErrorCode::InvalidPublishableKey, "Invalid publishable key");
const ENDPOINT_NOT_PUBLIC: RefusalText =
    (ErrorCode::EndpointNotPublic, "Endpoint not accessible with a publishable key, use a secret key instead");
const CANNOT_VERIFY_SECRET_KEY: RefusalText = (ErrorCode::FailedToVerifySecretKey, "Failed to verify secret key");
const CANNOT_VERIFY_PUBLISHABLE_KEY: RefusalText =
    (ErrorCode::FailedToVerifyPublishableKey, "Failed to verify publishable key");

const REFUSALS: &[RefusalText] = &[
    NO_SECRET_KEY,
    INVALID_SECRET_KEY,
    INVALID_AUTH_HEADER,
    NO_PUBLISHABLE_KEY,
    INVALID_PUBLISHABLE_KEY,
    ENDPOINT_NOT_PUBLIC,
    CANNOT_VERIFY_SECRET_KEY,
    CANNOT_VERIFY_PUBLISHABLE_KEY,
];

enumeration! {
    /// The credentials that an endpoint accepts.
    pub enum Accepts("accepts", default Any) {
        /// Secret keys, publishable keys on their four endpoints, and dashboard sessions.
        Any => "any",
        /// Only publishable keys on their four endpoints: no key is `no_publishable_key`, a secret key is
        /// `invalid_publishable_key`, and `x-client-type` is ignored.
        PublishableOnly => "publishable_only",
    }
}

/// The parts of a request that the rules need. `Debug` does not show the Authorization header.
#[derive(Clone, Copy, Default)]
pub struct IncomingRequest<'a> {
    /// The method as received: methods are case-sensitive (RFC 9110, 9.1).
    pub method: &'a str,
    /// The path, with or without its query.
    pub path: &'a str,
    /// The Authorization header, if there is one, even if it is empty. Join several with `, ` (RFC 9110, 5.3), which is
    /// `invalid_auth_header`: the rules never choose between two keys.
    pub authorization: Option<&'a str>,
    /// The `x-client-type` header.
    pub client_type: Option<&'a str>,
    /// What this endpoint accepts.
    pub accepts: Accepts,
}

impl fmt::Debug for IncomingRequest<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IncomingRequest")
            .field("method", &shown(self.method))
            .field("path", &shown_path(self.path))
            .field("authorization", &self.authorization.map(|_| "…"))
            .field("client_type", &self.client_type.map(shown))
            .field("accepts", &self.accepts)
            .finish()
    }
}

/// The credential that a request claims. It is not verified yet.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A secret or publishable key, well-formed and allowed at this endpoint.
    Key(ApiKey),
    /// A session of Autumn's dashboard; `verify` checks it by other means, such as a cookie.
    Dashboard,
}

impl Credential {
    /// `secret`, `publishable` or `dashboard`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        self.key().map_or("dashboard", |key| key.kind().name())
    }

    /// The key; a dashboard request has none.
    #[must_use]
    pub fn key(&self) -> Option<&ApiKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Dashboard => None,
        }
    }
}

/// The result of `verify`.
#[derive(Debug)]
pub enum Verdict<P> {
    /// The credential belongs to this principal.
    Valid(P),
    /// The credential does not exist, or was revoked.
    Unknown,
    /// The credential could not be checked, for this reason. The reason never reaches the client.
    CannotTell(Box<dyn std::error::Error + Send + Sync>),
}

/// Reads the credential of a request, and refuses requests that can be refused without a lookup.
///
/// A dashboard request (`x-client-type: dashboard`) has no key, even if it carries an Authorization header. The allow-list for
/// publishable keys is checked before the key itself.
///
/// # Errors
/// `no_secret_key`, `no_publishable_key`, `invalid_auth_header`, `endpoint_not_public`, `invalid_secret_key`,
/// `invalid_publishable_key`; context `env` and `status`.
pub fn read_credential(request: &IncomingRequest<'_>) -> Result<Credential> {
    if request.accepts == Accepts::Any && request.client_type == Some(DASHBOARD_CLIENT_TYPE) {
        return Ok(Credential::Dashboard);
    }
    let (missing, invalid) = match request.accepts {
        Accepts::Any => (NO_SECRET_KEY, INVALID_SECRET_KEY),
        Accepts::PublishableOnly => (NO_PUBLISHABLE_KEY, INVALID_PUBLISHABLE_KEY),
    };
    let header = request.authorization.ok_or_else(|| refuse(missing, Environment::Sandbox))?;
    let token = bearer(header).ok_or_else(|| refuse(INVALID_AUTH_HEADER, Environment::Sandbox))?;
    let environment = claimed_environment(token);
    if !token.starts_with("am_pk_") {
        let key = ApiKey::parse(token).map_err(|_| refuse(invalid, environment))?;
        return match request.accepts {
            Accepts::Any => Ok(Credential::Key(key)),
            Accepts::PublishableOnly => Err(refuse(invalid, environment)),
        };
    }
    if !is_public_endpoint(request.method, request.path) {
        return Err(refuse(ENDPOINT_NOT_PUBLIC, environment));
    }
    ApiKey::parse(token).map(Credential::Key).map_err(|_| refuse(INVALID_PUBLISHABLE_KEY, environment))
}

/// Turns a verdict into the principal or a refusal.
///
/// # Errors
/// `invalid_secret_key`, `invalid_publishable_key` or, for the dashboard, `no_secret_key` if it is unknown;
/// `failed_to_verify_secret_key` or `failed_to_verify_publishable_key` if it could not be checked, with the cause.
pub fn conclude<P>(credential: &Credential, verdict: Verdict<P>) -> Result<P> {
    let (unknown, unchecked) = match credential.key().map(ApiKey::kind) {
        Some(Kind::Secret) => (INVALID_SECRET_KEY, CANNOT_VERIFY_SECRET_KEY),
        Some(Kind::Publishable) => (INVALID_PUBLISHABLE_KEY, CANNOT_VERIFY_PUBLISHABLE_KEY),
        None => (NO_SECRET_KEY, CANNOT_VERIFY_SECRET_KEY),
    };
    let environment = credential.key().map_or(Environment::Sandbox, ApiKey::environment);
    match verdict {
        Verdict::Valid(principal) => Ok(principal),
        Verdict::Unknown => Err(refuse(unknown, environment)),
        Verdict::CannotTell(cause) => {
            let mut error = refuse(unchecked, environment);
            error.cause = Some(cause.into());
            Err(error)
        }
    }
}

/// Authenticates a request: reads its credential and calls `verify`. Only `verify` can accept it.
///
/// # Errors
/// One of the eight codes from 500 on; [`refusal`] creates the response and the event.
///
/// ```
/// use libatmn::{IncomingRequest, Verdict, authenticate, refusal};
/// let request = IncomingRequest { method: "GET", path: "/v1/customers", ..Default::default() };
/// let error = authenticate(&request, |_| Verdict::Valid("ada")).unwrap_err();
/// assert_eq!(
///     refusal(&error).unwrap().body(),
///     r#"{"message":"Secret key not found in Authorization header","code":"no_secret_key","env":"sandbox"}"#
/// );
/// ```
pub fn authenticate<P>(request: &IncomingRequest<'_>, verify: impl FnOnce(&Credential) -> Verdict<P>) -> Result<P> {
    let credential = read_credential(request)?;
    let verdict = verify(&credential);
    conclude(&credential, verdict)
}

/// [`authenticate`] with an async `verify`.
///
/// # Errors
/// As [`authenticate`].
pub async fn authenticate_async<P>(
    request: &IncomingRequest<'_>,
    verify: impl AsyncFnOnce(&Credential) -> Verdict<P>,
) -> Result<P> {
    let credential = read_credential(request)?;
    let verdict = verify(&credential).await;
    conclude(&credential, verdict)
}

/// The response to a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One of the eight codes from 500 on.
    pub code: ErrorCode,
    /// The message for the client.
    pub message: &'static str,
    /// The key's environment if it is known, otherwise the sandbox.
    pub environment: Environment,
}

/// The code of a refusal by its name, as servers send it.
pub(crate) fn refusal_code(name: &str) -> Option<ErrorCode> {
    REFUSALS.iter().map(|(code, _)| *code).find(|code| code.name() == name)
}

/// The response for an error of this module; `None` for all other codes.
#[must_use]
pub fn refusal(error: &Error) -> Option<Refusal> {
    let (code, message) = *REFUSALS.iter().find(|(code, _)| *code == error.code)?;
    let live = error.context.get("env").is_some_and(|env| env == Environment::Live.name());
    Some(Refusal { code, message, environment: if live { Environment::Live } else { Environment::Sandbox } })
}

impl Refusal {
    /// The HTTP status of every refusal.
    pub const STATUS: u16 = 401;

    /// The response body as JSON, `{message, code, env}`.
    #[must_use]
    pub fn body(&self) -> String {
        // All three are texts of this crate without characters that JSON escapes; a test parses each of them.
        let (message, code, env) = (self.message, self.code.name(), self.environment.name());
        format!(r#"{{"message":"{message}","code":"{code}","env":"{env}"}}"#)
    }

    /// The event for a security log. It omits the query, which may contain secrets, and masks keys.
    #[must_use]
    pub fn event(&self, request: &IncomingRequest<'_>) -> Event {
        let (method, path) = (shown(request.method), shown_path(request.path));
        let (code, env) = (self.code.name(), self.environment.name());
        let event = Event::new(EventCode::RequestRefused, format!("Refused {method} {path}: {code} ({env})."))
            .with("method", method)
            .with("path", path)
            .with("code", code)
            .with("env", env);
        debug_assert!(is_documented(&event), "`context.rs` has other names: {event:?}");
        event
    }
}

/// Whether a publishable key may be used for this method and path (with or without a query).
///
/// A customer id is exactly one segment, also for routers and proxies that decode or normalize it: dot segments, `;`,
/// spaces, control characters, and encoded slashes, dots and percent signs are refused.
#[must_use]
pub fn is_public_endpoint(method: &str, path: &str) -> bool {
    let path = without_query(path);
    PUBLIC_ENDPOINTS.iter().any(|(allowed, pattern)| {
        *allowed == method
            && match pattern.strip_suffix('*') {
                Some(prefix) => path.strip_prefix(prefix).is_some_and(is_one_segment),
                None => path == *pattern,
            }
    })
}

/// Whether every router and proxy sees the same single segment in it. A proxy may decode a path twice, strip what follows
/// a `;`, or trim spaces, so the text must not contain anything that changes its meaning in this way.
fn is_one_segment(text: &str) -> bool {
    let is_forbidden = |c: char| matches!(c, '/' | '\\' | '#' | '?' | ';') || c.is_control() || c.is_whitespace();
    let is_dots = text == "." || text == "..";
    !text.is_empty() && !is_dots && decoded(text).is_some_and(|text| !text.contains(is_forbidden))
}

/// A percent-encoded segment as text; `None` if an encoding is invalid, or hides a dot or another percent sign.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = u8::from_str_radix(digits, 16).ok().filter(|byte| is_hex && !b".%".contains(byte))?;
        bytes.push(byte);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

/// The token after `Bearer`: one word. The scheme is case-insensitive, and any number of spaces may follow it, but no tab
/// (RFC 9110, 11.1 and 11.4).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, rest) = header.trim_matches([' ', '\t']).split_once(' ')?;
    let token = rest.trim_start_matches(' ');
    let one_word = !token.contains(|c: char| c.is_whitespace() || c.is_control());
    (scheme.eq_ignore_ascii_case("Bearer") && one_word).then_some(token)
}

/// The environment that the prefix claims, even if the rest is malformed. Only the response's `env` depends on it.
fn claimed_environment(token: &str) -> Environment {
    let live = token.starts_with("am_sk_live_") || token.starts_with("am_pk_live_");
    if live { Environment::Live } else { Environment::Sandbox }
}

fn refuse((code, message): RefusalText, environment: Environment) -> Error {
    Error::new(code, message).with("env", environment.name()).with("status", Refusal::STATUS.to_string())
}

/// A path for logs: no query, keys masked, no terminal control characters.
fn shown_path(path: &str) -> String {
    shown(&mask_segments(without_query(path)))
}

/// At most 256 characters, without control, invisible and bidirectional characters.
fn shown(text: &str) -> String {
    text.chars().take(256).map(visible).collect()
}

#[cfg(test)]
mod tests;
