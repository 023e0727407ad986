//! The exchange of the code for a token, with working and faulty servers.

use std::time::Duration;

use libatmn::__internal::api;
use libatmn::__internal::config::{DISCOVERY_PATH, REVOKE_PATH, TOKEN_PATH};
use libatmn::__internal::oauth::{Token, check_iss, discover, exchange};
use libatmn::{ErrorClass, ErrorCode, Result, Secret, Server};
use local_autumn::Fault;

use super::hostile::{Hostile, json};
use super::{ApprovedLogin, LONG_TIMEOUT, autumn, everything, http, limit, shown, wait};

#[test]
fn exchange_creates_keys_and_revokes_token() {
    let autumn = autumn();
    let allowed = ApprovedLogin::new(&autumn);
    let http = http(&autumn.url());
    wait(async {
        // A login may move between threads while it waits.
        fn movable<T: Send>(future: T) -> T {
            future
        }
        let token = movable(exchange(&http, &allowed.exchange(), LONG_TIMEOUT)).await.unwrap();
        let keys = movable(api::mint_keys(&http, &token, None, LONG_TIMEOUT)).await.unwrap();
        assert_eq!(keys.organization_id, "org_9XwLmD4rNightLibrary");
        for key in [&keys.sandbox, &keys.live] {
            let organization = api::organization(&http, key, LONG_TIMEOUT).await.unwrap();
            assert_eq!((organization.name.as_str(), organization.slug.as_str()), ("Night Library", "night-library"));
            assert_eq!(organization.id.as_ref(), Some(&keys.organization_id));
        }
        assert_eq!(autumn.store().active_tokens(), 1);
        assert!(api::revoke(&http, &token, LONG_TIMEOUT).await);
        assert_eq!(autumn.store().active_tokens(), 0);
        assert!(!format!("{token:?} {keys:?}").contains("am_oauth_"));
    });
    let statuses: Vec<_> = autumn.store().requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200; 5]);
}

#[test]
fn refused_exchange_reports_server_error() {
    let autumn = autumn();
    let http = http(&autumn.url());
    let allowed = ApprovedLogin::new(&autumn);
    let other = ApprovedLogin { verifier: Secret::from("x".repeat(43)), ..ApprovedLogin::new(&autumn) };
    let elsewhere = ApprovedLogin { redirect: "http://localhost:31450/".to_owned(), ..ApprovedLogin::new(&autumn) };
    wait(exchange(&http, &allowed.exchange(), LONG_TIMEOUT)).unwrap();
    for (allowed, status, api_code) in
        [(&allowed, "401", "invalid_grant"), (&other, "401", "invalid_request"), (&elsewhere, "400", "invalid_request")]
    {
        let error = wait(exchange(&http, &allowed.exchange(), LONG_TIMEOUT)).unwrap_err();
        assert_eq!(error.code, ErrorCode::ExchangeRefused, "{error:?}");
        assert_eq!((error.context["status"].as_str(), error.context["api_code"].as_str()), (status, api_code));
        assert!(error.message.contains(api_code) && error.hint.as_ref().unwrap().to_string().contains("only once"));
        let response = error.response.as_ref().unwrap();
        assert_eq!((response.status.to_string().as_str(), error.class()), (status, ErrorClass::Answer));
        assert_eq!(response.json().unwrap()["error"], api_code);
        assert_eq!(error.context["server"], autumn.url());
    }
}

#[test]
fn failed_exchange_carries_the_response_without_code_and_tokens() {
    for (status, sent, carried) in [
        (
            400,
            r#"{"error":"x","error_description":"c0de-planted, verifier-planted"}"#,
            "{\"error\":\"x\",\"error_description\":\"…, …\"}",
        ),
        (400, r#"{"access_token":"planted","error":"x","id_token":"planted","refresh_token":1}"#, r#"{"error":"x"}"#),
        (200, r#"{"access_token":"planted","error":"x"}"#, r#"{"error":"x"}"#),
        (400, r#"{"access_token":"planted"#, ""),
        (200, r#"{"access_token":"planted","token_type":"mac"}"#, ""),
        (500, "<html>busy</html>", "<html>busy</html>"),
    ] {
        let error = answered(&Hostile::answering(status, sent)).unwrap_err();
        let response = error.response.as_ref().unwrap();
        assert_eq!((response.status, response.text().as_ref()), (status, carried), "{sent}");
        assert_eq!(error.class(), ErrorClass::Answer, "{sent}");
    }
}

/// The result of one response of the token endpoint, after exactly one request.
fn answered(hostile: &Hostile) -> Result<Token> {
    let (code, verifier) = (Secret::from("c0de-planted"), Secret::from("verifier-planted"));
    let redirect_uri = "http://localhost:31448/";
    let wanted = libatmn::__internal::oauth::CodeExchange { code: &code, verifier: &verifier, redirect_uri };
    let result = wait(exchange(&http(&hostile.url()), &wanted, LONG_TIMEOUT));
    assert_eq!(hostile.requests().len(), 1);
    result
}

#[test]
fn exchange_sends_exact_form() {
    let hostile = Hostile::answering(200, r#"{"access_token":"t","token_type":"Bearer"}"#);
    answered(&hostile).unwrap();
    let request = hostile.requests().remove(0);
    assert!(request.starts_with("POST /api/auth/oauth2/token HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
    assert!(!request.to_ascii_lowercase().contains("authorization:"), "{request}");
    let body = request.split("\r\n\r\n").nth(1).unwrap();
    let mut form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    form.sort();
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("client_id", libatmn::__internal::config::CLIENT_ID),
        ("code", "c0de-planted"),
        ("code_verifier", "verifier-planted"),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "http://localhost:31448/"),
    ];
    assert_eq!(form, expected);
}

#[test]
fn exchange_accepts_token_type_variants() {
    for body in [
        r#"{"access_token":"am_oauth_x","token_type":"Bearer","expires_in":3600,"expires_at":1,"scope":"a b"}"#,
        r#"{"access_token":"am_oauth_x","token_type":"bearer"}"#,
        r#"{"token_type":"BEARER","access_token":"am_oauth_x","error":null,"extra":{"a":[1]}}"#,
    ] {
        let token = answered(&Hostile::answering(200, body)).unwrap();
        assert_eq!(token.access_token.reveal(), "am_oauth_x");
    }
    let plain = r#"{"access_token":"t","token_type":"Bearer"}"#;
    let untyped = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{plain}", plain.len());
    assert_eq!(answered(&Hostile::sending(untyped)).unwrap().access_token.reveal(), "t");
}

#[test]
fn exchange_refuses_malformed_token_response() {
    let long = format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, "x".repeat(9_000));
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "<html>planted</html>",
        r#"{"access_token":"planted"}"#,
        r#"{"token_type":"Bearer"}"#,
        r#"{"access_token":"","token_type":"Bearer"}"#,
        r#"{"access_token":null,"token_type":"Bearer"}"#,
        r#"{"access_token":["planted"],"token_type":"Bearer"}"#,
        r#"{"access_token":"planted","token_type":"mac"}"#,
        r#"{"access_token":"planted","token_type":"Bearer "}"#,
        r#"{"access_token":"planted\nx: y","token_type":"Bearer"}"#,
        r#"{"access_token":"planted\r","token_type":"Bearer"}"#,
        r#"{"access_token":"plan ted","token_type":"Bearer"}"#,
        r#"{"access_token":"planted\u0000","token_type":"Bearer"}"#,
        r#"{"access_token":"planted…","token_type":"Bearer"}"#,
        r#"{"access_token":"planted","access_token":"planted2","token_type":"Bearer"}"#,
        r#"{"access_token":"planted","token_type":"Bearer"} and more"#,
        &long,
    ] {
        let error = answered(&Hostile::answering(200, body)).unwrap_err();
        assert_eq!(error.code, ErrorCode::ExchangeUnreadable, "{body}: {error:?}");
        assert!(!everything(&error).contains("planted"), "{error:?}");
    }
    let html = String::from_utf8(json(200, r#"{"access_token":"planted","token_type":"Bearer"}"#)).unwrap();
    let error = answered(&Hostile::sending(html.replace("application/json", "text/html"))).unwrap_err();
    assert_eq!(error.code, ErrorCode::ExchangeUnreadable);
    assert!(!everything(&error).contains("planted"), "{error:?}");
}

#[test]
fn exchange_error_body_fails_with_any_status() {
    for (status, body, code, api_code) in [
        (200, r#"{"error":"invalid_grant"}"#, ErrorCode::ExchangeRefused, Some("invalid_grant")),
        (200, r#"{"error":"x","access_token":"planted","token_type":"Bearer"}"#, ErrorCode::ExchangeRefused, Some("x")),
        (200, r#"{"error":{"a":1},"access_token":"planted","token_type":"Bearer"}"#, ErrorCode::ExchangeRefused, None),
        (
            400,
            r#"{"message":"planted","code":"VALIDATION_ERROR"}"#,
            ErrorCode::ExchangeRefused,
            Some("VALIDATION_ERROR"),
        ),
        (400, r#"{"error":"\u001b[2Jplanted"}"#, ErrorCode::ExchangeRefused, None),
        (400, r#"{"error":"c0de-planted"}"#, ErrorCode::ExchangeRefused, None),
        (403, "<html>planted</html>", ErrorCode::ExchangeRefused, None),
        (429, "", ErrorCode::ExchangeRefused, None),
        (204, "", ErrorCode::ExchangeUnreadable, None),
        (201, r#"{"access_token":"planted","token_type":"Bearer"}"#, ErrorCode::ExchangeUnreadable, None),
        (307, "planted", ErrorCode::ExchangeUnreadable, None),
        (500, r#"{"error":"planted"}"#, ErrorCode::ExchangeUnreadable, None),
        (502, "<html>planted</html>", ErrorCode::ExchangeUnreadable, None),
    ] {
        let error = answered(&Hostile::answering(status, body)).unwrap_err();
        assert_eq!(error.code, code, "{status} {body}: {error:?}");
        assert_eq!(error.context.get("api_code").map(String::as_str), api_code, "{status} {body}");
        let carried = error.response.as_ref().unwrap().text().into_owned();
        assert!(!carried.contains("c0de-planted") && !carried.contains("access_token"), "{carried}");
        // What the server says is in the response alone.
        assert!(!shown(&error).contains("planted"), "{error:?}");
        assert!(error.hint.unwrap().to_string().contains("only once"));
    }
}

#[test]
fn lost_exchange_response_is_not_retried() {
    let autumn = autumn();
    for (fault, code) in [
        (Fault::Drop, ErrorCode::ConnectionLost),
        (Fault::Truncate, ErrorCode::ConnectionLost),
        (Fault::Garbage, ErrorCode::ExchangeUnreadable),
        (Fault::Delay(LONG_TIMEOUT), ErrorCode::RequestTimedOut),
        (Fault::redirect("http://127.0.0.1:9/"), ErrorCode::ExchangeUnreadable),
        (Fault::status(503), ErrorCode::ExchangeUnreadable),
    ] {
        assert!(autumn.store().inject(TOKEN_PATH, 1, fault.clone()));
        let allowed = ApprovedLogin::new(&autumn);
        let error = wait(exchange(&http(&autumn.url()), &allowed.exchange(), limit(code))).unwrap_err();
        assert_eq!(error.code, code, "{fault:?} {error:?}");
        assert!(error.hint.unwrap().to_string().contains("only once"), "{fault:?}");
    }
    // The server may not have logged the delayed request yet.
    let made = autumn.store().requests().iter().filter(|request| request.path == TOKEN_PATH).count();
    assert!((5..=6).contains(&made), "{made}");
}

#[test]
fn discovery_failure_is_ignored() {
    let autumn = autumn();
    let server = Server::parse(&autumn.url()).unwrap();
    let found = wait(discover(&http(&autumn.url()), LONG_TIMEOUT)).unwrap();
    assert_eq!(found.issuer, format!("{}/api/auth", autumn.url()));
    // Autumn's document does not promise `iss`, although Autumn always sends it.
    assert!(!found.requires_iss);
    check_iss(&server, None, Some(&found)).unwrap();
    check_iss(&server, Some(&found.issuer), Some(&found)).unwrap();
    for fault in [Fault::Drop, Fault::Garbage, Fault::Truncate, Fault::status(404), Fault::Delay(LONG_TIMEOUT)] {
        assert!(autumn.store().inject(DISCOVERY_PATH, 1, fault.clone()));
        assert_eq!(wait(discover(&http(&autumn.url()), Duration::from_millis(500))), None, "{fault:?}");
    }
    for body in ["", "[]", r#"{"issuer":7}"#, r#"{"issuer":""}"#, "{}"] {
        assert_eq!(wait(discover(&http(&Hostile::answering(200, body).url()), LONG_TIMEOUT)), None, "{body}");
    }
    let demanding = r#"{"issuer":"https://id.example","authorization_response_iss_parameter_supported":true}"#;
    let found = wait(discover(&http(&Hostile::answering(200, demanding).url()), LONG_TIMEOUT)).unwrap();
    assert!(found.requires_iss && check_iss(&server, None, Some(&found)).is_err());
}

#[test]
fn failed_revocation_is_ignored() {
    let autumn = autumn();
    let token = Token { access_token: Secret::from("am_oauth_unknown") };
    // Better Auth, unlike RFC 7009, does not call that a success.
    assert!(!wait(api::revoke(&http(&autumn.url()), &token, LONG_TIMEOUT)));
    for fault in [Fault::Drop, Fault::status(500), Fault::redirect("http://127.0.0.1:9/")] {
        assert!(autumn.store().inject(REVOKE_PATH, 1, fault));
        assert!(!wait(api::revoke(&http(&autumn.url()), &token, LONG_TIMEOUT)));
    }
}
