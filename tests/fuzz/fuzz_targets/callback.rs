//! Any bytes: only what a browser sends with the right state is the callback, and everything gets an answer.
#![no_main]

use libatmn::Secret;
use libatmn::callback::{Answer, Request, end, parse, read};
use libfuzzer_sys::fuzz_target;

const STATE: &str = "s";

fuzz_target!(|bytes: &[u8]| {
    let head = end(bytes, 0).map_or(bytes, |end| &bytes[..end]);
    match read(head, 31448, &Secret::from(STATE)) {
        Request::Callback(answer) => {
            let parts = parse(head).expect("it was judged");
            assert_eq!((parts.method, parts.target.split('?').next()), ("GET", Some("/")));
            assert_eq!(parts.values("host").count(), 1);
            assert!(head.starts_with(b"GET /?") && head.contains(&b'=') && !parts.announces_body());
            if let Answer::Denied { error, description, iss } = answer {
                let texts = [Some(error), description, iss];
                assert!(texts.into_iter().flatten().all(|text| !text.chars().any(char::is_control)));
            }
        }
        Request::Path(path) => assert!(path.starts_with('/') && path != "/"),
        Request::Other(page) | Request::HeadOnly(page) => assert!(page.status() >= 400),
    }
});
