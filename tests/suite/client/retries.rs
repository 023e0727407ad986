//! Requests that are retried, and those that must not be.

use std::time::{Duration, Instant};

use libatmn::{ApiRequest, Cancel, ClientOptions, EventCode, Server};
use local_autumn::Fault;

use super::{CUSTOMERS, ClientFixture, User, blocking, failed, get};
use crate::login::LONG_TIMEOUT;
use crate::network::hostile::Hostile;

fn busy(status: u16, retry_after: &str) -> Fault {
    Fault::Answer { status, headers: vec![("retry-after".to_owned(), retry_after.to_owned())], body: String::new() }
}

#[test]
fn read_is_retried_until_it_succeeds() {
    let fixture = ClientFixture::new();
    fixture.store().inject(CUSTOMERS, 1, Fault::status(503));
    fixture.store().inject(CUSTOMERS, 1, Fault::Drop);
    fixture.store().inject(CUSTOMERS, 1, Fault::status(502));
    let person = User::never_asked();
    assert_eq!(fixture.call(&get(), &person).unwrap().status, 200);
    assert_eq!(fixture.statuses(CUSTOMERS), [503, 0, 502, 200]);
    let heard = person.heard.lock().unwrap();
    let attempts: Vec<&str> = heard.iter().map(|event| event.context["attempt"].as_str()).collect();
    assert_eq!(attempts, ["2", "3", "4"]);
    assert!(heard[0].message.starts_with("The server responded with 503. Trying again in 0."), "{}", heard[0].message);
}

#[test]
fn client_stops_after_four_attempts() {
    let fixture = ClientFixture::new();
    fixture.store().inject(CUSTOMERS, 9, Fault::status(504));
    let error = failed(fixture.call(&get(), &User::never_asked()), "api_error");
    assert_eq!(error.context["status"], "504");
    assert_eq!(fixture.statuses(CUSTOMERS), [504; 4]);
}

#[test]
fn retry_after_sets_the_pause() {
    let fixture = ClientFixture::new();
    fixture.store().inject(CUSTOMERS, 1, busy(429, "1"));
    let began = Instant::now();
    fixture.call(&get(), &User::never_asked()).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
    // The pause would exceed the limit, so the response is the result at once.
    fixture.store().inject(CUSTOMERS, 1, busy(429, "3600"));
    let error = failed(fixture.call(&get(), &User::never_asked()), "api_error");
    assert_eq!(error.context["status"], "429");
    assert_eq!(fixture.statuses(CUSTOMERS), [429, 200, 429]);
    assert!(began.elapsed() < LONG_TIMEOUT);
}

#[test]
fn post_that_may_have_arrived_is_not_retried() {
    let fixture = ClientFixture::new();
    let post = ApiRequest::new("POST", CUSTOMERS).json(r#"{"id":"cus_42"}"#);
    for (fault, code) in
        [(Fault::Drop, "connection_lost"), (Fault::Truncate, "connection_lost"), (Fault::status(503), "api_error")]
    {
        let before = fixture.statuses(CUSTOMERS).len();
        fixture.store().inject(CUSTOMERS, 1, fault);
        failed(fixture.call(&post, &User::never_asked()), code);
        assert_eq!(fixture.statuses(CUSTOMERS).len(), before + 1);
    }
}

#[test]
fn idempotency_key_allows_post_retry() {
    let fixture = ClientFixture::new();
    let post = ApiRequest::new("POST", CUSTOMERS).json(r#"{"id":"cus_42"}"#);
    fixture.store().inject(CUSTOMERS, 1, Fault::status(503));
    fixture.call(&post.clone().idempotency_key("create-42"), &User::never_asked()).unwrap();
    fixture.store().inject(CUSTOMERS, 1, Fault::status(503));
    fixture.call(&post.header("Idempotency-Key", "create-42"), &User::never_asked()).unwrap();
    assert_eq!(fixture.statuses(CUSTOMERS), [503, 200, 503, 200]);
}

/// The server recognizes a repeated request only if every attempt carries the same key.
#[test]
fn idempotency_key_is_sent_with_every_attempt() {
    let fixture = ClientFixture::new();
    let hostile = Hostile::answering(503, "{}");
    let options = ClientOptions { server: Some(Server::parse(&hostile.url()).unwrap()), ..fixture.options() };
    let client = blocking::Client::new(options).unwrap();
    let post = ApiRequest::new("POST", CUSTOMERS).json("{}").idempotency_key("create-42");
    failed(client.request(&post, None, &Cancel::new()), "api_error");
    let requests = hostile.requests();
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|request| request.contains("idempotency-key: create-42\r\n")), "{requests:?}");
}

#[test]
fn request_that_did_not_arrive_is_retried() {
    let fixture = ClientFixture::new();
    let options = ClientOptions { server: Some(Server::parse("http://127.0.0.1:1").unwrap()), ..fixture.options() };
    let client = blocking::Client::new(options).unwrap();
    let person = User::never_asked();
    let post = ApiRequest::new("POST", CUSTOMERS).json("{}");
    failed(client.request(&post, Some(&mut person.listener()), &Cancel::new()), "connect_failed");
    assert_eq!(person.count(EventCode::Retrying), 3);
}

#[test]
fn cancel_ends_pause() {
    let fixture = ClientFixture::new();
    fixture.store().inject(CUSTOMERS, 1, busy(503, "25"));
    let cancel = Cancel::new();
    let mut listener = |_: &libatmn::Event| {
        cancel.cancel();
        std::ops::ControlFlow::Continue(())
    };
    let began = Instant::now();
    failed(fixture.client().request(&get(), Some(&mut listener), &cancel), "cancelled");
    assert!(began.elapsed() < LONG_TIMEOUT);
    assert_eq!(fixture.statuses(CUSTOMERS), [503]);
}

/// The remaining time bounds the last attempt: a call takes thirty seconds at most, unless its timeout is longer.
#[test]
fn slow_attempt_times_out() {
    let fixture = ClientFixture::new();
    let client =
        blocking::Client::new(ClientOptions { timeout: Duration::from_millis(300), ..fixture.options() }).unwrap();
    fixture.store().inject(CUSTOMERS, 1, Fault::Delay(Duration::from_secs(8)));
    assert_eq!(client.request(&get(), None, &Cancel::new()).unwrap().status, 200);
    fixture.store().inject(CUSTOMERS, 1, Fault::Delay(Duration::from_secs(8)));
    let post = ApiRequest::new("POST", CUSTOMERS).json("{}");
    failed(client.request(&post, None, &Cancel::new()), "request_timed_out");
}
