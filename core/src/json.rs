//! Results as JSON, as `atmn --json` prints them; `tests/vectors/shapes.json` has the same shapes. Each struct is
//! destructured completely, so that a new field fails to compile here.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::api::Organization;
use crate::context::typed_context;
use crate::diagnose::{Check, Diagnosis};
use crate::error::Error;
use crate::event::Event;
use crate::key::{ApiKey, Environment, KeyClass};
use crate::known_keys::LastKnown;
use crate::locations::Location;
use crate::login::{BeginLoginResult, LoginResult, PendingLogin};
use crate::logout::LogoutResult;
use crate::resolve::ResolvedKey;
use crate::save::SaveResult;
use crate::server::Server;
use crate::server_info::ServerFacts;
use crate::whoami::Identity;

/// A [`KeyClass`].
pub fn class(class: KeyClass) -> Value {
    let KeyClass { kind, environment } = class;
    json!({ "kind": kind.name(), "environment": environment.name() })
}

/// A [`Location`].
pub(crate) fn location(location: &Location) -> Value {
    let Location { origin, variable, path, line, outcome, masked, reason } = location;
    json!({
        "origin": origin.name(),
        "variable": variable,
        "path": path.as_deref().map(Path::to_string_lossy),
        "line": line,
        "outcome": outcome.name(),
        "masked": masked,
        "reason": reason,
        "text": location.to_string(),
    })
}

/// A list of [`Location`]s.
pub fn locations(locations: &[Location]) -> Value {
    locations.iter().map(location).collect()
}

/// A [`ResolvedKey`]; its key is masked unless `reveal` is set.
pub fn resolved(found: &ResolvedKey, reveal: bool) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    json!({
        "key": if reveal { key.reveal().to_owned() } else { key.to_string() },
        "kind": key.kind().name(),
        "environment": key.environment().name(),
        "source": location(source),
        "skipped": locations(skipped),
    })
}

/// A [`SaveResult`].
pub fn saved(saved: &SaveResult) -> Value {
    let SaveResult { path, created, git, replaced, shadowed_by, locked, note } = saved;
    json!({
        "path": path.to_string_lossy(),
        "created": created,
        "git": git.name(),
        "replaced": locations(replaced),
        "shadowed_by": locations(shadowed_by),
        "locked": locked,
        "note": note,
    })
}

/// A [`LogoutResult`].
pub fn logout_result(result: &LogoutResult) -> Value {
    let LogoutResult { path, removed, remaining, note, locked } = result;
    json!({
        "path": path.to_string_lossy(),
        "removed": locations(removed),
        "remaining": locations(remaining),
        "note": note,
        "locked": locked,
    })
}

/// A [`ServerFacts`].
pub fn server_info(info: &ServerFacts) -> Value {
    let ServerFacts { api_url, dashboard_url, scopes, client_id } = info;
    json!({ "api_url": api_url, "dashboard_url": dashboard_url, "scopes": scopes, "client_id": client_id })
}

/// A [`Diagnosis`].
pub fn diagnosis(diagnosis: &Diagnosis) -> Value {
    let Diagnosis { checks } = diagnosis;
    json!({ "checks": checks.iter().map(check).collect::<Vec<_>>() })
}

/// A [`Check`].
pub fn check(check: &Check) -> Value {
    let Check { subject, outcome, message, hint } = check;
    json!({
        "subject": subject.name(),
        "outcome": outcome.name(),
        "message": message,
        "hint": hint.as_ref().map(ToString::to_string),
    })
}

/// An [`Organization`].
pub fn organization(organization: &Organization) -> Value {
    let Organization { id, name, slug } = organization;
    json!({ "id": id, "name": name, "slug": slug })
}

/// A [`LoginResult`], with masked keys.
pub fn login_result(login_result: &LoginResult) -> Value {
    let LoginResult { organization: owner, environments, keys, saved: written, scopes, kept: _ } = login_result;
    let masked = |key: &ApiKey| json!({ "environment": key.environment().name(), "key": key.to_string() });
    json!({
        "organization": owner.as_ref().map(organization),
        "environments": environments.iter().copied().map(Environment::name).collect::<Vec<_>>(),
        "keys": keys.iter().map(masked).collect::<Vec<_>>(),
        "kept": written.is_none(),
        "saved": written.as_ref().map(saved),
        "scopes": scopes,
    })
}

/// A [`PendingLogin`].
pub fn pending_login(pending: &PendingLogin) -> Value {
    let PendingLogin { url, deadline, note } = pending;
    json!({ "url": url, "deadline": milliseconds(*deadline), "note": note })
}

/// A [`BeginLoginResult`]: a pending login, or a login result.
pub fn begin_login_result(result: &BeginLoginResult) -> Value {
    match result {
        BeginLoginResult::Pending(pending) => pending_login(pending),
        BeginLoginResult::Kept(result) => login_result(result),
    }
}

/// An [`Identity`].
pub fn identity(identity: &Identity) -> Value {
    let Identity { organization: owner, server, key, source, skipped, scopes } = identity;
    let mut value = key_with_location(Some(owner), server, key, source, skipped);
    value["scopes"] = json!(scopes);
    value
}

/// A key that the server did not identify, with the fields of an [`Identity`], and with what this machine remembers of it.
pub fn unidentified(found: &ResolvedKey, server: &Server, known: Option<&LastKnown>) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    let mut value = key_with_location(None, server, key, source, skipped);
    if let Some(LastKnown { organization, scopes }) = known {
        value["last_known"] = json!({ "organization": organization, "scopes": scopes });
    }
    value
}

fn key_with_location(
    owner: Option<&Organization>,
    server: &Server,
    key: &ApiKey,
    source: &Location,
    skipped: &[Location],
) -> Value {
    json!({
        "organization": owner.map(organization),
        "environment": key.environment().name(),
        "server": server.api(),
        "key": key.to_string(),
        "source": location(source),
        "skipped": locations(skipped),
        "scopes": null,
    })
}

/// An [`Event`].
pub fn event(event: &Event) -> Value {
    let Event { code, message, context, .. } = event;
    json!({ "event": code.name(), "message": message, "context": typed_context(context) })
}

/// An [`Error`].
pub fn failure(error: &Error) -> Value {
    let Error { code, message, hint, context, cause, response: _ } = error;
    json!({
        "code": code.name(),
        "message": message,
        "hint": hint.as_ref().map(ToString::to_string),
        "context": context,
        "cause": cause.as_ref().map(ToString::to_string),
    })
}

/// Milliseconds since 1970.
pub fn milliseconds(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
