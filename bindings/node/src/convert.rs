//! The core's results as JSON values in the shapes that `index.d.ts` declares, with two exceptions: a key is an object
//! with its text, which JavaScript turns into an `ApiKey`, and a point in time is a number of milliseconds. Structs are
//! destructured completely, so a new field does not compile until it is converted.

use std::time::{SystemTime, UNIX_EPOCH};

use libatmn::__internal::context::typed_context;
use libatmn::__internal::json;
pub(crate) use libatmn::__internal::json::{class, locations, logout_result, organization};
use libatmn::{
    ApiKey, BeginLoginResult, Diagnosis, Error, Event, Identity, Location, LoginResult, PendingLogin, ResolvedKey,
    SaveResult, ServerFacts,
};
use serde_json::{Value, json};

use crate::caller::caller;

/// The parts of a key. JavaScript makes an `ApiKey` of them without parsing the text again.
pub(crate) fn key(key: &ApiKey) -> Value {
    json!({
        "text": key.reveal(),
        "kind": key.kind().name(),
        "environment": key.environment().name(),
        "masked": key.to_string(),
        "fingerprint": fingerprint(key),
    })
}

/// A number that differs between keys and reveals nothing about them: the hash function has random secrets, which are
/// new in each process. `deepStrictEqual` cannot compare private fields, so this number makes two different keys unequal.
fn fingerprint(key: &ApiKey) -> String {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::LazyLock;
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    format!("{:016x}", HASHER.hash_one(key.reveal()))
}

/// The core converts lists of locations.
fn location(location: &Location) -> Value {
    locations(std::slice::from_ref(location))[0].take()
}

pub(crate) fn resolved(found: &ResolvedKey) -> Value {
    let ResolvedKey { key: found, source, skipped } = found;
    json!({ "key": key(found), "source": location(source), "skipped": locations(skipped) })
}

pub(crate) fn saved(saved: &SaveResult) -> Value {
    let SaveResult { path, created, git, replaced, shadowed_by, locked, note } = saved;
    json!({
        "path": path.to_string_lossy(),
        "created": created,
        "git": git.name(),
        "replaced": locations(replaced),
        "shadowedBy": locations(shadowed_by),
        "locked": locked,
        "note": note,
    })
}

pub(crate) fn login_result(result: &LoginResult) -> Value {
    let LoginResult { organization: owner, environments, keys, saved: save_result, scopes, kept: _ } = result;
    json!({
        "organization": owner.as_ref().map(organization),
        "environments": environments.iter().map(|environment| environment.name()).collect::<Vec<_>>(),
        "keys": keys.iter().map(key).collect::<Vec<_>>(),
        "saved": save_result.as_ref().map(saved),
        "scopes": scopes,
    })
}

pub(crate) fn begin_login_result(result: &BeginLoginResult) -> Value {
    match result {
        BeginLoginResult::Pending(pending) => pending_login(pending),
        BeginLoginResult::Kept(kept) => login_result(kept),
    }
}

fn pending_login(pending: &PendingLogin) -> Value {
    let PendingLogin { url, deadline, note } = pending;
    json!({ "url": url, "deadline": milliseconds(*deadline), "note": note })
}

pub(crate) fn identity(identity: &Identity) -> Value {
    let Identity { organization: owner, server, key: found, source, skipped, scopes } = identity;
    json!({
        "organization": organization(owner),
        "server": server.api(),
        "key": key(found),
        "source": location(source),
        "skipped": locations(skipped),
        "scopes": scopes,
    })
}

pub(crate) fn server_facts(facts: &ServerFacts) -> Value {
    let ServerFacts { api_url, dashboard_url, scopes, client_id } = facts;
    json!({ "apiUrl": api_url, "dashboardUrl": dashboard_url, "scopes": scopes, "clientId": client_id })
}

pub(crate) fn diagnosis(diagnosis: Diagnosis) -> Value {
    json::diagnosis(&diagnosis.for_caller(&caller()))
}

pub(crate) fn event(event: &Event) -> Value {
    let Event { code, message, context, .. } = event;
    json!({ "code": code.name(), "message": message, "context": typed_context(context) })
}

pub(crate) fn failure(error: &Error) -> Value {
    let mut failure = json::failure(&error.clone().for_caller(&caller()));
    failure["class"] = error.class().name().into();
    failure["headers"] = error.response.as_ref().map_or(Value::Null, |response| json!(response.headers));
    failure
}

/// Milliseconds since 1970, as `new Date` takes them.
pub(crate) fn milliseconds(time: SystemTime) -> u64 {
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
