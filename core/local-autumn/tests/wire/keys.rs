//! Keys: how they are made for a token, used and revoked.

use libatmn::{ApiKey, Environment, Kind};
use serde_json::json;

use crate::support::{
    CLIENT_ID, authorize_target, bearer, exchange, fresh_token, get, mint, parameter, post_json, request, start,
};

#[test]
fn token_gets_a_new_pair_of_keys_each_time() {
    let autumn = start();
    let token = fresh_token(&autumn);
    let before = autumn.store().keys().len();
    let (first, second) = (mint(&autumn, &token), mint(&autumn, &token));
    assert_eq!((first.status, second.status), (200, 200));
    let body = first.json();
    assert_eq!(body["org_id"], "org_9XwLmD4rNightLibrary");
    assert_eq!(body["user_id"], "usr_Ada8fK2mQ");
    assert_eq!(body["client_id"], CLIENT_ID);
    let read_and_write = ["apiKeys", "customers", "features", "plans", "rewards"]
        .map(|resource| [format!("{resource}:read"), format!("{resource}:write")]);
    let scopes: Vec<_> = read_and_write.into_iter().flatten().collect();
    assert!(scopes.iter().all(|scope| body["scopes"].as_array().unwrap().contains(&json!(scope))), "{body}");
    assert_eq!(body["scopes"].as_array().unwrap().len(), scopes.len() + 1, "and organisation:read: {body}");
    for (name, prefix, environment) in
        [("sandbox_key", "am_sk_test_", Environment::Sandbox), ("prod_key", "am_sk_live_", Environment::Live)]
    {
        let text = body[name].as_str().unwrap();
        let key = ApiKey::parse(text).unwrap();
        assert_eq!((key.kind(), key.environment()), (Kind::Secret, environment));
        let tail = text.strip_prefix(prefix).unwrap();
        assert!(tail.len() == 42 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{tail}");
        assert_ne!(body[name], second.json()[name]);
        assert_eq!(get(&autumn, "/v1/organization/me", &[("Authorization", &bearer(text))]).status, 200);
    }
    assert_eq!(autumn.store().keys().len(), before + 4);
}

#[test]
fn request_without_token_is_refused() {
    let autumn = start();
    let token = fresh_token(&autumn);
    let before = autumn.store().keys().len();
    let missing =
        json!({ "message": "Missing or invalid Authorization header", "code": "invalid_request", "env": "sandbox" });
    let invalid = json!({ "message": "Invalid or expired access token", "code": "invalid_request", "env": "sandbox" });
    let rows = [
        (None, &missing),
        (Some(token.clone()), &missing),
        (Some("Basic YQ==".to_owned()), &missing),
        (Some(bearer("am_oauth_unknown")), &invalid),
        (Some(bearer(&format!("{token}x"))), &invalid),
    ];
    for (header, body) in rows {
        let headers: Vec<_> = header.iter().map(|value| ("Authorization", value.as_str())).collect();
        let reply = request(&autumn, "POST", "/cli/api-keys", &headers, "");
        assert_eq!((reply.status, &reply.json()), (401, body), "{header:?}");
    }
    assert_eq!(autumn.store().keys().len(), before);
}

#[test]
fn token_without_scopes_gets_no_keys() {
    let autumn = start();
    let url = autumn.url() + &authorize_target(&[("scope", " ")]);
    let callback = autumn.store().approve(&url, "ada@example.com", "night-library").unwrap();
    let code = parameter(&callback.parse().unwrap(), "code").unwrap();
    let token = exchange(&autumn, &code, &[]).json()["access_token"].as_str().unwrap().to_owned();
    let reply = mint(&autumn, &token);
    assert_eq!((reply.status, &reply.json()["message"]), (401, &json!("OAuth token has no scopes")));
}

#[test]
fn body_must_be_empty_or_an_object() {
    let autumn = start();
    let authorization = bearer(&fresh_token(&autumn));
    let headers = [("Authorization", authorization.as_str())];
    assert_eq!(post_json(&autumn, "/cli/api-keys", &json!({}), &headers).status, 200);
    for body in ["[]", "nonsense", "null"] {
        let reply = request(&autumn, "POST", "/cli/api-keys", &headers, body);
        assert_eq!((reply.status, &reply.json()["message"]), (400, &json!("Invalid request body")), "{body}");
    }
}

#[test]
fn every_organization_starts_with_all_kinds_of_keys() {
    let keys = start().store().keys();
    for organization in local_autumn::organizations() {
        for environment in [Environment::Sandbox, Environment::Live] {
            let count = |kind| {
                let own = keys.iter().filter(|key| key.organization == *organization);
                own.filter(|key| key.key.kind() == kind && key.key.environment() == environment).count()
            };
            assert_eq!((count(Kind::Publishable), count(Kind::Secret)), (1, 2), "{}", organization.name);
        }
    }
}

#[test]
fn revoked_key_is_refused_and_others_still_work() {
    let autumn = start();
    let body = mint(&autumn, &fresh_token(&autumn)).json();
    let (sandbox, live) = (body["sandbox_key"].as_str().unwrap(), body["prod_key"].as_str().unwrap());
    let ask = |key: &str| get(&autumn, "/v1/organization/me", &[("Authorization", &bearer(key))]);
    let key = ApiKey::parse(live).unwrap();
    assert!(autumn.store().revoke(&key));
    assert!(!autumn.store().revoke(&key), "once is enough");
    let reply = ask(live);
    assert_eq!(
        (reply.status, reply.json()),
        (401, json!({ "message": "Invalid secret key", "code": "invalid_secret_key", "env": "live" }))
    );
    assert_eq!(ask(sandbox).status, 200);
}

#[test]
fn debug_output_shows_no_key() {
    let autumn = start();
    let keys = autumn.store().keys();
    let printed = format!("{keys:?} {:?} {:?}", autumn.store(), autumn.store().requests());
    assert!(keys.iter().all(|key| !printed.contains(key.key.reveal())), "{printed}");
}
