//! Any text as a key, as a server URL and as a part of a message: what is accepted is safe, and nothing shows a key.
#![no_main]

use libatmn::__internal::text::quoted;
use libatmn::{ApiKey, Server, classify_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let shown = quoted(text);
    let inner = shown.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).expect("quotes");
    assert!(!inner.contains('`') && inner.chars().count() <= 201, "{shown:?}");
    assert!(!shown.contains(char::is_control), "{shown:?}");

    for text in [text.to_owned(), format!("am_sk_test_{text}"), format!("am_pk_live_{text}")] {
        let parsed = ApiKey::parse(&text);
        assert_eq!(parsed.is_ok(), classify_key(&text).is_some(), "{text:?}");
        match parsed {
            Ok(key) => {
                assert!(text.contains(key.reveal()) && key.reveal().is_ascii());
                // A key of four characters or fewer has nothing to hide behind the dots.
                assert!(key.reveal().len() < 16 || !key.to_string().contains(key.reveal()), "{key}");
                assert!(!format!("{key:?}").contains(key.reveal()) || key.reveal().len() < 16);
            }
            // The hint names the prefixes, so a shorter text can be a part of it.
            Err(error) => assert!(text.len() < 64 || !format!("{error:?}").contains(&text), "{error:?}"),
        }
    }

    for text in [text.to_owned(), format!("https://{text}"), format!("http://localhost:{text}")] {
        let Ok(server) = Server::parse(&text) else { continue };
        let url = url::Url::parse(server.api()).expect("a URL");
        assert!(url.username().is_empty() && url.password().is_none() && url.query().is_none(), "{url}");
        let host = url.host_str().expect("a host");
        let is_loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        assert!(url.scheme() == "https" || (url.scheme() == "http" && is_loopback), "{url}");
        assert_eq!(Server::parse(server.api()).expect("the same server").api(), server.api());
    }
});
