//! The OAuth endpoints for programs (discovery, token, revocation), and the endpoint that makes keys for a token.

use std::collections::BTreeSet;

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use libatmn::__internal::config::{AUTHORIZE_PATH, CLIENT_ID, ISSUER_PATH, REVOKE_PATH, TOKEN_PATH};
use libatmn::Environment;
use serde_json::{Map, Value, json};

use crate::form::Parameters;
use crate::grant::{AccessToken, TOKEN_LIFETIME};
use crate::response::{Handled, Request, Response, api_error, json, oauth_error, request_error, with_header};
use crate::store::Store;

const FORM: &str = "application/x-www-form-urlencoded";

/// The discovery document (RFC 8414). As in Autumn's document, it says that callbacks have no `iss`; they always have it.
pub(crate) fn discovery(store: &Store, _: &Request) -> Handled {
    let (base_url, issuer) = {
        let state = store.lock();
        (state.base_url.clone(), state.issuer())
    };
    let document = json!({
        "issuer": issuer,
        // In place of a dashboard, which this server does not have.
        "service_documentation": format!("{base_url}/"),
        "authorization_endpoint": format!("{base_url}{AUTHORIZE_PATH}"),
        "token_endpoint": format!("{base_url}{TOKEN_PATH}"),
        "revocation_endpoint": format!("{base_url}{REVOKE_PATH}"),
        "introspection_endpoint": format!("{base_url}{ISSUER_PATH}/oauth2/introspect"),
        "jwks_uri": format!("{base_url}{ISSUER_PATH}/jwks"),
        "scopes_supported": libatmn::__internal::config::SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": false,
    });
    Ok(with_header(json(StatusCode::OK, &document), CACHE_CONTROL, "public, max-age=15, stale-while-revalidate=15"))
}

/// The form of a request. The error is the response that Better Auth sends before it reads a form.
fn form(request: &Request) -> Result<Parameters, Box<Response>> {
    let content_type = request.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !request.body().is_empty() && media_type != FORM {
        let message = format!("Only {FORM} is supported");
        return Err(request_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, &message, "UNSUPPORTED_MEDIA_TYPE").into());
    }
    Parameters::parse(request.body())
        .map_err(|_| oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "a parameter is repeated").into())
}

/// `POST /api/auth/oauth2/token` (RFC 6749, 4.1.3).
pub(crate) fn token(store: &Store, request: &Request) -> Handled {
    let form = match form(request) {
        Ok(form) => form,
        Err(response) => return Ok(*response),
    };
    match form.get("grant_type") {
        Some("authorization_code") => exchange(store, &form),
        // The real server knows these grants and refuses them to this client.
        Some("refresh_token" | "client_credentials") => {
            Ok(oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", "not granted to this client"))
        }
        _ => Ok(request_error(
            StatusCode::BAD_REQUEST,
            "[body.grant_type] Invalid option: expected one of \
             \"authorization_code\"|\"client_credentials\"|\"refresh_token\"",
            "VALIDATION_ERROR",
        )),
    }
}

fn exchange(store: &Store, form: &Parameters) -> Handled {
    let invalid = |description: &str| Ok(oauth_error(StatusCode::BAD_REQUEST, "invalid_request", description));
    let Some(client_id) = form.get("client_id") else { return invalid("client_id is required") };
    let Some(code) = form.get("code") else { return invalid("code is required") };
    let Some(redirect_uri) = form.get("redirect_uri") else { return invalid("redirect_uri is required") };
    let Some(code_verifier) = form.get("code_verifier") else {
        return invalid("Either code_verifier or client_secret is required");
    };
    let mut state = store.lock();
    let now = state.clock.now();
    match state.grants.redeem(code, client_id, redirect_uri, code_verifier, now)? {
        Ok(token) => {
            let scope = state.grants.token(&token, now).map(|token| token.scopes.join(" ")).unwrap_or_default();
            let body = json!({
                "access_token": token,
                "expires_in": TOKEN_LIFETIME,
                "expires_at": now + TOKEN_LIFETIME,
                "token_type": "Bearer",
                "scope": scope,
            });
            Ok(with_header(json(StatusCode::OK, &body), PRAGMA, "no-cache"))
        }
        Err((status, error, description)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Ok(oauth_error(status, error, description))
        }
    }
}

/// `POST /api/auth/oauth2/revoke`. RFC 7009, 2.2, calls an unknown token a success; Better Auth
/// does not.
pub(crate) fn revoke(store: &Store, request: &Request) -> Handled {
    let form = match form(request) {
        Ok(form) => form,
        Err(response) => return Ok(*response),
    };
    let Some(token) = form.get("token") else {
        let message = "[body.token] Invalid input: expected string, received undefined";
        return Ok(request_error(StatusCode::BAD_REQUEST, message, "VALIDATION_ERROR"));
    };
    let Some(client_id) = form.get("client_id") else {
        return Ok(oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "missing required credentials"));
    };
    if client_id != CLIENT_ID {
        return Ok(oauth_error(StatusCode::BAD_REQUEST, "invalid_client", "missing client"));
    }
    if store.lock().grants.revoke(token) {
        Ok(Response::default())
    } else {
        Ok(oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "opaque access token not found"))
    }
}

/// `POST /api/auth/oauth2/introspect` is for clients with a secret, and this client has none.
pub(crate) fn introspect(_: &Store, _: &Request) -> Handled {
    Ok(oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "missing required credentials"))
}

/// `GET /api/auth/jwks`: this server signs nothing, so it has no keys to verify signatures.
pub(crate) fn key_set(_: &Store, _: &Request) -> Handled {
    Ok(json(StatusCode::OK, &json!({ "keys": [] })))
}

/// `POST /cli/api-keys`: makes a pair of keys for an access token. The token stays valid.
pub(crate) fn mint_keys(store: &Store, request: &Request) -> Handled {
    let refuse = |status, message| Ok(api_error(status, message, "invalid_request", Environment::Sandbox));
    let Some(wanted) = wanted_scopes(request.body()) else {
        return refuse(StatusCode::BAD_REQUEST, "Invalid request body");
    };
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else {
        return refuse(StatusCode::UNAUTHORIZED, "Missing or invalid Authorization header");
    };
    let mut state = store.lock();
    let now = state.clock.now();
    let Some(&AccessToken { person, organization, ref scopes, .. }) = state.grants.token(token, now) else {
        return refuse(StatusCode::UNAUTHORIZED, "Invalid or expired access token");
    };
    if scopes.is_empty() {
        return refuse(StatusCode::UNAUTHORIZED, "OAuth token has no scopes");
    }
    if wanted.iter().flatten().any(|scope| !scopes.contains(scope)) {
        return refuse(StatusCode::BAD_REQUEST, "Requested scopes exceed those of the OAuth token");
    }
    let scopes: BTreeSet<_> = wanted.as_ref().unwrap_or(scopes).iter().map(|scope| scope_of_key(scope)).collect();
    let scopes: Vec<String> = scopes.into_iter().collect();
    let sandbox = state.keys.mint_limited(organization, Environment::Sandbox, "CLI Key", &scopes, now)?;
    let live = state.keys.mint_limited(organization, Environment::Live, "CLI Key", &scopes, now)?;
    let body = json!({
        "sandbox_key": sandbox.reveal(),
        "prod_key": live.reveal(),
        "org_id": organization.id,
        "user_id": person.id,
        "client_id": CLIENT_ID,
        "scopes": scopes,
    });
    Ok(json(StatusCode::OK, &body))
}

/// The scopes that the body of a request asks for: none, if it has none; `None` if it is invalid.
fn wanted_scopes(body: &[u8]) -> Option<Option<Vec<String>>> {
    if body.is_empty() {
        return Some(None);
    }
    let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
    body.get("scopes")
        .map(|scopes| serde_json::from_value(scopes.clone()).ok())
        .map_or(Some(None), |given| given.map(Some))
}

/// The scope of a key for a scope of a token. Keys have Autumn's newer scopes, which are only `read` and `write`; tokens
/// of this client have the older ones.
fn scope_of_key(scope: &str) -> String {
    match scope.split_once(':') {
        Some((resource, "create" | "update" | "delete")) => format!("{resource}:write"),
        Some((resource, "list")) => format!("{resource}:read"),
        _ => scope.to_owned(),
    }
}
