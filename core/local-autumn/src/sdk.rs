//! The calls that Autumn's SDKs make first, in the shapes of `autumn-js` 1.3 and `autumn-sdk` 1.2: enough to test a
//! program that bills.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use crate::customers::Customer;
use crate::inputs::{DEFAULT_LIMIT, body, invalid_inputs, no_customer, not_found, text};
use crate::keys::Principal;
use crate::plans::{Feature, Plan, plans};
use crate::response::{Request, Response, api_error, json};
use crate::store::Store;

/// Handles `POST /v1/GROUP.ACTION`.
pub(crate) fn handle(store: &Store, request: &Request, principal: Principal) -> Response {
    let environment = principal.environment;
    let Some(body) = body(request) else { return invalid_inputs("The body is not a JSON object", environment) };
    match request.uri().path() {
        "/v1/customers.get_or_create" => get_or_create(store, &body, principal),
        "/v1/customers.get" => with_customer(store, &body, principal, |customer| Ok(customer.json())),
        "/v1/customers.list" => list(store, &body, principal),
        "/v1/balances.check" => with_customer(store, &body, principal, |customer| check(customer, &body, principal)),
        "/v1/balances.track" => with_customer(store, &body, principal, |customer| track(customer, &body, principal)),
        "/v1/billing.attach" => with_customer(store, &body, principal, |customer| attach(customer, &body, principal)),
        "/v1/plans.list" => json(StatusCode::OK, &plans(environment)),
        _ => not_found(environment),
    }
}

fn get_or_create(store: &Store, body: &Map<String, Value>, principal: Principal) -> Response {
    let Some(id) = text(body, "customer_id") else {
        return invalid_inputs("customer_id is required", principal.environment);
    };
    let mut state = store.lock();
    let now = state.clock.now();
    match state.customers.create(principal, id, text(body, "name"), text(body, "email"), now) {
        Some(customer) => json(StatusCode::OK, &customer),
        None => invalid_inputs("The local Autumn has too many customers", principal.environment),
    }
}

/// The first page. There is no cursor, because tests have few customers.
fn list(store: &Store, body: &Map<String, Value>, principal: Principal) -> Response {
    let limit = body.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let page = store.lock().customers.list(principal, limit.unwrap_or(DEFAULT_LIMIT), 0);
    json(StatusCode::OK, &json!({ "list": page["list"], "next_cursor": null }))
}

/// Answers about the customer that the body names.
fn with_customer(
    store: &Store,
    body: &Map<String, Value>,
    principal: Principal,
    answer: impl FnOnce(&mut Customer) -> Result<Value, Box<Response>>,
) -> Response {
    let Some(id) = text(body, "customer_id") else {
        return invalid_inputs("customer_id is required", principal.environment);
    };
    let mut state = store.lock();
    match state.customers.get_mut(principal, id).map(answer) {
        None => no_customer(principal.environment),
        Some(Ok(value)) => json(StatusCode::OK, &value),
        Some(Err(response)) => *response,
    }
}

fn check(customer: &mut Customer, body: &Map<String, Value>, principal: Principal) -> Result<Value, Box<Response>> {
    let feature = feature(body, principal)?;
    let result = customer.check(feature, amount(body, "required_balance", principal)?);
    if result["allowed"] == true && body.get("send_event") == Some(&Value::Bool(true)) {
        customer.track(feature, amount(body, "required_balance", principal)?);
    }
    Ok(result)
}

fn track(customer: &mut Customer, body: &Map<String, Value>, principal: Principal) -> Result<Value, Box<Response>> {
    let (feature, value) = (feature(body, principal)?, amount(body, "value", principal)?);
    Ok(customer.track(feature, value))
}

fn attach(customer: &mut Customer, body: &Map<String, Value>, principal: Principal) -> Result<Value, Box<Response>> {
    let plan = text(body, "plan_id").and_then(Plan::find).ok_or_else(|| {
        Box::new(api_error(StatusCode::NOT_FOUND, "Plan not found", "plan_not_found", principal.environment))
    })?;
    Ok(customer.attach(plan))
}

fn feature(body: &Map<String, Value>, principal: Principal) -> Result<Feature, Box<Response>> {
    text(body, "feature_id").and_then(Feature::find).ok_or_else(|| {
        Box::new(api_error(StatusCode::NOT_FOUND, "Feature not found", "feature_not_found", principal.environment))
    })
}

/// A whole number, 1 if it is left out. Autumn also takes fractions.
fn amount(body: &Map<String, Value>, name: &str, principal: Principal) -> Result<u64, Box<Response>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(1),
        // JavaScript and Python may write 2 as 2.0.
        Some(value) => value
            .as_u64()
            .or_else(|| value.to_string().strip_suffix(".0").and_then(|whole| whole.parse().ok()))
            .ok_or_else(|| {
                Box::new(invalid_inputs(
                    &format!("The local Autumn takes whole numbers as `{name}`"),
                    principal.environment,
                ))
            }),
    }
}
