//! Results as the protocol writes them.

use std::time::{SystemTime, UNIX_EPOCH};

use libatmn::{
    ApiKey, ApiResponse, Attempt, Credential, Error, ErrorClass, Event, Identity, KeyClass, LoggedIn, LoggedOut,
    Organization, PendingLogin, Place, ResolvedKey, Saved, refusal,
};
use serde_json::{Value, json};

pub(crate) fn class(class: KeyClass) -> Value {
    let KeyClass { kind, environment } = class;
    json!({ "kind": kind.name(), "environment": environment.name() })
}

pub(crate) fn place(place: &Place) -> Value {
    let Place { origin, variable, path, line, outcome, masked, reason } = place;
    json!({
        "origin": origin.name(),
        "variable": variable,
        "path": path.as_ref().map(|path| path.to_string_lossy()),
        "line": line,
        "outcome": outcome.name(),
        "masked": masked,
        "reason": reason,
        "text": place.to_string(),
    })
}

pub(crate) fn places(places: &[Place]) -> Value {
    places.iter().map(place).collect()
}

pub(crate) fn resolved(found: &ResolvedKey) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    json!({
        "key": key.reveal(),
        "kind": key.kind().name(),
        "environment": key.environment().name(),
        "source": place(source),
        "skipped": places(skipped),
    })
}

pub(crate) fn saved(saved: &Saved) -> Value {
    let Saved { path, created, git, replaced, shadowed_by, locked } = saved;
    json!({
        "path": path.to_string_lossy(),
        "created": created,
        "git": git.name(),
        "replaced": places(replaced),
        "shadowed_by": places(shadowed_by),
        "locked": locked,
    })
}

pub(crate) fn logged_out(logged_out: &LoggedOut) -> Value {
    let LoggedOut { path, removed, remaining, note, locked } = logged_out;
    json!({
        "path": path.to_string_lossy(),
        "removed": places(removed),
        "remaining": places(remaining),
        "note": note,
        "locked": locked,
    })
}

fn organization(organization: &Organization) -> Value {
    let Organization { id, name, slug } = organization;
    json!({ "id": id, "name": name, "slug": slug })
}

pub(crate) fn identity(identity: &Identity) -> Value {
    let Identity { organization: whose, server, key, source, skipped } = identity;
    json!({
        "organization": organization(whose),
        "environment": key.environment().name(),
        "server": server.api(),
        "key": key.to_string(),
        "source": place(source),
        "skipped": places(skipped),
    })
}

pub(crate) fn logged_in(logged_in: &LoggedIn) -> Value {
    let LoggedIn { organization: whose, environments, keys, saved: written } = logged_in;
    let masked = |key: &ApiKey| json!({ "environment": key.environment().name(), "key": key.to_string() });
    json!({
        "organization": whose.as_ref().map(organization),
        "environments": environments.iter().map(|environment| environment.name()).collect::<Vec<_>>(),
        "keys": keys.iter().map(masked).collect::<Vec<_>>(),
        "kept": written.is_none(),
        "saved": written.as_ref().map(saved),
    })
}

pub(crate) fn pending_login(pending: &PendingLogin) -> Value {
    let PendingLogin { url, deadline, note } = pending;
    json!({ "url": url, "deadline": milliseconds(*deadline), "note": note })
}

pub(crate) fn attempt(attempt: &Attempt) -> Value {
    json!({
        "url": attempt.url(),
        "port": attempt.port(),
        "hint": attempt.hint(),
        "deadline": milliseconds(attempt.deadline()),
    })
}

pub(crate) fn response(response: &ApiResponse) -> Value {
    let ApiResponse { status, headers, body } = response;
    let kind = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value);
    json!({ "status": status, "content_type": kind, "body": String::from_utf8_lossy(body) })
}

pub(crate) fn principal(credential: &Credential) -> Value {
    let key = credential.key();
    json!({
        "kind": credential.kind_name(),
        "environment": key.map(|key| key.environment().name()),
        "key": key.map(ApiKey::reveal),
    })
}

pub(crate) fn event(event: &Event) -> Value {
    let Event { code, level, message, context: _ } = event;
    json!({ "event": code.name(), "level": level.name(), "message": message })
}

pub(crate) fn error(error: &Error) -> Value {
    let Error { code, message, hint, context, cause } = error;
    let class = error.class();
    let told = matches!(class, ErrorClass::Argument | ErrorClass::Answer | ErrorClass::Refusal);
    json!({
        "class": told.then(|| class.name()),
        "code": code.name(),
        "message": message,
        "hint": hint,
        "context": context,
        "cause": cause.as_ref().map(ToString::to_string),
    })
}

/// An error of `authenticate`, with the answer that it stands for.
pub(crate) fn refused(refused: &Error) -> Value {
    let mut answer = error(refused);
    if let Some(refusal) = refusal(refused) {
        answer["status"] = libatmn::Refusal::STATUS.into();
        answer["body"] = serde_json::from_str(&refusal.body()).unwrap_or_default();
    }
    answer
}

fn milliseconds(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
