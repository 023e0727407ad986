//! The limits on sizes and times.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use local_autumn::Options;

use crate::support::{connect, get, raw, read_reply, request, start, start_with};

#[test]
fn large_head_is_refused() {
    let autumn = start();
    let reply = get(&autumn, "/", &[("X-Filler", &"x".repeat(20 * 1024))]);
    assert_eq!(reply.status, 431);
    assert_eq!(get(&autumn, "/", &[("X-Filler", &"x".repeat(8 * 1024))]).status, 200);
}

#[test]
fn large_body_is_refused() {
    let autumn = start();
    let body = "x".repeat(64 * 1024);
    assert_eq!(request(&autumn, "POST", "/sign-in", &[], &body).status, 400, "the body was read");
    assert_eq!(request(&autumn, "POST", "/sign-in", &[], &(body + "x")).status, 413);
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
        autumn.port()
    );
    let chunks = format!("8000\r\n{0}\r\n8000\r\n{0}\r\n1\r\nx\r\n0\r\n\r\n", "x".repeat(0x8000));
    assert_eq!(raw(&autumn, (head + &chunks).as_bytes()).status, 413, "chunked");
}

#[test]
fn slow_requests_time_out() {
    let autumn = start_with(Options { request_timeout: Duration::from_millis(300), ..Options::default() });
    let host = format!("Host: localhost:{}\r\n", autumn.port());
    let mut silent = connect(&autumn);
    let mut head = connect(&autumn);
    head.write_all(format!("GET / HTTP/1.1\r\n{host}X-Slow").as_bytes()).unwrap();
    let mut body = connect(&autumn);
    body.write_all(format!("POST /sign-in HTTP/1.1\r\n{host}Content-Length: 9\r\n\r\nperson").as_bytes()).unwrap();
    let mut kept = connect(&autumn);
    kept.write_all(format!("GET / HTTP/1.1\r\n{host}\r\n").as_bytes()).unwrap();
    let mut rest = Vec::new();
    silent.read_to_end(&mut rest).unwrap();
    assert_eq!(read_reply(&mut kept).unwrap().status, 200, "answered, then closed as it stays idle");
    let _ = read_reply(&mut head);
    assert_eq!(read_reply(&mut body).unwrap().status, 408);
}

/// Idle connections of one client must not block others.
#[test]
fn idle_connections_do_not_block_other_clients() {
    let autumn = start();
    let idle: Vec<_> = (0..200).map(|_| connect(&autumn)).collect();
    assert_eq!(get(&autumn, "/", &[]).status, 200);
    drop(idle);
}

#[test]
fn one_connection_serves_many_requests() {
    let autumn = start();
    let mut stream = connect(&autumn);
    let one = format!("GET /v1/products HTTP/1.1\r\nHost: localhost:{}\r\n", autumn.port());
    stream.write_all(format!("{one}\r\n{one}\r\n{one}Connection: close\r\n\r\n").as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("HTTP/1.1 401").count(), 3);
}

/// The server answers or closes a connection that does not speak HTTP.
#[test]
fn invalid_http_does_not_affect_other_clients() {
    let autumn = start();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET /\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let mut stream = connect(&autumn);
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(read_reply(&mut stream).is_none_or(|reply| reply.status >= 400));
    }
    assert_eq!(get(&autumn, "/", &[]).status, 200);
}

#[test]
fn stop_does_not_wait_for_clients() {
    let autumn = start();
    let mut idle = connect(&autumn);
    autumn.store().inject("/", 1, local_autumn::Fault::Delay(Duration::from_secs(600)));
    let mut waiting = connect(&autumn);
    waiting.write_all(format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", autumn.port()).as_bytes()).unwrap();
    drop(autumn);
    // Nothing was sent, so the server did not wait for the delay.
    assert!(read_reply(&mut waiting).is_none() && read_reply(&mut idle).is_none());
}
