//! The API: everything under `/v1/`. `libatmn::authenticate` authenticates every request first.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderName};
use libatmn::__internal::config::CLIENT_TYPE_HEADER;
use libatmn::{Accepts, Environment, Error, IncomingRequest, authenticate, refusal};

use crate::browser::session_name;
use crate::call::{Call, invalid_inputs};
use crate::endpoints::{self, Endpoint};
use crate::idempotency::request_id;
use crate::keys::Principal;
use crate::response::{Handled, Request, Response, api_error, json, raw_json};
use crate::store::Store;

/// Handles a request to `/v1/…`.
pub(crate) fn handle(store: &Store, request: &Request) -> Handled {
    let authorization = header(request, &AUTHORIZATION);
    let client_type = header(request, &HeaderName::from_static(CLIENT_TYPE_HEADER));
    let incoming = IncomingRequest {
        method: request.method().as_str(),
        path: request.uri().path(),
        authorization: authorization.as_deref(),
        client_type: client_type.as_deref(),
        accepts: Accepts::Any,
    };
    let principal = {
        let state = store.lock();
        let session = session_name(&state, request);
        authenticate(&incoming, |credential| state.verify(credential, session))
    };
    Ok(match principal {
        Ok(principal) => serve(store, request, principal),
        Err(error) => refused(&incoming, &error),
    })
}

/// The value of a header. Several values are joined (RFC 9110, 5.3).
fn header(request: &Request, name: &HeaderName) -> Option<String> {
    let mut values = request.headers().get_all(name).into_iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next()?.into_owned();
    Some(values.fold(first, |joined, value| joined + ", " + &value))
}

/// The response to a refused request. Its extensions carry the event for the listener of the server.
fn refused(incoming: &IncomingRequest<'_>, error: &Error) -> Response {
    let Some(refusal) = refusal(error) else {
        return api_error(StatusCode::INTERNAL_SERVER_ERROR, "Unknown error", "internal_error", Environment::Sandbox);
    };
    let mut response = raw_json(StatusCode::UNAUTHORIZED, refusal.body());
    response.extensions_mut().insert(refusal.event(incoming));
    response
}

/// Checks the scope before everything else, as the real server does.
fn serve(store: &Store, request: &Request, principal: Principal) -> Response {
    let environment = principal.environment;
    let Some(endpoint) = endpoints::find(request.method(), request.uri().path()) else {
        return api_error(StatusCode::NOT_FOUND, "The local Autumn has no such endpoint", "not_found", environment);
    };
    match endpoint.scope.filter(|scope| !store.lock().keys.allow(principal, scope)) {
        Some(scope) => {
            let message = format!("Insufficient scopes. Missing: {scope}");
            api_error(StatusCode::FORBIDDEN, &message, "insufficient_scopes", environment)
        }
        None => once(store, request, principal, endpoint),
    }
}

/// Runs a request with an idempotency key once. A wrong request is run again, since its caller corrects it.
fn once(store: &Store, request: &Request, principal: Principal, endpoint: &Endpoint) -> Response {
    let id = match request_id(request, principal, endpoint.operation) {
        Ok(id) => id,
        Err(message) => return *invalid_inputs(message, principal.environment),
    };
    if let Some(first) = id.as_ref().and_then(|id| store.lock().answers.find(id)) {
        return first;
    }
    let variable = endpoint.variable(request.uri().path());
    let answer = Call::read(store, principal, request, variable).and_then(|call| (endpoint.handler)(&call));
    let response = answer.map_or_else(|refusal| *refusal, |body| json(StatusCode::OK, &body));
    if let Some(id) = id.filter(|_| response.status().is_success()) {
        store.lock().answers.keep(id, &response);
    }
    response
}
