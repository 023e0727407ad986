//! Limits on time, size, and other resources that a server could exhaust.

use std::io::Write as _;
use std::time::{Duration, Instant};

use libatmn::__internal::http::OutgoingRequest;
use libatmn::ApiResponse;
use libatmn::{ErrorCode, Result};

use super::hostile::{Hostile, HostileConnection};
use super::{LONG_TIMEOUT, autumn, everything, http, wait};

const SHORT: Duration = Duration::from_millis(400);

fn get(hostile: &Hostile, timeout: Duration, limit: usize) -> Result<ApiResponse> {
    wait(http(&hostile.url()).send(OutgoingRequest::new("GET", "/x").timeout(timeout).limit(limit)))
}

/// Sends these bytes again and again, slowly or at full speed, until the client closes the connection.
fn endless(head: &'static [u8], bytes: &'static [u8], pause: Duration) -> Hostile {
    Hostile::new(move |mut connection: HostileConnection| {
        connection.request();
        let mut alive = connection.write(head);
        while alive {
            alive = connection.write(bytes);
            std::thread::sleep(pause);
        }
    })
}

#[test]
fn timeout_bounds_whole_request() {
    let drip = Duration::from_millis(20);
    let chunk = b"1\r\nx\r\n";
    for hostile in [
        Hostile::new(|mut connection| connection.outlast()),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", drip),
        endless(b"HTTP/1.1 200 OK\r\nx: ", b"x", drip),
        endless(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"x", drip),
        endless(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk, drip),
    ] {
        let began = Instant::now();
        let error = get(&hostile, SHORT, 1 << 20).unwrap_err();
        assert_eq!(error.code, ErrorCode::RequestTimedOut, "{error:?}");
        assert!(error.message.contains("0.4 seconds"), "{error}");
        assert!((SHORT..LONG_TIMEOUT).contains(&began.elapsed()));
    }
}

#[test]
fn timeout_may_be_unlimited() {
    assert_eq!(get(&Hostile::answering(200, "{}"), Duration::MAX, 1 << 20).unwrap().body, b"{}");
}

#[test]
fn size_limit_counts_received_bytes() {
    let all = [b'x'; 4096];
    let body = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    let exact = Hostile::sending([body(4096), all.to_vec()].concat());
    assert_eq!(get(&exact, LONG_TIMEOUT, 4096).unwrap().body.len(), 4096);
    for hostile in [
        Hostile::sending([body(4097), all.to_vec(), vec![b'x']].concat()),
        endless(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", &[b'x'; 4096], Duration::ZERO),
        endless(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"4\r\nxxxx\r\n", Duration::ZERO),
        endless(b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 4096], Duration::ZERO),
    ] {
        let error = get(&hostile, LONG_TIMEOUT, 4096).unwrap_err();
        assert_eq!(error.code, ErrorCode::ResponseTooLarge, "{error:?}");
        assert_eq!(error.context["limit"], "4096");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn compressed(body: &[u8]) -> Hostile {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len());
    Hostile::sending([head.as_bytes(), body].concat())
}

#[test]
fn size_limit_counts_decompressed_bytes() {
    let text = b"small".repeat(20);
    assert_eq!(get(&compressed(&gzip(&text)), LONG_TIMEOUT, 100).unwrap().body, text);
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let error = get(&compressed(&bomb), LONG_TIMEOUT, 1 << 20).unwrap_err();
    assert_eq!(error.code, ErrorCode::ResponseTooLarge, "{error:?}");
}

#[test]
fn invalid_compression_is_an_error() {
    let whole = gzip(&b"some text".repeat(1000));
    let garbled = [&whole[..whole.len() / 2], &[0xff; 40]].concat();
    let checksum = [&whole[..whole.len() - 8], &[0; 8]].concat();
    for body in [&b"no gzip at all"[..], &whole[..whole.len() / 2], &garbled, &checksum] {
        let error = get(&compressed(body), LONG_TIMEOUT, 1 << 20).unwrap_err();
        assert_eq!(error.code, ErrorCode::ResponseUnreadable, "{error:?}");
    }
}

/// The connection stays open, so the server did not close it.
#[test]
fn invalid_framing_of_a_body_is_an_error() {
    for body in [
        &b"ZZ\r\n"[..],
        b"\r\n",
        b"-1\r\n",
        b"1 x\r\n",
        b"1\rx",
        b"1;a=b\nx",
        b"fffffffffffffffff\r\n",
        b"1\r\nxy\r\n",
        b"1\r\nx\ry",
        b"0\r\n\rx",
        b"0\r\nno colon\r\n\r\n",
    ] {
        let hostile = Hostile::new(move |mut connection: HostileConnection| {
            connection.request();
            connection.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n");
            connection.write(body);
            connection.outlast();
        });
        let error = get(&hostile, LONG_TIMEOUT, 1 << 20).unwrap_err();
        assert_eq!(error.code, ErrorCode::ResponseUnreadable, "{} {error:?}", String::from_utf8_lossy(body));
        assert!(error.cause.is_some() && !error.context.contains_key("system_code"), "{error:?}");
    }
}

#[test]
fn body_that_ends_with_its_connection_is_a_lost_connection() {
    let half = gzip(&b"some text".repeat(1000));
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n".to_vec();
    for (head, body) in [
        (&b"\r\n"[..], &b"1"[..]),
        (b"\r\n", b"1\r\n"),
        (b"\r\n", b"1\r\nx"),
        (b"\r\n", b"1\r\nx\r\n"),
        (b"\r\n", b"0\r\n"),
        (b"content-encoding: gzip\r\n\r\n", &[b"14\r\n", &half[..20], b"\r\n"].concat()),
    ] {
        let error = get(&Hostile::sending([&chunked, head, body].concat()), LONG_TIMEOUT, 1 << 20).unwrap_err();
        assert_eq!(error.code, ErrorCode::ConnectionLost, "{} {error:?}", String::from_utf8_lossy(body));
    }
}

#[test]
fn non_http_response_is_an_error() {
    for answer in [
        &b"<html>welcome to the hotel</html>"[..],
        b"\xff\xfe\x00\x01\r\n\r\n",
        b"HTTP/0.9 200 OK\r\n\r\nhello",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
    ] {
        let error = get(&Hostile::sending(answer), LONG_TIMEOUT, 1 << 20).unwrap_err();
        assert_eq!(error.code, ErrorCode::ResponseUnreadable, "{} {error:?}", String::from_utf8_lossy(answer));
        assert!(error.cause.is_some());
    }
}

#[test]
fn response_head_is_limited() {
    let error = get(&endless(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", Duration::ZERO), LONG_TIMEOUT, 1 << 20).unwrap_err();
    assert_eq!(error.code, ErrorCode::ResponseUnreadable, "{error:?}");
    let error =
        get(&endless(b"HTTP/1.1 200 OK\r\nx: ", &[b'x'; 999], Duration::ZERO), LONG_TIMEOUT, 1 << 20).unwrap_err();
    assert_eq!(error.code, ErrorCode::ResponseUnreadable, "{error:?}");
}

#[test]
fn truncated_response_is_a_lost_connection() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfive!\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfi",
    ] {
        let hostile = Hostile::sending(answer);
        let error = get(&hostile, LONG_TIMEOUT, 1 << 20).unwrap_err();
        assert_eq!(error.code, ErrorCode::ConnectionLost, "{} {error:?}", String::from_utf8_lossy(answer));
        assert_eq!(hostile.requests().len(), 1, "it was sent again");
    }
}

#[test]
fn redirects_are_not_followed() {
    let trap = Hostile::answering(200, "{}");
    for status in [301, 302, 303, 307, 308] {
        let answer = format!("HTTP/1.1 {status} X\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n", trap.url());
        let response = get(&Hostile::sending(answer), LONG_TIMEOUT, 1 << 20).unwrap();
        assert_eq!((response.status, response.header("location")), (status, Some(format!("{}/", trap.url()).as_str())));
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn sequential_requests_share_a_connection() {
    let hostile = Hostile::new(|mut connection| {
        while connection.request().is_some() {
            connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
            connection.write(format!("{:02}", connection.stream.peer_addr().unwrap().port() % 100).as_bytes());
        }
    });
    let http = http(&hostile.url());
    let bodies = wait(async {
        let mut bodies = Vec::new();
        for _ in 0..3 {
            bodies.push(http.send(OutgoingRequest::new("GET", "/")).await.unwrap().body);
        }
        bodies
    });
    assert_eq!(bodies[0], bodies[2]);
    // A runtime closes its connections when it is dropped; the next one opens new connections.
    wait(http.send(OutgoingRequest::new("GET", "/"))).unwrap();
    assert_eq!(hostile.requests().len(), 4);
}

#[test]
fn request_has_user_agent_and_stays_on_host() {
    let hostile = Hostile::answering(200, "{}");
    get(&hostile, LONG_TIMEOUT, 1 << 20).unwrap();
    let request = hostile.requests().remove(0);
    assert!(request.starts_with("GET /x HTTP/1.1\r\n"), "{request}");
    let agent = format!("user-agent: libatmn/{}\r\n", env!("CARGO_PKG_VERSION"));
    assert!(request.contains(&agent) && request.contains("accept-encoding: gzip\r\n"), "{request}");
    for target in ["//127.0.0.1:9/", "http://127.0.0.1:9/", "/\\127.0.0.1:9/"] {
        let error = wait(http(&hostile.url()).send(OutgoingRequest::new("GET", target))).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{target}");
    }
    for request in [
        OutgoingRequest::new("G T", "/"),
        OutgoingRequest::new("GET", "/").header("a", "b\r\nc: d"),
        OutgoingRequest::new("GET", "/").header("a b", "c"),
        OutgoingRequest::new("GET", "/").bearer("am_sk_test_…a1b2\n"),
    ] {
        let error = wait(http(&hostile.url()).send(request)).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidArgument);
        assert!(!everything(&error).contains("c: d"));
    }
}

#[test]
fn request_without_runtime_is_an_error() {
    let autumn = autumn();
    let http = http(&autumn.url());
    let mut call = std::pin::pin!(http.send(OutgoingRequest::new("GET", "/")));
    let poll = call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    let std::task::Poll::Ready(Err(error)) = poll else { panic!("{poll:?}") };
    assert_eq!((error.code, error.context["option"].as_str()), (ErrorCode::InvalidArgument, "runtime"));
    assert!(autumn.store().requests().is_empty());
}
