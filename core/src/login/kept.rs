//! What a login does before it asks the user: it looks for keys that still work, and for the server.

use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::events::EventSink;
use super::reasons::{self, Reasons};
use super::{LoginOptions, LoginResult};
use crate::api::{self, ExpectedOrganization, KeyOwner};
use crate::config::{REACH_CONNECT_TIMEOUT, REACH_TIMEOUT, REQUEST_TIMEOUT, SILENCE_NOTICE};
use crate::dotenv::{Document, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::{Http, OutgoingRequest};
use crate::key::{ApiKey, Environment, Kind};
use crate::known_keys::{self, Accepted};
use crate::locations::{Location, Origin};
use crate::save::{EnvFile, existing_directory, has_value, located, readable};
use crate::scopes::are_same;
use crate::server::Server;
use crate::text::quoted;

/// What was found before the user is asked.
enum Checked {
    /// The keys in the file still work.
    Kept(LoginResult),
    /// The user must log in, and the server can be reached.
    Ask(Reasons),
}

/// The keys of the file, if all wanted keys are there, belong to the server, and are accepted by it; always `None` with
/// `force`. `None` means that the user must log in, and that the server can be reached; events say why, and which
/// organization to choose.
///
/// # Errors
/// The server cannot be reached, or it cannot check the keys.
pub(super) async fn kept_keys(
    host: &Host,
    options: &LoginOptions,
    http: &Http,
    expected: Option<&ExpectedOrganization>,
    events: &mut EventSink<'_>,
) -> Result<Option<LoginResult>> {
    let cancel = events.cancel.clone();
    let mut work = pin!(cancel.run(check_server(host, options, http)));
    // Longer than most responses take, so that the event tells something.
    let checked = match timeout(SILENCE_NOTICE, &mut work).await {
        Ok(checked) => checked?,
        Err(_) => {
            let message = format!("Waiting for {} to respond …", http.server());
            events.emit(&Event::new(EventCode::Hint, message).with("server", http.server().api()));
            work.await?
        }
    };
    match checked {
        Checked::Kept(kept) => {
            reasons::precedence(host, options, &kept.keys).iter().for_each(|event| events.emit(event));
            Ok(Some(kept))
        }
        Checked::Ask(reasons) => {
            reasons.events(expected).iter().for_each(|event| events.emit(event));
            Ok(None)
        }
    }
}

/// The keys that work, or the reasons for a login at a server that can be reached.
async fn check_server(host: &Host, options: &LoginOptions, http: &Http) -> Result<Checked> {
    let saved = if options.force { None } else { present(host, options)? };
    let reasons = match &saved {
        Some(saved) => reasons_against(host, options, http.server(), saved)?,
        None if options.force => Some(Reasons::default()),
        None => Some(reasons::elsewhere(host, options)),
    };
    match (saved, reasons) {
        (Some(saved), None) => accepted(host, options, http, saved).await,
        (_, reasons) => reach(options, http).await.map(|()| Checked::Ask(reasons.unwrap_or_default())),
    }
}

/// Why saved keys are replaced without asking the server about them: a key of another server is not sent to this one, and
/// keys of other scopes than the wanted ones do not fit.
fn reasons_against(
    host: &Host,
    options: &LoginOptions,
    server: &Server,
    saved: &[SavedKey],
) -> Result<Option<Reasons>> {
    if let Some(SavedKey { key, .. }) = saved.iter().find(|saved| !known_keys::belongs_to(host, server, &saved.key)) {
        let reason = format!("The saved key {key} was not checked: it is not known to belong to {server}.");
        return Ok(Some(Reasons::because(reason)));
    }
    let Some(wanted) = options.wanted_scopes()? else { return Ok(None) };
    let fits = common_scopes(host, server, saved).is_some_and(|scopes| are_same(&scopes, &wanted));
    let reason = || Reasons::because("The saved keys are not known to have exactly the chosen scopes.".to_owned());
    Ok((!fits).then(reason))
}

/// The keys, if the server accepts all of them.
async fn accepted(host: &Host, options: &LoginOptions, http: &Http, saved: Vec<SavedKey>) -> Result<Checked> {
    let mut owner: Option<KeyOwner> = None;
    for SavedKey { key, location } in &saved {
        match api::owner(http, key, limit(options)).await {
            Ok(found) if owner.as_ref().is_some_and(|other| other.organization != found.organization) => {
                let reason = "The saved keys belong to two organizations; a login replaces both.";
                return Ok(Checked::Ask(Reasons::because(reason.to_owned())));
            }
            Ok(found) => {
                let accepted = Accepted { server: http.server(), organization: &found.identity, scopes: None };
                known_keys::remember_accepted(host, key, &accepted);
                owner = Some(found);
            }
            Err(error) if is_refusal(&error) => {
                let organization = known_keys::organization(host, http.server(), key);
                return Ok(Checked::Ask(Reasons::rejected(key, location, organization)));
            }
            // A server that cannot check the key could not complete a login either.
            Err(error) => return Err(unchecked(error)),
        }
    }
    let Some(owner) = owner else { return Ok(Checked::Ask(Reasons::default())) };
    if options.expected()?.is_some_and(|expected| expected.accepts(&owner.identity) != Some(true)) {
        let reason = format!("The saved keys belong to the organization {}.", quoted(&owner.organization.slug));
        return Ok(Checked::Ask(Reasons::because(reason)));
    }
    Ok(Checked::Kept(LoginResult {
        organization: Some(owner.organization),
        environments: options.environments().to_vec(),
        scopes: common_scopes(host, http.server(), &saved),
        keys: saved.into_iter().map(|saved| saved.key).collect(),
        saved: None,
    }))
}

/// The scopes that all keys have, if the server has sent those of each.
fn common_scopes(host: &Host, server: &Server, saved: &[SavedKey]) -> Option<Vec<String>> {
    let mut known = saved.iter().map(|saved| known_keys::scopes(host, server, &saved.key));
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
    use ErrorCode::{ConnectFailed, ProxyFailed, ResolveFailed, SystemLimit, TlsFailed};
    matches!(code, ResolveFailed | ConnectFailed | TlsFailed | ProxyFailed | SystemLimit)
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

/// A key in the file.
struct SavedKey {
    key: ApiKey,
    location: Location,
}

/// The keys of the wanted environments, if the files of the directory have all of them. A value in `.env.local` takes
/// precedence over a key in `.env`, even if it is no key.
fn present(host: &Host, options: &LoginOptions) -> Result<Option<Vec<SavedKey>>> {
    let directory = existing_directory(options.directory.as_deref(), host)?;
    let document = |file: EnvFile| -> Result<(PathBuf, Document)> {
        let path = directory.join(file.name());
        let document = readable(&located(&path)?)?;
        Ok((path, document))
    };
    let files = match options.file {
        Some(file) => vec![document(file)?],
        None => document(EnvFile::EnvLocal).ok().into_iter().chain([document(EnvFile::Env)?]).collect(),
    };
    Ok(options.environments().iter().map(|environment| saved_key(&files, *environment)).collect())
}

/// The key of an environment, from the first file with a value for its variable.
fn saved_key(files: &[(PathBuf, Document)], environment: Environment) -> Option<SavedKey> {
    let variable = environment.variable();
    let (path, document) = files.iter().find(|(_, document)| has_value(document, &[variable]))?;
    let assignment = document.read(variable)?;
    let Value::Text(text) = assignment.value else { return None };
    let key = ApiKey::parse(text.reveal()).ok()?;
    let place = Location::new(Origin::EnvFile, Some(variable), Some(path.clone()));
    let location = Location { line: Some(assignment.line), ..place };
    (key.kind() == Kind::Secret && key.environment() == environment).then_some(SavedKey { key, location })
}
