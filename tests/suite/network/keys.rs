//! The pair of keys that a login creates: which responses are accepted, and when keys may exist despite an error.

use libatmn::__internal::api;
use libatmn::__internal::config::MINT_KEYS_PATH;
use libatmn::__internal::oauth::{Token, exchange};
use libatmn::{Error, ErrorClass, ErrorCode, Secret};
use local_autumn::Fault;
use serde_json::{Value, json};

use super::hostile::Hostile;
use super::{ApprovedLogin, LONG_TIMEOUT, autumn, carried, http, limit, shown, wait};

fn token() -> Token {
    Token { access_token: Secret::from("am_oauth_planted") }
}

/// A valid response with some members changed; `null` omits a member.
fn answer(changes: &Value) -> String {
    let mut answer = json!({
        "sandbox_key": "am_sk_test_0123456789abcdef",
        "prod_key": "am_sk_live_0123456789abcdef",
        "org_id": "org_1",
        "user_id": "usr_1",
    });
    for (name, value) in changes.as_object().unwrap() {
        answer[name] = value.clone();
    }
    answer.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    answer.to_string()
}

fn refused(status: u16, body: &str) -> Error {
    let hostile = Hostile::answering(status, body);
    let error = wait(api::mint_keys(&http(&hostile.url()), &token(), None, LONG_TIMEOUT)).unwrap_err();
    assert_eq!(hostile.requests().len(), 1);
    assert!(!shown(&error).contains("planted"), "{error:?}");
    assert!(!carried(&error).contains("oauth_planted"), "{error:?}");
    error
}

#[test]
fn mint_sends_token_in_header_with_empty_body() {
    let hostile = Hostile::answering(200, &answer(&json!({})));
    let keys = wait(api::mint_keys(&http(&hostile.url()), &token(), None, LONG_TIMEOUT)).unwrap();
    assert_eq!(keys.sandbox.reveal(), "am_sk_test_0123456789abcdef");
    assert_eq!(keys.live.reveal(), "am_sk_live_0123456789abcdef");
    assert_eq!(keys.organization_id, "org_1");
    let request = hostile.requests().remove(0);
    assert!(request.starts_with("POST /cli/api-keys HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer am_oauth_planted\r\n"), "{request}");
    assert!(request.contains("content-length: 0\r\n") && request.ends_with("\r\n\r\n"), "{request}");
}

#[test]
fn mint_refuses_malformed_keys() {
    let over_long = format!("am_sk_test_planted{}", "x".repeat(256));
    let cases = [
        json!({ "sandbox_key": null }),
        json!({ "prod_key": null }),
        json!({ "prod_key": "" }),
        json!({ "prod_key": "undefined" }),
        json!({ "sandbox_key": ["am_sk_test_planted"] }),
        json!({ "sandbox_key": 7 }),
        json!({ "sandbox_key": "am_sk_live_planted", "prod_key": "am_sk_test_planted" }),
        json!({ "prod_key": "am_sk_test_planted" }),
        json!({ "sandbox_key": "am_pk_test_planted" }),
        json!({ "prod_key": "am_pk_live_planted" }),
        json!({ "sandbox_key": "am_oauth_planted" }),
        json!({ "sandbox_key": "am_sk_test_" }),
        json!({ "sandbox_key": over_long }),
        json!({ "sandbox_key": "am_sk_test_planted\nEVIL=1" }),
        json!({ "sandbox_key": "am_sk_test_planted\"" }),
        json!({ "sandbox_key": " am_sk_test_planted" }),
        json!({ "sandbox_key": "am_sk_test_planted$(id)" }),
        json!({ "sandbox_key": "am_sk_test_plantedé" }),
        json!({ "org_id": null }),
        json!({ "org_id": "" }),
        json!({ "org_id": 7 }),
        json!({ "org_id": "org planted\u{1b}[2J" }),
        json!({ "org_id": "x".repeat(129) }),
    ];
    let bodies = cases.iter().map(answer);
    let other = ["", "null", "[]", "{}", "<html>planted</html>", "am_sk_test_planted"].map(str::to_owned);
    for body in bodies.chain(other) {
        let error = refused(200, &body);
        assert_eq!(error.code, ErrorCode::KeysRefused, "{body}: {error:?}");
        assert_eq!(error.context["keys_may_exist"], "true");
        let response = error.response.as_ref().unwrap();
        assert_eq!((response.status, error.class(), response.body.len()), (200, ErrorClass::Answer, 0));
        assert_eq!((error.context["status"].as_str(), error.context["method"].as_str()), ("200", "POST"));
        assert!(error.hint.unwrap().to_string().contains("Delete those that you do not need on the server"), "{body}");
    }
}

#[test]
fn refused_mint_reports_no_keys() {
    for (status, body, code) in [
        (401, r#"{"message":"Invalid or expired access token","code":"invalid_request"}"#, ErrorCode::Unauthorized),
        (401, r#"{"error":"token am_oauth_planted is bad"}"#, ErrorCode::Unauthorized),
        (403, r#"{"message":"no","code":"insufficient_scopes","env":"sandbox"}"#, ErrorCode::ApiError),
        (404, "<html>planted", ErrorCode::ApiError),
        (307, "", ErrorCode::ApiError),
        (429, "", ErrorCode::ApiError),
    ] {
        let error = refused(status, body);
        assert_eq!(error.code, code, "{body}: {error:?}");
        assert_eq!(error.context["status"], status.to_string());
        assert!(!error.context.contains_key("keys_may_exist"), "{error:?}");
    }
    let refused = wait(api::mint_keys(&http("http://127.0.0.1:1"), &token(), None, LONG_TIMEOUT)).unwrap_err();
    assert_eq!(refused.code, ErrorCode::ConnectFailed);
    assert!(!refused.context.contains_key("keys_may_exist"));
}

#[test]
fn lost_mint_response_reports_possible_keys() {
    let autumn = autumn();
    let made = || autumn.store().keys().iter().filter(|key| key.name == "CLI Key").count();
    for (fault, code) in [
        (Fault::Drop, ErrorCode::ConnectionLost),
        (Fault::Truncate, ErrorCode::ConnectionLost),
        (Fault::Garbage, ErrorCode::KeysRefused),
        (Fault::Delay(LONG_TIMEOUT), ErrorCode::RequestTimedOut),
        (Fault::status(500), ErrorCode::ApiError),
    ] {
        let http = http(&autumn.url());
        let allowed = ApprovedLogin::new(&autumn);
        let before = made();
        let error = wait(async {
            let token = exchange(&http, &allowed.exchange(), LONG_TIMEOUT).await.unwrap();
            assert!(autumn.store().inject(MINT_KEYS_PATH, 1, fault.clone()));
            api::mint_keys(&http, &token, None, limit(code)).await.unwrap_err()
        });
        assert_eq!(error.code, code, "{fault:?} {error:?}");
        assert_eq!(error.context["keys_may_exist"], "true", "{fault:?}");
        assert!(error.hint.unwrap().to_string().contains("Delete those that you do not need on the server"));
        // The server made at most one pair of keys, because the client does not retry.
        assert!(made() - before <= 2, "{fault:?}");
    }
}
