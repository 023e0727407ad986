//! Servers that cannot be reached.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use libatmn::__internal::http::OutgoingRequest;
use libatmn::{Cancel, ErrorCode, Result, Server};

use super::hostile::Hostile;
use super::{LONG_TIMEOUT, everything, http, wait};

fn get(url: &str) -> libatmn::Error {
    wait(http(url).send(OutgoingRequest::new("GET", "/?secret=planted"))).unwrap_err()
}

#[test]
fn closed_port_fails_to_connect() {
    // A port that was free a moment ago: the system does not assign it again soon.
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    for url in
        [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}"), format!("https://localhost:{port}")]
    {
        let error = get(&url);
        assert_eq!(error.code, ErrorCode::ConnectFailed, "{error:?}");
        assert_eq!((&*error.context["server"], &*error.context["system_code"]), (&*url, "ECONNREFUSED"));
        assert!(error.message.contains(&port.to_string()) && error.hint.is_some());
        assert!(!everything(&error).contains("planted"), "{error:?}");
    }
}

#[test]
fn unknown_host_fails_to_resolve() {
    let error = get("https://autumn.invalid:8443");
    assert_eq!(error.code, ErrorCode::ResolveFailed, "{error:?}");
    assert!(error.message.contains("autumn.invalid:8443") && error.hint.is_some());
    assert!(!everything(&error).contains("planted"), "{error:?}");
}

#[test]
fn silent_server_times_out() {
    let hostile = Hostile::new(|mut connection| connection.outlast());
    let url = hostile.url().replace("http:", "https:");
    let began = Instant::now();
    let error = wait(http(&url).send(OutgoingRequest::new("GET", "/").timeout(Duration::from_secs(60)))).unwrap_err();
    assert_eq!(error.code, ErrorCode::ConnectFailed, "{error:?}");
    assert!(error.message.contains("after 10 seconds"), "{error}");
    assert!(began.elapsed() < LONG_TIMEOUT);
}

#[test]
fn plain_http_is_loopback_only() {
    for address in ["http://example.com", "http://127.0.0.1.example.com", "http://[2001:db8::1]", "file:///etc/passwd"]
    {
        let http = libatmn::__internal::http::Http::new(Server::Custom(address.to_owned()), &super::host(&[]));
        let error = wait(http.send(OutgoingRequest::new("GET", "/"))).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{address}");
    }
}

#[test]
fn cancelled_request_ends_at_once() {
    let (seen, arrived) = std::sync::mpsc::channel();
    let (gone, left) = std::sync::mpsc::channel();
    let hostile = Hostile::new(move |mut connection| {
        connection.request();
        seen.send(()).unwrap();
        connection.outlast();
        gone.send(()).unwrap();
    });
    let cancel = Cancel::new();
    let button = cancel.clone();
    let thread = std::thread::spawn(move || {
        arrived.recv().unwrap();
        button.cancel();
        Instant::now()
    });
    let http = http(&hostile.url());
    let result: Result<_> = wait(cancel.run(http.send(OutgoingRequest::new("GET", "/"))));
    assert_eq!(result.unwrap_err().code, ErrorCode::Cancelled);
    assert!(thread.join().unwrap().elapsed() < LONG_TIMEOUT);
    left.recv_timeout(LONG_TIMEOUT).unwrap();
}
