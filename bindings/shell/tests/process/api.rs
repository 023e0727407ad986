//! `atmn api` as a process: what it sends, what it prints, and the login after a rejected key.

use atmn_tests::check_shape;
use libatmn::{ApiKey, Environment, Kind};
use local_autumn::Fault;
use serde_json::Value;

use crate::world::CommandFixture;

const CUSTOMERS: &str = "/v1/customers";

/// A world with a valid sandbox key.
fn world() -> (CommandFixture, ApiKey) {
    let world = CommandFixture::new();
    let fits = |key: &ApiKey| key.kind() == Kind::Secret && key.environment() == Environment::Sandbox;
    let mut keys = world.autumn.store().keys().into_iter();
    let key = keys.find(|known| known.organization.slug == "copper-kettle" && fits(&known.key)).unwrap().key;
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", key.reveal()));
    (world, key)
}

#[test]
fn body_goes_to_stdout_unchanged() {
    let (world, _) = world();
    let done = world.atmn(&["api", "get", CUSTOMERS, "--query", "limit=1"]).end().ok();
    assert!(done.json()["list"].is_array() && done.stderr.is_empty(), "{done:?}");
    let with_head = world.atmn(&["api", "GET", "/v1/customers?limit=1", "--include"]).end().ok();
    let (head, body) = with_head.stdout.split_once("\n\n").unwrap();
    assert!(head.starts_with("HTTP 200\n") && head.contains("content-type: application/json"), "{with_head:?}");
    assert_eq!(body, done.stdout);
    // Control characters, without a newline at the end.
    world.autumn.store().inject(
        CUSTOMERS,
        1,
        Fault::Answer { status: 200, headers: vec![], body: "\u{1b}[2Jx".into() },
    );
    assert_eq!(world.atmn(&["api", "GET", CUSTOMERS]).end().ok().stdout.trim_end(), "\u{1b}[2Jx");
    world.assert_no_secret_in(&done);
}

#[test]
fn data_comes_from_the_argument_a_file_or_stdin() {
    let (world, _) = world();
    let created = |arguments: &[&str], stdin: &str| {
        let mut process = world.atmn(&[&["api", "POST", CUSTOMERS], arguments].concat());
        process.feed(stdin);
        process.end().ok().json()["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(created(&["-d", r#"{"id":"cus_line"}"#], ""), "cus_line");
    world.project.write("body.json", r#"{"id":"cus_file"}"#);
    assert_eq!(created(&["-d", "@body.json"], ""), "cus_file");
    assert_eq!(created(&["-d", "-"], r#"{"id":"cus_stdin"}"#), "cus_stdin");
    assert_eq!(created(&["-d", "@-"], r#"{"id":"cus_again"}"#), "cus_again");
    let wrong = world.atmn(&["api", "POST", CUSTOMERS, "-d", "{id:1}"]).end();
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("is not JSON") && wrong.stderr.contains("hint: Quote it"), "{wrong:?}");
    world.atmn(&["api", "POST", CUSTOMERS, "-d", "@absent.json"]).end().fails("file_unreadable");
}

#[test]
fn headers_are_sent_and_reserved_ones_are_refused() {
    let (world, _) = world();
    let _ = world.atmn(&["api", "GET", CUSTOMERS, "-H", "X-API-Version: 1.2", "-H", "X-Mine: a: b"]).end().ok();
    assert_eq!(world.autumn.store().requests()[0].api_version.as_deref(), Some("1.2"));
    for header in ["Authorization: Bearer x", "Host: evil.example", "X-Mine: a\r\nb: c"] {
        let refused = world.atmn(&["api", "GET", CUSTOMERS, "-H", header]).end();
        assert_eq!(refused.code, 2, "{refused:?}");
    }
    for path in ["https://evil.example/", "//evil.example", "v1", "/v1/../x"] {
        assert_eq!(world.atmn(&["api", "GET", path]).end().code, 2, "{path}");
    }
    assert_eq!(world.autumn.store().requests().len(), 1);
    // A usage error is reported as one even without a key.
    std::fs::remove_file(world.project.path(".env")).unwrap();
    for arguments in [["api", "FETCH", "/v1/x"], ["api", "GET", "v1/x"]] {
        assert_eq!(world.atmn(&arguments).end().code, 2, "{arguments:?}");
    }
}

#[test]
fn errors_go_to_stderr_with_their_codes() {
    let (world, _) = world();
    let missing = world.atmn(&["api", "GET", "/v1/customers/unknown", "--json"]).end();
    assert_eq!((missing.code, &missing.json()["code"]), (1, &Value::from("customer_not_found")), "{missing:?}");
    let error: Value = serde_json::from_str(missing.stderr.lines().last().unwrap()).unwrap();
    check_shape("error", &error["error"]);
    assert_eq!(error["error"]["context"]["status"], "404");
    world.autumn.store().inject(CUSTOMERS, 1, Fault::status(503));
    let retried = world.atmn(&["api", "GET", CUSTOMERS]).end().ok();
    assert!(retried.stderr.contains("responded with 503. Trying again in"), "{retried:?}");
    std::fs::remove_file(world.project.path(".env")).unwrap();
    assert_eq!(world.atmn(&["api", "GET", CUSTOMERS]).end().code, 4);
}

#[test]
fn rejected_key_without_a_terminal_is_an_immediate_error() {
    let (world, key) = world();
    world.autumn.store().revoke(&key);
    for mode in [&[][..], &["--reauth", "never"]] {
        let done = world.atmn(&[&["api", "GET", CUSTOMERS], mode].concat()).end();
        assert_eq!(done.code, 4, "{done:?}");
        assert!(
            done.stderr.contains("error[login_needed]") && done.stderr.contains("Run `atmn login` in "),
            "{done:?}"
        );
        assert!(done.stderr.contains("cause: The server responded with 401 (invalid_secret_key)"), "{done:?}");
    }
    world.assert_no_secret_in(&world.atmn(&["api", "GET", CUSTOMERS, "--verbose"]).end());
}

#[test]
fn login_replaces_a_rejected_key_and_the_request_succeeds() {
    let (world, key) = world();
    world.autumn.store().revoke(&key);
    let mut process = world.atmn(&["api", "GET", CUSTOMERS, "--reauth", "always", "--no-browser"]);
    let url = process.url();
    world.approve(&url);
    let done = process.end().ok();
    assert!(done.json()["list"].is_array(), "{done:?}");
    let messages = ["The server rejected the key am_sk_test_…", "Log in at this URL:", "Repeating the request with"];
    assert!(messages.iter().all(|text| done.stderr.contains(text)), "{done:?}");
    assert!(!world.project.read(".env").contains(key.reveal()));
    world.assert_no_secret_in(&done);
}

#[test]
fn callback_url_can_be_pasted_in_a_terminal() {
    let (world, key) = world();
    world.autumn.store().revoke(&key);
    let mut process = world.in_terminal("api GET /v1/customers --reauth always --no-browser");
    let url = process.url();
    process.line_with("Press Ctrl-C to cancel");
    process.type_line("am_sk_test_planted");
    process.line_with("atmn save");
    process.type_line(&world.callback(&url));
    let done = process.end().ok();
    assert!(done.stdout.contains("\"list\""), "{done:?}");
}

#[test]
fn signal_ends_the_login_and_frees_the_port() {
    let (world, key) = world();
    world.autumn.store().revoke(&key);
    let before = world.project.snapshot();
    let mut process = world.atmn(&["api", "GET", CUSTOMERS, "--reauth", "always", "--no-browser"]);
    process.url();
    process.signal("INT");
    let done = process.end();
    assert_eq!(done.code, 130, "{done:?}");
    assert!(done.stderr.contains("error[cancelled]: Request cancelled."), "{done:?}");
    assert_eq!(world.project.snapshot(), before);
    drop(std::net::TcpListener::bind(("127.0.0.1", world.port)).unwrap());
}

/// What the server says about single fields is in the body only.
#[test]
fn body_of_an_error_goes_to_stdout() {
    let (world, _) = world();
    let body = r#"{"message":"Validation failed","errors":[{"path":"email","limit":1.50}]}"#;
    let fault = Fault::Answer { status: 400, headers: vec![("x-mine".into(), "1".into())], body: body.into() };
    world.autumn.store().inject(CUSTOMERS, 2, fault);
    let done = world.atmn(&["api", "POST", CUSTOMERS, "-d", "{}"]).end();
    assert_eq!((done.code, done.stdout.trim_end()), (1, body), "{done:?}");
    assert!(done.stderr.contains("error[api_error]: The server responded with 400: `Validation failed`."), "{done:?}");
    let with_head = world.atmn(&["api", "POST", CUSTOMERS, "-d", "{}", "-i"]).end();
    assert!(with_head.stdout.starts_with("HTTP 400\n") && with_head.stdout.contains("x-mine: 1\n"), "{with_head:?}");
}

#[test]
fn method_follows_from_the_body_or_an_option() {
    let (world, _) = world();
    let _ = world.atmn(&["api", CUSTOMERS]).end().ok();
    let created = world.atmn(&["api", CUSTOMERS, "-f", "id=cus_f", "-f", "name=1"]).end().ok().json();
    assert_eq!((&created["id"], &created["name"]), (&Value::from("cus_f"), &Value::from("1")));
    let listed = world.atmn(&["api", "-X", "GET", CUSTOMERS, "-f", "limit=1"]).end().ok().json();
    assert_eq!(listed["limit"], 1);
    let methods: Vec<String> = world.autumn.store().requests().iter().map(|request| request.method.clone()).collect();
    assert_eq!(methods, ["GET", "POST", "GET"]);
    for arguments in [&["api", "-X", "GET", "POST", CUSTOMERS][..], &["api", CUSTOMERS, "-f", "x"], &["api", "GET"]] {
        assert_eq!(world.atmn(arguments).end().code, 2, "{arguments:?}");
    }
}

#[test]
fn paginate_requests_every_page() {
    let (world, _) = world();
    for id in ["cus_a", "cus_b", "cus_c"] {
        let _ = world.atmn(&["api", CUSTOMERS, "-f", &format!("id={id}")]).end().ok();
    }
    let done = world.atmn(&["api", CUSTOMERS, "--query", "limit=2", "--paginate"]).end().ok();
    let pages: Vec<Value> = serde_json::Deserializer::from_str(&done.stdout).into_iter().map(Result::unwrap).collect();
    let ids: Vec<&str> = pages
        .iter()
        .flat_map(|page| page["list"].as_array().unwrap())
        .map(|customer| customer["id"].as_str().unwrap())
        .collect();
    assert_eq!((pages.len(), ids), (2, vec!["cus_first", "cus_a", "cus_b", "cus_c"]));
    // The other form of a list, with a cursor. Its newest customers come first.
    let done = world.atmn(&["api", "/v1/customers.list", "-d", r#"{"limit":3}"#, "--paginate"]).end().ok();
    let pages: Vec<Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lengths: Vec<usize> = pages.iter().map(|page| page["list"].as_array().unwrap().len()).collect();
    assert_eq!((lengths, &pages[1]["list"][0]["id"]), (vec![3, 1], &Value::from("cus_first")), "{done:?}");
    let _ = world.atmn(&["api", "POST", "/v1/customers.list", "--paginate"]).end().ok();
    for arguments in [
        &["api", "POST", CUSTOMERS, "--paginate"][..],
        &["api", "/v1/customers?offset=1", "--paginate"],
        &["api", "/v1/customers?start_cursor=1", "--paginate"],
        &["api", "/v1/customers.list", "-d", "[]", "--paginate"],
        &["api", "/v1/customers.list", "--idempotency-key", "k", "--paginate"],
    ] {
        assert_eq!(world.atmn(arguments).end().code, 2, "{arguments:?}");
    }
}

/// A list of this server has no end.
#[test]
fn paginate_ends_when_a_page_repeats() {
    for (path, body, requests) in [
        (CUSTOMERS, r#"{"list":[1],"has_more":true,"next_cursor":"same"}"#, 2),
        (CUSTOMERS, r#"{"list":[1],"has_more":true,"offset":0}"#, 2),
        (CUSTOMERS, r#"{"list":[1],"has_more":true}"#, 2),
        (CUSTOMERS, r#"{"list":[],"has_more":true}"#, 1),
        ("/v1/customers.list", r#"{"list":[1],"next_cursor":"same"}"#, 2),
    ] {
        let (world, _) = world();
        let fault = Fault::Answer { status: 200, headers: vec![], body: body.into() };
        world.autumn.store().inject(path, 100, fault);
        let method = if path == CUSTOMERS { "GET" } else { "POST" };
        let done = world.atmn(&["api", method, path, "--paginate"]).end();
        assert!(done.stderr.contains("error[response_unreadable]: ") && done.stderr.contains("  hint: "), "{done:?}");
        assert_eq!((done.code, world.autumn.store().requests().len()), (1, requests), "{body} {done:?}");
        assert_eq!(done.stdout, format!("{body}\n").repeat(requests));
    }
}

/// Half of a list is no success.
#[test]
fn paginate_fails_if_the_next_page_is_no_list() {
    let (world, _) = world();
    for cursor in ["\"a\"", "5"] {
        let answer = |body: String| Fault::Answer { status: 200, headers: vec![], body };
        let store = world.autumn.store();
        store.inject(CUSTOMERS, 1, answer(format!(r#"{{"list":[1],"next_cursor":{cursor}}}"#)));
        store.inject(CUSTOMERS, 1, answer("<html>".to_owned()));
        let done = world.atmn(&["api", CUSTOMERS, "--paginate"]).end();
        assert!(done.code == 1 && done.stderr.contains("error[response_unreadable]: "), "{done:?}");
    }
}

/// `while read` gets each page, and the head of a page begins on its own line. A single response is not changed.
#[test]
fn pages_end_with_a_newline() {
    let (world, _) = world();
    let _ = world.atmn(&["api", CUSTOMERS, "-f", "id=cus_a"]).end().ok();
    let output = |arguments: &[&str]| {
        let arguments = [&["api", CUSTOMERS, "--query", "limit=1"], arguments].concat();
        String::from_utf8(world.command(&["--default-signal"], &arguments).output().unwrap().stdout).unwrap()
    };
    assert!(output(&[]).ends_with('}'));
    let pages = output(&["--paginate"]);
    assert!(pages.ends_with("}\n") && pages.lines().count() == 2, "{pages}");
    let with_heads = output(&["--paginate", "--include"]);
    assert_eq!(with_heads.lines().filter(|line| *line == "HTTP 200").count(), 2, "{with_heads}");
}

/// The server asks for a longer pause than a command waits.
#[test]
fn end_of_retries_is_explained() {
    let (world, _) = world();
    let fault = |wait: &str| Fault::Answer {
        status: 503,
        headers: vec![("retry-after".into(), wait.into())],
        body: "{}".into(),
    };
    world.autumn.store().inject(CUSTOMERS, 1, fault("0"));
    world.autumn.store().inject(CUSTOMERS, 1, fault("60"));
    let done = world.atmn(&["api", CUSTOMERS, "--retries", "8"]).end();
    assert!(done.stderr.contains("(try 2 of 9)"), "{done:?}");
    assert!(
        done.stderr.contains("Only 2 of 9 tries were made, because each must begin within 30 seconds."),
        "{done:?}"
    );
    world.autumn.store().inject(CUSTOMERS, 1, fault("60"));
    let done = world.atmn(&["api", CUSTOMERS, "--retries", "0"]).end();
    assert!(!done.stderr.contains("tries"), "{done:?}");
}
