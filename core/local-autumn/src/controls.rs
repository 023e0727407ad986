//! Control routes for tests in other languages: the functions of [`Store`] under `/_test/`, as JSON. They exist only
//! with `Options::controls`, because they show whole keys.

use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use libatmn::ApiKey;
use serde_json::{Map, Value, json};

use crate::accounts;
use crate::faults::Fault;
use crate::response::{Request, Response, json};
use crate::store::{ApproveError, Store};

/// Why a control request changes nothing: the field that is wrong, if it is one, and a sentence.
struct WrongControl(Option<&'static str>, String);

type Controlled<T = Value> = Result<T, WrongControl>;

/// Handles a request to `/_test/…`.
pub(crate) fn handle(store: &Store, request: &Request) -> Response {
    let body = match request.body().as_ref() {
        [] => Some(Value::Object(Map::new())),
        text => serde_json::from_slice(text).ok().filter(Value::is_object),
    };
    let result = match (request.method(), request.uri().path()) {
        (&Method::GET, "/_test/keys") => Ok(keys(store)),
        (&Method::GET, "/_test/log") => Ok(log(store)),
        (&Method::GET, "/_test/tokens") => Ok(json!({ "active": store.active_tokens() })),
        (&Method::DELETE, "/_test/faults") => {
            store.clear_faults();
            Ok(Value::Null)
        }
        (&Method::DELETE, "/_test/log") => {
            store.clear_requests();
            Ok(Value::Null)
        }
        (&Method::POST, path) => match &body {
            Some(body) => change(store, path, body),
            None => Err(WrongControl(None, "The body is not a JSON object.".to_owned())),
        },
        _ => Err(no_route()),
    };
    match result {
        Ok(value) => json(StatusCode::OK, &value),
        Err(WrongControl(field, message)) => {
            json(StatusCode::BAD_REQUEST, &json!({ "message": message, "code": "BAD_REQUEST", "field": field }))
        }
    }
}

fn no_route() -> WrongControl {
    WrongControl(None, "The control route does not exist.".to_owned())
}

fn wrong(field: &'static str, must: &str) -> WrongControl {
    WrongControl(Some(field), format!("`{field}` must be {must}."))
}

/// A field of the body, as `read` reads it.
fn field<'a, T>(
    body: &'a Value,
    name: &'static str,
    must: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Controlled<T> {
    body.get(name).and_then(read).ok_or_else(|| wrong(name, must))
}

/// A field that may be absent or null.
fn optional<'a, T>(
    body: &'a Value,
    name: &'static str,
    must: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Controlled<Option<T>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => field(body, name, must, read).map(Some),
    }
}

fn text<'a>(body: &'a Value, name: &'static str) -> Controlled<&'a str> {
    field(body, name, "a text", Value::as_str)
}

fn change(store: &Store, path: &str, body: &Value) -> Controlled {
    match path {
        "/_test/approve" => approve(store, body),
        "/_test/deny" => {
            let callback = store.deny(text(body, "url")?);
            callback.map(|callback| json!({ "callback": callback })).map_err(|error| not_approved(&error))
        }
        "/_test/approve-automatically" => {
            let choice = automatic_choice(body)?;
            store.approve_automatically(choice).map(|()| Value::Null).map_err(|error| not_approved(&error))
        }
        "/_test/callback-ports" => {
            let port = field(body, "port", "a port", |port| u16::try_from(port.as_u64()?).ok())?;
            store.register_callback_port(port);
            Ok(Value::Null)
        }
        "/_test/advance" => {
            store.advance(Duration::from_secs(field(body, "seconds", "a whole number", Value::as_u64)?));
            Ok(Value::Null)
        }
        "/_test/revoke" => revoke(store, body),
        "/_test/verification" => {
            store.fail_verification(field(body, "fails", "true or false", Value::as_bool)?);
            Ok(Value::Null)
        }
        "/_test/faults" => inject(store, body),
        _ => Err(no_route()),
    }
}

fn approve(store: &Store, body: &Value) -> Controlled {
    let (url, organization) = (text(body, "url")?, text(body, "organization")?);
    let callback = store.approve(url, person(body, organization)?, organization);
    callback.map(|callback| json!({ "callback": callback })).map_err(|error| not_approved(&error))
}

/// The person of the body, or else the first member of the organization.
fn person<'a>(body: &'a Value, organization: &str) -> Controlled<&'a str> {
    match optional(body, "person", "a text", Value::as_str)? {
        Some(person) => Ok(person),
        None => accounts::member_of(organization)
            .map(|person| person.id)
            .ok_or_else(|| wrong("organization", "the id or slug of an organization")),
    }
}

/// The person and organization of the body; `None` without both.
fn automatic_choice(body: &Value) -> Controlled<Option<(&str, &str)>> {
    match optional(body, "organization", "a text", Value::as_str)? {
        Some(organization) => Ok(Some((person(body, organization)?, organization))),
        None => match optional(body, "person", "a text", Value::as_str)? {
            Some(_) => Err(wrong("organization", "given with `person`")),
            None => Ok(None),
        },
    }
}

fn not_approved(error: &ApproveError) -> WrongControl {
    let field = match error {
        ApproveError::NotOurs | ApproveError::Refused(_) => Some("url"),
        ApproveError::NoSuchPerson => Some("person"),
        ApproveError::NoSuchOrganization => Some("organization"),
        ApproveError::NoRandomness => None,
    };
    WrongControl(field, error.to_string())
}

fn revoke(store: &Store, body: &Value) -> Controlled {
    let key = field(body, "key", "an API key", |key| ApiKey::parse(key.as_str()?).ok())?;
    if !store.keys().iter().any(|known| known.key.reveal() == key.reveal()) {
        return Err(wrong("key", "a key of this server"));
    }
    Ok(json!({ "revoked": store.revoke(&key) }))
}

fn inject(store: &Store, body: &Value) -> Controlled {
    let path =
        field(body, "path", "a path as it is sent: one slash in front, percent-encoded, without a query", |path| {
            path.as_str().filter(|path| is_path(path))
        })?;
    let count = optional(body, "count", "a whole number greater than zero", |count| {
        u32::try_from(count.as_u64()?).ok().filter(|count| *count > 0)
    })?;
    store.inject(path, count.unwrap_or(1), fault(body)?);
    Ok(Value::Null)
}

/// Whether requests can have the path. The control routes have no faults.
fn is_path(path: &str) -> bool {
    let is_sent = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte);
    path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/_test/") && path.bytes().all(is_sent)
}

/// `{"fault": "answer", "status", "headers", "body"}`, `{"fault": "delay", "milliseconds"}`, or `garbage`, `truncate`,
/// `drop`.
fn fault(body: &Value) -> Controlled<Fault> {
    match text(body, "fault")? {
        "answer" => Ok(Fault::Answer {
            status: field(body, "status", "200 to 599", |status| {
                u16::try_from(status.as_u64()?).ok().filter(|status| (200..600).contains(status))
            })?,
            headers: headers(body)?,
            body: optional(body, "body", "a text", Value::as_str)?.unwrap_or_default().to_owned(),
        }),
        "delay" => {
            let milliseconds = field(body, "milliseconds", "a whole number", Value::as_u64)?;
            Ok(Fault::Delay(Duration::from_millis(milliseconds)))
        }
        "garbage" => Ok(Fault::Garbage),
        "truncate" => Ok(Fault::Truncate),
        "drop" => Ok(Fault::Drop),
        _ => Err(wrong("fault", "answer, delay, garbage, truncate or drop")),
    }
}

fn headers(body: &Value) -> Controlled<Vec<(String, String)>> {
    let given = optional(body, "headers", "an object", Value::as_object)?;
    let header = |(name, value): (&String, &Value)| {
        let value = value.as_str().filter(|value| HeaderValue::from_str(value).is_ok())?;
        HeaderName::try_from(name).ok().map(|_| (name.clone(), value.to_owned()))
    };
    let headers: Option<Vec<_>> = given.into_iter().flatten().map(header).collect();
    headers.ok_or_else(|| wrong("headers", "names and values of HTTP headers"))
}

fn keys(store: &Store) -> Value {
    let key = |key: &crate::StoredKey| {
        json!({
            "key": key.key.reveal(),
            "kind": key.key.kind().name(),
            "environment": key.key.environment().name(),
            "organization": key.organization.slug,
            "organization_id": key.organization.id,
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
            "query": entry.query,
            "headers": entry.headers,
            "body": entry.body,
            "authorization": entry.authorization,
            "api_version": entry.api_version,
            "status": entry.status,
        })
    };
    store.requests().iter().map(entry).collect()
}
