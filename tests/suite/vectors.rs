//! Keys and servers: the core against the vectors.

use atmn_tests::vectors;
use libatmn::{ApiKey, Server, classify_key};
use serde_json::Value;

/// Long texts are written as `{"repeat": "a", "times": 100000, "before": "am_sk_test_"}`.
fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => {
            let times = usize::try_from(value["times"].as_u64().unwrap()).unwrap();
            value["before"].as_str().unwrap_or_default().to_owned() + &value["repeat"].as_str().unwrap().repeat(times)
        }
    }
}

#[test]
fn classify_key_follows_vectors() {
    let vectors = vectors("keys.json");
    let cases = vectors.as_array().unwrap();
    assert!(cases.len() >= 30);
    for case in cases {
        let text = text(&case["text"]);
        let shown: String = text.chars().take(40).collect();
        let class = classify_key(&text);
        assert_eq!(class.map(|class| class.kind.name()), case["kind"].as_str(), "{shown}");
        assert_eq!(class.map(|class| class.environment.name()), case["environment"].as_str(), "{shown}");
        let key = ApiKey::parse(&text);
        assert_eq!(key.is_ok(), class.is_some(), "{shown}");
        match key {
            Ok(key) => {
                assert_eq!(Some(key.to_string().as_str()), case["masked"].as_str(), "{shown}");
                assert_eq!(key.reveal(), text);
                assert!(!format!("{key:?}").contains(&text));
            }
            Err(error) => {
                assert_eq!(error.code.name(), "malformed_key");
                assert!(error.message.contains(case["reason"].as_str().unwrap_or_default()), "{shown}: {error:?}");
                assert!(text.len() < 12 || !format!("{error:?}{error}").contains(&text), "{shown}");
            }
        }
    }
}

#[test]
fn server_parse_follows_vectors() {
    let vectors = vectors("servers.json");
    let cases = vectors.as_array().unwrap();
    assert!(cases.len() >= 40);
    for case in cases {
        let text = text(&case["text"]);
        match (Server::parse(&text), case["api"].as_str()) {
            (Ok(server), Some(api)) => {
                assert_eq!(server.api(), api, "{text}");
                assert_eq!(server.dashboard(), case["dashboard"].as_str(), "{text}");
            }
            (Err(error), None) => {
                assert_eq!(error.code.name(), "invalid_argument", "{text}");
                assert!(!format!("{error:?}").contains("planted"), "{text}: the password is repeated");
            }
            (Ok(server), None) => panic!("{text} was taken as {server}"),
            (Err(error), Some(_)) => panic!("{text} was refused: {error}"),
        }
    }
}
