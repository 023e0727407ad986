//! Which handler answers which path.

use hyper::StatusCode;
use hyper::header::ALLOW;
use libatmn::__internal::config::{AUTHORIZE_PATH, DISCOVERY_PATH, MINT_KEYS_PATH, REVOKE_PATH, TOKEN_PATH};

use crate::answer::{Answer, Handled, Request, request_error, with};
use crate::store::Store;
use crate::{api, browser, controls, program};

type Handler = fn(&Store, &Request) -> Handled;

const ROUTES: [(&str, &str, Handler); 16] = [
    ("GET", DISCOVERY_PATH, program::discovery),
    ("GET", "/.well-known/oauth-authorization-server/api/auth", program::discovery),
    ("GET", "/api/auth/.well-known/oauth-authorization-server", program::discovery),
    ("GET", "/api/auth/.well-known/openid-configuration", program::discovery),
    ("GET", "/api/auth/jwks", program::key_set),
    ("GET", AUTHORIZE_PATH, browser::authorize),
    ("POST", "/sign-in", browser::sign_in),
    ("POST", "/sign-out", browser::sign_out),
    ("POST", "/consent", browser::consent),
    ("GET", "/", browser::keys),
    ("POST", "/keys/revoke", browser::revoke_key),
    ("POST", TOKEN_PATH, program::token),
    ("POST", REVOKE_PATH, program::revoke),
    ("POST", "/api/auth/oauth2/introspect", program::introspect),
    ("POST", MINT_KEYS_PATH, program::mint_keys),
    ("GET", "/favicon.ico", no_icon),
];

/// Answers a request that has passed the guard.
pub(crate) fn answer(store: &Store, request: &Request, controls: bool) -> Answer {
    let path = request.uri().path();
    let handled = if controls && path.starts_with("/_test/") {
        Ok(controls::answer(store, request))
    } else if path.starts_with("/v1/") {
        api::answer(store, request)
    } else {
        page_or_endpoint(store, request)
    };
    handled.unwrap_or_else(|_| {
        request_error(StatusCode::INTERNAL_SERVER_ERROR, "The system has no randomness to give", "NO_RANDOMNESS")
    })
}

fn page_or_endpoint(store: &Store, request: &Request) -> Handled {
    let Some((method, _, handler)) = ROUTES.iter().find(|(_, path, _)| *path == request.uri().path()) else {
        return Ok(request_error(StatusCode::NOT_FOUND, "There is nothing here", "NOT_FOUND"));
    };
    if request.method() != method {
        let answer = request_error(StatusCode::METHOD_NOT_ALLOWED, "Not with this method", "METHOD_NOT_ALLOWED");
        return Ok(with(answer, ALLOW, method));
    }
    handler(store, request)
}

/// Browsers ask for it unasked; an empty answer keeps their consoles quiet.
fn no_icon(_: &Store, _: &Request) -> Handled {
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}
