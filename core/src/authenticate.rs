//! The rule book for programs that receive Autumn requests: which credential a request carries, whether it may be
//! used there, and the answer that refuses it.
//!
//! [`read_credential`], [`conclude`] and [`refusal`] are pure, so every language calls its own `verify` in between;
//! [`authenticate`] and [`authenticate_async`] are that composition for Rust.

use std::error::Error as StdError;
use std::fmt;

use crate::config::{DASHBOARD_CLIENT_TYPE, PUBLIC_ENDPOINTS};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::key::{ApiKey, Environment, Kind};
use crate::text::{contains_secret, parse_enum, visible};

/// One of the eight refusals: its code, and the words that go to whoever sent the request. They name nothing of the
/// request: the answer may reach somebody who only found a key.
type Answer = (ErrorCode, &'static str);

const NO_SECRET_KEY: Answer = (ErrorCode::NoSecretKey, "Secret key not found in Authorization header");
const INVALID_SECRET_KEY: Answer = (ErrorCode::InvalidSecretKey, "Invalid secret key");
const INVALID_AUTH_HEADER: Answer =
    (ErrorCode::InvalidAuthHeader, "Invalid Authorization header, expected: Bearer <key>");
const NO_PUBLISHABLE_KEY: Answer = (ErrorCode::NoPublishableKey, "Publishable key not found in Authorization header");
const INVALID_PUBLISHABLE_KEY: Answer = (ErrorCode::InvalidPublishableKey, "Invalid publishable key");
const ENDPOINT_NOT_PUBLIC: Answer =
    (ErrorCode::EndpointNotPublic, "Endpoint not accessible with a publishable key, use a secret key instead");
const CANNOT_VERIFY_SECRET_KEY: Answer = (ErrorCode::FailedToVerifySecretKey, "Failed to verify secret key");
const CANNOT_VERIFY_PUBLISHABLE_KEY: Answer =
    (ErrorCode::FailedToVerifyPublishableKey, "Failed to verify publishable key");

const ANSWERS: [Answer; 8] = [
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
    /// What a program accepts at the endpoint that was asked for.
    pub enum Accepts("accepts", default Any) {
        /// Secret keys, publishable keys on their four endpoints, and dashboard sessions.
        Any => "any",
        /// Publishable keys on their four endpoints, and nothing else: no key is `no_publishable_key`, a secret key is
        /// `invalid_publishable_key`, and `x-client-type` says nothing.
        PublishableOnly => "publishable_only",
    }
}

/// What the rules need to know of a request. `Debug` does not show the Authorization header.
#[derive(Clone, Copy, Default)]
pub struct IncomingRequest<'a> {
    /// As it came: methods are case-sensitive (RFC 9110, 9.1).
    pub method: &'a str,
    /// The path, with or without its query.
    pub path: &'a str,
    /// The Authorization header, if there is one, even if it is empty. Several belong joined by `, ` (RFC 9110, 5.3),
    /// which is `invalid_auth_header`: which of two keys counts is not for guessing.
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

/// What a request claims to be allowed by. Nothing of it is proved yet.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A secret or publishable key, well-formed and allowed at this endpoint.
    Key(ApiKey),
    /// A session of Autumn's dashboard; `verify` has to check it by its own means, such as a cookie.
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

/// What `verify` found out about a credential.
#[derive(Debug)]
pub enum Verdict<P> {
    /// It belongs to this principal.
    Valid(P),
    /// Nobody has it, or nobody has it any more.
    Unknown,
    /// It could not be checked, for this reason; the reason stays here and never enters the answer.
    CannotTell(Box<dyn StdError + Send + Sync>),
}

/// Reads the credential of a request, or tells why it is refused before anybody looks it up.
///
/// A dashboard request (`x-client-type: dashboard`) has no key, whatever else it carries. The allow-list for
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

/// The principal, or the refusal that fits the credential.
///
/// # Errors
/// `invalid_secret_key`, `invalid_publishable_key` or, for the dashboard, `no_secret_key` where nobody has it;
/// `failed_to_verify_secret_key` or `failed_to_verify_publishable_key` where it could not be checked, with the cause.
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

/// Tells who sent a request: reads its credential and asks `verify`, without which nothing is accepted.
///
/// # Errors
/// One of the eight codes from 500 on; [`refusal`] makes the answer and the event of it.
///
/// ```
/// use libatmn::{IncomingRequest, Verdict, authenticate, refusal};
/// let request = IncomingRequest { method: "GET", path: "/v1/customers", ..Default::default() };
/// let error = authenticate(&request, |_| Verdict::Valid("everybody")).unwrap_err();
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

/// [`authenticate`], for a `verify` that waits.
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

/// The answer to a request that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One of the eight codes from 500 on.
    pub code: ErrorCode,
    /// What the sender is told.
    pub message: &'static str,
    /// The key's environment where it is known, otherwise the sandbox.
    pub environment: Environment,
}

/// The answer that fits an error of this module; `None` for all other codes.
#[must_use]
pub fn refusal(error: &Error) -> Option<Refusal> {
    let (code, message) = *ANSWERS.iter().find(|(code, _)| *code == error.code)?;
    let live = error.context.get("env").is_some_and(|env| env == Environment::Live.name());
    Some(Refusal { code, message, environment: if live { Environment::Live } else { Environment::Sandbox } })
}

impl Refusal {
    /// The HTTP status of every refusal.
    pub const STATUS: u16 = 401;

    /// The answer as JSON, `{message, code, env}`.
    #[must_use]
    pub fn body(&self) -> String {
        // All three are texts of this crate without a character that JSON escapes; a test reads every one back.
        let (message, code, env) = (self.message, self.code.name(), self.environment.name());
        format!(r#"{{"message":"{message}","code":"{code}","env":"{env}"}}"#)
    }

    /// What a security log should hear. The query is left out, for it may hold anything, and keys are masked.
    #[must_use]
    pub fn event(&self, request: &IncomingRequest<'_>) -> Event {
        let (method, path) = (shown(request.method), shown_path(request.path));
        let (code, env) = (self.code.name(), self.environment.name());
        Event {
            code: EventCode::RequestRefused,
            message: format!("Refused {method} {path}: {code} ({env})."),
            context: [("method", method), ("path", path), ("code", code.into()), ("env", env.into())].into(),
        }
    }
}

/// Whether a publishable key may be used for this method and path (with or without a query).
///
/// What stands for a customer's id is exactly one segment, also for routers that decode it or tidy it up: encoded
/// and reversed slashes, dot segments and control characters are refused.
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

fn is_one_segment(text: &str) -> bool {
    let decoded = text.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\");
    let leaves = |c: char| matches!(c, '/' | '\\' | '#') || c.is_control();
    !decoded.is_empty() && decoded != "." && decoded != ".." && !decoded.contains(leaves)
}

fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

/// The text behind `Bearer`: one word. The scheme's case does not matter and any number of spaces may follow it
/// (RFC 9110, 11.1 and 11.4); a tab may not.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, rest) = header.trim_matches([' ', '\t']).split_once(' ')?;
    let token = rest.trim_start_matches(' ');
    let one_word = !token.contains(|c: char| c.is_whitespace() || c.is_control());
    (scheme.eq_ignore_ascii_case("Bearer") && one_word).then_some(token)
}

/// What the prefix claims, also where the rest is not a key: only the answer's `env` depends on it.
fn claimed_environment(token: &str) -> Environment {
    let live = token.starts_with("am_sk_live_") || token.starts_with("am_pk_live_");
    if live { Environment::Live } else { Environment::Sandbox }
}

fn refuse((code, message): Answer, environment: Environment) -> Error {
    Error::new(code, message).with("env", environment.name()).with("status", Refusal::STATUS.to_string())
}

/// A path as logs may show it: no query, keys masked, nothing that moves a terminal's cursor.
fn shown_path(path: &str) -> String {
    let masked = |segment: &str| match ApiKey::parse(segment) {
        Ok(key) => key.to_string(),
        // A key with something before or behind it, or what is left of one.
        Err(_) if contains_secret(segment, &[]) => "…".to_owned(),
        Err(_) => segment.to_owned(),
    };
    shown(&without_query(path).split('/').map(masked).collect::<Vec<_>>().join("/"))
}

/// At most 256 characters, and none that moves a cursor, hides text or turns it round.
fn shown(text: &str) -> String {
    text.chars().take(256).map(visible).collect()
}

#[cfg(test)]
mod tests;
