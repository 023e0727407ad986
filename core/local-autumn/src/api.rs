//! The API: everything under `/v1/`. Who asks is settled by `libatmn::authenticate` before anything else.

use hyper::header::{AUTHORIZATION, HeaderName};
use hyper::{Method, StatusCode};
use libatmn::__internal::config::{CLIENT_TYPE_HEADER, ORGANIZATION_PATH};
use libatmn::{Accepts, Environment, Error, IncomingRequest, authenticate, refusal};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Handled, Request, api_error, json, raw_json};
use crate::browser::session_name;
use crate::customers;
use crate::form::Parameters;
use crate::keys::Principal;
use crate::store::Store;

/// Customers on one page, unless `limit` says otherwise, and at most.
const PAGE: (usize, usize) = (10, 100);

/// Answers a request to `/v1/…`.
pub(crate) fn answer(store: &Store, request: &Request) -> Handled {
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
        Ok(principal) => endpoint(store, request, principal),
        Err(error) => refused(&incoming, &error),
    })
}

/// A header's value; several are joined (RFC 9110, 5.3).
fn header(request: &Request, name: &HeaderName) -> Option<String> {
    let mut values = request.headers().get_all(name).into_iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next()?.into_owned();
    Some(values.fold(first, |joined, value| joined + ", " + &value))
}

/// The answer to a refused request, and the event of it, which goes along unseen to whoever listens.
fn refused(incoming: &IncomingRequest<'_>, error: &Error) -> Answer {
    let Some(refusal) = refusal(error) else {
        return api_error(StatusCode::INTERNAL_SERVER_ERROR, "Unknown error", "internal_error", Environment::Sandbox);
    };
    let mut answer = raw_json(StatusCode::UNAUTHORIZED, refusal.body());
    answer.extensions_mut().insert(refusal.event(incoming));
    answer
}

fn endpoint(store: &Store, request: &Request, principal: Principal) -> Answer {
    let environment = principal.environment;
    match (request.method(), request.uri().path()) {
        (&Method::GET, ORGANIZATION_PATH) => organization(principal),
        (&Method::GET, "/v1/customers") => list_customers(store, request, principal),
        (&Method::POST, "/v1/customers") => create_customer(store, request, principal),
        (&Method::GET, "/v1/products") => json(StatusCode::OK, &customers::products(environment)),
        (&Method::POST, "/v1/check" | "/v1/entitled") => check(store, request, principal),
        (&Method::GET, path) => match path.strip_prefix("/v1/customers/") {
            Some(id) if !id.contains('/') => customer(store, id, principal),
            _ => not_found(environment),
        },
        _ => not_found(environment),
    }
}

fn not_found(environment: Environment) -> Answer {
    api_error(StatusCode::NOT_FOUND, "This small Autumn has no such endpoint", "not_found", environment)
}

fn invalid_inputs(message: &str, environment: Environment) -> Answer {
    api_error(StatusCode::BAD_REQUEST, message, "invalid_inputs", environment)
}

fn no_customer(environment: Environment) -> Answer {
    api_error(StatusCode::NOT_FOUND, "Customer not found", "customer_not_found", environment)
}

fn organization(principal: Principal) -> Answer {
    let (organization, env) = (principal.organization, principal.environment.name());
    let answer = json!({ "id": organization.id, "name": organization.name, "slug": organization.slug, "env": env });
    json(StatusCode::OK, &answer)
}

fn list_customers(store: &Store, request: &Request, principal: Principal) -> Answer {
    let query = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let number = |name: &str, default: usize| query.get(name).map_or(Some(default), |text| text.parse().ok());
    match (number("limit", PAGE.0), number("offset", 0)) {
        (Some(limit @ 1..=100), Some(offset)) => {
            json(StatusCode::OK, &store.lock().list_customers(principal, limit, offset))
        }
        _ => invalid_inputs(&format!("limit is 1 to {}, offset 0 or more", PAGE.1), principal.environment),
    }
}

/// The body as a JSON object.
fn body(request: &Request) -> Option<Map<String, Value>> {
    serde_json::from_slice(request.body()).ok()
}

/// A text that is there and not empty.
fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn create_customer(store: &Store, request: &Request, principal: Principal) -> Answer {
    let Some(body) = body(request) else { return invalid_inputs("The body is no JSON object", principal.environment) };
    // `customer_id` from version 2.1.0 on, `id` before.
    let Some(id) = text(&body, "customer_id").or_else(|| text(&body, "id")) else {
        return invalid_inputs("customer_id is required", principal.environment);
    };
    match store.lock().create_customer(principal, id, text(&body, "name"), text(&body, "email")) {
        Some(customer) => json(StatusCode::OK, &customer),
        None => invalid_inputs("This small Autumn has no room for more customers", principal.environment),
    }
}

fn customer(store: &Store, id: &str, principal: Principal) -> Answer {
    let id = percent_decode_str(id).decode_utf8_lossy();
    let state = store.lock();
    let customer = state.customer(principal, &id);
    customer.map_or_else(|| no_customer(principal.environment), |customer| json(StatusCode::OK, &customer.json()))
}

fn check(store: &Store, request: &Request, principal: Principal) -> Answer {
    let environment = principal.environment;
    let body = body(request).unwrap_or_default();
    let (Some(customer_id), Some(feature_id)) = (text(&body, "customer_id"), text(&body, "feature_id")) else {
        return invalid_inputs("customer_id and feature_id are required", environment);
    };
    if store.lock().customer(principal, customer_id).is_none() {
        return no_customer(environment);
    }
    match customers::check(customer_id, feature_id) {
        Some(answer) => json(StatusCode::OK, &answer),
        None => api_error(StatusCode::NOT_FOUND, "Feature not found", "feature_not_found", environment),
    }
}
