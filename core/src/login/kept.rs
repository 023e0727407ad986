//! What a login does before it asks the user: it looks for keys that still work, and for the server.

use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::events::EventSink;
use super::reasons::{self, Reasons};
use super::{Destination, LoginOptions, LoginResult};
use crate::api::{self, KeyOwner, OrganizationIdentity};
use crate::config::{CHECK_TRIES, REACH_CONNECT_TIMEOUT, REACH_TIMEOUT, REQUEST_TIMEOUT, SILENCE_NOTICE};
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
pub(super) enum Checked {
    /// All wanted keys still work.
    Kept(LoginResult),
    /// The user must log in, and the server can be reached. The key that works stays.
    Ask(Option<WorkingKey>),
}

/// A saved key that the server has just accepted, where another one is wanted too.
pub(super) struct WorkingKey {
    pub(super) key: ApiKey,
    pub(super) organization: OrganizationIdentity,
    pub(super) file: PathBuf,
}

/// Looks for saved keys that belong to the server and are accepted by it; for none with `force`. If the user must log in,
/// events say why, which key stays, and which organization to choose.
///
/// # Errors
/// The server cannot be reached, or it cannot check the keys.
pub(super) async fn check_before_login(
    host: &Host,
    options: &LoginOptions,
    http: &Http,
    destination: &Destination,
    events: &mut EventSink<'_>,
) -> Result<Checked> {
    let (cancel, expected) = (events.cancel.clone(), destination.expected.clone());
    let mut work = pin!(cancel.run(check_server(host, options, http, destination)));
    // Longer than most responses take, so that the event tells something.
    let (checked, reasons) = match timeout(SILENCE_NOTICE, &mut work).await {
        Ok(checked) => checked?,
        Err(_) => {
            let message = format!("Waiting for {} to respond …", http.server());
            events.emit(&Event::new(EventCode::Hint, message).with("server", http.server().api()));
            work.await?
        }
    };
    let kept = match &checked {
        Checked::Kept(kept) => kept.keys.as_slice(),
        Checked::Ask(working) => working.as_ref().map_or(&[][..], |working| std::slice::from_ref(&working.key)),
    };
    reasons::precedence(host, options, kept).iter().for_each(|event| events.emit(event));
    if matches!(checked, Checked::Ask(_)) {
        reasons.events(expected.as_ref()).iter().for_each(|event| events.emit(event));
    }
    Ok(checked)
}

/// The keys that work, and the reasons for a login at a server that can be reached.
async fn check_server(
    host: &Host,
    options: &LoginOptions,
    http: &Http,
    destination: &Destination,
) -> Result<(Checked, Reasons)> {
    let (checked, reasons) = check_keys_that_stay(host, options, http, destination).await?;
    if matches!(checked, Checked::Ask(_)) {
        reach(options, http).await?;
    }
    Ok((checked, reasons))
}

/// Checks the keys, and again if they were changed during the requests.
///
/// # Errors
/// `file_locked`: they were changed each time.
async fn check_keys_that_stay(
    host: &Host,
    options: &LoginOptions,
    http: &Http,
    destination: &Destination,
) -> Result<(Checked, Reasons)> {
    if options.force {
        return Ok((Checked::Ask(None), Reasons::default()));
    }
    for _ in 0..CHECK_TRIES {
        let before = destination.before.now();
        let saved = present(host, options)?;
        let checked = check_keys(host, options, http, saved).await?;
        if destination.before.now() == before {
            return Ok(checked);
        }
    }
    let message = "The saved keys could not be checked. Another program kept changing them.";
    Err(Error::new(ErrorCode::FileLocked, message).with_hint(Hint::LogInAgain))
}

async fn check_keys(
    host: &Host,
    options: &LoginOptions,
    http: &Http,
    saved: Vec<SavedKey>,
) -> Result<(Checked, Reasons)> {
    if saved.is_empty() {
        return Ok((Checked::Ask(None), reasons::elsewhere(host, options)));
    }
    if has_other_scopes(host, options, http.server(), &saved)? {
        let reason = "The saved keys are not known to have exactly the chosen scopes.".to_owned();
        return Ok((Checked::Ask(None), Reasons::because(reason)));
    }
    let (accepted, reasons) = accepted(host, options, http, saved).await?;
    evaluate(host, options, http.server(), accepted, reasons)
}

/// Whether keys of other scopes than the wanted ones are saved, which do not fit.
fn has_other_scopes(host: &Host, options: &LoginOptions, server: &Server, saved: &[SavedKey]) -> Result<bool> {
    let Some(wanted) = options.wanted_scopes()? else { return Ok(false) };
    let fits = |saved: &SavedKey| {
        known_keys::scopes(host, server, &saved.key).is_some_and(|scopes| are_same(&scopes, &wanted))
    };
    Ok(!saved.iter().all(fits))
}

/// A key that the server has just accepted.
struct AcceptedKey {
    saved: SavedKey,
    owner: KeyOwner,
}

/// The keys that the server accepts, and the reasons against the others. A key of another server is not sent to this one.
async fn accepted(
    host: &Host,
    options: &LoginOptions,
    http: &Http,
    saved: Vec<SavedKey>,
) -> Result<(Vec<AcceptedKey>, Reasons)> {
    let (server, mut reasons, mut accepted) = (http.server(), Reasons::default(), Vec::new());
    for saved in saved {
        let key = &saved.key;
        if !known_keys::belongs_to(host, server, key) {
            reasons.add(format!("The saved key {key} was not checked: it is not known to belong to {server}."));
            continue;
        }
        match api::owner(http, key, limit(options)).await {
            Ok(KeyOwner { organization, identity }) => {
                known_keys::remember_accepted(host, key, &Accepted { server, organization: &identity, scopes: None });
                // What this response lacks, an earlier one may have told.
                let identity = identity.or(known_keys::organization(host, server, key).unwrap_or_default());
                accepted.push(AcceptedKey { saved, owner: KeyOwner { organization, identity } });
            }
            Err(error) if api::is_rejection(&error) => {
                reasons.rejected(key, &saved.location, known_keys::organization(host, server, key));
            }
            // A server that cannot check the key could not complete a login either.
            Err(error) => return Err(unchecked(error)),
        }
    }
    Ok((accepted, reasons))
}

/// Which of the accepted keys stay: all of them if they belong to one organization, and to the expected one.
fn evaluate(
    host: &Host,
    options: &LoginOptions,
    server: &Server,
    accepted: Vec<AcceptedKey>,
    mut reasons: Reasons,
) -> Result<(Checked, Reasons)> {
    let Some(owner) = accepted.first().map(|first| first.owner.clone()) else {
        return Ok((Checked::Ask(None), reasons));
    };
    if accepted.iter().any(|other| other.owner.identity.is_same(&owner.identity) == Some(false)) {
        reasons.add("The saved keys belong to two organizations; a login replaces both.".to_owned());
        return Ok((Checked::Ask(None), reasons));
    }
    if let Some(expected) = options.expected()? {
        let verdict = |accepted: &AcceptedKey| expected.accepts(&accepted.owner.identity);
        if let Some(other) = accepted.iter().find(|accepted| verdict(accepted) == Some(false)) {
            let slug = &other.owner.organization.slug;
            reasons.add(format!("The saved keys belong to the organization {}.", quoted(slug)));
            return Ok((Checked::Ask(None), reasons));
        }
        if !accepted.iter().all(|accepted| verdict(accepted) == Some(true)) {
            return Err(unknown_organization());
        }
    }
    if accepted.len() < options.environments().len()
        && let [AcceptedKey { saved: SavedKey { key, location, file }, .. }] = accepted.as_slice()
    {
        if owner.identity.is_empty() {
            return Err(unknown_organization());
        }
        reasons.kept(key, location, &owner.identity);
        let working = WorkingKey { key: key.clone(), organization: owner.identity, file: file.clone() };
        return Ok((Checked::Ask(Some(working)), reasons));
    }
    let keys: Vec<ApiKey> = accepted.into_iter().map(|accepted| accepted.saved.key).collect();
    let kept = LoginResult {
        organization: Some(owner.organization),
        environments: options.environments().to_vec(),
        scopes: common_scopes(host, server, &keys),
        kept: None,
        keys,
        saved: None,
    };
    Ok((Checked::Kept(kept), reasons))
}

/// The scopes that all keys have, if the server has sent those of each.
fn common_scopes(host: &Host, server: &Server, keys: &[ApiKey]) -> Option<Vec<String>> {
    let (first, others) = keys.split_first()?;
    scopes_with(host, server, others, known_keys::scopes(host, server, first))
}

/// The scopes that new keys have in common with others, if the server has sent those of each.
pub(super) fn scopes_with(
    host: &Host,
    server: &Server,
    others: &[ApiKey],
    new: Option<Vec<String>>,
) -> Option<Vec<String>> {
    others.iter().try_fold(new?, |common, key| {
        let scopes = known_keys::scopes(host, server, key)?;
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
    Error { message, ..error }.and_hint(force())
}

/// The error of a server that accepts a saved key, and does not say whose it is: the key can neither stay, beside a key of
/// perhaps another organization, nor be replaced unasked.
fn unknown_organization() -> Error {
    let message = "The saved keys could not be checked. The server does not say which organization they belong to.";
    Error::new(ErrorCode::ResponseUnreadable, message).with_hint(force())
}

fn force() -> Hint {
    Hint::PassOption { option: "force", value: "true", purpose: "log in without checking them" }
}

/// A key in the file.
struct SavedKey {
    key: ApiKey,
    location: Location,
    file: PathBuf,
}

/// The keys of the wanted environments that the files of the directory have. A value in `.env.local` takes precedence over
/// a key in `.env`, even if it is no key.
fn present(host: &Host, options: &LoginOptions) -> Result<Vec<SavedKey>> {
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
    Ok(options.environments().iter().filter_map(|environment| saved_key(&files, *environment)).collect())
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
    let is_wanted = key.kind() == Kind::Secret && key.environment() == environment;
    is_wanted.then(|| SavedKey { key, location, file: path.clone() })
}
