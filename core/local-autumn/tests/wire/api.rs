//! The API endpoints.

use libatmn::{Environment, Kind};
use local_autumn::Running;
use serde_json::{Value, json};

use crate::support::{Reply, bearer, get, post_json, request, start};

pub(crate) fn key(autumn: &Running, slug: &str, kind: Kind, environment: Environment) -> String {
    let keys = autumn.store().keys();
    let fits = |key: &&local_autumn::StoredKey| {
        key.organization.slug == slug && key.key.kind() == kind && key.key.environment() == environment
    };
    bearer(keys.iter().find(fits).unwrap().key.reveal())
}

pub(crate) fn secret(autumn: &Running) -> String {
    key(autumn, "night-library", Kind::Secret, Environment::Sandbox)
}

pub(crate) fn ask(autumn: &Running, key: &str, target: &str) -> Reply {
    get(autumn, target, &[("Authorization", key), ("X-API-Version", "2.1.0")])
}

pub(crate) fn post(autumn: &Running, key: &str, target: &str, body: &Value) -> Reply {
    post_json(autumn, target, body, &[("Authorization", key)])
}

#[test]
fn organization_endpoint_names_the_owner_of_the_key() {
    let autumn = start();
    for (environment, env) in [(Environment::Sandbox, "sandbox"), (Environment::Live, "live")] {
        let reply = ask(&autumn, &key(&autumn, "copper-kettle", Kind::Secret, environment), "/v1/organization/me");
        let expected =
            json!({ "id": "org_6QzTnV2kCopperKettle", "name": "Copper Kettle", "slug": "copper-kettle", "env": env });
        assert_eq!((reply.status, reply.json()), (200, expected));
    }
}

#[test]
fn customers_can_be_created_listed_and_read() {
    let autumn = start();
    let key = secret(&autumn);
    let body = json!({ "customer_id": "a@example.com", "name": "A", "email": "a@example.com" });
    let made = post(&autumn, &key, "/v1/customers", &body);
    assert_eq!((made.status, &made.json()["id"], &made.json()["env"]), (200, &body["customer_id"], &json!("sandbox")));
    let again = post(&autumn, &key, "/v1/customers", &json!({ "id": "a@example.com", "name": "B" }));
    assert_eq!(again.json(), made.json(), "the same customer");
    assert_eq!(ask(&autumn, &key, "/v1/customers/a%40example.com").json(), made.json());
    let list = ask(&autumn, &key, "/v1/customers?limit=1").json();
    assert_eq!(
        (&list["total"], &list["has_more"], list["list"].as_array().unwrap().len()),
        (&json!(2), &json!(true), 1)
    );
    let rest = ask(&autumn, &key, "/v1/customers?limit=1&offset=1").json();
    assert_eq!((&rest["has_more"], &rest["list"][0]), (&json!(false), &made.json()));
}

#[test]
fn customers_are_separate_by_environment_and_organization() {
    let autumn = start();
    post(&autumn, &secret(&autumn), "/v1/customers", &json!({ "customer_id": "mine" }));
    for other in [
        key(&autumn, "night-library", Kind::Secret, Environment::Live),
        key(&autumn, "copper-kettle", Kind::Secret, Environment::Sandbox),
    ] {
        let reply = ask(&autumn, &other, "/v1/customers/mine");
        assert_eq!((reply.status, &reply.json()["code"]), (404, &json!("customer_not_found")));
        assert!(!ask(&autumn, &other, "/v1/customers").text().contains("mine"));
    }
}

#[test]
fn invalid_requests_are_errors_with_the_environment() {
    let autumn = start();
    let key = key(&autumn, "night-library", Kind::Secret, Environment::Live);
    let expect = |reply: Reply, status: u16, code: &str| {
        assert_eq!((reply.status, &reply.json()["code"], &reply.json()["env"]), (status, &json!(code), &json!("live")));
        assert!(reply.json()["message"].is_string());
    };
    expect(post(&autumn, &key, "/v1/customers", &json!({ "name": "A" })), 400, "invalid_inputs");
    expect(post(&autumn, &key, "/v1/customers", &json!([])), 400, "invalid_inputs");
    expect(post(&autumn, &key, "/v1/customers", &json!({ "customer_id": 7 })), 400, "invalid_inputs");
    for query in ["limit=0", "limit=101", "limit=x", "offset=-1"] {
        expect(ask(&autumn, &key, &format!("/v1/customers?{query}")), 400, "invalid_inputs");
    }
    expect(post(&autumn, &key, "/v1/check", &json!({ "customer_id": "x" })), 400, "invalid_inputs");
    expect(ask(&autumn, &key, "/v1/nowhere"), 404, "not_found");
    expect(request(&autumn, "DELETE", "/v1/customers/x", &[("Authorization", &key)], ""), 404, "customer_not_found");
    expect(request(&autumn, "PUT", "/v1/customers/x", &[("Authorization", &key)], ""), 404, "not_found");
}

#[test]
fn publishable_key_works_on_its_four_endpoints() {
    let autumn = start();
    let key = key(&autumn, "night-library", Kind::Publishable, Environment::Sandbox);
    let products = ask(&autumn, &key, "/v1/products").json();
    assert_eq!((&products["list"][0]["id"], &products["list"][1]["id"]), (&json!("free"), &json!("pro")));
    assert_eq!(ask(&autumn, &key, "/v1/customers/cus_first").json()["name"], "First Customer");
    for path in ["/v1/check", "/v1/entitled"] {
        let check = |customer: &str, feature: &str| {
            post(&autumn, &key, path, &json!({ "customer_id": customer, "feature_id": feature }))
        };
        let messages = check("cus_first", "messages").json();
        assert_eq!((&messages["allowed"], &messages["balance"]["remaining"]), (&json!(true), &json!(100)));
        assert_eq!(check("cus_first", "priority_support").json()["allowed"], false);
        assert_eq!(check("cus_first", "nonsense").json()["code"], "feature_not_found");
        assert_eq!(check("unknown", "messages").json()["code"], "customer_not_found");
    }
}
