//! Control routes for tests in other languages: the functions of [`Store`] under `/_test/`, as JSON. They exist only
//! with `Options::controls`, because they show whole keys.

use std::time::Duration;

use hyper::{Method, StatusCode};
use libatmn::ApiKey;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::response::{Request, Response, json, request_error};
use crate::store::Store;

/// Handles a request to `/_test/…`.
pub(crate) fn handle(store: &Store, request: &Request) -> Response {
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let result = match (request.method(), request.uri().path()) {
        (&Method::GET, "/_test/keys") => Some(keys(store)),
        (&Method::GET, "/_test/log") => Some(log(store)),
        (&Method::GET, "/_test/tokens") => Some(json!({ "active": store.active_tokens() })),
        (&Method::DELETE, "/_test/faults") => {
            store.clear_faults();
            Some(Value::Null)
        }
        (&Method::POST, path) => change(store, path, &body),
        _ => None,
    };
    match result {
        Some(value) => json(StatusCode::OK, &value),
        None => request_error(
            StatusCode::BAD_REQUEST,
            "The control route does not exist, or its body is invalid",
            "BAD_REQUEST",
        ),
    }
}

fn change(store: &Store, path: &str, body: &Value) -> Option<Value> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    match path {
        "/_test/approve" => {
            let callback = store.approve(text("url")?, text("person")?, text("organization")?);
            Some(json!({ "callback": callback.ok()? }))
        }
        "/_test/deny" => Some(json!({ "callback": store.deny(text("url")?).ok()? })),
        "/_test/approve-automatically" => {
            store.approve_automatically(text("person").zip(text("organization"))).ok().map(|()| Value::Null)
        }
        "/_test/callback-ports" => {
            store.register_callback_port(u16::try_from(body.get("port")?.as_u64()?).ok()?);
            Some(Value::Null)
        }
        "/_test/advance" => {
            store.advance(Duration::from_secs(body.get("seconds")?.as_u64()?));
            Some(Value::Null)
        }
        "/_test/revoke" => Some(json!({ "revoked": store.revoke(&ApiKey::parse(text("key")?).ok()?) })),
        "/_test/verification" => {
            store.fail_verification(body.get("fails")?.as_bool()?);
            Some(Value::Null)
        }
        "/_test/faults" => {
            let count = u32::try_from(body.get("count").map_or(Some(1), Value::as_u64)?).ok()?;
            store.inject(text("path")?, count, fault(body)?).then_some(Value::Null)
        }
        _ => None,
    }
}

/// `{"fault": "answer", "status", "headers", "body"}`, `{"fault": "delay", "milliseconds"}`, or `garbage`, `truncate`,
/// `drop`.
fn fault(body: &Value) -> Option<Fault> {
    match body.get("fault")?.as_str()? {
        "answer" => {
            let headers = body.get("headers").and_then(Value::as_object).into_iter().flatten();
            let headers = headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
            Some(Fault::Answer {
                status: u16::try_from(body.get("status")?.as_u64()?).ok()?,
                headers: headers.collect(),
                body: body.get("body").and_then(Value::as_str).unwrap_or_default().to_owned(),
            })
        }
        "delay" => Some(Fault::Delay(Duration::from_millis(body.get("milliseconds")?.as_u64()?))),
        "garbage" => Some(Fault::Garbage),
        "truncate" => Some(Fault::Truncate),
        "drop" => Some(Fault::Drop),
        _ => None,
    }
}

fn keys(store: &Store) -> Value {
    let key = |key: &crate::StoredKey| {
        json!({
            "key": key.key.reveal(),
            "kind": key.key.kind().name(),
            "environment": key.key.environment().name(),
            "organization": key.organization.slug,
            "name": key.name,
            "revoked": key.revoked,
            "scopes": key.scopes,
        })
    };
    store.keys().iter().map(key).collect()
}

fn log(store: &Store) -> Value {
    let entry = |entry: &crate::LoggedRequest| {
        json!({
            "method": entry.method,
            "path": entry.path,
            "authorization": entry.authorization,
            "api_version": entry.api_version,
            "status": entry.status,
        })
    };
    store.requests().iter().map(entry).collect()
}
