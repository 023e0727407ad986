//! Plants secrets everywhere, lets servers repeat them, and checks that no output contains one.

use std::time::Duration;

use libatmn::__internal::api;
use libatmn::__internal::oauth::{CodeExchange, Token, exchange};
use libatmn::{ApiKey, Result, Secret};

use super::hostile::Hostile;
use super::{carried, http, shown, wait};

const TOKEN: &str = "t0ken-planted-1";
const CODE: &str = "c0de-planted-2";
const VERIFIER: &str = "verifier-planted-3-xxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const KEY: &str = "am_sk_test_planted4";

/// The responses of a server that repeats these secrets in every part of a response.
fn answers(secrets: &[&str]) -> Vec<String> {
    let all = format!("{} planted", secrets.join(" "));
    let word = |secret: &&str| {
        let echo = format!(r#""error":"{secret}","code":"{secret}","message":"no: {secret}","env":"{secret}""#);
        format!(
            r#"{{{echo},"name":"{secret}","slug":"{secret}","sandbox_key":"{secret}","error_description":"{all}"}}"#
        )
    };
    let bodies: Vec<String> = secrets.iter().map(word).chain([all.clone()]).collect();
    let (first, last) = (secrets[0], secrets[secrets.len() - 1]);
    let head = format!("location: https://evil.example/{first}\r\nx-request-id: {first}\r\nx-{first}: {last}\r\n");
    let whole = |status: u16, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status} {all}\r\n{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let statuses = [200, 302, 400, 401, 403, 404, 429, 500, 503];
    let mut answers: Vec<String> =
        statuses.iter().flat_map(|status| bodies.iter().map(|body| whole(*status, body))).collect();
    answers.extend([
        format!("{all}\r\n\r\n"),
        format!("HTTP/1.1 204 {all}\r\n{head}\r\n"),
        format!("HTTP/1.1 200 OK\r\n{first} {last}: {first}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {all}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{all}"),
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n{all}", all.len()),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{all}"),
    ]);
    answers
}

fn assert_no_secret<T: std::fmt::Debug>(result: Result<T>, answer: &str) {
    let error = result.unwrap_err();
    let text = shown(&error);
    assert!(!text.contains("planted"), "{answer}\n{text}");
    let carried = carried(&error);
    let repeated = [TOKEN, CODE, VERIFIER, KEY].into_iter().find(|secret| carried.contains(secret));
    assert_eq!(repeated, None, "{answer}\n{carried}");
}

const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn errors_repeat_no_secret_of_server_responses() {
    let (code, verifier) = (Secret::from(CODE), Secret::from(VERIFIER));
    let wanted = CodeExchange { code: &code, verifier: &verifier, redirect_uri: "http://localhost:31448/" };
    let token = Token { access_token: Secret::from(TOKEN) };
    let key = ApiKey::parse(KEY).unwrap();
    // The exchange receives a new token, which only its prefix gives away.
    for answer in answers(&[CODE, VERIFIER, &format!("am_oauth_{TOKEN}")]) {
        let hostile = Hostile::sending(answer.as_str());
        assert_no_secret(wait(exchange(&http(&hostile.url()), &wanted, LIMIT)), &answer);
        assert_eq!(hostile.requests().len(), 1);
    }
    // The next two requests receive a response with keys or an organization.
    for answer in answers(&[TOKEN, KEY]) {
        let hostile = Hostile::sending(answer.as_str());
        assert_no_secret(wait(api::mint_keys(&http(&hostile.url()), &token, None, LIMIT)), &answer);
        assert_eq!(hostile.requests().len(), 1);
    }
    for answer in answers(&[KEY]) {
        let hostile = Hostile::sending(answer.as_str());
        assert_no_secret(wait(api::organization(&http(&hostile.url()), &key, LIMIT)), &answer);
        assert_eq!(hostile.requests().len(), 1);
    }
}

#[test]
fn connection_errors_repeat_no_secret() {
    let (code, verifier) = (Secret::from(CODE), Secret::from(VERIFIER));
    let wanted = CodeExchange { code: &code, verifier: &verifier, redirect_uri: "http://localhost:31448/" };
    let token = Token { access_token: Secret::from(TOKEN) };
    for url in ["http://127.0.0.1:1", "https://localhost:1", "https://autumn.invalid"] {
        let http = http(url);
        let key = ApiKey::parse(KEY).unwrap();
        assert_no_secret(wait(exchange(&http, &wanted, LIMIT)), url);
        assert_no_secret(wait(api::mint_keys(&http, &token, None, LIMIT)), url);
        assert_no_secret(wait(api::organization(&http, &key, LIMIT)), url);
    }
}

#[test]
fn debug_output_hides_secrets() {
    let (code, verifier) = (Secret::from(CODE), Secret::from(VERIFIER));
    let wanted = CodeExchange { code: &code, verifier: &verifier, redirect_uri: "http://localhost:31448/" };
    let token = Token { access_token: Secret::from(TOKEN) };
    let key = ApiKey::parse(KEY).unwrap();
    let request = api::request(&key, "POST", &format!("/v1/x?token={TOKEN}")).unwrap().body(CODE.into());
    let response = libatmn::ApiResponse { status: 200, headers: vec![("x".into(), TOKEN.into())], body: KEY.into() };
    let shown = format!("{wanted:?} {token:?} {request:?} {request:#?} {response:?} {response:#?}");
    assert!(!shown.contains("planted"), "{shown}");
}
