//! Requests with an idempotency key: the server runs a request once, and repeats its answer.

use std::collections::VecDeque;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::keys::Principal;
use crate::response::{Request, Response, raw_json};

/// The largest number of answers to repeat; the oldest are forgotten.
const LIMIT: usize = 1_000;

/// What makes a request the same as an earlier one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RequestId {
    organization: &'static str,
    environment: &'static str,
    /// The names of an endpoint are the same endpoint.
    operation: &'static str,
    key: String,
}

/// The id of a request that has a key in its header, or in its body as in a batch of events.
pub(crate) fn request_id(
    request: &Request,
    principal: Principal,
    operation: &'static str,
) -> Result<Option<RequestId>, &'static str> {
    if request.method() == Method::GET {
        return Ok(None);
    }
    let (header, body) = (in_header(request)?, in_body(request)?);
    Ok(header.or(body).map(|key| RequestId {
        organization: principal.organization.id,
        environment: principal.environment.name(),
        operation,
        key,
    }))
}

fn in_header(request: &Request) -> Result<Option<String>, &'static str> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| is_key(key));
    key.map(|key| Some(key.to_owned())).ok_or("Idempotency-Key must be printable ASCII and not empty")
}

/// Whether a header can carry the key, as the clients of this library require it.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

fn in_body(request: &Request) -> Result<Option<String>, &'static str> {
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    match body.get("idempotency_key") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(key)) if is_key(key) => Ok(Some(key.clone())),
        Some(_) => Err("idempotency_key must be printable ASCII and not empty"),
    }
}

/// The answers to requests that have an idempotency key.
#[derive(Default)]
pub(crate) struct Answers(VecDeque<(RequestId, StatusCode, Bytes)>);

impl Answers {
    /// The first answer to the request.
    pub(crate) fn find(&self, id: &RequestId) -> Option<Response> {
        let (_, status, body) = self.0.iter().find(|(known, ..)| known == id)?;
        Some(raw_json(*status, body.clone()))
    }

    pub(crate) fn keep(&mut self, id: RequestId, response: &Response) {
        if self.0.len() == LIMIT {
            self.0.pop_front();
        }
        self.0.push_back((id, response.status(), response.body().clone()));
    }
}
