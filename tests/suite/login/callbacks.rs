//! Requests to the callback port: only the matching callback counts, and only once.

use std::io::Write as _;
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use libatmn::__internal::config::{DISCOVERY_PATH, ISSUER_PATH, MINT_KEYS_PATH, TOKEN_PATH};
use libatmn::{Cancel, Event, EventCode, blocking};
use local_autumn::Fault;

use super::{LoginFixture, browse, failed, log_in, parameter, port_of, send, until, without};

/// Wrong callbacks, all different in kind: `count` of them from eight threads.
fn noise(port: u16, count: usize) {
    let wrong = |number: usize| {
        let host = format!("localhost:{port}");
        let state = format!("x{number:042}");
        match number % 10 {
            0 => format!("GET /?code=0123456789abcdef&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            1 => format!("GET /?error=access_denied&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            2 => format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            3 => format!("GET /favicon.ico HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            4 => format!("GET /?code=0123456789abcdef HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            5 => format!("POST /?code=a&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            6 => format!("GET /?state=&error=access_denied HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
            7 => format!("GET /?error=access_denied HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            8 => "\u{16}\u{3}\u{1}\u{2}".to_owned(),
            _ => format!("GET http://{host}/?code=a&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        }
    };
    thread::scope(|scope| {
        for lane in 0..8 {
            scope.spawn(move || {
                for number in (lane..count).step_by(8) {
                    let answer = send(port, wrong(number));
                    assert!(!answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.1 3"), "{answer}");
                }
            });
        }
    });
}

#[test]
fn denial_ends_login() {
    let world = LoginFixture::new();
    let store = world.autumn.store().clone();
    let (result, page) = log_in(&world.options(), move |url| browse(&store.deny(&url).unwrap()));
    let error = failed(result, "login_denied");
    assert!(page.contains("Login denied"), "{page}");
    assert!(error.message.contains("nothing was saved"), "{error:?}");
    assert_eq!(error.context["api_code"], "access_denied");
    assert_eq!((world.requests_to(TOKEN_PATH), world.project.snapshot().as_str()), (0, ""));
}

/// The text of a denial is shown in a terminal and on a page.
#[test]
fn denial_text_is_sanitized() {
    let world = LoginFixture::new();
    let (result, page) = log_in(&world.options(), |url| {
        let (port, state) = (port_of(&url), parameter(&url, "state"));
        browse(&format!(
            "http://localhost:{port}/?state={state}&error=server_error&error_description=%1b%5b2J%3Cscript%3E%E2%80%AE"
        ))
    });
    let error = failed(result, "login_denied");
    assert!(!error.message.chars().any(|c| c.is_control() || c == '\u{202e}'), "{error:?}");
    assert!(page.contains("Login denied") && !page.contains("<script>"), "{page}");
    let (result, _) = log_in(&world.options(), |url| {
        let (port, state) = (port_of(&url), parameter(&url, "state"));
        browse(&format!(
            "http://localhost:{port}/?state={state}&error=am_oauth_planted1&error_description=am_sk_live_planted2"
        ))
    });
    let error = failed(result, "login_denied");
    assert!(!crate::network::everything(&error).contains("planted"), "{error:?}");
}

#[test]
fn thousands_of_wrong_callbacks_do_not_end_login() {
    let world = LoginFixture::new();
    let store = world.autumn.store().clone();
    let (result, page) = log_in(&world.options(), move |url| {
        noise(port_of(&url), 2_000);
        browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap())
    });
    result.unwrap();
    assert!(page.contains("You are logged in"), "{page}");
    assert_eq!((world.requests_to(TOKEN_PATH), world.requests_to(MINT_KEYS_PATH)), (1, 1));
}

#[test]
fn thousands_of_wrong_callbacks_do_not_disturb_exchange() {
    let world = LoginFixture::new();
    world.autumn.store().inject(TOKEN_PATH, 1, Fault::Delay(Duration::from_millis(700)));
    world.autumn.store().inject(MINT_KEYS_PATH, 1, Fault::Delay(Duration::from_millis(700)));
    let store = world.autumn.store().clone();
    let (result, page) = log_in(&world.options(), move |url| {
        let callback = store.approve(&url, "ada@example.com", "copper-kettle").unwrap();
        let browser = thread::spawn(move || browse(&callback));
        until("the exchange began", || store.active_tokens() == 1);
        // Connections after the end of the login are refused, so they get no response either.
        noise(port_of(&url), 2_000);
        browser.join().unwrap()
    });
    result.unwrap();
    assert!(page.contains("You are logged in"), "{page}");
    assert_eq!((world.requests_to(TOKEN_PATH), world.requests_to(MINT_KEYS_PATH)), (1, 1));
}

#[test]
fn double_click_logs_in_once() {
    let world = LoginFixture::new();
    world.autumn.store().inject(TOKEN_PATH, 1, Fault::Delay(Duration::from_millis(300)));
    let store = world.autumn.store().clone();
    let (result, pages) = log_in(&world.options(), move |url| {
        let callback = store.approve(&url, "ada@example.com", "copper-kettle").unwrap();
        let other = store.approve(&url, "ada@example.com", "night-library").unwrap();
        let first = thread::spawn(move || browse(&callback));
        until("the exchange began", || store.active_tokens() == 1);
        let others: Vec<_> = (0..5)
            .map(|_| {
                let other = other.clone();
                thread::spawn(move || browse(&other))
            })
            .collect();
        [first].into_iter().chain(others).map(|page| page.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(result.unwrap().organization.unwrap().slug, "copper-kettle");
    assert!(pages.iter().all(|page| page.contains("You are logged in")), "{pages:?}");
    assert_eq!((world.requests_to(TOKEN_PATH), world.requests_to(MINT_KEYS_PATH)), (1, 1));
}

#[test]
fn callback_requires_matching_issuer() {
    let garbage = Fault::Garbage;
    let own = Fault::status(500);
    let document = |demands: bool| {
        let body = format!(
            r#"{{"issuer":"https://id.example.com","authorization_response_iss_parameter_supported":{demands}}}"#
        );
        Fault::Answer { status: 200, headers: Vec::new(), body }
    };
    let wrong = Some("https://evil.example/api/auth");
    for (discovery, iss, good) in [
        (None, Some("own"), true),
        (None, None, true),
        (None, wrong, false),
        (Some(own.clone()), Some("own"), true),
        (Some(own), None, true),
        (Some(garbage.clone()), None, true),
        (Some(garbage), wrong, false),
        (Some(Fault::Delay(Duration::from_secs(20))), None, true),
        (Some(document(true)), None, false),
        (Some(document(true)), Some("own"), true),
        // The issuer of another server does not match.
        (Some(document(true)), Some("https://id.example.com"), false),
        (Some(document(false)), None, true),
    ] {
        let world = LoginFixture::new();
        if let Some(fault) = discovery.clone() {
            world.autumn.store().inject(DISCOVERY_PATH, 1, fault);
        }
        let iss = iss.map(|iss| if iss == "own" { world.autumn.url() + ISSUER_PATH } else { iss.to_owned() });
        let (store, issuer) = (world.autumn.store().clone(), iss.clone());
        let (result, page) = log_in(&world.options(), move |url| {
            let callback = without(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap(), "iss");
            browse(&issuer.map_or(callback.clone(), |iss| format!("{callback}&iss={iss}")))
        });
        assert_eq!(result.is_ok(), good, "{discovery:?} {iss:?} {result:?}");
        assert_eq!(world.requests_to(TOKEN_PATH), usize::from(good));
        if let Err(error) = result {
            assert_eq!(error.code.name(), "state_mismatch");
            assert!(page.contains("Login failed"), "{page}");
            assert_eq!(world.project.snapshot(), "");
        }
    }
}

/// A denial from another server is not the user's answer.
#[test]
fn denial_requires_matching_issuer() {
    let world = LoginFixture::new();
    let store = world.autumn.store().clone();
    let (result, page) = log_in(&world.options(), move |url| {
        browse(&(without(&store.deny(&url).unwrap(), "iss") + "&iss=https://evil.example"))
    });
    failed(result, "state_mismatch");
    assert!(page.contains("Login failed"), "{page}");
}

/// Connections that send nothing, connections that never stop, and a browser that uses https.
#[test]
fn idle_connections_delay_neither_callback_nor_shutdown() {
    let world = LoginFixture::new();
    let store = world.autumn.store().clone();
    let (mut person, mut hints) = (None, Vec::new());
    let mut listener = |event: &Event| {
        if event.code == EventCode::Hint {
            hints.push(event.message.clone());
        }
        if let Some(url) = event.context.get("url") {
            let (port, callback) = (port_of(url), store.approve(url, "ada@example.com", "copper-kettle").unwrap());
            person = Some(thread::spawn(move || {
                let idle: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
                for (number, mut stream) in idle.iter().enumerate().filter(|(number, _)| number % 3 > 0) {
                    let sent: &[u8] = if number % 3 == 1 { b"GET / HTT" } else { b"\x16\x03\x01\x02\x00\x01" };
                    // The server may already have closed the oldest connections.
                    let _ = stream.write_all(sent);
                }
                let asked = Instant::now();
                let page = browse(&callback);
                (page, asked.elapsed(), idle)
            }));
        }
        ControlFlow::Continue(())
    };
    blocking::login(&world.options(), Some(&mut listener), &Cancel::new()).unwrap();
    let ended = Instant::now();
    let (page, took, idle) = person.unwrap().join().unwrap();
    assert!(page.contains("You are logged in"), "{page}");
    // Idle connections are closed after ten seconds.
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(ended.elapsed() < Duration::from_secs(10), "the idle ones held the program up");
    drop(idle);
    assert_eq!(hints.iter().filter(|hint| hint.contains("https")).count(), 1, "{hints:?}");
}
