//! The endpoints that a program that bills calls, by the names of the SDKs and by the older REST names.

use libatmn::{Environment, Kind};
use local_autumn::Running;
use serde_json::{Value, json};

use crate::api::{ask, key, post, secret};
use crate::support::{bearer, code_for, get, mint, post_json, raw, request, request_bytes, start, token_for};

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
        let ends = ["/v1/billing.update", "/v1/cancel"].contains(&endpoint.path);
        let plan = if ends { "free" } else { "pro" };
        let body = json!({
            "customer_id": "cus_first",
            "feature_id": "messages",
            "plan_id": plan,
            "cancel_action": "cancel_immediately",
            "remaining": 5,
        });
        let body = body.to_string();
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
    let token = token_for(&autumn, &code_for(&autumn, &[("scope", "organisation:read")]));
    let login = mint(&autumn, &token).json()["sandbox_key"].as_str().unwrap().to_owned();
    for endpoint in local_autumn::endpoints() {
        let headers = [("Authorization", bearer(&login))];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = request(&autumn, endpoint.method, &filled(endpoint.path), &headers, "").json();
        match endpoint.scope {
            Some(scope) => {
                assert_eq!(reply["message"], format!("Insufficient scopes. Missing: {scope}"), "{endpoint:?}");
            }
            None => assert_eq!(reply["slug"], "night-library", "{endpoint:?}"),
        }
    }
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
fn checkout_has_a_path_that_cannot_be_guessed() {
    let autumn = start();
    let path = || {
        let body = json!({ "customer_id": "cus_first", "plan_id": "pro" });
        let url = call(&autumn, "/v1/billing.attach", &body)["payment_url"].as_str().unwrap().to_owned();
        url.strip_prefix(&autumn.url()).unwrap().to_owned()
    };
    let (first, second) = (path(), path());
    let name = first.strip_prefix("/checkout/").unwrap();
    assert!(name.len() == 20 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{first}");
    assert_ne!(first, second);
    assert_eq!(get(&autumn, "/checkout/1", &[]).status, 404);
}

#[test]
fn checkout_of_a_deleted_customer_is_not_found() {
    let autumn = start();
    let body = json!({ "customer_id": "cus_first", "plan_id": "pro", "success_url": "http://localhost:1/done" });
    let url = call(&autumn, "/v1/billing.attach", &body)["payment_url"].as_str().unwrap().to_owned();
    call(&autumn, "/v1/customers.delete", &json!({ "customer_id": "cus_first" }));
    assert_eq!(get(&autumn, url.strip_prefix(&autumn.url()).unwrap(), &[]).status, 404);
}

#[test]
fn idempotency_key_that_no_client_sends_is_refused() {
    let autumn = start();
    let body = json!({ "customer_id": "cus_first", "feature_id": "messages" });
    for wrong in ["", "cl\u{e9}", "a\tb"] {
        let key = secret(&autumn);
        let headers = [("Authorization", key.as_str()), ("Idempotency-Key", wrong)];
        let reply = raw(&autumn, &request_bytes(autumn.port(), "POST", "/v1/track", &headers, &body.to_string()));
        assert_eq!((reply.status, &reply.json()["code"]), (400, &json!("invalid_inputs")), "header {wrong:?}");
        let mut body = body.clone();
        body["idempotency_key"] = json!(wrong);
        let reply = post(&autumn, &key, "/v1/track", &body);
        assert_eq!((reply.status, &reply.json()["code"]), (400, &json!("invalid_inputs")), "body {wrong:?}");
    }
    assert_eq!(remaining(&autumn), 100);
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

#[test]
fn idempotency_key_is_one_for_all_names_of_an_endpoint() {
    let autumn = start();
    let mut body = json!({ "customer_id": "cus_first", "feature_id": "messages", "idempotency_key": "one" });
    for path in ["/v1/track", "/v1/balances.track", "/v1/events"] {
        call(&autumn, path, &body);
    }
    assert_eq!(remaining(&autumn), 99);
    call(&autumn, "/v1/check", &body);
    body["idempotency_key"] = json!(5);
    assert_eq!(post(&autumn, &secret(&autumn), "/v1/track", &body).json()["code"], "invalid_inputs");
    body["idempotency_key"] = Value::Null;
    call(&autumn, "/v1/track", &body);
    assert_eq!(remaining(&autumn), 98);
}

#[test]
fn options_without_effect_are_refused() {
    let autumn = start();
    let refusal = |path: &str, more: &[(&str, Value)]| {
        let mut body = json!({ "customer_id": "cus_first", "feature_id": "messages", "plan_id": "pro" });
        more.iter().for_each(|(name, value)| body[*name] = value.clone());
        let reply = post(&autumn, &secret(&autumn), path, &body);
        assert_eq!(reply.status, 400, "{path} {more:?}: {reply:?}");
        reply.json()["code"].as_str().unwrap().to_owned()
    };
    call(&autumn, "/v1/attach", &json!({ "customer_id": "cus_first", "plan_id": "pro", "redirect_mode": "never" }));
    let immediately = ("cancel_action", json!("cancel_immediately"));
    for (path, more) in [
        ("/v1/billing.update", vec![]),
        ("/v1/billing.update", vec![("cancel_action", json!("cancel_end_of_cycle"))]),
        ("/v1/billing.update", vec![immediately.clone(), ("feature_quantities", json!([{ "quantity": 5 }]))]),
        ("/v1/attach", vec![("plan_schedule", json!("end_of_cycle"))]),
        ("/v1/attach", vec![("entity_id", json!("seat"))]),
        ("/v1/customers", vec![("auto_enable_plan_id", json!("pro"))]),
        ("/v1/customers.update", vec![("new_customer_id", json!("cus_new"))]),
        ("/v1/customers.list", vec![("plans", json!([{ "id": "pro" }]))]),
        ("/v1/check", vec![("lock", json!({ "enabled": true }))]),
        ("/v1/balances.update", vec![("balance_id", json!("bal"))]),
    ] {
        assert_eq!(refusal(path, &more), "not_supported", "{path} {more:?}");
    }
    assert_eq!(refusal("/v1/customers.list", &[("sort_order", json!("zzz"))]), "invalid_inputs");
    assert_eq!(refusal("/v1/attach", &[("redirect_mode", json!("zzz"))]), "invalid_inputs");
    let plan = json!({ "customer_id": "cus_first", "plan_id": "pro", "cancel_action": "cancel_immediately", "entity_id": null });
    call(&autumn, "/v1/billing.update", &plan);
    assert_eq!(refusal("/v1/billing.update", &[immediately]), "invalid_inputs", "it has ended already");
}

#[test]
fn check_that_counts_answers_the_balance_after_the_event() {
    let autumn = start();
    let body =
        json!({ "customer_id": "cus_first", "feature_id": "messages", "required_balance": 30, "send_event": true });
    let checked = call(&autumn, "/v1/check", &body);
    assert_eq!(
        (&checked["allowed"], &checked["balance"]["remaining"], &checked["balance"]["usage"]),
        (&json!(true), &json!(70), &json!(30))
    );
}

#[test]
fn customer_without_an_id_is_new() {
    let autumn = start();
    let new =
        || call(&autumn, "/v1/customers.get_or_create", &json!({ "customer_id": null, "email": "a@example.com" }));
    let (first, second) = (new(), new());
    assert!(first["id"].as_str().unwrap().starts_with("cus_") && first["id"] != second["id"], "{first}");
    for (known, body) in [
        ("cus_1", json!({ "customer_id": "cus_1", "id": null })),
        ("cus_2", json!({ "customer_id": null, "id": "cus_2" })),
    ] {
        assert_eq!(call(&autumn, "/v1/customers", &body)["id"], known, "{body}");
    }
    for wrong in [json!({}), json!({ "customer_id": 7, "id": null }), json!({ "customer_id": "" })] {
        assert_eq!(post(&autumn, &secret(&autumn), "/v1/customers", &wrong).status, 400, "{wrong}");
    }
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
    for (limit, status) in [(0, 400), (1, 200), (5_000, 200), (5_001, 400)] {
        let reply = post(&autumn, &secret(&autumn), "/v1/customers.list", &json!({ "limit": limit }));
        assert_eq!(reply.status, status, "{limit}");
    }
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
    for change in [
        json!({}),
        json!({ "remaining": null }),
        json!({ "remaining": 5, "usage": 5 }),
        json!({ "remaining": 5, "add_to_balance": 5 }),
        json!({ "usage": 5, "add_to_balance": 5 }),
    ] {
        let mut body = json!({ "customer_id": "cus_first", "feature_id": "messages" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let code = post(&autumn, &secret(&autumn), "/v1/balances.update", &body).json()["code"].clone();
        assert_eq!((code, remaining(&autumn)), (json!("invalid_inputs"), json!(100)), "{change}");
    }
    let flag = json!({ "customer_id": "cus_first", "feature_id": "priority_support", "remaining": 1 });
    assert_eq!(post(&autumn, &secret(&autumn), "/v1/balances.update", &flag).json()["code"], "invalid_inputs");
}
