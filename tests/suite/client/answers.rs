//! Requests that a client sends, and the responses that it accepts.

use std::time::Duration;

use libatmn::{ApiKey, ApiRequest, Cancel, ClientOptions, Event, ResolveOptions, Server};
use local_autumn::Fault;

use super::{CUSTOMERS, ClientFixture, User, blocking, failed, get, until};
use crate::network::hostile::{Hostile, json};
use crate::network::{everything, known_key};

/// A client of a scripted server.
fn client(fixture: &ClientFixture, server: &Hostile) -> blocking::Client {
    let options = ClientOptions { server: Some(Server::parse(&server.url()).unwrap()), ..fixture.options() };
    blocking::Client::new(options).unwrap()
}

/// The head and the body of the one request that a server saw.
fn sent(request: &ApiRequest) -> (Vec<String>, String) {
    let (fixture, hostile) = (ClientFixture::new(), Hostile::answering(200, "{}"));
    client(&fixture, &hostile).request(request, None, &Cancel::new()).unwrap();
    let [text] = hostile.requests().try_into().unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let head = head.replace(fixture.keys[0].reveal(), "KEY");
    (head.lines().map(str::to_owned).collect(), body.to_owned())
}

#[test]
fn request_carries_key_and_client_headers() {
    let (head, body) = sent(&ApiRequest::new("get", "/v1/customers?limit=3").query("name", "Ada & Söhne=1"));
    assert_eq!(head[0], "GET /v1/customers?limit=3&name=Ada+%26+S%C3%B6hne%3D1 HTTP/1.1");
    for line in ["authorization: Bearer KEY", "accept: application/json", "x-api-version: 2.1.0"] {
        assert!(head.iter().any(|sent| sent == line), "{line}: {head:?}");
    }
    assert!(!head.iter().any(|line| line.starts_with("content-type")) && body.is_empty());

    let (head, body) = sent(&ApiRequest::new("PATCH", "/v1/x").json(r#"{"a":1}"#));
    assert!(head.contains(&"content-type: application/json".to_owned()), "{head:?}");
    assert_eq!(body, r#"{"a":1}"#);
    let (head, body) = sent(&ApiRequest::new("PUT", "/v1/x").body("a,b\n", "text/csv"));
    assert!(head.contains(&"content-type: text/csv".to_owned()), "{head:?}");
    assert_eq!(body, "a,b\n");
}

#[test]
fn caller_headers_replace_defaults() {
    let request = ApiRequest::new("POST", "/v1/x").json("{}").header("X-API-Version", "1.0").header("Accept", "*/*");
    let (head, _) = sent(&request.header("content-type", "application/merge-patch+json"));
    for name in ["x-api-version", "accept", "content-type"] {
        let of_name: Vec<&String> = head.iter().filter(|line| line.starts_with(&format!("{name}: "))).collect();
        assert_eq!(of_name.len(), 1, "{head:?}");
    }
    assert!(head.contains(&"x-api-version: 1.0".to_owned()), "{head:?}");
}

#[test]
fn request_rejects_foreign_targets_and_reserved_headers() {
    let (fixture, hostile) = (ClientFixture::new(), Hostile::answering(200, "{}"));
    let client = client(&fixture, &hostile);
    for request in [
        ApiRequest::new("GET", "https://evil.example/v1"),
        ApiRequest::new("GET", "//evil.example/v1"),
        ApiRequest::new("GET", "/\\evil.example"),
        ApiRequest::new("GET", "/v1/../../x"),
        ApiRequest::new("GET", "/v1/%2e%2e/x"),
        ApiRequest::new("GET", "/v1 HTTP/1.1\r\nHost: evil.example"),
        ApiRequest::new("GET\r\nX: y", "/v1"),
        get().header("x", "a\r\nauthorization: Bearer other"),
        get().header("x\r\ny", "a"),
        get().header("Authorization", "Bearer am_sk_test_other0123456789"),
        get().header("Host", "evil.example"),
        get().header("Transfer-Encoding", "chunked"),
        get().idempotency_key("a\r\nb: c"),
        get().header("x", "masked am_sk_test_\u{2026}abcd"),
    ] {
        let error = failed_or_invalid(client.request(&request, None, &Cancel::new()));
        assert!(error.context.contains_key("option"), "{error:?}");
    }
    assert!(hostile.requests().is_empty());
}

fn failed_or_invalid<T: std::fmt::Debug>(result: libatmn::Result<T>) -> libatmn::Error {
    let error = result.unwrap_err();
    assert_eq!(error.code.name(), "invalid_argument", "{error:?}");
    error
}

#[test]
fn publishable_key_is_sent_only_to_its_endpoints() {
    let fixture = ClientFixture::new();
    let key = known_key(&fixture.world.autumn, libatmn::Kind::Publishable, libatmn::Environment::Sandbox);
    let resolve = ResolveOptions { key: Some(key.reveal().into()), ..ResolveOptions::default() };
    let client = blocking::Client::new(ClientOptions { resolve, ..fixture.options() }).unwrap();
    let call = |method: &str, path: &str| client.request(&ApiRequest::new(method, path), None, &Cancel::new());
    assert_eq!(call("GET", "/v1/products").unwrap().status, 200);
    assert_eq!(call("get", "/v1/customers/cus_first").unwrap().status, 200);
    for (method, path) in [("GET", CUSTOMERS), ("POST", "/v1/products"), ("GET", "/v1/customers/a/b")] {
        failed(call(method, path), "endpoint_not_public");
    }
    assert_eq!(fixture.store().requests().len(), 2);
}

#[test]
fn faulty_responses_have_distinct_error_codes() {
    let fixture = ClientFixture::new();
    let hurried = ClientOptions { timeout: Duration::from_millis(400), response_limit: 2_000, ..fixture.options() };
    let client = blocking::Client::new(hurried).unwrap();
    let person = User::never_asked();
    let post = ApiRequest::new("POST", CUSTOMERS).json(r#"{"id":"cus_42"}"#);
    for (fault, code) in [
        (Fault::Delay(Duration::from_secs(8)), "request_timed_out"),
        (Fault::Truncate, "connection_lost"),
        (Fault::redirect("https://evil.example/"), "api_error"),
        (Fault::Answer { status: 200, headers: Vec::new(), body: "x".repeat(2_001) }, "response_too_large"),
        (Fault::status(404), "api_error"),
        (Fault::status(500), "api_error"),
    ] {
        fixture.store().inject(CUSTOMERS, 1, fault);
        let error = failed(client.request(&post, Some(&mut person.listener()), &Cancel::new()), code);
        assert_eq!(error.context["env"], "sandbox");
        if code == "response_too_large" {
            let hint = error.hint.as_ref().unwrap().to_string();
            assert!(
                error.message.contains("larger than 2000 bytes") && hint.contains("increase `response_limit`"),
                "{hint}"
            );
        }
        assert!(!everything(&error).contains(fixture.keys[0].reveal()), "{error:?}");
    }
    assert!(person.codes().is_empty(), "none of them is repeated");
    let nonsense = Hostile::sending("HTTP/9 what\r\n\r\n");
    failed(self::client(&fixture, &nonsense).request(&post, None, &Cancel::new()), "response_unreadable");
}

#[test]
fn api_error_context_has_server_message_without_secrets() {
    let fixture = ClientFixture::new();
    let echo = format!(r#"{{"message":"{0}","code":"customer_not_found","env":"live"}}"#, fixture.keys[0].reveal());
    let headers = vec![("x-request-id".to_owned(), "req_7".to_owned())];
    fixture.store().inject(CUSTOMERS, 1, Fault::Answer { status: 404, headers, body: echo });
    let error = failed(fixture.call(&get(), &User::never_asked()), "api_error");
    let context = |name: &str| error.context[name].as_str();
    assert_eq!((context("status"), context("api_code"), context("env")), ("404", "customer_not_found", "live"));
    assert_eq!((context("request_id"), context("variable"), context("line")), ("req_7", "AUTUMN_SECRET_KEY", "1"));
    assert!(!everything(&error).contains("am_sk_test_C"), "{error:?}");
    assert!(!everything(&error).contains(fixture.keys[0].reveal()), "{error:?}");
}

/// The caller decides what the bytes mean.
#[test]
fn binary_body_arrives_unchanged() {
    let fixture = ClientFixture::new();
    fixture.store().inject(CUSTOMERS, 1, Fault::Garbage);
    let answer = fixture.call(&get(), &User::never_asked()).unwrap();
    assert!(std::str::from_utf8(&answer.body).is_err());
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn calls_share_a_connection() {
    let fixture = ClientFixture::new();
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&connections);
    let answer = json(200, "{}");
    let answer = String::from_utf8(answer).unwrap().replace("connection: close\r\n", "").into_bytes();
    let hostile = Hostile::new(move |mut connection| {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        while connection.request().is_some() {
            connection.write(&answer);
        }
    });
    let client = client(&fixture, &hostile);
    for _ in 0..5 {
        client.request(&get(), None, &Cancel::new()).unwrap();
    }
    assert_eq!(connections.load(std::sync::atomic::Ordering::Relaxed), 1);
}

/// A server closes a connection between two calls: the second call uses a new one, even if it must not be retried.
#[test]
fn call_survives_closed_idle_connection() {
    let fixture = ClientFixture::new();
    let answer = String::from_utf8(json(200, "{}")).unwrap().replace("connection: close\r\n", "").into_bytes();
    let hostile = Hostile::new(move |mut connection| {
        if connection.request().is_some() {
            connection.write(&answer);
        }
    });
    let client = client(&fixture, &hostile);
    for _ in 0..20 {
        client.request(&ApiRequest::new("POST", "/v1/x").json("{}"), None, &Cancel::new()).unwrap();
        until("the end of the connection has arrived", || open_connections(&hostile) == 0);
    }
    assert_eq!(hostile.requests().len(), 20);
}

/// The connections to a server of which this process has not yet received the end (proc(5), tcp state 1). That the
/// server has closed them is not enough: a busy system delivers the end later.
fn open_connections(server: &Hostile) -> usize {
    let peer = format!(":{:04X}", server.port());
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let open = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    open.filter(|columns| columns[2].ends_with(&peer) && columns[3] == "01").count()
}

#[test]
fn call_without_key_sends_no_request() {
    let fixture = ClientFixture::new();
    std::fs::remove_file(fixture.world.project.path(".env")).unwrap();
    failed(fixture.call(&get(), &User::never_asked()), "key_not_found");
    let [live, sandbox] = [&fixture.keys[1], &fixture.keys[0]].map(ApiKey::reveal);
    fixture.world.project.write(".env", format!("AUTUMN_SECRET_KEY={live}\nAUTUMN_PROD_SECRET_KEY={sandbox}\n"));
    failed(fixture.call(&get(), &User::never_asked()), "wrong_environment");
    assert!(fixture.store().requests().is_empty());
}

#[test]
fn client_checks_options_first() {
    let fixture = ClientFixture::new();
    for (options, option) in [
        (ClientOptions { timeout: Duration::ZERO, ..fixture.options() }, "timeout"),
        (ClientOptions { login_timeout: Duration::ZERO, ..fixture.options() }, "login_timeout"),
        (ClientOptions { login_timeout: Duration::MAX, ..fixture.options() }, "login_timeout"),
        (ClientOptions { response_limit: 0, ..fixture.options() }, "response_limit"),
        (ClientOptions { server: Some(Server::Custom("http://evil.example".into())), ..fixture.options() }, "server"),
    ] {
        let error = blocking::Client::new(options).unwrap_err();
        assert_eq!(error.context["option"], option, "{error:?}");
    }
    let client = fixture.client();
    let inside = crate::network::wait(async { client.request(&get(), None, &Cancel::new()) });
    assert_eq!(inside.unwrap_err().context["option"], "runtime");
}

/// The debug output of a client, and its events.
#[test]
fn client_debug_hides_secrets() {
    let fixture = ClientFixture::revoked();
    let client = fixture.client();
    let person = fixture.person("copper-kettle");
    let mut shown = format!("{client:?} {:?}", fixture.options());
    assert!(shown.contains("Client(ClientOptions {"), "{shown}");
    let mut listener = person.listener();
    let mut keep = |event: &Event| {
        shown.push_str(&format!("{event:?}"));
        listener(event)
    };
    client.request(&get(), Some(&mut keep), &Cancel::new()).unwrap();
    for known in fixture.store().keys() {
        assert!(!shown.contains(known.key.reveal()), "{shown}");
    }
}
