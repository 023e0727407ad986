//! Responses that are not 2xx: what their errors carry, and requests for which they are results.

use std::time::{Duration, Instant};

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{ApiRequest, ApiResponse, Cancel, ClientOptions, Environment, Error, ErrorClass, EventCode, Reauth};
use local_autumn::Fault;

use super::{CUSTOMERS, ClientFixture, User, blocking, browse, failed, get};
use crate::login::LONG_TIMEOUT;
use crate::network::everything;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Fault {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Fault::Answer { status, headers, body: body.to_owned() }
}

fn context<'a>(error: &'a Error, names: [&str; 3]) -> [Option<&'a str>; 3] {
    names.map(|name| error.context.get(name).map(String::as_str))
}

#[test]
fn api_error_carries_the_whole_response_and_its_request() {
    let fixture = ClientFixture::new();
    let body = r#"{"message":"Validation failed","errors":[{"path":"email"}]}"#;
    let headers = [("x-request-id", "req_7"), ("x-many", "one"), ("x-many", "two"), ("retry-after", "60")];
    fixture.store().inject(CUSTOMERS, 1, answer(422, &headers, body));
    let request = ApiRequest::new("post", CUSTOMERS).query("token", "planted").json("{}");
    let error = failed(fixture.call(&request, &User::never_asked()), "api_error");
    let response = error.response.as_ref().unwrap();
    assert_eq!((response.status, &*response.text()), (422, body));
    assert_eq!(response.json().unwrap()["errors"][0]["path"], "email");
    assert_eq!((response.header("X-Request-ID"), response.header("none")), (Some("req_7"), None));
    assert_eq!(response.header_values("X-Many"), ["one", "two"]);
    let url = format!("{}{CUSTOMERS}", fixture.world.autumn.url());
    assert_eq!(context(&error, ["method", "url", "request_id"]), [Some("POST"), Some(url.as_str()), Some("req_7")]);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(!everything(&error).contains("planted"), "{error:?}");
}

#[test]
fn long_retry_after_ends_at_once_and_is_told() {
    let fixture = ClientFixture::new();
    let date = [("retry-after", "Sun, 06 Nov 1994 08:50:33 GMT"), ("date", "Sun, 06 Nov 1994 08:49:33 GMT")];
    for headers in [&[("retry-after", "60")][..], &date[..]] {
        fixture.store().inject(CUSTOMERS, 1, answer(503, headers, ""));
        let began = Instant::now();
        let error = failed(fixture.call(&get(), &User::never_asked()), "api_error");
        assert!(began.elapsed() < LONG_TIMEOUT);
        assert_eq!((error.retry_after(), error.context["retry_after"].as_str()), (Some(Duration::from_secs(60)), "60"));
        assert!(error.hint.unwrap().to_string().contains("60 seconds"));
    }
    assert_eq!(fixture.statuses(CUSTOMERS), [503, 503]);
}

#[test]
fn response_that_echoes_the_key_is_masked() {
    let fixture = ClientFixture::new();
    let key = fixture.keys[0].reveal();
    let escaped = format!("\\u0061{}", &key[1..]);
    for body in [format!("<p>{key}</p>"), format!(r#"{{"message":"{key}","key":["{escaped}"]}}"#)] {
        fixture.store().inject(CUSTOMERS, 1, answer(400, &[("x-echo", &format!("Bearer {key}"))], &body));
        let error = failed(fixture.call(&get(), &User::never_asked()), "api_error");
        assert!(!everything(&error).contains(key), "{}", everything(&error));
        let response = error.response.unwrap();
        assert!(!response.json().unwrap_or_default().to_string().contains(key));
        assert_eq!(response.header("x-echo"), Some("Bearer am_sk_\u{2026}"));
    }
}

#[test]
fn rejected_key_from_a_file_is_an_answer_with_its_response() {
    let fixture = ClientFixture::revoked();
    let client = blocking::Client::new(ClientOptions { reauth: Reauth::Never, ..fixture.options() }).unwrap();
    let error = failed(client.request(&get(), None, &Cancel::new()), "login_needed");
    assert_eq!(error.class(), ErrorClass::Answer);
    assert_eq!(
        context(&error, ["status", "api_code", "method"]),
        [Some("401"), Some("invalid_secret_key"), Some("GET")]
    );
    assert_eq!(error.response.unwrap().json().unwrap()["code"], "invalid_secret_key");
}

#[test]
fn request_for_any_status_returns_the_response() {
    let fixture = ClientFixture::new();
    let missing = ApiRequest::new("GET", "/v1/nothing").any_status();
    let response = fixture.call(&missing, &User::never_asked()).unwrap();
    assert_eq!((response.status, response.json().unwrap()["code"].as_str()), (404, Some("not_found")));
    // Retries come first.
    fixture.store().inject(CUSTOMERS, 1, Fault::status(503));
    let person = User::never_asked();
    assert_eq!(fixture.call(&get().any_status(), &person).unwrap().status, 200);
    assert_eq!(person.count(EventCode::Retrying), 1);
    // Without a response there is nothing to return.
    fixture.store().inject(CUSTOMERS, 1, Fault::Drop);
    failed(fixture.call(&get().retries(0).any_status(), &User::never_asked()), "connection_lost");
}

#[test]
fn request_for_any_status_logs_in_as_usual() {
    let fixture = ClientFixture::revoked();
    let never = blocking::Client::new(ClientOptions { reauth: Reauth::Never, ..fixture.options() }).unwrap();
    let response = never.request(&get().any_status(), None, &Cancel::new()).unwrap();
    assert_eq!((response.status, response.json().unwrap()["code"].as_str()), (401, Some("invalid_secret_key")));
    let person = fixture.person("copper-kettle");
    assert_eq!(fixture.call(&get().any_status(), &person).unwrap().status, 200);
    assert_eq!(person.logins(), 1);
}

/// The response to another request than the caller's is no result.
#[test]
fn request_for_any_status_fails_with_the_error_of_its_login() {
    let fixture = ClientFixture::revoked();
    fixture.store().inject("/cli/api-keys", 1, answer(403, &[], r#"{"code":"forbidden"}"#));
    let error = failed(fixture.call(&get().any_status(), &fixture.person("copper-kettle")), "api_error");
    assert!(error.context["url"].ends_with("/cli/api-keys"), "{error:?}");
    assert_eq!(error.response.unwrap().status, 403);
}

/// The same for requests that another library sends. The login creates keys and then cannot check their organization.
#[test]
fn rejection_of_another_library_fails_with_the_error_of_its_login() {
    let fixture = ClientFixture::revoked();
    fixture.make_known(Environment::Live);
    let store = fixture.store().clone();
    let rejection = r#"{"message":"Invalid secret key","code":"invalid_secret_key"}"#;
    let person = User::new(move |url| {
        store.inject(ORGANIZATION_PATH, 9, answer(401, &[], rejection));
        drop(browse(&store.approve(url, "ada@example.com", "night-library").unwrap()));
    });
    let response = ApiResponse { status: 401, headers: Vec::new(), body: rejection.into() };
    let replace = |client: &blocking::Client| {
        let (listener, cancel) = (&mut person.listener(), Cancel::new());
        client.key_after_rejection("GET", &fixture.keys[0], &response, None, Some(listener), &cancel)
    };
    // Without a login, that response is the answer.
    let never = blocking::Client::new(ClientOptions { reauth: Reauth::Never, ..fixture.options() }).unwrap();
    assert!(replace(&never).unwrap().is_none());
    let error = failed(replace(&fixture.client()), "invalid_secret_key");
    assert!(error.context["url"].ends_with(ORGANIZATION_PATH), "{error:?}");
    assert_eq!(error.context["keys_may_exist"], "true");
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
}

#[test]
fn retries_can_be_limited_for_client_and_request() {
    let fixture = ClientFixture::new();
    let client = |retries| blocking::Client::new(ClientOptions { retries, ..fixture.options() }).unwrap();
    let tries = |client: &blocking::Client, request: &ApiRequest| {
        let before = fixture.statuses(CUSTOMERS).len();
        fixture.store().inject(CUSTOMERS, 9, Fault::status(503));
        failed(client.request(request, None, &Cancel::new()), "api_error");
        fixture.store().clear_faults();
        fixture.statuses(CUSTOMERS).len() - before
    };
    assert_eq!(tries(&client(0), &get()), 1);
    assert_eq!(tries(&client(0), &get().retries(1)), 2);
    assert_eq!(tries(&client(1), &get()), 2);
    assert_eq!(tries(&client(1), &get().retries(0)), 1);
}

/// A time limit that is short for one request bounds the whole call, if that has no retries.
#[test]
fn short_timeout_without_retries_bounds_the_call() {
    let fixture = ClientFixture::new();
    fixture.store().inject(CUSTOMERS, 1, Fault::Delay(Duration::from_secs(20)));
    let hurried = get().timeout(Duration::from_millis(200)).retries(0);
    let began = Instant::now();
    failed(fixture.call(&hurried, &User::never_asked()), "request_timed_out");
    assert!(began.elapsed() < LONG_TIMEOUT);
    assert_eq!(fixture.statuses(CUSTOMERS).len(), 0, "one request, which the server has not answered yet");
}
