//! The shapes of answers: JSON, pages, redirects, and the two kinds of failure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use libatmn::Environment;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::page::{self, Page};

pub(crate) type Request = hyper::Request<Bytes>;
pub(crate) type Answer = Response<Bytes>;
/// A handler fails only if the system has no randomness to give.
pub(crate) type Handled = Result<Answer, getrandom::Error>;

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// One more header; a value that no header may hold is left out.
pub(crate) fn with(mut answer: Answer, name: HeaderName, value: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Answer {
    answer(status, "application/json", body.to_string())
}

/// JSON that is made already.
pub(crate) fn raw_json(status: StatusCode, body: String) -> Answer {
    answer(status, "application/json", body)
}

/// `{error, error_description}`, as RFC 6749, 5.2.
pub(crate) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Answer {
    json(status, &json!({ "error": error, "error_description": description }))
}

/// `{message, code}`, as Better Auth answers what it does not even read.
pub(crate) fn request_error(status: StatusCode, message: &str, code: &str) -> Answer {
    json(status, &json!({ "message": message, "code": code }))
}

/// `{message, code, env}`, as Autumn's API answers every failure.
pub(crate) fn api_error(status: StatusCode, message: &str, code: &str, environment: Environment) -> Answer {
    json(status, &json!({ "message": message, "code": code, "env": environment.name() }))
}

/// Sends the browser on; 302 keeps to what Autumn does, 303 follows a form.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Answer {
    with(answer(status, "text/plain; charset=utf-8", Bytes::new()), LOCATION, location)
}

/// A page with its headers. Chromium applies `form-action` to redirects as well, so a form whose answer leaves the
/// server names the place, `form_target`.
pub(crate) fn page(status: StatusCode, page: &Page, form_target: Option<&str>) -> Answer {
    let style = STANDARD.encode(Sha256::digest(page::STYLE));
    let target = form_target.map_or_else(String::new, |target| format!(" {target}"));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'{target}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let answer = with(answer(status, "text/html; charset=utf-8", page.html()), CONTENT_SECURITY_POLICY, &policy);
    // `no-referrer` would make browsers send `Origin: null` with our own forms, which we refuse.
    with(answer, REFERRER_POLICY, "same-origin")
}
