//! Results as plain data, as `atmn --json` prints them; `tests/vectors/shapes.json` holds the shapes too. Each struct is
//! taken apart completely, so that a new field stops the build.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::api::Organization;
use crate::config::Server;
use crate::error::Error;
use crate::event::Event;
use crate::key::{ApiKey, Environment, KeyClass};
use crate::login::{LoggedIn, PendingLogin};
use crate::logout::LoggedOut;
use crate::places::Place;
use crate::resolve::ResolvedKey;
use crate::save::Saved;
use crate::whoami::Identity;

pub fn class(class: KeyClass) -> Value {
    let KeyClass { kind, environment } = class;
    json!({ "kind": kind.name(), "environment": environment.name() })
}

pub fn place(place: &Place) -> Value {
    let Place { origin, variable, path, line, outcome, masked, reason } = place;
    json!({
        "origin": origin.name(),
        "variable": variable,
        "path": path.as_deref().map(Path::to_string_lossy),
        "line": line,
        "outcome": outcome.name(),
        "masked": masked,
        "reason": reason,
        "text": place.to_string(),
    })
}

pub fn places(places: &[Place]) -> Value {
    places.iter().map(place).collect()
}

pub fn resolved(found: &ResolvedKey, reveal: bool) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    json!({
        "key": if reveal { key.reveal().to_owned() } else { key.to_string() },
        "kind": key.kind().name(),
        "environment": key.environment().name(),
        "source": place(source),
        "skipped": places(skipped),
    })
}

pub fn saved(saved: &Saved) -> Value {
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

pub fn logged_out(logged_out: &LoggedOut) -> Value {
    let LoggedOut { path, removed, remaining, note, locked } = logged_out;
    json!({
        "path": path.to_string_lossy(),
        "removed": places(removed),
        "remaining": places(remaining),
        "note": note,
        "locked": locked,
    })
}

pub fn organization(organization: &Organization) -> Value {
    let Organization { id, name, slug } = organization;
    json!({ "id": id, "name": name, "slug": slug })
}

pub fn logged_in(logged_in: &LoggedIn) -> Value {
    let LoggedIn { organization: whose, environments, keys, saved: written } = logged_in;
    let masked = |key: &ApiKey| json!({ "environment": key.environment().name(), "key": key.to_string() });
    json!({
        "organization": whose.as_ref().map(organization),
        "environments": environments.iter().copied().map(Environment::name).collect::<Vec<_>>(),
        "keys": keys.iter().map(masked).collect::<Vec<_>>(),
        "kept": written.is_none(),
        "saved": written.as_ref().map(saved),
    })
}

pub fn pending_login(pending: &PendingLogin) -> Value {
    let PendingLogin { url, deadline, note } = pending;
    json!({ "url": url, "deadline": milliseconds(*deadline), "note": note })
}

pub fn identity(identity: &Identity) -> Value {
    let Identity { organization: whose, server, key, source, skipped } = identity;
    known(Some(whose), server, key, source, skipped)
}

/// What is known of a key before anybody is asked, with the fields of an identity.
pub fn unidentified(found: &ResolvedKey, server: &Server) -> Value {
    let ResolvedKey { key, source, skipped } = found;
    known(None, server, key, source, skipped)
}

fn known(whose: Option<&Organization>, server: &Server, key: &ApiKey, source: &Place, skipped: &[Place]) -> Value {
    json!({
        "organization": whose.map(organization),
        "environment": key.environment().name(),
        "server": server.api(),
        "key": key.to_string(),
        "source": place(source),
        "skipped": places(skipped),
    })
}

pub fn event(event: &Event) -> Value {
    let Event { code, level, message, context } = event;
    json!({ "event": code.name(), "level": level.name(), "message": message, "context": context })
}

pub fn failure(error: &Error) -> Value {
    let Error { code, message, hint, context, cause } = error;
    json!({
        "code": code.name(),
        "message": message,
        "hint": hint,
        "context": context,
        "cause": cause.as_ref().map(ToString::to_string),
    })
}

/// Since 1970.
pub fn milliseconds(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
