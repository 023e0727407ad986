//! The endpoints that a program that bills calls, by the names of the SDKs and by the older REST names.

use libatmn::{Environment, Kind};
use local_autumn::Running;
use serde_json::{Value, json};

use crate::api::{ask, key, post, secret};
use crate::support::{bearer, fresh_token, get, mint, post_json, request, start};

/// The answer to a call that succeeds.
fn call(autumn: &Running, path: &str, body: &Value) -> Value {
    let reply = post(autumn, &secret(autumn), path, body);
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.json()
}

fn remaining(autumn: &Running) -> Value {
    ask(autumn, &secret(autumn), "/v1/customers/cus_first").json()["balances"]["messages"]["remaining"].clone()
}

/// A path with the id of what exists.
fn filled(path: &str) -> String {
    path.replace(":customer_id", "cus_first").replace(":plan_id", "pro").replace(":feature_id", "messages")
}

#[test]
fn every_endpoint_answers_by_each_of_its_names() {
    for endpoint in local_autumn::endpoints() {
        let autumn = start();
        let body = json!({ "customer_id": "cus_first", "feature_id": "messages", "plan_id": "pro" }).to_string();
        let headers = [("Authorization", secret(&autumn)), ("Content-Type", "application/json".to_owned())];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = if endpoint.method == "GET" { "" } else { &body };
        let reply = request(&autumn, endpoint.method, &filled(endpoint.path), &headers, body);
        assert_eq!(reply.status, 200, "{endpoint:?}: {reply:?}");
    }
}

#[test]
fn every_endpoint_needs_its_scope() {
    let autumn = start();
    let login = mint(&autumn, &fresh_token(&autumn)).json()["sandbox_key"].as_str().unwrap().to_owned();
    let refused = |endpoint: &&local_autumn::Endpoint| {
        let headers = [("Authorization", bearer(&login))];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        request(&autumn, endpoint.method, &filled(endpoint.path), &headers, "").json()["code"] == "insufficient_scopes"
    };
    let needed: std::collections::BTreeSet<_> =
        local_autumn::endpoints().iter().filter(refused).map(|endpoint| endpoint.scope.unwrap()).collect();
    assert_eq!(needed.into_iter().collect::<Vec<_>>(), ["balances:read", "balances:write", "billing:write"]);
}

#[test]
fn customer_who_runs_out_is_refused_by_each_name() {
    for [check, track] in
        [["/v1/check", "/v1/track"], ["/v1/balances.check", "/v1/balances.track"], ["/v1/entitled", "/v1/events"]]
    {
        let autumn = start();
        let customer = json!({ "customer_id": "cus_first", "feature_id": "messages" });
        assert_eq!(call(&autumn, check, &customer)["allowed"], true);
        let used = call(&autumn, track, &json!({ "customer_id": "cus_first", "feature_id": "messages", "value": 250 }));
        assert_eq!((&used["balance"]["remaining"], &used["balance"]["usage"]), (&json!(0), &json!(100)));
        assert_eq!(call(&autumn, check, &customer)["allowed"], false);
        call(&autumn, track, &json!({ "customer_id": "cus_first", "event_name": "messages", "value": -3 }));
        assert_eq!(call(&autumn, check, &customer)["balance"]["remaining"], 3);
    }
}

#[test]
fn unknown_customers_plans_and_features_are_not_found() {
    let autumn = start();
    for path in
        ["/v1/check", "/v1/track", "/v1/attach", "/v1/balances.check", "/v1/balances.track", "/v1/billing.attach"]
    {
        let ask = |customer: &str, other: &str| {
            let body = json!({ "customer_id": customer, "feature_id": other, "plan_id": other });
            post(&autumn, &secret(&autumn), path, &body).json()["code"].clone()
        };
        let known = if path.ends_with("attach") { "pro" } else { "messages" };
        let missing = if path.ends_with("attach") { "plan_not_found" } else { "feature_not_found" };
        assert_eq!((ask("unknown", known), ask("cus_first", "nothing")), (json!("customer_not_found"), json!(missing)));
    }
}

#[test]
fn attach_waits_for_the_payment_of_the_first_paid_plan() {
    let autumn = start();
    let attach = |body: &Value| call(&autumn, "/v1/billing.attach", body);
    let plan =
        || ask(&autumn, &secret(&autumn), "/v1/customers/cus_first").json()["subscriptions"][0]["plan_id"].clone();
    let first =
        attach(&json!({ "customer_id": "cus_first", "plan_id": "pro", "success_url": "http://localhost:1/done" }));
    let url = first["payment_url"].as_str().unwrap().to_owned();
    assert_eq!((plan(), &first["checkout_url"]), (json!("free"), &first["payment_url"]));
    let path = url.strip_prefix(&autumn.url()).unwrap();
    let paid = get(&autumn, path, &[]);
    assert_eq!((paid.status, paid.header("location").as_str()), (303, "http://localhost:1/done"));
    assert_eq!((plan(), get(&autumn, path, &[]).status), (json!("pro"), 404));
    assert_eq!(
        call(&autumn, "/v1/cancel", &json!({ "customer_id": "cus_first", "product_id": "pro" }))["success"],
        true
    );
    assert_eq!(plan(), "free");
    let again = call(&autumn, "/v1/attach", &json!({ "customer_id": "cus_first", "product_id": "pro" }));
    assert_eq!((&again["payment_url"], plan()), (&Value::Null, json!("pro")));
    let always = attach(&json!({ "customer_id": "cus_first", "plan_id": "free", "redirect_mode": "always" }));
    let page = get(&autumn, always["payment_url"].as_str().unwrap().strip_prefix(&autumn.url()).unwrap(), &[]);
    assert!(page.status == 200 && page.text().contains("Paid"), "{page:?}");
}

#[test]
fn idempotency_key_that_was_seen_repeats_the_first_answer() {
    let autumn = start();
    let body = json!({ "customer_id": "cus_first", "feature_id": "messages", "value": 10 });
    let key = secret(&autumn);
    let track = |name: &str, body: &Value| {
        post_json(&autumn, "/v1/track", body, &[("Authorization", &key), ("Idempotency-Key", name)])
    };
    let first = track("one", &body);
    assert_eq!((track("one", &body).body, remaining(&autumn)), (first.body, json!(90)));
    assert_eq!((track("two", &body).status, remaining(&autumn)), (200, json!(80)));
    for _ in 0..2 {
        call(
            &autumn,
            "/v1/track",
            &json!({ "customer_id": "cus_first", "feature_id": "messages", "idempotency_key": "three" }),
        );
    }
    assert_eq!(remaining(&autumn), 79);
    assert_eq!(track("four", &json!({})).status, 400);
    assert_eq!((track("four", &body).status, remaining(&autumn)), (200, json!(69)), "a wrong request was not run");
    let other = bearer_of_live(&autumn);
    let reply = post_json(&autumn, "/v1/track", &body, &[("Authorization", &other), ("Idempotency-Key", "one")]);
    assert_eq!(reply.json()["code"], "customer_not_found", "another environment has its own keys");
}

fn bearer_of_live(autumn: &Running) -> String {
    key(autumn, "night-library", Kind::Secret, Environment::Live)
}

#[test]
fn customers_are_changed_deleted_and_listed_in_pages() {
    let autumn = start();
    for number in 0..3 {
        call(&autumn, "/v1/customers", &json!({ "customer_id": format!("cus_{number}"), "name": "Made" }));
    }
    let updated = call(&autumn, "/v1/customers.update", &json!({ "customer_id": "cus_0", "email": "a@example.com" }));
    assert_eq!((&updated["name"], &updated["email"]), (&json!("Made"), &json!("a@example.com")));
    let list = |body: &Value| call(&autumn, "/v1/customers.list", body);
    let ids = |list: &Value| -> Vec<String> {
        list["list"].as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = list(&json!({ "limit": 3 }));
    assert_eq!(ids(&first), ["cus_2", "cus_1", "cus_0"]);
    let rest = list(&json!({ "limit": 3, "start_cursor": first["next_cursor"] }));
    assert_eq!((ids(&rest), &rest["next_cursor"]), (vec!["cus_first".to_owned()], &Value::Null));
    assert_eq!(ids(&list(&json!({ "search": "a@example" }))), ["cus_0"]);
    call(&autumn, "/v1/customers.delete", &json!({ "customer_id": "cus_1" }));
    assert_eq!(ids(&list(&json!({ "sort_order": "asc" }))), ["cus_first", "cus_0", "cus_2"]);
}

#[test]
fn balances_can_be_set() {
    let autumn = start();
    for (field, value, left) in
        [("remaining", 5, 5), ("usage", 30, 70), ("add_to_balance", 50, 120), ("add_to_balance", -20, 100)]
    {
        call(
            &autumn,
            "/v1/balances.update",
            &json!({ "customer_id": "cus_first", "feature_id": "messages", field: value }),
        );
        assert_eq!(remaining(&autumn), left, "{field} {value}");
    }
    let flag = json!({ "customer_id": "cus_first", "feature_id": "priority_support", "remaining": 1 });
    assert_eq!(post(&autumn, &secret(&autumn), "/v1/balances.update", &flag).json()["code"], "invalid_inputs");
}
