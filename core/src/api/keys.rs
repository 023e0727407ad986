//! Exchanges an OAuth token for a pair of keys. Each call creates another pair, so it is never repeated; if the response
//! is lost, the error says where to delete the keys.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{failure, is_id, with_method_and_url};
use crate::config::{MINT_KEYS_PATH, SCOPE_COUNT_LIMIT};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::http::{Http, OutgoingRequest};
use crate::key::{ApiKey, Environment, Kind};
use crate::oauth::Token;
use crate::redact::redacted;
use crate::response::ApiResponse;
use crate::scopes::is_scope;
use crate::secret::{Secret, SecretBytes};
use crate::server::Server;

/// A pair of new keys and the organization they belong to.
#[derive(Clone, Debug)]
pub struct MintedKeys {
    /// The sandbox key.
    pub sandbox: ApiKey,
    /// The live key.
    pub live: ApiKey,
    /// The id of the organization that the user chose.
    pub organization_id: String,
    /// The scopes of the keys, if the server sent them.
    pub scopes: Option<Vec<String>>,
}

/// Creates a pair of keys, with these scopes or with those of the login.
///
/// # Errors
/// - `keys_refused`: a key is missing, malformed, or of the wrong kind or environment; or the organization id is
///   invalid. The error carries the response without its body, which may hold keys.
/// - As [`failure()`], if the server refuses.
/// - As [`Http::send`].
///
/// If keys may have been created, the context has `keys_may_exist`, and the hint says where to delete them.
pub async fn mint_keys(http: &Http, token: &Token, scopes: Option<&[String]>, timeout: Duration) -> Result<MintedKeys> {
    let token = token.access_token.reveal();
    let mut request = OutgoingRequest::new("POST", MINT_KEYS_PATH)
        .bearer(token)
        .header("accept", "application/json")
        .timeout(timeout);
    if let Some(scopes) = scopes {
        let body = json!({ "scopes": scopes }).to_string();
        request = request.header("content-type", "application/json").body(body.into_bytes());
    }
    let response = http.send(request).await.map_err(|error| match error.code {
        ErrorCode::ConnectionLost
        | ErrorCode::RequestTimedOut
        | ErrorCode::ResponseTooLarge
        | ErrorCode::ResponseUnreadable => keys_may_exist(error, http.server()),
        _ => error,
    })?;
    let failed =
        || with_method_and_url(failure(http.server(), &response, &[token]), http.server(), "POST", MINT_KEYS_PATH);
    match response.status {
        200..=299 => {
            let answered = without_body(&response, token);
            read(response).map_err(|error| keys_may_exist(with_response(error, http.server(), answered), http.server()))
        }
        500.. => Err(keys_may_exist(failed(), http.server())),
        401 => Err(failed().with_hint(Hint::LogInAgain)),
        _ => Err(failed()),
    }
}

/// The response without its body and without secrets.
fn without_body(response: &ApiResponse, token: &str) -> ApiResponse {
    let (status, headers) = (response.status, response.headers.clone());
    redacted(&ApiResponse { status, headers, body: Vec::new() }, &[token])
}

/// The error with the response that it is about.
fn with_response(error: Error, server: &Server, response: ApiResponse) -> Error {
    let error = with_method_and_url(error, server, "POST", MINT_KEYS_PATH);
    let error = error.with("server", server.api()).with("status", response.status.to_string());
    Error { response: Some(Arc::new(response)), ..error }
}

fn read(response: ApiResponse) -> Result<MintedKeys> {
    let body = serde_json::from_slice::<Map<String, Value>>(&response.body);
    // Wipes the body, which contains the keys.
    drop(SecretBytes::from(response.body));
    let mut body = body.map_err(|_| refused("The server's response with the keys is not valid JSON."))?;
    let sandbox = key(&mut body, "sandbox_key", Environment::Sandbox);
    let live = key(&mut body, "prod_key", Environment::Live);
    let organization_id = body.get("org_id").and_then(Value::as_str).filter(|id| is_id(id)).map(str::to_owned);
    let scopes = body.get("scopes").and_then(Value::as_array);
    let scopes = scopes.map(|scopes| scopes.iter().filter_map(scope).take(SCOPE_COUNT_LIMIT).collect::<Vec<_>>());
    Ok(MintedKeys {
        // A key without scopes is one that the server does not limit.
        scopes: scopes.filter(|scopes| !scopes.is_empty()),
        sandbox: sandbox?,
        live: live?,
        organization_id: organization_id.ok_or_else(|| refused("The server sent no organization id with the keys."))?,
    })
}

/// A scope such as `customers:create`.
fn scope(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (is_scope(text) && ApiKey::parse(text).is_err()).then(|| text.to_owned())
}

/// Removes a key from the response, so that its text is wiped with the `Secret`.
fn key(body: &mut Map<String, Value>, name: &str, environment: Environment) -> Result<ApiKey> {
    let wanted = environment.name();
    let Some(Value::String(text)) = body.remove(name) else {
        return Err(refused(&format!("The server sent no {wanted} key.")));
    };
    let text = Secret::from(text);
    let key =
        ApiKey::parse(text.reveal()).map_err(|_| refused(&format!("The server sent a malformed {wanted} key.")))?;
    if key.kind() != Kind::Secret {
        return Err(refused(&format!("The server sent a publishable key as the {wanted} key.")));
    }
    if key.environment() != environment {
        let other = key.environment().name();
        return Err(refused(&format!("The server sent a {other} key as the {wanted} key.")));
    }
    Ok(key)
}

fn refused(message: &str) -> Error {
    Error::new(ErrorCode::KeysRefused, message)
}

/// Marks an error after which the server may hold keys that were not saved, and says where to delete them.
pub(crate) fn keys_may_exist(error: Error, server: &Server) -> Error {
    let dashboard = server.certain_dashboard().map(str::to_owned);
    error.and_hint(Hint::DeleteKeys { dashboard }).with("keys_may_exist", "true")
}
