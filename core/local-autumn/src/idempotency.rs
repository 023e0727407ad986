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
    path: String,
    key: String,
}

/// The id of a request that has a key in its header, or in its body as in a batch of events.
pub(crate) fn request_id(request: &Request, principal: Principal) -> Option<RequestId> {
    if request.method() == Method::GET {
        return None;
    }
    let header = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok().map(str::to_owned));
    let key = header.or_else(|| {
        let body: Value = serde_json::from_slice(request.body()).ok()?;
        Some(body.get("idempotency_key")?.as_str()?.to_owned())
    })?;
    Some(RequestId {
        organization: principal.organization.id,
        environment: principal.environment.name(),
        path: request.uri().path().to_owned(),
        key,
    })
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
