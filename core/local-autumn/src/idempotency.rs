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
    let header = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok().map(str::to_owned));
    let key = match header {
        None => in_body(request)?,
        header => header,
    };
    Ok(key.map(|key| RequestId {
        organization: principal.organization.id,
        environment: principal.environment.name(),
        operation,
        key,
    }))
}

fn in_body(request: &Request) -> Result<Option<String>, &'static str> {
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    match body.get("idempotency_key") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(key)) => Ok(Some(key.clone())),
        Some(_) => Err("idempotency_key must be a string"),
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
