//! The API: everything under `/v1/`. `libatmn::authenticate` authenticates every request first.

use hyper::header::{AUTHORIZATION, HeaderName};
use hyper::{Method, StatusCode};
use libatmn::__internal::config::{CLIENT_TYPE_HEADER, ORGANIZATION_PATH};
use libatmn::{Accepts, Environment, Error, IncomingRequest, authenticate, refusal};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::browser::session_name;
use crate::form::Parameters;
use crate::inputs::{DEFAULT_LIMIT, body, invalid_inputs, no_customer, not_found, text};
use crate::keys::Principal;
use crate::plans::{Feature, products};
use crate::response::{Handled, Request, Response, api_error, json, raw_json};
use crate::sdk;
use crate::store::Store;

/// The largest `limit`.
const MAX_LIMIT: usize = 100;

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
        Ok(principal) => match missing_scope(store, request, principal) {
            Some(scope) => insufficient(scope, principal.environment),
            None => endpoint(store, request, principal),
        },
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

/// The scope that an endpoint of the real server needs; `None` for the others. Those that this server does not have are in
/// the list too, since the real server checks scopes first.
fn scope_of(method: &Method, path: &str) -> Option<&'static str> {
    Some(match (method, path) {
        (&Method::GET, "/v1/customers") => "customers:read",
        (&Method::GET, path) if path.starts_with("/v1/customers/") => "customers:read",
        (&Method::POST, "/v1/customers" | "/v1/customers.get_or_create") => "customers:write",
        (&Method::GET, "/v1/products" | "/v1/plans") | (&Method::POST, "/v1/plans.list") => "plans:read",
        (&Method::POST, "/v1/check" | "/v1/entitled" | "/v1/balances.check") => "balances:read",
        (&Method::POST, "/v1/track" | "/v1/balances.track") => "balances:write",
        (&Method::POST, "/v1/attach" | "/v1/billing.attach") => "billing:write",
        _ => return None,
    })
}

/// The scope that the key of a request lacks.
fn missing_scope(store: &Store, request: &Request, principal: Principal) -> Option<&'static str> {
    let scope = scope_of(request.method(), request.uri().path())?;
    (!store.lock().keys.allow(principal, scope)).then_some(scope)
}

fn insufficient(scope: &str, environment: Environment) -> Response {
    let message = format!("Insufficient scopes. Missing: {scope}");
    api_error(StatusCode::FORBIDDEN, &message, "insufficient_scopes", environment)
}

fn endpoint(store: &Store, request: &Request, principal: Principal) -> Response {
    let environment = principal.environment;
    match (request.method(), request.uri().path()) {
        (&Method::GET, ORGANIZATION_PATH) => organization(principal),
        (&Method::GET, "/v1/customers") => list_customers(store, request, principal),
        (&Method::POST, "/v1/customers") => create_customer(store, request, principal),
        (&Method::GET, "/v1/products") => json(StatusCode::OK, &products(environment)),
        (&Method::POST, "/v1/check" | "/v1/entitled") => check(store, request, principal),
        (&Method::GET, path) => match path.strip_prefix("/v1/customers/") {
            Some(id) if !id.contains('/') => customer(store, id, principal),
            _ => not_found(environment),
        },
        (&Method::POST, path) if path.contains('.') => sdk::handle(store, request, principal),
        _ => not_found(environment),
    }
}

fn organization(principal: Principal) -> Response {
    let (organization, env) = (principal.organization, principal.environment.name());
    let body = json!({ "id": organization.id, "name": organization.name, "slug": organization.slug, "env": env });
    json(StatusCode::OK, &body)
}

fn list_customers(store: &Store, request: &Request, principal: Principal) -> Response {
    let query = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let number = |name: &str, default: usize| query.get(name).map_or(Some(default), |text| text.parse().ok());
    match (number("limit", DEFAULT_LIMIT), number("offset", 0)) {
        (Some(limit @ 1..=MAX_LIMIT), Some(offset)) => {
            json(StatusCode::OK, &store.lock().customers.list(principal, limit, offset))
        }
        _ => invalid_inputs(&format!("`limit` must be 1 to {MAX_LIMIT}, `offset` 0 or more"), principal.environment),
    }
}

fn create_customer(store: &Store, request: &Request, principal: Principal) -> Response {
    let Some(body) = body(request) else {
        return invalid_inputs("The body is not a JSON object", principal.environment);
    };
    // API versions before 2.1.0 call it `id`.
    let Some(id) = text(&body, "customer_id").or_else(|| text(&body, "id")) else {
        return invalid_inputs("customer_id is required", principal.environment);
    };
    let mut state = store.lock();
    let now = state.clock.now();
    match state.customers.create(principal, id, text(&body, "name"), text(&body, "email"), now) {
        Some(customer) => json(StatusCode::OK, &customer),
        None => invalid_inputs("The local Autumn has too many customers", principal.environment),
    }
}

fn customer(store: &Store, id: &str, principal: Principal) -> Response {
    let id = percent_decode_str(id).decode_utf8_lossy();
    let state = store.lock();
    let customer = state.customers.get(principal, &id);
    customer.map_or_else(|| no_customer(principal.environment), |customer| json(StatusCode::OK, &customer.json()))
}

fn check(store: &Store, request: &Request, principal: Principal) -> Response {
    let environment = principal.environment;
    let body = body(request).unwrap_or_default();
    let (Some(customer_id), Some(feature_id)) = (text(&body, "customer_id"), text(&body, "feature_id")) else {
        return invalid_inputs("customer_id and feature_id are required", environment);
    };
    let state = store.lock();
    let Some(customer) = state.customers.get(principal, customer_id) else { return no_customer(environment) };
    match Feature::find(feature_id) {
        Some(feature) => {
            // Older versions of the API repeat the feature.
            let mut result = customer.check(feature, 1);
            result["feature_id"] = feature_id.into();
            json(StatusCode::OK, &result)
        }
        None => api_error(StatusCode::NOT_FOUND, "Feature not found", "feature_not_found", environment),
    }
}
