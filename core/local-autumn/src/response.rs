//! The responses of the server: JSON, pages, redirects, and the error formats of Autumn and Better Auth.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use libatmn::Environment;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::page::{self, ServerPage};

pub(crate) type Request = hyper::Request<Bytes>;
pub(crate) type Response = hyper::Response<Bytes>;
/// A handler fails only if the operating system provides no randomness.
pub(crate) type Handled = Result<Response, getrandom::Error>;

fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Adds a header, unless the value is invalid.
pub(crate) fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    respond(status, "application/json", body.to_string())
}

/// JSON text.
pub(crate) fn raw_json(status: StatusCode, body: impl Into<Bytes>) -> Response {
    respond(status, "application/json", body)
}

/// `{error, error_description}`, as RFC 6749, 5.2.
pub(crate) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Response {
    json(status, &json!({ "error": error, "error_description": description }))
}

/// `{message, code}`, as Better Auth refuses a request before it reads the body.
pub(crate) fn request_error(status: StatusCode, message: &str, code: &str) -> Response {
    json(status, &json!({ "message": message, "code": code }))
}

/// `{message, code, env}`, as Autumn's API reports every failure.
pub(crate) fn api_error(status: StatusCode, message: &str, code: &str, environment: Environment) -> Response {
    json(status, &json!({ "message": message, "code": code, "env": environment.name() }))
}

/// Redirects the browser: 302 as Autumn does, 303 after a form.
pub(crate) fn redirect(status: StatusCode, location: &str) -> Response {
    with_header(respond(status, "text/plain; charset=utf-8", Bytes::new()), LOCATION, location)
}

/// A page with its headers. Chromium applies `form-action` to redirects too, so `form_target` names the origin to which
/// a form of the page redirects.
pub(crate) fn page(status: StatusCode, page: &ServerPage, form_target: Option<&str>) -> Response {
    let style = STANDARD.encode(Sha256::digest(page::STYLE));
    let target = form_target.map_or_else(String::new, |target| format!(" {target}"));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'{target}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let response =
        with_header(respond(status, "text/html; charset=utf-8", page.html()), CONTENT_SECURITY_POLICY, &policy);
    // With `no-referrer`, browsers would send `Origin: null` with the forms of this server, which the guard refuses.
    with_header(response, REFERRER_POLICY, "same-origin")
}
