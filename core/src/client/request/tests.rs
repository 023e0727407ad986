//! Requests that are refused before they are sent.

use super::*;

fn key() -> ApiKey {
    ApiKey::parse("am_sk_test_planted0123456789").unwrap()
}

fn refused(request: &ApiRequest) -> Option<String> {
    let sent = request.with_key(&key(), Duration::from_secs(1), 1);
    sent.err().map(|error| error.context["option"].clone())
}

#[test]
fn path_that_could_lead_elsewhere_is_refused() {
    for path in ["/", "/v1/customers", "/v1/customers?limit=3&q=a/../b", "/v1/a%2Fb", "/v1/customers/é", "/a..b/.c"] {
        assert_eq!(refused(&ApiRequest::new("GET", path)), None, "{path}");
    }
    for path in [
        "",
        "v1",
        "https://evil.example/v1",
        "//evil.example",
        "/\\evil.example",
        "/v1/../admin",
        "/v1/./x",
        "/v1/..",
        "/%2e%2E/x",
        "/.%2e",
        "/v1#x",
        "/v1 x",
        "/v1\r\nHost: evil",
        "\t//evil.example",
        "/v1\0",
        "/v1\u{2028}x",
    ] {
        assert_eq!(refused(&ApiRequest::new("GET", path)).as_deref(), Some("path"), "{path:?}");
    }
}

#[test]
fn path_without_slash_gets_the_hint_to_add_it() {
    for path in ["v1/customers", "https://api.example.com/v1", "//api.example.com"] {
        assert_eq!(check_path(path).unwrap_err().hint, Some(Hint::StartPathWithSlash.into()), "{path}");
    }
}

#[test]
fn target_that_cannot_be_sent_is_refused() {
    let refused_target = |path: &str, value: &str| {
        let request = ApiRequest::new("GET", path);
        refused(&if value.is_empty() { request } else { request.query("q", value) })
    };
    for (letter, size) in [("a", 1), ("é", 6), ("\"", 3)] {
        let fitting = (REQUEST_TARGET_LIMIT - 1) / size;
        assert_eq!(refused_target(&format!("/{}", letter.repeat(fitting)), ""), None, "{letter}");
        let long = format!("/{}", letter.repeat(fitting + 1));
        assert_eq!(refused_target(&long, "").as_deref(), Some("path"), "{letter}");
        let fitting = (REQUEST_TARGET_LIMIT - "/?q=".len()) / size;
        assert_eq!(refused_target("/", &letter.repeat(fitting)), None, "{letter}");
        assert_eq!(refused_target("/", &letter.repeat(fitting + 1)).as_deref(), Some("query"), "{letter}");
    }
}

#[test]
fn header_that_http_does_not_allow_is_refused_before_sending() {
    for (name, value) in [("", "x"), ("a b", "x"), ("x-é", "x"), ("x", "a\nb"), ("x", "\0")] {
        let error = ApiRequest::new("GET", "/").header(name, value).check().unwrap_err();
        assert_eq!(error.context["option"], "headers", "{name:?} {value:?}");
    }
    let many = (0..40_000).fold(ApiRequest::new("GET", "/"), |request, _| request.header("x", "y"));
    assert_eq!(many.check().unwrap_err().context["option"], "headers");
}

#[test]
fn method_is_known_and_upper_case() {
    assert_eq!(ApiRequest::new("patch", "/").known_method().unwrap(), "PATCH");
    for method in ["", "CONNECT", "TRACE", "GET ", "G\nET", "BREW"] {
        assert_eq!(refused(&ApiRequest::new(method, "/")).as_deref(), Some("method"), "{method:?}");
    }
}

#[test]
fn reserved_headers_are_refused() {
    for name in RESERVED {
        let request = ApiRequest::new("GET", "/").header(&name.to_uppercase(), "x");
        assert_eq!(refused(&request).as_deref(), Some("headers"), "{name}");
    }
    for bad in ["", "x\r\ny", "x\u{2026}"] {
        let request = ApiRequest::new("POST", "/");
        assert_eq!(refused(&request.clone().idempotency_key(bad)).as_deref(), Some("idempotency_key"), "{bad:?}");
        assert_eq!(refused(&request.body("x", bad)).as_deref(), Some("content_type"), "{bad:?}");
    }
}

#[test]
fn an_option_beside_its_header_is_refused() {
    let request = |header: &str| ApiRequest::new("POST", "/").header(header, "x").body("x", "text/plain");
    assert_eq!(refused(&request("Content-Type")).as_deref(), Some("content_type"));
    assert_eq!(refused(&request("Idempotency-Key")), None);
    assert_eq!(refused(&request("Idempotency-Key").idempotency_key("a")).as_deref(), Some("idempotency_key"));
    assert_eq!(refused(&ApiRequest::new("POST", "/").header("content-type", "x").json("{}")), None);
}

#[test]
fn publishable_key_is_refused_outside_its_endpoints() {
    let key = ApiKey::parse("am_pk_test_0123456789").unwrap();
    let sent = |path: &str| ApiRequest::new("get", path).with_key(&key, Duration::from_secs(1), 1);
    assert!(sent("/v1/products?x=1").is_ok());
    assert_eq!(sent("/v1/organization/me").unwrap_err().code.name(), "endpoint_not_public");
}

#[test]
fn debug_hides_query_headers_and_body() {
    let request = ApiRequest::new("POST", "/v1/x?token=planted").query("a", "planted").header("b", "planted");
    let request = request.json("planted").idempotency_key("planted");
    assert!(!format!("{request:?}").contains("planted"), "{request:?}");
}
