//! The JSON bodies of the API, and the answers to bodies that cannot be used.

use hyper::StatusCode;
use libatmn::Environment;
use serde_json::{Map, Value};

use crate::response::{Request, Response, api_error};

/// Customers on one page without `limit`.
pub(crate) const DEFAULT_LIMIT: usize = 10;

/// The body as a JSON object; an absent one is empty.
pub(crate) fn body(request: &Request) -> Option<Map<String, Value>> {
    if request.body().is_empty() {
        return Some(Map::new());
    }
    serde_json::from_slice(request.body()).ok()
}

/// A text field that is not empty.
pub(crate) fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str().filter(|text| !text.is_empty())
}

pub(crate) fn not_found(environment: Environment) -> Response {
    api_error(StatusCode::NOT_FOUND, "The local Autumn has no such endpoint", "not_found", environment)
}

pub(crate) fn invalid_inputs(message: &str, environment: Environment) -> Response {
    api_error(StatusCode::BAD_REQUEST, message, "invalid_inputs", environment)
}

pub(crate) fn no_customer(environment: Environment) -> Response {
    api_error(StatusCode::NOT_FOUND, "Customer not found", "customer_not_found", environment)
}
