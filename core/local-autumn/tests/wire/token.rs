//! The token endpoint and revocation.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    CLIENT_ID, REDIRECT, SCOPES, encode, exchange, fresh_code, fresh_token, mint, post_form, request, start,
};

/// Checks the status, `error` and `error_description` of a response.
fn expect(reply: &crate::support::Reply, status: u16, error: &str, description: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(reply.json(), json!({ "error": error, "error_description": description }));
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[test]
fn code_is_redeemed_for_a_token() {
    let autumn = start();
    let reply = exchange(&autumn, &fresh_code(&autumn), &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!((reply.header("cache-control"), reply.header("pragma")), ("no-store".into(), "no-cache".into()));
    let body = reply.json();
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], SCOPES);
    assert!(body["access_token"].as_str().unwrap().starts_with("am_oauth_"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!((now + 3500..=now + 3600).contains(&body["expires_at"].as_u64().unwrap()));
    assert_eq!(body.as_object().unwrap().len(), 5, "no refresh token, no id token: {body}");
}

#[test]
fn unknown_code_is_an_invalid_grant() {
    expect(&exchange(&start(), "nosuchcode", &[]), 401, "invalid_grant", "invalid code");
}

#[test]
fn second_redemption_revokes_the_token() {
    let autumn = start();
    let code = fresh_code(&autumn);
    let token = exchange(&autumn, &code, &[]).json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(mint(&autumn, &token).status, 200);
    expect(&exchange(&autumn, &code, &[]), 401, "invalid_grant", "invalid code");
    assert_eq!(mint(&autumn, &token).status, 401);
    assert_eq!(autumn.store().active_tokens(), 0);
    expect(&exchange(&autumn, &code, &[]), 401, "invalid_grant", "invalid code");
}

#[test]
fn code_expires_after_ten_minutes() {
    let autumn = start();
    let (kept, late) = (fresh_code(&autumn), fresh_code(&autumn));
    autumn.store().advance(Duration::from_secs(590));
    assert_eq!(exchange(&autumn, &kept, &[]).status, 200);
    autumn.store().advance(Duration::from_secs(10));
    expect(&exchange(&autumn, &late, &[]), 401, "invalid_grant", "invalid code");
}

#[test]
fn token_expires_after_an_hour() {
    let autumn = start();
    let token = fresh_token(&autumn);
    autumn.store().advance(Duration::from_secs(3590));
    assert_eq!(mint(&autumn, &token).status, 200);
    autumn.store().advance(Duration::from_secs(10));
    assert_eq!(mint(&autumn, &token).status, 401);
    assert_eq!(autumn.store().active_tokens(), 0);
}

/// A code is spent even if another parameter is wrong.
#[test]
fn wrong_request_spends_the_code() {
    let verifier = "a".repeat(43);
    let rows = [
        ("code_verifier", verifier.as_str(), 401, "invalid_request", "code verification failed"),
        ("redirect_uri", "http://localhost:31450/", 400, "invalid_request", "redirect_uri mismatch"),
        ("redirect_uri", "http://localhost:31449", 400, "invalid_request", "redirect_uri mismatch"),
        ("client_id", "another_client", 401, "invalid_client", "invalid client_id"),
    ];
    let autumn = start();
    for (name, value, status, error, description) in rows {
        let code = fresh_code(&autumn);
        expect(&exchange(&autumn, &code, &[(name, value)]), status, error, description);
        expect(&exchange(&autumn, &code, &[]), 401, "invalid_grant", "invalid code");
    }
    assert_eq!(autumn.store().active_tokens(), 0);
}

/// The server reports a missing parameter before it reads the code.
#[test]
fn missing_parameter_does_not_spend_the_code() {
    let autumn = start();
    let code = fresh_code(&autumn);
    for (name, description) in [
        ("client_id", "client_id is required"),
        ("code", "code is required"),
        ("redirect_uri", "redirect_uri is required"),
        ("code_verifier", "Either code_verifier or client_secret is required"),
    ] {
        expect(&exchange(&autumn, &code, &[(name, "")]), 400, "invalid_request", description);
    }
    assert_eq!(exchange(&autumn, &code, &[]).status, 200);
}

#[test]
fn invalid_grant_type_is_a_validation_error() {
    let autumn = start();
    let code = fresh_code(&autumn);
    for grant_type in ["", "password", "authorization_code "] {
        let reply = exchange(&autumn, &code, &[("grant_type", grant_type)]);
        assert_eq!((reply.status, &reply.json()["code"]), (400, &json!("VALIDATION_ERROR")), "{grant_type:?}");
        assert!(reply.json()["message"].is_string() && reply.json().get("error").is_none());
    }
    let reply = request(&autumn, "POST", "/api/auth/oauth2/token", &[], "");
    assert_eq!((reply.status, &reply.json()["code"]), (400, &json!("VALIDATION_ERROR")));
    assert_eq!(exchange(&autumn, &code, &[]).status, 200);
}

#[test]
fn other_grants_are_refused() {
    let autumn = start();
    for grant_type in ["refresh_token", "client_credentials"] {
        let reply = exchange(&autumn, "x", &[("grant_type", grant_type)]);
        expect(&reply, 400, "invalid_grant", "not granted to this client");
    }
}

#[test]
fn token_endpoint_requires_a_form() {
    let autumn = start();
    let code = fresh_code(&autumn);
    let body = json!({ "grant_type": "authorization_code", "code": code }).to_string();
    for content_type in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        for path in ["/api/auth/oauth2/token", "/api/auth/oauth2/revoke"] {
            let reply = request(&autumn, "POST", path, &[("Content-Type", content_type)], &body);
            assert_eq!(
                (reply.status, &reply.json()["code"]),
                (415, &json!("UNSUPPORTED_MEDIA_TYPE")),
                "{content_type}"
            );
        }
    }
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("client_id", CLIENT_ID)];
    let rest = [("redirect_uri", REDIRECT), ("code_verifier", crate::support::VERIFIER)];
    let body = encode(&[&form[..], &rest[..]].concat());
    let headers = [("Content-Type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8")];
    assert_eq!(request(&autumn, "POST", "/api/auth/oauth2/token", &headers, &body).status, 200);
}

#[test]
fn repeated_parameter_is_refused_and_does_not_spend_the_code() {
    let autumn = start();
    let code = fresh_code(&autumn);
    let reply = exchange(&autumn, &code, &[("code_verifier", "one"), ("code_verifier", "two")]);
    expect(&reply, 400, "invalid_request", "a parameter is repeated");
    assert_eq!(exchange(&autumn, &code, &[]).status, 200);
}

#[test]
fn revoked_token_gets_no_keys() {
    let autumn = start();
    let token = fresh_token(&autumn);
    let revoke = |form: &[(&str, &str)]| post_form(&autumn, "/api/auth/oauth2/revoke", form, &[]);
    assert_eq!(revoke(&[("token", &token)]).status, 401);
    assert_eq!(revoke(&[("client_id", CLIENT_ID)]).status, 400);
    assert_eq!(revoke(&[("client_id", "another_client"), ("token", &token)]).status, 400);
    assert_eq!(mint(&autumn, &token).status, 200);
    let reply = revoke(&[("client_id", CLIENT_ID), ("token", &token), ("token_type_hint", "access_token")]);
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b""[..]));
    assert_eq!(mint(&autumn, &token).status, 401);
    // Unlike RFC 7009, 2.2, but as Better Auth responds.
    assert_eq!(revoke(&[("client_id", CLIENT_ID), ("token", &token)]).status, 400);
}

#[test]
fn introspection_requires_a_client_secret() {
    let autumn = start();
    let token = fresh_token(&autumn);
    let form = [("client_id", CLIENT_ID), ("token", token.as_str())];
    assert_eq!(post_form(&autumn, "/api/auth/oauth2/introspect", &form, &[]).status, 401);
}
