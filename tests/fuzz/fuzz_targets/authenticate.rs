//! Any request to `authenticate`: a credential is exactly the header's text, and no refusal contains it.
#![no_main]

use libatmn::{Accepts, Credential, IncomingRequest, is_public_endpoint, read_credential, refusal};
use libfuzzer_sys::fuzz_target;

const KEY: &str = "am_sk_live_planted0123456789";

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(3, '\n');
    let (path, header) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let client_type = parts.next();
    for accepts in [Accepts::Any, Accepts::PublishableOnly] {
        for header in [header.to_owned(), format!("Bearer {header}"), format!("Bearer {KEY}{header}")] {
            let request = IncomingRequest { method: "GET", path, authorization: Some(&header), client_type, accepts };
            match read_credential(&request) {
                Ok(Credential::Key(key)) => assert_eq!(header.split_whitespace().last(), Some(key.reveal())),
                Ok(Credential::Dashboard) => assert_eq!(client_type, Some("dashboard")),
                Err(error) => {
                    let refusal = refusal(&error).expect("a refusal");
                    let event = refusal.event(&request);
                    let printed = format!("{request:?} {error:?} {} {}", refusal.body(), event.message);
                    assert!(text.contains("planted") || !printed.contains("planted"), "{printed}");
                    assert!(!event.message.contains(char::is_control));
                }
            }
        }
    }
    // A key within the path.
    let path = format!("/v1/{header}{KEY}{path}");
    let request = IncomingRequest { method: "GET", path: &path, ..Default::default() };
    let error = read_credential(&request).expect_err("there is no header");
    let event = refusal(&error).expect("a refusal").event(&request);
    assert!(header.contains("planted") || !event.message.contains("am_sk_live_planted"));
    // What a customer's id is for us, it is for a URL parser too.
    if is_public_endpoint("GET", &path) {
        let parsed = url::Url::parse(&format!("http://localhost{path}")).expect("a path");
        assert_eq!(parsed.path_segments().expect("segments").count(), 3);
    }
});
