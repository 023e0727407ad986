//! The calls about customers.

use libatmn::Environment;
use serde_json::{Value, json};

use crate::call::{Answered, Call, invalid_inputs};
use crate::customers::CustomerDetails;

/// Customers on one page of `GET /v1/customers` without `limit`, and the largest `limit`.
const PAGE: (usize, usize) = (10, 100);
/// The same for `customers.list`.
const LIST: (u64, u64) = (50, 5_000);

fn details(call: &Call<'_>) -> CustomerDetails {
    let text = |name: &str| call.text(name).map(str::to_owned);
    CustomerDetails {
        name: text("name"),
        email: text("email"),
        fingerprint: text("fingerprint"),
        metadata: call.field("metadata").filter(|metadata| metadata.is_object()).cloned(),
    }
}

/// Options that change what a customer has.
const CUSTOMER_OPTIONS: &[&str] =
    &["auto_enable_plan_id", "billing_controls", "billing_details", "config", "entity_id", "new_customer_id"];

/// Creates a customer, or finds the one that has this id. If the id is null, the customer is new; it must not be absent.
pub(crate) fn create(call: &Call<'_>) -> Answered<Value> {
    call.refuse(CUSTOMER_OPTIONS)?;
    let names = ["customer_id", "id"];
    let is_given = names.iter().any(|name| call.field(name).is_some());
    let is_new = !is_given && names.iter().any(|name| call.is_null(name));
    let id = if is_new { call.unguessable("cus_")? } else { call.customer_id()?.to_owned() };
    let mut state = call.store.lock();
    let now = state.clock.now();
    let customer = state.customers.create(call.principal, &id, details(call), now);
    customer.ok_or_else(|| invalid_inputs("The local Autumn has too many customers", call.environment()))
}

pub(crate) fn get(call: &Call<'_>) -> Answered<Value> {
    call.with_customer(|customer| Ok(customer.json()))
}

pub(crate) fn update(call: &Call<'_>) -> Answered<Value> {
    call.refuse(CUSTOMER_OPTIONS)?;
    call.with_customer(|customer| {
        customer.update(details(call));
        Ok(customer.json())
    })
}

pub(crate) fn delete(call: &Call<'_>) -> Answered<Value> {
    let id = call.with_customer(|customer| Ok(customer.id.clone()))?;
    call.store.lock().customers.delete(call.principal, &id);
    Ok(json!({ "success": true }))
}

/// `GET /v1/customers`: the oldest first, with `limit` and `offset`.
pub(crate) fn page(call: &Call<'_>) -> Answered<Value> {
    let number =
        |name: &str, default: usize| call.query.get(name).map_or(Some(default), |text| text.parse::<usize>().ok());
    let (Some(limit), Some(offset)) = (number("limit", PAGE.0), number("offset", 0)) else {
        return Err(wrong_limit(PAGE.1, call.environment()));
    };
    if limit == 0 || limit > PAGE.1 {
        return Err(wrong_limit(PAGE.1, call.environment()));
    }
    let all = call.store.lock().customers.all(call.principal, "");
    let page: Vec<_> = all.iter().skip(offset).take(limit).cloned().collect();
    let has_more = all.len() > offset.saturating_add(page.len());
    Ok(json!({ "list": page, "total": all.len(), "limit": limit, "offset": offset, "has_more": has_more }))
}

fn wrong_limit(most: usize, environment: Environment) -> Box<crate::response::Response> {
    invalid_inputs(&format!("`limit` must be 1 to {most}, `offset` 0 or more"), environment)
}

/// `customers.list`: the newest first unless `sort_order` is `asc`. A cursor is the number of customers before it.
pub(crate) fn list(call: &Call<'_>) -> Answered<Value> {
    call.refuse(&["plans", "subscription_status", "processors", "created_at_range"])?;
    let order = call.one_of("sort_order", &["asc", "desc"])?;
    let limit = call.amount("limit", LIST.0)?;
    let start = call.text("start_cursor").map_or(Some(0), |text| text.parse::<usize>().ok());
    let Some(start) = start.filter(|_| (1..=LIST.1).contains(&limit)) else {
        let message = format!("`limit` must be 1 to {}, `start_cursor` a `next_cursor`", LIST.1);
        return Err(invalid_inputs(&message, call.environment()));
    };
    let mut all = call.store.lock().customers.all(call.principal, call.text("search").unwrap_or_default());
    if order != Some("asc") {
        all.reverse();
    }
    let end = start.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX));
    let cursor = (end < all.len()).then(|| end.to_string());
    let page: Vec<_> = all.into_iter().take(end).skip(start).collect();
    Ok(json!({ "list": page, "next_cursor": cursor }))
}
