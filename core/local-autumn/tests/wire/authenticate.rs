//! The vectors of `authenticate`, sent over HTTP.

use std::io::Write as _;

use libatmn::ApiKey;
use serde_json::Value;

use crate::support::{Reply, connect, get, read_reply, request, start};

/// Whether HTTP can carry the request of a vector, and whether the path belongs to the API.
fn is_valid_http(vector: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = vector["headers"].as_object().unwrap();
    let line = |text: &str| !text.chars().any(|c| c.is_control() && c != '\t');
    vector.get("accepts").is_none()
        && text(&vector["path"]).starts_with("/v1/")
        && text(&vector["path"]).bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#')
        && !text(&vector["method"]).is_empty()
        && headers.values().all(|value| line(&text(value)))
}

fn send(autumn: &local_autumn::Running, vector: &Value, session: &str) -> Reply {
    let (method, path) = (vector["method"].as_str().unwrap(), vector["path"].as_str().unwrap());
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n", autumn.port());
    for (name, value) in vector["headers"].as_object().unwrap() {
        text += &format!("{name}: {}\r\n", value.as_str().unwrap());
    }
    if vector["headers"]["x-client-type"] == "dashboard" && vector["store"] == "valid" {
        text += &format!("Cookie: {session}\r\n");
    }
    let mut stream = connect(autumn);
    stream.write_all((text + "\r\n").as_bytes()).unwrap();
    read_reply(&mut stream).unwrap_or_else(|| panic!("no answer: {vector}"))
}

/// The key in the header of a vector.
fn key_of(vector: &Value) -> Option<ApiKey> {
    vector["headers"]["authorization"].as_str()?.split_whitespace().find_map(|word| ApiKey::parse(word).ok())
}

#[test]
fn every_vector_has_its_result_over_http() {
    let vectors: Vec<Value> =
        serde_json::from_str(include_str!("../../../../tests/vectors/authenticate.json")).unwrap();
    let mut tried = 0;
    for vector in vectors.iter().filter(|vector| is_valid_http(vector)) {
        let autumn = start();
        if let (Some("valid"), Some(key)) = (vector["store"].as_str(), key_of(vector)) {
            assert!(autumn.store().add_key(key, "night-library", "vector"));
        }
        let session = crate::browser::TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ").cookie;
        autumn.store().fail_verification(vector["store"] == "cannot_tell");
        let reply = send(&autumn, vector, &session);
        tried += 1;
        if vector["store"] == "valid" {
            assert_ne!(reply.status, 401, "{vector}");
        } else {
            assert_eq!(serde_json::json!(reply.status), vector["expect"]["status"], "{vector}");
            if vector["method"] != "HEAD" {
                assert_eq!(reply.json(), vector["expect"]["body"], "{vector}");
            }
        }
    }
    assert!(tried > vectors.len() / 2, "{tried} of {}", vectors.len());
}

#[test]
fn two_authorization_headers_are_refused() {
    let autumn = start();
    let key = autumn.store().keys()[1].key.clone();
    let header = format!("Bearer {}", key.reveal());
    assert_eq!(get(&autumn, "/v1/customers", &[("Authorization", &header)]).status, 200);
    let reply = get(&autumn, "/v1/customers", &[("Authorization", &header), ("Authorization", &header)]);
    assert_eq!((reply.status, &reply.json()["code"]), (401, &serde_json::json!("invalid_auth_header")));
}

#[test]
fn refused_requests_emit_events() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let listener = heard.clone();
    let options = local_autumn::Options {
        on_event: Some(std::sync::Arc::new(move |event: &libatmn::Event| {
            listener.lock().unwrap().push((event.code.name(), event.message.clone()));
        })),
        ..Default::default()
    };
    let autumn = crate::support::start_with(options);
    let target = "/v1/customers?token=planted";
    request(&autumn, "GET", target, &[("Authorization", "Bearer am_pk_live_planted")], "");
    let expected = ("request_refused", "Refused GET /v1/customers: endpoint_not_public (live).".to_owned());
    assert_eq!(*heard.lock().unwrap(), [expected]);
}
