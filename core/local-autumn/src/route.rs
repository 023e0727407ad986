//! The routes: which handler handles which path.

use hyper::header::ALLOW;
use hyper::{Method, StatusCode};
use libatmn::__internal::config::{AUTHORIZE_PATH, DISCOVERY_PATH, MINT_KEYS_PATH, REVOKE_PATH, TOKEN_PATH};

use crate::response::{Handled, Request, Response, request_error, with_header};
use crate::store::Store;
use crate::{api, browser, checkout, controls, oauth};

type Handler = fn(&Store, &Request) -> Handled;

const ROUTES: &[(&str, &str, Handler)] = &[
    ("GET", DISCOVERY_PATH, oauth::discovery),
    ("GET", "/.well-known/oauth-authorization-server/api/auth", oauth::discovery),
    ("GET", "/api/auth/.well-known/oauth-authorization-server", oauth::discovery),
    ("GET", "/api/auth/.well-known/openid-configuration", oauth::discovery),
    ("GET", "/api/auth/jwks", oauth::key_set),
    ("GET", AUTHORIZE_PATH, browser::authorize),
    ("POST", "/sign-in", browser::sign_in),
    ("POST", "/sign-out", browser::sign_out),
    ("POST", "/consent", browser::consent),
    ("GET", "/", browser::keys),
    ("POST", "/keys/revoke", browser::revoke_key),
    ("POST", TOKEN_PATH, oauth::token),
    ("POST", REVOKE_PATH, oauth::revoke),
    ("POST", "/api/auth/oauth2/introspect", oauth::introspect),
    ("POST", MINT_KEYS_PATH, oauth::mint_keys),
    ("GET", "/favicon.ico", no_icon),
];

/// Handles a request that the guard accepted.
pub(crate) fn handle(store: &Store, request: &Request, controls: bool) -> Response {
    let path = request.uri().path();
    let handled = if controls && path.starts_with("/_test/") {
        Ok(controls::handle(store, request))
    } else if path.starts_with("/v1/") {
        api::handle(store, request)
    } else if request.method() == Method::GET && path.starts_with(checkout::PATH) {
        Ok(browser::checkout(store, request))
    } else {
        page_or_endpoint(store, request)
    };
    handled.unwrap_or_else(|_| {
        request_error(StatusCode::INTERNAL_SERVER_ERROR, "The operating system provides no randomness", "NO_RANDOMNESS")
    })
}

fn page_or_endpoint(store: &Store, request: &Request) -> Handled {
    let Some((method, _, handler)) = ROUTES.iter().find(|(_, path, _)| *path == request.uri().path()) else {
        return Ok(browser::not_found(request));
    };
    if request.method() != method {
        let response = request_error(
            StatusCode::METHOD_NOT_ALLOWED,
            "This path does not support the method",
            "METHOD_NOT_ALLOWED",
        );
        return Ok(with_header(response, ALLOW, method));
    }
    handler(store, request)
}

/// Browsers request an icon for every page. An empty response avoids an error in their consoles.
fn no_icon(_: &Store, _: &Request) -> Handled {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}
