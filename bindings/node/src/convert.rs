//! The core's results as plain data, where JavaScript wants others than `atmn --json` prints. Keys are their text, which
//! JavaScript puts into an `ApiKey` of its own at once. Each struct is taken apart completely, so that a new field stops
//! the build. Keys and places, which every resolution has, go as lists in the order that `lib/*.mjs` read: names would
//! cost more than all that they name.

use std::time::{SystemTime, UNIX_EPOCH};

use libatmn::__internal::json;
pub(crate) use libatmn::__internal::json::{class, organization};
use libatmn::{
    ApiKey, Caller, Error, Event, Identity, Language, Location, LoginResult, LogoutResult, PendingLogin, ResolvedKey,
    SaveResult,
};
use serde_json::{Value, json};

/// What `new ApiKey` knows.
pub(crate) fn key(key: &ApiKey) -> Value {
    json!([key.reveal(), key.kind().name(), key.environment().name(), key.to_string()])
}

pub(crate) fn location(location: &Location) -> Value {
    let Location { origin, variable, path, line, outcome, masked, reason } = location;
    let path = path.as_ref().map(|path| path.to_string_lossy());
    json!([origin.name(), variable, path, line, outcome.name(), masked, reason, location.to_string()])
}

pub(crate) fn locations(locations: &[Location]) -> Value {
    locations.iter().map(location).collect()
}

pub(crate) fn resolved(found: &ResolvedKey) -> Value {
    let ResolvedKey { key: text, source, skipped } = found;
    json!([key(text), location(source), locations(skipped)])
}

pub(crate) fn saved(saved: &SaveResult) -> Value {
    let SaveResult { path, created, git, replaced, shadowed_by, locked } = saved;
    json!({
        "path": path.to_string_lossy(),
        "created": created,
        "git": git.name(),
        "replaced": locations(replaced),
        "shadowedBy": locations(shadowed_by),
        "locked": locked,
    })
}

pub(crate) fn logout_result(logout_result: &LogoutResult) -> Value {
    let LogoutResult { path, removed, remaining, note, locked } = logout_result;
    json!({
        "path": path.to_string_lossy(),
        "removed": locations(removed),
        "remaining": locations(remaining),
        "note": note,
        "locked": locked,
    })
}

pub(crate) fn login_result(login_result: &LoginResult) -> Value {
    let LoginResult { organization: whose, environments, keys, saved: written } = login_result;
    json!({
        "organization": whose.as_ref().map(organization),
        "environments": environments.iter().map(|environment| environment.name()).collect::<Vec<_>>(),
        "keys": keys.iter().map(key).collect::<Vec<_>>(),
        "saved": written.as_ref().map(saved),
    })
}

pub(crate) fn pending_login(pending: &PendingLogin) -> Value {
    let PendingLogin { url, deadline, note } = pending;
    json!({ "url": url, "deadline": milliseconds(*deadline), "note": note })
}

pub(crate) fn identity(identity: &Identity) -> Value {
    let Identity { organization: whose, server, key: text, source, skipped } = identity;
    json!({
        "organization": organization(whose),
        "server": server.api(),
        "resolved": [key(text), location(source), locations(skipped)],
    })
}

pub(crate) fn event(event: &Event) -> Value {
    let Event { code, message, context } = event;
    json!({ "code": code.name(), "message": message, "context": context })
}

pub(crate) fn failure(error: &Error) -> Value {
    let mut failure = json::failure(&error.clone().for_caller(&Caller::new(Language::Node)));
    failure["class"] = error.class().name().into();
    failure
}

/// Milliseconds since 1970, as a `Date` takes them; as a float, since integers of this size become a `BigInt`.
pub(crate) fn milliseconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as f64
}
