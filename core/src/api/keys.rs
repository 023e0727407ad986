//! A pair of keys for an OAuth token. Each call makes another pair, so it is made once, and where an answer is lost the
//! error says where the keys can be deleted.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{failure, is_id};
use crate::config::MINT_KEYS_PATH;
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::http::{Http, Request, Response};
use crate::key::{ApiKey, Environment, Kind};
use crate::oauth::Token;
use crate::secret::{Secret, SecretBytes};
use crate::server::Server;

/// A pair of new keys and whose they are.
#[derive(Clone, Debug)]
pub struct MintedKeys {
    /// The sandbox key.
    pub sandbox: ApiKey,
    /// The live key.
    pub live: ApiKey,
    /// The id of the organization that the person chose.
    pub organization_id: String,
}

/// Makes a pair of keys.
///
/// # Errors
/// - `keys_refused`: a key is missing, of the wrong kind or environment, or not a key at all; or the organization's id
///   is none. Nothing that was sent is repeated.
/// - As [`failure()`], if the server says no.
/// - As [`Http::send`].
///
/// Where keys may exist all the same, the context has `keys_may_exist`, and the hint says where to delete them.
pub async fn mint_keys(http: &Http, token: &Token, timeout: Duration) -> Result<MintedKeys> {
    let token = token.access_token.reveal();
    let request =
        Request::new("POST", MINT_KEYS_PATH).bearer(token).header("accept", "application/json").timeout(timeout);
    let response = http.send(request).await.map_err(|error| match error.code {
        ErrorCode::ConnectionLost
        | ErrorCode::RequestTimedOut
        | ErrorCode::ResponseTooLarge
        | ErrorCode::ResponseUnreadable => keys_may_exist(error, http.server()),
        _ => error,
    })?;
    match response.status {
        200..=299 => read(response).map_err(|error| keys_may_exist(error, http.server())),
        500.. => Err(keys_may_exist(failure(http.server(), &response, &[token]), http.server())),
        401 => Err(failure(http.server(), &response, &[token]).with_hint(Hint::LogInAgain)),
        _ => Err(failure(http.server(), &response, &[token])),
    }
}

fn read(response: Response) -> Result<MintedKeys> {
    let answer = serde_json::from_slice::<Map<String, Value>>(&response.body);
    // Wiped: the keys stand in it.
    drop(SecretBytes::from(response.body));
    let mut answer = answer.map_err(|_| refused("The server's answer with the keys is not what it should be."))?;
    let sandbox = key(&mut answer, "sandbox_key", Environment::Sandbox);
    let live = key(&mut answer, "prod_key", Environment::Live);
    let organization_id = answer.get("org_id").and_then(Value::as_str).filter(|id| is_id(id)).map(str::to_owned);
    Ok(MintedKeys {
        sandbox: sandbox?,
        live: live?,
        organization_id: organization_id.ok_or_else(|| refused("The server did not say whose the keys are."))?,
    })
}

/// Takes a key out of the answer, so that its text is wiped with it.
fn key(answer: &mut Map<String, Value>, name: &str, environment: Environment) -> Result<ApiKey> {
    let wanted = environment.name();
    let Some(Value::String(text)) = answer.remove(name) else {
        return Err(refused(&format!("The server sent no {wanted} key.")));
    };
    let text = Secret::from(text);
    let key = ApiKey::parse(text.reveal())
        .map_err(|_| refused(&format!("What the server sent as the {wanted} key is not an Autumn API key.")))?;
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

fn keys_may_exist(error: Error, server: &Server) -> Error {
    let hint = Hint::DeleteKeys { dashboard: server.dashboard().map(str::to_owned) };
    error.with_hint(hint.and(Hint::LogInAgain)).with("keys_may_exist", "true")
}
