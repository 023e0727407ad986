//! What a login does before it asks the user: it looks for keys that still work, and for the server.

use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::events::EventSink;
use super::{LoginOptions, LoginResult};
use crate::api::{self, KeyOwner};
use crate::config::{REACH_CONNECT_TIMEOUT, REACH_TIMEOUT, REQUEST_TIMEOUT, SILENCE_NOTICE};
use crate::dotenv::{Document, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::{Http, OutgoingRequest};
use crate::key::{ApiKey, Environment, Kind};
use crate::known_keys::{self, Accepted};
use crate::save::{EnvFile, existing_directory, located, readable};
use crate::scopes::are_same;
use crate::server::Server;

/// The keys of the file, if all wanted keys are there, belong to the server, and are accepted by it; always `None` with
/// `force`. `None` means that the user must log in, and that the server can be reached.
///
/// # Errors
/// The server cannot be reached, or it cannot check the keys.
pub(super) async fn kept_keys(
    host: &Host,
    options: &LoginOptions,
    http: &Http,
    events: &mut EventSink<'_>,
) -> Result<Option<LoginResult>> {
    let cancel = events.cancel.clone();
    let mut work = pin!(cancel.run(check_server(host, options, http)));
    // Longer than most responses take, so that the event tells something.
    match timeout(SILENCE_NOTICE, &mut work).await {
        Ok(result) => result,
        Err(_) => {
            let message = format!("Waiting for {} to respond …", http.server());
            events.emit(&Event::new(EventCode::Hint, message).with("server", http.server().api()));
            work.await
        }
    }
}

/// The keys that work, or `None` from a server that can be reached.
async fn check_server(host: &Host, options: &LoginOptions, http: &Http) -> Result<Option<LoginResult>> {
    let keys = if options.force { None } else { present(host, options)? };
    let wanted = options.wanted_scopes()?;
    // A key of another server is not sent to this one, and keys of other scopes than the wanted ones are replaced.
    let fits = |keys: &Vec<ApiKey>| {
        let scopes = || common_scopes(host, http.server(), keys);
        keys.iter().all(|key| known_keys::belongs_to(host, http.server(), key))
            && wanted.as_ref().is_none_or(|wanted| scopes().is_some_and(|scopes| are_same(&scopes, wanted)))
    };
    match keys.filter(fits) {
        Some(keys) => accepted(host, options, http, keys).await,
        None => reach(options, http).await.map(|()| None),
    }
}

/// The keys, if the server accepts all of them.
async fn accepted(host: &Host, options: &LoginOptions, http: &Http, keys: Vec<ApiKey>) -> Result<Option<LoginResult>> {
    let mut owner: Option<KeyOwner> = None;
    for key in &keys {
        match api::owner(http, key, limit(options)).await {
            // Keys of two organizations are replaced by a login.
            Ok(found) if owner.as_ref().is_some_and(|other| other.organization != found.organization) => {
                return Ok(None);
            }
            Ok(found) => {
                let accepted = Accepted { server: http.server(), organization: &found.identity, scopes: None };
                known_keys::remember_accepted(host, key, &accepted);
                owner = Some(found);
            }
            Err(error) if is_refusal(&error) => return Ok(None),
            // A server that cannot check the key could not complete a login either.
            Err(error) => return Err(unchecked(error)),
        }
    }
    let expected = options.expected()?;
    let fits = |owner: &KeyOwner| expected.is_none_or(|expected| expected.accepts(&owner.identity) == Some(true));
    let owner = owner.filter(fits);
    let environments = options.environments().to_vec();
    let scopes = common_scopes(host, http.server(), &keys);
    Ok(owner.map(|owner| LoginResult {
        organization: Some(owner.organization),
        environments,
        keys,
        saved: None,
        scopes,
    }))
}

/// The scopes that all keys have, if the server has sent those of each.
fn common_scopes(host: &Host, server: &Server, keys: &[ApiKey]) -> Option<Vec<String>> {
    let mut known = keys.iter().map(|key| known_keys::scopes(host, server, key));
    let first = known.next()??;
    known.try_fold(first, |common, scopes| {
        let scopes = scopes?;
        Some(common.into_iter().filter(|scope| scopes.contains(scope)).collect())
    })
}

/// No step before the user takes longer than the user may take.
fn limit(options: &LoginOptions) -> Duration {
    REQUEST_TIMEOUT.min(options.login_timeout)
}

/// Checks that the server can be reached, before the user opens its URL. Any response will do, and so will none within five
/// seconds from a server that accepts the connection: the user and the browser may have more time.
async fn reach(options: &LoginOptions, http: &Http) -> Result<()> {
    let request = OutgoingRequest::new("HEAD", "/").timeout(REACH_TIMEOUT.min(options.login_timeout));
    match http.connecting_within(REACH_CONNECT_TIMEOUT).send(request).await {
        Err(error) if is_unreachable(error.code) => Err(error),
        _ => Ok(()),
    }
}

fn is_unreachable(code: ErrorCode) -> bool {
    use ErrorCode::{ConnectFailed, ProxyFailed, ResolveFailed, TlsFailed};
    matches!(code, ResolveFailed | ConnectFailed | TlsFailed | ProxyFailed)
}

/// The error of a server that does not tell whether the keys work.
fn unchecked(error: Error) -> Error {
    if is_unreachable(error.code) {
        return error;
    }
    let message = format!("The saved keys could not be checked. {}", error.message);
    let purpose = "log in without checking them";
    Error { message, ..error }.and_hint(Hint::PassOption { option: "force", value: "true", purpose })
}

/// Whether the server refused the key. A busy server, or one that could not check the key, did not refuse it.
fn is_refusal(error: &Error) -> bool {
    let status = error.context.get("status").and_then(|status| status.parse().ok());
    let is_unsure = matches!(error.code, ErrorCode::FailedToVerifySecretKey) || matches!(status, Some(408 | 429));
    !is_unsure && status.is_some_and(|status: u16| (400..500).contains(&status))
}

/// The keys of the wanted environments, if one file contains all of them.
fn present(host: &Host, options: &LoginOptions) -> Result<Option<Vec<ApiKey>>> {
    let directory = existing_directory(options.directory.as_deref(), host)?;
    let files = options.file.map_or_else(|| EnvFile::ALL.to_vec(), |file| vec![file]);
    for file in files {
        let document = readable(&located(&directory.join(file.name()))?)?;
        if let Some(keys) = keys_of(&document, options.environments()) {
            return Ok(Some(keys));
        }
    }
    Ok(None)
}

fn keys_of(document: &Document, environments: &[Environment]) -> Option<Vec<ApiKey>> {
    let key = |environment: &Environment| match document.read(environment.variable())?.value {
        Value::Text(text) => ApiKey::parse(text.reveal())
            .ok()
            .filter(|key| key.kind() == Kind::Secret && key.environment() == *environment),
        Value::Empty | Value::Unusable(_) => None,
    };
    environments.iter().map(key).collect()
}
