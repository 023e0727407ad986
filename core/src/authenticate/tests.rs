use serde_json::Value;

use super::*;

/// The vectors that all bindings share: method, path, headers, the verdict of the store, and the expected result. If
/// `store` is missing, `verify` must not be called.
fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../tests/vectors/authenticate.json")).unwrap()
}

fn request(vector: &Value) -> IncomingRequest<'_> {
    IncomingRequest {
        method: vector["method"].as_str().unwrap(),
        path: vector["path"].as_str().unwrap(),
        authorization: vector["headers"]["authorization"].as_str(),
        client_type: vector["headers"]["x-client-type"].as_str(),
        accepts: if vector["accepts"] == "publishable_only" { Accepts::PublishableOnly } else { Accepts::Any },
    }
}

fn store(vector: &Value, credential: &Credential) -> Verdict<Value> {
    match vector["store"].as_str() {
        Some("valid") => Verdict::Valid(serde_json::json!({
            "kind": credential.kind_name(),
            "environment": credential.key().map(|key| key.environment().name()),
        })),
        // Only some languages have a `false` that could be mistaken for a principal.
        Some("unknown" | "false") => Verdict::Unknown,
        Some("cannot_tell") => Verdict::CannotTell("postgres://planted-password@store is down".into()),
        _ => panic!("{}: verify was called", vector["name"]),
    }
}

/// The result in the form of a vector's expectation.
fn outcome(result: Result<Value>) -> Value {
    let error = match result {
        Ok(principal) => return principal,
        Err(error) => error,
    };
    let body: Value = serde_json::from_str(&refusal(&error).unwrap().body()).unwrap();
    assert_eq!(error.to_string(), body["message"]);
    assert_eq!(error.context["status"], "401");
    serde_json::json!({ "status": Refusal::STATUS, "body": body })
}

#[test]
fn authenticate_matches_vectors() {
    for vector in vectors() {
        let result = authenticate(&request(&vector), |credential| store(&vector, credential));
        assert_eq!(outcome(result), vector["expect"], "{}", vector["name"]);
    }
}

#[test]
fn authenticate_async_matches_vectors() {
    for vector in vectors() {
        let request = request(&vector);
        let future = authenticate_async(&request, async |credential| {
            std::future::ready(()).await;
            store(&vector, credential)
        });
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(result) = std::pin::pin!(future).poll(&mut context) else {
            panic!("{}: the future is not ready", vector["name"]);
        };
        assert_eq!(outcome(result), vector["expect"], "{}", vector["name"]);
    }
}

/// Every refusal code has a vector.
#[test]
fn vectors_cover_every_refusal_code() {
    let vectors = vectors();
    for (code, _) in REFUSALS {
        assert!(vectors.iter().any(|vector| vector["expect"]["body"]["code"] == code.name()), "{}", code.name());
    }
    assert_eq!(ErrorCode::ALL.iter().filter(|code| code.number() >= 500).count(), REFUSALS.len());
}

#[test]
fn credential_and_cause_stay_hidden() {
    for vector in vectors() {
        let request = request(&vector);
        let Err(error) = authenticate(&request, |credential| store(&vector, credential)) else { continue };
        let answer = refusal(&error).unwrap();
        let event = answer.event(&request);
        let printed = format!("{request:?} {event:?} {} {error} {:?}", answer.body(), error.context);
        for secret in ["planted", "vectorSandbox", "vectorLive", "0123456789"] {
            assert!(!printed.contains(secret), "{}: {printed}", vector["name"]);
        }
        assert!(!event.message.contains(char::is_control));
        assert_eq!(event.context["code"], error.code.name());
    }
}

#[test]
fn error_keeps_the_cause() {
    let request = IncomingRequest { authorization: Some("Bearer am_sk_live_a"), ..Default::default() };
    let error = authenticate(&request, |_| Verdict::<()>::CannotTell("store is down".into())).unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "store is down");
}

#[test]
fn event_masks_key_in_path() {
    let request = IncomingRequest {
        method: "GET",
        path: "/v1/customers/am_sk_live_0123456789?token=planted",
        ..Default::default()
    };
    let error = read_credential(&request).unwrap_err();
    let event = refusal(&error).unwrap().event(&request);
    assert_eq!(event.message, "Refused GET /v1/customers/am_sk_live_…6789: no_secret_key (sandbox).");
    for path in ["/v1/am_sk_live_planted.json/x", "/v1/key=am_pk_test_planted/x", "/v1/am_oauth_planted/x"] {
        let event = refusal(&error).unwrap().event(&IncomingRequest { path, ..request });
        assert_eq!(event.context["path"], "/v1/…/x");
    }
}

#[test]
fn event_replaces_bidirectional_controls() {
    let request = IncomingRequest { method: "GET\u{202e}", path: "/v1/\u{202e}x\u{200b}\u{1b}", ..Default::default() };
    let event = refusal(&read_credential(&request).unwrap_err()).unwrap().event(&request);
    assert_eq!(event.message, "Refused GET\u{fffd} /v1/\u{fffd}x\u{fffd}\u{fffd}: no_secret_key (sandbox).");
    assert!(!format!("{request:?}").contains(['\u{202e}', '\u{200b}', '\u{1b}']));
}

#[test]
fn refusal_is_none_for_other_errors() {
    assert_eq!(refusal(&Error::new(ErrorCode::Unauthorized, "No.")), None);
}

#[test]
fn request_debug_shows_the_request_without_its_credential() {
    let request = IncomingRequest {
        method: "POST",
        path: "/v1/check",
        authorization: Some("Bearer am_sk_live_planted0123"),
        client_type: Some("web"),
        ..Default::default()
    };
    assert_eq!(
        format!("{request:?}"),
        r#"IncomingRequest { method: "POST", path: "/v1/check", authorization: Some("…"), client_type: Some("web"), accepts: Any }"#
    );
}
