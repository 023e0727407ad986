//! Faults, the request log and the control routes.

use std::time::{Duration, Instant};

use local_autumn::{Fault, Options};
use serde_json::{Value, json};

use crate::support::{
    authorize_target, bearer, connect, exchange, fresh_code, fresh_token, get, mint, parameter, post_json, read_reply,
    request, request_bytes, start, start_with,
};

#[test]
fn control_routes_are_off_by_default() {
    let autumn = start_with(Options::default());
    for path in ["/_test/keys", "/_test/log", "/_test/tokens"] {
        assert_eq!(get(&autumn, path, &[]).status, 404, "{path}");
    }
    assert_eq!(post_json(&autumn, "/_test/advance", &json!({ "seconds": 1 }), &[]).status, 404);
    assert!(!autumn.store().inject("/", 1, Fault::Drop));
    assert!(autumn.store().requests().is_empty());
}

#[test]
fn fault_applies_to_its_path_and_count() {
    let autumn = start();
    assert!(autumn.store().inject("/v1/products", 2, Fault::status(503)));
    assert!(!autumn.store().inject("/v1/products", 0, Fault::Drop));
    let statuses: Vec<_> = (0..3).map(|_| get(&autumn, "/v1/products?x=1", &[]).status).collect();
    assert_eq!(statuses, [503, 503, 401]);
    assert_eq!(get(&autumn, "/", &[]).status, 200);
    autumn.store().inject("/", 1, Fault::Drop);
    autumn.store().clear_faults();
    assert_eq!(get(&autumn, "/", &[]).status, 200);
}

#[test]
fn answer_fault_replaces_handling() {
    let autumn = start();
    let token = fresh_token(&autumn);
    let before = autumn.store().keys().len();
    let headers = vec![("Retry-After".to_owned(), "7".to_owned())];
    autumn.store().inject("/cli/api-keys", 1, Fault::Answer { status: 429, headers, body: "slow down".into() });
    let reply = mint(&autumn, &token);
    assert_eq!((reply.status, reply.header("retry-after").as_str(), reply.text()), (429, "7", "slow down"));
    autumn.store().inject("/cli/api-keys", 1, Fault::redirect("http://evil.example/"));
    let reply = mint(&autumn, &token);
    assert_eq!((reply.status, reply.header("location").as_str()), (307, "http://evil.example/"));
    assert_eq!(autumn.store().keys().len(), before);
}

/// A client can lose the response after the server made the keys.
#[test]
fn other_faults_happen_after_handling() {
    let autumn = start();
    let token = fresh_token(&autumn);
    let count = || autumn.store().keys().len();
    let before = count();
    autumn.store().inject("/cli/api-keys", 1, Fault::Truncate);
    let reply = mint(&autumn, &token);
    let length: usize = reply.header("content-length").parse().unwrap();
    assert!(reply.status == 200 && reply.body.len() < length && !reply.body.is_empty());
    assert_eq!(count(), before + 2);
    autumn.store().inject("/cli/api-keys", 1, Fault::Garbage);
    let reply = mint(&autumn, &token);
    assert!(reply.status == 200 && serde_json::from_slice::<Value>(&reply.body).is_err());
    assert_eq!(count(), before + 4);
    autumn.store().inject("/cli/api-keys", 1, Fault::Drop);
    let mut stream = connect(&autumn);
    let bytes = request_bytes(autumn.port(), "POST", "/cli/api-keys", &[("Authorization", &bearer(&token))], "");
    std::io::Write::write_all(&mut stream, &bytes).unwrap();
    assert!(read_reply(&mut stream).is_none());
    assert_eq!(count(), before + 6);
    autumn.store().inject("/cli/api-keys", 1, Fault::Delay(Duration::from_millis(200)));
    let begun = Instant::now();
    assert_eq!(mint(&autumn, &token).status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[test]
fn answer_that_is_planned_can_be_slow() {
    let autumn = start();
    autumn.store().inject("/v1/zz", 1, Fault::Delay(Duration::from_millis(200)));
    autumn.store().inject("/v1/zz", 1, Fault::status(418));
    let begun = Instant::now();
    assert_eq!(get(&autumn, "/v1/zz", &[]).status, 418);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(get(&autumn, "/v1/zz", &[]).status, 401);
}

#[test]
fn log_contains_no_secret() {
    let autumn = start();
    let code = fresh_code(&autumn);
    let token = exchange(&autumn, &code, &[]).json()["access_token"].as_str().unwrap().to_owned();
    let keys = mint(&autumn, &token).json();
    let key = keys["sandbox_key"].as_str().unwrap();
    get(
        &autumn,
        &format!("/v1/customers/{key}?q={key}"),
        &[("Authorization", &bearer(key)), ("X-API-Version", "2.1.0")],
    );
    get(&autumn, "/v1/customers", &[("Authorization", key)]);
    let log = get(&autumn, "/_test/log", &[]);
    for secret in [code.as_str(), &token, key, keys["prod_key"].as_str().unwrap()] {
        assert!(!log.text().contains(secret), "{}", log.text());
    }
    let log = log.json();
    assert_eq!(log.as_array().unwrap().len(), 4, "{log}");
    assert_eq!((&log[0]["method"], &log[0]["path"]), (&json!("POST"), &json!("/api/auth/oauth2/token")));
    assert_eq!((&log[1]["status"], &log[1]["authorization"]), (&json!(200), &json!("Bearer …")));
    let masked = libatmn::ApiKey::parse(key).unwrap().to_string();
    assert_eq!(log[2]["authorization"], format!("Bearer {masked}"));
    assert_eq!(log[2]["path"], "/v1/customers/am_sk_…");
    assert_eq!(log[2]["api_version"], "2.1.0");
    assert_eq!((&log[2]["query"], &log[2]["headers"]["x-api-version"]), (&json!("q=am_sk_…"), &json!("2.1.0")));
    assert_eq!((&log[0]["query"], &log[0]["body"]), (&json!(""), &json!("")), "a login has secrets in both");
    assert_eq!(autumn.store().requests()[3].to_string(), format!("401 GET /v1/customers {masked}"));
}

#[test]
fn log_contains_no_key_and_no_token_wherever_they_stand() {
    let autumn = start();
    let key = autumn.store().keys()[1].key.reveal().to_owned();
    let planted = key.strip_prefix("am_sk_test_").unwrap_or(&key[6..]).to_owned();
    let authorization = bearer(&key);
    let headers = [("Authorization", authorization.as_str())];
    for query in
        [format!("%20{key}"), format!("x{key}"), format!("am%5Fsk_test_{planted}"), format!("am_oauth_{planted}")]
    {
        get(&autumn, &format!("/v1/customers?q={query}"), &headers);
    }
    let escaped = format!("{{\"a\":\"line\\n{key}\",\"b\":\"\\u0061{}\",\"c\":\"am_jwt_{planted}\"}}", &key[1..]);
    request(&autumn, "POST", "/v1/customers", &headers, &escaped);
    let (name, version) = (format!("x_{key}"), format!("am_oauth_{}", &planted[..12]));
    request(&autumn, &key, &format!("/x%20{key}"), &[(name.as_str(), "1"), ("X-API-Version", version.as_str())], "");
    let log = get(&autumn, "/_test/log", &[]);
    assert_eq!(log.json().as_array().unwrap().len(), 6);
    assert!(!log.text().contains(&planted[..12].to_lowercase()), "{}", log.text());
    assert!(!log.text().contains(&planted[..12]), "{}", log.text());
    assert_eq!(log.json()[4]["headers"]["authorization"], format!("Bearer {}", autumn.store().keys()[1].key));
}

#[test]
fn log_of_a_login_has_no_query_of_its_page() {
    let autumn = start();
    let page = autumn.url() + &authorize_target(&[("state", "planted-state")]);
    for path in ["/sign-in", "/consent"] {
        crate::support::post_form(&autumn, path, &[("person", "ada@example.com")], &[("Referer", &page)]);
    }
    let log = get(&autumn, "/_test/log", &[]);
    for secret in ["planted-state", crate::support::CHALLENGE] {
        assert!(!log.text().contains(secret), "{}", log.text());
    }
    let path = page.split('?').next().unwrap();
    assert_eq!(
        (&log.json()[0]["headers"]["referer"], &log.json()[1]["headers"]["referer"]),
        (&json!(path), &json!(path))
    );
}

#[test]
fn log_has_what_a_test_asserts_on() {
    let autumn = start();
    let key = autumn.store().keys()[1].key.clone();
    let body = json!({ "customer_id": "cus_log", "metadata": { "key": key.reveal() } });
    let headers = [("Authorization", bearer(key.reveal())), ("X-Tag", "a".to_owned()), ("x-tag", "b".to_owned())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    post_json(&autumn, "/v1/customers?expand=a%20b&expand=c", &body, &headers);
    let entry = &get(&autumn, "/_test/log", &[]).json()[0];
    assert_eq!(
        (&entry["method"], &entry["path"], &entry["status"]),
        (&json!("POST"), &json!("/v1/customers"), &json!(200))
    );
    assert_eq!((&entry["query"], &entry["headers"]["x-tag"]), (&json!("expand=a%20b&expand=c"), &json!("a, b")));
    let masked = json!({ "customer_id": "cus_log", "metadata": { "key": "am_sk_…" } });
    assert_eq!(serde_json::from_str::<Value>(entry["body"].as_str().unwrap()).unwrap(), masked);
}

#[test]
fn listener_gets_a_printable_line_for_every_request() {
    let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let listener = lines.clone();
    let options = Options {
        on_request: Some(std::sync::Arc::new(move |entry: &local_autumn::LoggedRequest| {
            listener.lock().unwrap().push(entry.to_string());
        })),
        ..Options::default()
    };
    let autumn = start_with(options);
    let key = autumn.store().keys()[1].key.clone();
    get(&autumn, "/v1/customers?q=planted", &[("Authorization", &bearer(key.reveal()))]);
    get(&autumn, "/nowhere", &[("Authorization", "planted")]);
    assert_eq!(
        *lines.lock().unwrap(),
        [format!("200 GET /v1/customers Bearer {key}"), "404 GET /nowhere …".to_owned()]
    );
}

#[test]
fn every_control_has_a_route() {
    let autumn = start();
    let post = |path: &str, body: Value| {
        let reply = post_json(&autumn, path, &body, &[]);
        assert_eq!(reply.status, 200, "{path} {body}: {reply:?}");
        reply.json()
    };
    let url = autumn.url() + &authorize_target(&[]);
    let approval = json!({ "url": url, "person": "ada@example.com", "organization": "copper-kettle" });
    let callback = post("/_test/approve", approval)["callback"].as_str().unwrap().to_owned();
    let code = parameter(&callback.parse().unwrap(), "code").unwrap();
    assert_eq!(exchange(&autumn, &code, &[]).status, 200);
    assert_eq!(get(&autumn, "/_test/tokens", &[]).json(), json!({ "active": 1 }));
    post("/_test/advance", json!({ "seconds": 3600 }));
    assert_eq!(get(&autumn, "/_test/tokens", &[]).json(), json!({ "active": 0 }));
    assert!(post("/_test/deny", json!({ "url": url }))["callback"].as_str().unwrap().contains("access_denied"));
    post("/_test/callback-ports", json!({ "port": 40001 }));
    post("/_test/approve-automatically", json!({ "person": "ben@example.com", "organization": "paper-lantern" }));
    assert_eq!(get(&autumn, &authorize_target(&[("redirect_uri", "http://localhost:40001/")]), &[]).status, 302);
    post("/_test/approve-automatically", json!({}));
    assert_eq!(get(&autumn, &authorize_target(&[]), &[]).status, 200);
    let keys = get(&autumn, "/_test/keys", &[]).json();
    let key = keys.as_array().unwrap().iter().find(|key| key["kind"] == "secret").unwrap()["key"].clone();
    let ask = || get(&autumn, "/v1/organization/me", &[("Authorization", &bearer(key.as_str().unwrap()))]).json();
    assert!(ask()["slug"].is_string());
    post("/_test/verification", json!({ "fails": true }));
    assert_eq!(ask()["code"], "failed_to_verify_secret_key");
    post("/_test/verification", json!({ "fails": false }));
    assert_eq!(post("/_test/revoke", json!({ "key": key })), json!({ "revoked": true }));
    assert_eq!(ask()["code"], "invalid_secret_key");
    faults_by_route(&autumn);
}

#[test]
fn approval_without_a_person_is_one_of_a_member() {
    let autumn = start();
    let url = autumn.url() + &authorize_target(&[]);
    for organization in ["night-library", "copper-kettle", "paper-lantern", "org_3HsBpY7fPaperLantern"] {
        for path in ["/_test/approve", "/_test/approve-automatically"] {
            let reply = post_json(&autumn, path, &json!({ "url": url, "organization": organization }), &[]);
            assert_eq!(reply.status, 200, "{path} {organization}: {reply:?}");
        }
    }
    assert_eq!(get(&autumn, &authorize_target(&[]), &[]).status, 302);
}

#[test]
fn control_field_of_a_wrong_type_is_refused_by_its_name() {
    let autumn = start();
    let url = autumn.url() + &authorize_target(&[]);
    let answer = |field: &str, value: Value| {
        let mut body = json!({ "path": "/", "fault": "answer", "status": 200 });
        body[field] = value;
        ("/_test/faults", body)
    };
    for (field, (path, body)) in [
        ("person", ("/_test/approve-automatically", json!({ "person": 5, "organization": "night-library" }))),
        ("person", ("/_test/approve-automatically", json!({ "person": 5 }))),
        ("organization", ("/_test/approve-automatically", json!({ "organization": [] }))),
        ("organization", ("/_test/approve-automatically", json!({ "person": "ada@example.com" }))),
        ("organization", ("/_test/approve-automatically", json!({ "organization": "unknown" }))),
        ("person", ("/_test/approve", json!({ "url": url, "person": 5, "organization": "night-library" }))),
        ("organization", ("/_test/approve", json!({ "url": url, "organization": "unknown" }))),
        ("body", answer("body", json!({ "a": 1 }))),
        ("headers", answer("headers", json!([["a", "b"]]))),
        ("count", answer("count", json!("1"))),
    ] {
        let reply = post_json(&autumn, path, &body, &[]);
        assert_eq!((reply.status, &reply.json()["field"]), (400, &json!(field)), "{path} {body}: {reply:?}");
    }
    assert_eq!(post_json(&autumn, "/_test/approve-automatically", &json!(5), &[]).status, 400);
    assert_eq!(get(&autumn, &authorize_target(&[]), &[]).status, 200, "no approval has been planned");
}

fn faults_by_route(autumn: &local_autumn::Running) {
    let answer = json!({ "path": "/", "fault": "answer", "status": 418, "headers": { "X-Tea": "1" }, "body": "short" });
    assert_eq!(post_json(autumn, "/_test/faults", &answer, &[]).status, 200);
    let reply = get(autumn, "/", &[]);
    assert_eq!((reply.status, reply.header("x-tea").as_str(), reply.text()), (418, "1", "short"));
    for fault in ["garbage", "truncate", "drop"] {
        let body = json!({ "path": "/", "count": 3, "fault": fault });
        assert_eq!(post_json(autumn, "/_test/faults", &body, &[]).status, 200);
    }
    let delay = json!({ "path": "/", "fault": "delay", "milliseconds": 1 });
    assert_eq!(post_json(autumn, "/_test/faults", &delay, &[]).status, 200);
    assert_eq!(request(autumn, "DELETE", "/_test/faults", &[], "").status, 200);
    assert_eq!(request(autumn, "DELETE", "/_test/log", &[], "").status, 200);
    assert_eq!(get(autumn, "/", &[]).status, 200);
    assert_eq!(autumn.store().requests().len(), 1);
}

#[test]
fn invalid_control_request_changes_nothing() {
    let autumn = start();
    for (path, body) in [
        ("/_test/nothing", json!({})),
        ("/_test/approve", json!({ "url": "nonsense", "person": "ada@example.com", "organization": "night-library" })),
        ("/_test/faults", json!({ "path": "/", "fault": "nonsense" })),
        ("/_test/faults", json!({ "path": "/", "fault": "drop", "count": -1 })),
        ("/_test/callback-ports", json!({ "port": 65536 })),
        ("/_test/revoke", json!({ "key": "nonsense" })),
    ] {
        assert_eq!(post_json(&autumn, path, &body, &[]).status, 400, "{path}");
    }
    assert_eq!(get(&autumn, "/", &[]).status, 200);
}
