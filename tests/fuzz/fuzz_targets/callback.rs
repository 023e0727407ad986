//! Any bytes at the callback port: no panic, and no answer without the state. The first byte chooses what surrounds the
//! rest, so that the deeper layers are reached as well.
#![no_main]

use libatmn::__internal::callback::{RequestKind, authorization_response, classify, find_end, parse};
use libatmn::Secret;
use libfuzzer_sys::fuzz_target;
use url::form_urlencoded;

const PORT: u16 = 31448;
const STATE: &str = "st4te";

fuzz_target!(|bytes: &[u8]| {
    let (choice, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let head = match choice % 4 {
        0 => rest.to_vec(),
        1 => [rest, b"\r\n\r\n"].concat(),
        2 => [b"GET /?", rest, b" HTTP/1.1\r\nHost: localhost:31448\r\n\r\n"].concat(),
        _ => [b"GET /?state=st4te&code=c HTTP/1.1\r\nHost: localhost:31448\r\n", rest, b"\r\n\r\n"].concat(),
    };
    let (state, other) = (Secret::from(STATE), Secret::from("0ther"));
    if let RequestKind::Callback(answer) = classify(&head, PORT, &state) {
        let head = parse(&head).expect("an answer in a head that is none");
        assert_eq!((head.method, head.values("host").count()), ("GET", 1));
        let query = head.target.strip_prefix("/?").expect("an answer at another path");
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let states: Vec<_> = pairs.iter().filter(|(name, _)| name == "state").map(|(_, value)| value).collect();
        assert_eq!(states, [STATE]);
        assert!(!format!("{answer:?}").chars().any(char::is_control));
        assert!(!matches!(classify(head_of(head.target).as_bytes(), PORT, &other), RequestKind::Callback(_)));
    }
    // The end is found for any split of the head into chunks.
    let whole = find_end(&head, 0);
    for searched in 0..head.len().min(64) {
        if whole.is_none_or(|end| end - 4 >= searched.saturating_sub(3)) {
            assert_eq!(find_end(&head, searched), whole);
        }
    }
    let query = String::from_utf8_lossy(rest);
    if authorization_response(&query, &state).is_some() {
        assert!(authorization_response(&query, &other).is_none());
    }
});

fn head_of(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost:{PORT}\r\n\r\n")
}
