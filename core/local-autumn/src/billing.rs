//! The calls about balances and plans of customers: enough to test a program that bills.

use serde_json::{Value, json};

use crate::call::{Answered, Call, invalid_inputs};
use crate::checkout;
use crate::plans::{FREE, Feature, Plan};

/// Options of `attach` and `update` that change what the customer gets or pays.
const PLAN_OPTIONS: &[&str] = &[
    "entity_id",
    "feature_quantities",
    "options",
    "version",
    "free_trial",
    "customize",
    "items",
    "invoice_mode",
    "discounts",
    "remove_discounts",
    "subscription_id",
    "starts_at",
    "ends_at",
    "remove_plan_ids",
    "custom_line_items",
    "add_lines",
    "remove_lines",
    "carry_over_balances",
    "carry_over_usages",
    "license_quantities",
    "no_billing_changes",
    "refund_last_payment",
    "recalculate_balances",
];
const REDIRECT_MODES: &[&str] = &["always", "if_required", "never"];

/// Whether a customer may use a feature. With `send_event`, an allowed use is counted, and the answer has the new balance.
pub(crate) fn check(call: &Call<'_>) -> Answered<Value> {
    let (feature, required) = (call.feature()?, call.amount("required_balance", 1)?);
    call.refuse(&["entity_id", "lock"])?;
    call.with_customer(|customer| {
        let mut result = customer.check(feature, required);
        if result["allowed"] == true && call.field("send_event") == Some(&Value::Bool(true)) {
            customer.track(feature, i64::try_from(required).unwrap_or(i64::MAX));
            result["balance"] = customer.check(feature, required)["balance"].take();
        }
        Ok(result)
    })
}

/// Counts usage at once, up to what the plan includes. A negative value gives back.
pub(crate) fn track(call: &Call<'_>) -> Answered<Value> {
    let (feature, value) = (call.feature()?, call.whole("value", 1)?);
    call.refuse(&["entity_id", "lock"])?;
    call.with_customer(|customer| Ok(customer.track(feature, value)))
}

/// The ways to change a balance, of which a call names one.
const BALANCE_CHANGES: [&str; 3] = ["usage", "remaining", "add_to_balance"];

/// Sets `usage`, or what is `remaining`, or adds to it.
pub(crate) fn set_balance(call: &Call<'_>) -> Answered<Value> {
    let Feature::Messages = call.feature()? else {
        return Err(invalid_inputs("Only metered features have a balance", call.environment()));
    };
    call.refuse(&["entity_id", "interval", "included_grant", "balance_id", "next_reset_at", "expires_at"])?;
    let given: Vec<_> = BALANCE_CHANGES.into_iter().filter(|name| call.field(name).is_some()).collect();
    let [change] = given.as_slice() else {
        let message = format!("Pass one of {}", BALANCE_CHANGES.join(", "));
        return Err(invalid_inputs(&message, call.environment()));
    };
    let (usage, remaining) = (call.amount("usage", 0)?, call.amount("remaining", 0)?);
    let added = call.whole("add_to_balance", 0)?;
    call.with_customer(|customer| {
        match *change {
            "usage" => customer.use_messages(usage),
            "remaining" => customer.leave_messages(remaining),
            _ => customer.leave_messages(customer.messages_left().saturating_add_signed(added)),
        }
        Ok(json!({ "success": true }))
    })
}

/// Gives a customer a plan. The first paid plan waits until the customer has paid at the URL in the answer.
pub(crate) fn attach(call: &Call<'_>) -> Answered<Value> {
    let plan = call.plan()?;
    call.refuse(PLAN_OPTIONS)?;
    if call.text("plan_schedule").is_some_and(|schedule| schedule != "immediate") {
        return Err(call.not_supported("a `plan_schedule` other than `immediate`"));
    }
    let redirect_mode = call.one_of("redirect_mode", REDIRECT_MODES)?;
    let must_pay = call.with_customer(|customer| {
        let must_pay = match redirect_mode {
            Some("always") => true,
            Some("never") => false,
            _ => plan.costs() && !customer.has_paid,
        };
        if !must_pay {
            customer.plan = plan;
        }
        Ok(must_pay)
    })?;
    let url = must_pay.then(|| checkout_url(call, plan)).transpose()?;
    // Older versions of the API have `checkout_url` and `product_ids`.
    let customer_id = call.customer_id()?;
    Ok(json!({ "customer_id": customer_id, "payment_url": url, "checkout_url": url, "product_ids": [plan.id] }))
}

fn checkout_url(call: &Call<'_>, plan: &'static Plan) -> Answered<String> {
    let (customer_id, path) = (call.customer_id()?, call.unguessable(checkout::PATH)?);
    let mut state = call.store.lock();
    let url = format!("{}{path}", state.base_url);
    state.checkouts.open(path, call.principal, customer_id, plan, call.text("success_url"));
    Ok(url)
}

/// Ends the paid plan of a customer at once, if that is the change that is asked for.
pub(crate) fn update_plan(call: &Call<'_>) -> Answered<Value> {
    match call.text("cancel_action") {
        Some("cancel_immediately") => cancel(call),
        _ => Err(call.not_supported("updates other than `cancel_action: cancel_immediately`")),
    }
}

/// Ends the paid plan of a customer at once.
pub(crate) fn cancel(call: &Call<'_>) -> Answered<Value> {
    let plan = call.plan()?;
    call.refuse(PLAN_OPTIONS)?;
    call.one_of("redirect_mode", REDIRECT_MODES)?;
    call.with_customer(|customer| {
        if customer.plan != plan {
            return Err(invalid_inputs("The customer does not have this plan", call.environment()));
        }
        customer.plan = FREE;
        Ok(())
    })?;
    let customer_id = call.with_customer(|customer| Ok(customer.id.clone()))?;
    Ok(json!({ "customer_id": customer_id, "payment_url": null, "product_id": plan.id, "success": true }))
}

/// The URL of a page that stands for the portal.
pub(crate) fn open_portal(call: &Call<'_>) -> Answered<Value> {
    let customer_id = call.with_customer(|customer| Ok(customer.id.clone()))?;
    Ok(json!({ "customer_id": customer_id, "url": call.store.lock().base_url }))
}
