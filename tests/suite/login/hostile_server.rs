//! Servers that send false data, stall, disconnect or redirect: nothing is written, and errors are accurate.

use std::time::{Duration, Instant};

use libatmn::__internal::config::{MINT_KEYS_PATH, ORGANIZATION_PATH, REVOKE_PATH, TOKEN_PATH};
use libatmn::LoginOptions;
use local_autumn::Fault;

use super::{LoginFixture, failed, is_free};
use crate::network::everything;

fn answer(status: u16, body: &str) -> Fault {
    Fault::Answer { status, headers: vec![("content-type".into(), "application/json".into())], body: body.to_owned() }
}

#[test]
fn failed_exchange_creates_no_keys() {
    for (fault, code) in [
        (Fault::redirect("http://localhost:1/api/auth/oauth2/token"), "exchange_unreadable"),
        (Fault::Garbage, "exchange_unreadable"),
        (Fault::Truncate, "connection_lost"),
        (Fault::Drop, "connection_lost"),
        (Fault::status(500), "exchange_unreadable"),
        (Fault::status(204), "exchange_unreadable"),
        (answer(200, r#"{"error":"invalid_grant"}"#), "exchange_refused"),
        (answer(400, r#"{"error":"invalid_grant","error_description":"am_oauth_planted0token"}"#), "exchange_refused"),
        (answer(401, "<html>"), "exchange_refused"),
        (answer(200, r#"{"access_token":"","token_type":"Bearer"}"#), "exchange_unreadable"),
        (answer(200, r#"{"access_token":"a\nb","token_type":"Bearer"}"#), "exchange_unreadable"),
        (answer(200, r#"{"access_token":"abc","token_type":"mac"}"#), "exchange_unreadable"),
    ] {
        let world = LoginFixture::new();
        world.autumn.store().inject(TOKEN_PATH, 1, fault.clone());
        let options = world.options();
        let (result, page) = world.log_in(&options);
        let error = failed(result, code);
        assert!(!error.context.contains_key("keys_may_exist"), "{fault:?}: {error:?}");
        assert!(page.contains("Login failed") && page.contains("No keys were saved"), "{fault:?}: {page}");
        assert!(!everything(&error).contains("planted"), "{error:?}");
        assert_eq!((world.requests_to(TOKEN_PATH), world.requests_to(MINT_KEYS_PATH)), (1, 0), "{fault:?}");
        assert_eq!(world.project.snapshot(), "");
        assert!(is_free(*options.ports.start()));
    }
}

#[test]
fn malformed_keys_are_not_saved() {
    const TEST: &str = "am_sk_test_0123456789";
    const LIVE: &str = "am_sk_live_0123456789";
    let long = format!("am_sk_test_{}", "x".repeat(257));
    let pair = |sandbox: &str, live: &str| format!(r#"{{"sandbox_key":{sandbox},"prod_key":{live},"org_id":"org_1"}}"#);
    let quoted = |sandbox: &str, live: &str| pair(&format!("\"{sandbox}\""), &format!("\"{live}\""));
    for body in [
        format!(r#"{{"sandbox_key":"{TEST}","org_id":"org_1"}}"#),
        format!(r#"{{"prod_key":"{LIVE}","org_id":"org_1"}}"#),
        pair(&format!("\"{TEST}\""), "null"),
        quoted(TEST, "undefined"),
        quoted(LIVE, TEST),
        quoted(TEST, TEST),
        quoted("am_pk_test_0123456789", LIVE),
        quoted(TEST, "am_pk_live_0123456789"),
        quoted(&long, LIVE),
        quoted(TEST, "am_sk_live_01\\nEVIL=1"),
        quoted(TEST, "am_sk_live_01 # x"),
        quoted(TEST, "am_sk_live_$(id)"),
        quoted(" am_sk_test_0123456789", LIVE),
        format!(r#"{{"sandbox_key":"{TEST}","prod_key":"{LIVE}"}}"#),
        format!(r#"{{"sandbox_key":"{TEST}","prod_key":"{LIVE}","org_id":"a b"}}"#),
        format!(r#"[{{"sandbox_key":"{TEST}","prod_key":"{LIVE}","org_id":"org_1"}}]"#),
        r#"{"error":"no"}"#.to_owned(),
        "undefined".to_owned(),
        String::new(),
    ] {
        let world = LoginFixture::new();
        world.autumn.store().inject(MINT_KEYS_PATH, 1, answer(200, &body));
        let (result, page) = world.log_in(&world.options());
        let error = failed(result, "keys_refused");
        assert_eq!(error.context.get("keys_may_exist").map(String::as_str), Some("true"), "{body}");
        assert!(error.hint.as_ref().unwrap().to_string().contains("on the server"), "{error:?}");
        assert!(page.contains("Login failed") && !page.contains("EVIL") && !page.contains("am_"), "{page}");
        assert!(!everything(&error).contains("0123456789"), "{error:?}");
        assert_eq!(world.project.snapshot(), "", "{body}");
        assert_eq!(world.autumn.store().active_tokens(), 0, "the token was not revoked");
    }
}

#[test]
fn lost_response_reports_possible_keys() {
    for (fault, code, may_exist) in [
        (Fault::Drop, "connection_lost", true),
        (Fault::Truncate, "connection_lost", true),
        (Fault::status(500), "api_error", true),
        (Fault::status(503), "api_error", true),
        (Fault::Garbage, "keys_refused", true),
        (Fault::status(401), "unauthorized", false),
        (answer(403, r#"{"message":"no","code":"insufficient_scopes","env":"sandbox"}"#), "api_error", false),
        (Fault::redirect("http://localhost:1/cli/api-keys"), "api_error", false),
    ] {
        let world = LoginFixture::new();
        world.autumn.store().inject(MINT_KEYS_PATH, 1, fault.clone());
        let (result, page) = world.log_in(&world.options());
        let error = failed(result, code);
        assert_eq!(error.context.contains_key("keys_may_exist"), may_exist, "{fault:?} {error:?}");
        assert!(!may_exist || error.hint.as_ref().unwrap().to_string().contains("on the server"), "{error:?}");
        assert!(page.contains("Login failed"), "{page}");
        assert_eq!((world.requests_to(MINT_KEYS_PATH), world.autumn.store().active_tokens()), (1, 0), "{fault:?}");
        assert_eq!(world.project.snapshot(), "");
    }
}

#[test]
fn stalled_server_times_out() {
    for (path, may_exist) in [(TOKEN_PATH, false), (MINT_KEYS_PATH, true)] {
        let world = LoginFixture::new();
        world.autumn.store().inject(path, 1, Fault::Delay(Duration::from_secs(600)));
        let options = LoginOptions { login_timeout: Duration::from_secs(1), ..world.options() };
        let began = Instant::now();
        let (result, page) = world.log_in(&options);
        let error = failed(result, "timed_out");
        assert_eq!(error.context.contains_key("keys_may_exist"), may_exist, "{path}: {error:?}");
        assert!(began.elapsed() < Duration::from_secs(300), "{path}: {:?}", began.elapsed());
        assert!(page.contains("Login failed"), "{page}");
        assert_eq!(world.project.snapshot(), "");
    }
}

/// Reading the organization's name and revoking the token may take a moment, and may fail.
#[test]
fn best_effort_requests_are_brief_and_optional() {
    for fault in [Fault::status(500), Fault::Garbage, Fault::Drop, Fault::Delay(Duration::from_secs(600))] {
        let world = LoginFixture::new();
        for path in [ORGANIZATION_PATH, REVOKE_PATH] {
            world.autumn.store().inject(path, 9, fault.clone());
        }
        let began = Instant::now();
        let (done, page) = world.log_in(&world.options());
        assert!(done.unwrap().organization.is_none());
        assert!(page.contains("You are logged in"), "{page}");
        assert!(world.file().is_some());
        assert!(began.elapsed() < Duration::from_secs(300), "{:?}", began.elapsed());
    }
}
