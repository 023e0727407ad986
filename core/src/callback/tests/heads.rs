//! The parser, with chosen and with random input.

use proptest::prelude::*;

use super::super::{HeadError, RequestKind, classify, find_end, parse};
use super::{CODE, STATE};
use crate::config::CALLBACK_HEAD_LIMIT;
use crate::secret::Secret;

#[test]
fn parse_splits_head_into_method_target_and_fields() {
    let head = parse(b"GET /?a=b HTTP/1.1\r\nHost: localhost:1\r\nX-Empty:\r\nCookie: \t\xff \r\n\r\n").unwrap();
    assert_eq!((head.method, head.target), ("GET", "/?a=b"));
    let fields: [(&str, &[u8]); 3] = [("Host", b"localhost:1"), ("X-Empty", b""), ("Cookie", b"\xff")];
    assert_eq!(head.fields, fields);
    assert_eq!(head.values("hOST").collect::<Vec<_>>(), [b"localhost:1"]);
}

#[test]
fn parse_refuses_malformed_heads() {
    for bytes in [
        &b""[..],
        b"\r\n\r\n",
        b"\r\nGET / HTTP/1.1\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\n\n",
        b"GET / HTTP/1.1\nHost: a\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET\t/\tHTTP/1.1\r\n\r\n",
        b" GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1 \r\n\r\n",
        b"GET / http/1.1\r\n\r\n",
        b"GET / HTTP/1.1x\r\n\r\n",
        b"GET / HTTP/11\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"G\xc3\xa9T / HTTP/1.1\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET / HTTP/1.1\r\n: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\0\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\nc\r\n\r\n",
        b"GET / HTTP/1.1\r\nA\x00: b\r\n\r\n",
    ] {
        assert_eq!(parse(bytes), Err(HeadError::Malformed), "{}", bytes.escape_ascii());
    }
    assert_eq!(parse(b"PRI * HTTP/2.0\r\n\r\n"), Err(HeadError::Version));
    assert_eq!(parse(b"GET / HTTP/0.9\r\n\r\n"), Err(HeadError::Version));
    assert_eq!(parse(&[b'A'; CALLBACK_HEAD_LIMIT + 1]), Err(HeadError::TooLarge));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
    assert_eq!(parse(many.as_bytes()), Err(HeadError::TooLarge));
}

proptest! {
    /// No input panics, and no input without the state counts as the callback.
    #[test]
    fn classify_accepts_no_random_bytes_as_callback(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
        prop_assert!(!matches!(classify(&bytes, 31448, &Secret::from(STATE)), RequestKind::Callback(_)));
    }

    /// With one byte of the genuine request changed, it is not the callback any more, or state and code are intact.
    #[test]
    fn classify_ignores_callback_with_damaged_state(at in 0..200_usize, byte: u8) {
        let mut bytes = super::genuine(31448).into_bytes();
        if let Some(location) = bytes.get_mut(at) {
            *location = byte;
        }
        if let RequestKind::Callback(_) = classify(&bytes, 31448, &Secret::from(STATE)) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert!(text.contains(STATE), "{}", text);
        }
    }


    #[test]
    fn find_end_is_independent_of_chunk_boundaries(bytes in "[\r\nA]{0,40}", cut in 0..40_usize) {
        let bytes = bytes.as_bytes();
        let first = bytes.get(..cut).unwrap_or(bytes);
        let whole = find_end(bytes, 0);
        let stepwise = find_end(first, 0).or_else(|| find_end(bytes, first.len()));
        prop_assert_eq!(whole, stepwise);
    }

    #[test]
    fn parse_round_trips_well_formed_heads(
        method in "[A-Z!#$%&'*+.^_`|~0-9-]{1,12}",
        target in "/[!-~]{0,80}",
        fields in proptest::collection::vec(("[A-Za-z0-9-]{1,20}", "([!-~]([ -~]{0,40}[!-~])?)?"), 0..20),
    ) {
        let lines: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let bytes = format!("{method} {target} HTTP/1.1\r\n{lines}\r\n").into_bytes();
        let head = parse(&bytes).unwrap();
        prop_assert_eq!((head.method, head.target), (method.as_str(), target.as_str()));
        let read: Vec<_> = head.fields.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
        let written: Vec<_> = fields.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
        prop_assert_eq!(read, written);
    }
}

#[test]
fn debug_hides_code_and_state() {
    let request = classify(super::genuine(31448).as_bytes(), 31448, &Secret::from(STATE));
    let shown = format!("{request:?} {request:#?}");
    assert!(!shown.contains(CODE) && !shown.contains(STATE), "{shown}");
}
