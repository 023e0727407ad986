//! The shapes of `--json`; `tests/vectors/shapes.json` holds them too.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use libatmn::{
    ApiKey, Error, Event, Identity, KeyClass, LoggedIn, LoggedOut, Organization, PendingLogin, Place, ResolvedKey,
    Saved,
};
use serde_json::{Map, Value, json};

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

pub(crate) fn resolved(found: &ResolvedKey, reveal: bool) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    json!({
        "key": if reveal { key.reveal().to_owned() } else { key.to_string() },
        "kind": key.kind().name(),
        "environment": key.environment().name(),
        "source": place(source),
        "skipped": places(skipped),
    })
}

pub(crate) fn class(class: Option<KeyClass>) -> Value {
    match class {
        None => Value::Null,
        Some(KeyClass { kind, environment }) => json!({ "kind": kind.name(), "environment": environment.name() }),
    }
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

fn organization(organization: &Organization) -> Value {
    let Organization { id, name, slug } = organization;
    json!({ "id": id, "name": name, "slug": slug })
}

fn masked(key: &ApiKey) -> Value {
    json!({ "environment": key.environment().name(), "key": key.to_string() })
}

pub(crate) fn logged_in(logged_in: &LoggedIn) -> Value {
    let LoggedIn { organization: whose, environments, keys, saved: written } = logged_in;
    json!({
        "organization": whose.as_ref().map(organization),
        "environments": environments.iter().map(|environment| environment.name()).collect::<Vec<_>>(),
        "keys": keys.iter().map(masked).collect::<Vec<_>>(),
        "kept": written.is_none(),
        "saved": written.as_ref().map(saved),
    })
}

pub(crate) fn pending_login(pending: &PendingLogin, next: &str) -> Value {
    let PendingLogin { url, deadline, note } = pending;
    json!({ "url": url, "deadline": milliseconds(*deadline), "note": note, "next": next })
}

fn milliseconds(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// What is known of a key before anybody is asked; [`identity`] has the same fields.
pub(crate) fn unidentified(found: &ResolvedKey, server: &str) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    json!({
        "organization": null,
        "environment": key.environment().name(),
        "server": server,
        "key": key.to_string(),
        "source": place(source),
        "skipped": places(skipped),
    })
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

pub(crate) fn event(event: &Event) -> Value {
    let Event { code, level, message, context } = event;
    json!({ "event": code.name(), "level": level.name(), "message": message, "context": texts(context) })
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

pub(crate) fn failure(error: &Error) -> Value {
    let Error { code, message, hint, context, cause } = error;
    json!({
        "error": {
            "code": code.name(),
            "message": message,
            "hint": hint,
            "context": texts(context),
            "cause": cause.as_ref().map(ToString::to_string),
        }
    })
}

fn texts(context: &BTreeMap<&'static str, String>) -> Map<String, Value> {
    context.iter().map(|(name, text)| ((*name).into(), text.clone().into())).collect()
}
