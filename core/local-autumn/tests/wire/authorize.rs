//! The authorize endpoint: valid requests, errors for the client, and errors on the server's own page.

use local_autumn::ApproveError;
use url::Url;

use crate::support::{CLIENT_ID, REDIRECT, SCOPES, authorize_query, authorize_target, get, parameter, request, start};

#[test]
fn valid_request_shows_the_sign_in_page() {
    let autumn = start();
    for port in 31448..=31452 {
        let reply = get(&autumn, &authorize_target(&[("redirect_uri", &format!("http://localhost:{port}/"))]), &[]);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.text().contains("Sign in"));
    }
}

/// Such an error never reaches the callback URL, so the client can only time out.
#[test]
fn untrusted_callback_url_shows_an_error_page() {
    let autumn = start();
    let rows = [
        ("client_id", "", "invalid_client"),
        ("client_id", "hAWUopQqLnsSwuRgeRzIBzKslwXmQUSR", "invalid_client"),
        ("redirect_uri", "", "invalid_redirect"),
        ("redirect_uri", "http://localhost:31449", "invalid_redirect"),
        ("redirect_uri", "http://localhost:31449//", "invalid_redirect"),
        ("redirect_uri", "http://localhost:31449/?x=1", "invalid_redirect"),
        ("redirect_uri", "http://127.0.0.1:31449/", "invalid_redirect"),
        ("redirect_uri", "http://[::1]:31449/", "invalid_redirect"),
        ("redirect_uri", "http://LOCALHOST:31449/", "invalid_redirect"),
        ("redirect_uri", "https://localhost:31449/", "invalid_redirect"),
        ("redirect_uri", "http://localhost:31447/", "invalid_redirect"),
        ("redirect_uri", "http://localhost:31453/", "invalid_redirect"),
        ("redirect_uri", "http://localhost:31449/callback", "invalid_redirect"),
        ("redirect_uri", "http://evil.example/", "invalid_redirect"),
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge_method", "plain", "invalid_request"),
    ];
    for (name, value, code) in rows {
        let reply = get(&autumn, &authorize_target(&[(name, value)]), &[]);
        assert_eq!((reply.status, reply.header("location")), (400, String::new()), "{name}={value}");
        assert!(reply.text().contains(code), "{name}={value}");
        let url = autumn.url() + &authorize_target(&[(name, value)]);
        let error = autumn.store().approve(&url, "ada@example.com", "night-library").unwrap_err();
        assert!(matches!(error, ApproveError::Refused(_)), "{error:?}");
    }
    let repeated = format!("{}&state=other", authorize_target(&[]));
    assert_eq!(get(&autumn, &repeated, &[]).status, 400);
}

#[test]
fn error_page_repeats_nothing_of_the_request() {
    let reply = get(&start(), &authorize_target(&[("client_id", "<script>alert(1)</script>")]), &[]);
    assert!(!reply.text().contains("alert"), "{}", reply.text());
}

/// The parameters of the callback URL: `error`, `error_description`, `state`, `iss`, in this order.
#[test]
fn other_errors_go_to_the_callback_url() {
    let autumn = start();
    let more = format!("{SCOPES} openid offline_access");
    let rows = [
        ("scope", more.as_str(), "invalid_scope", "The following scopes are invalid: openid, offline_access"),
        ("scope", "customers:reads", "invalid_scope", "The following scopes are invalid: customers:reads"),
        ("code_challenge", "", "invalid_request", "pkce is required for public clients"),
        ("code_challenge_method", "", "invalid_request", "pkce is required for public clients"),
        ("code_challenge", "tooshort", "invalid_request", "invalid code_challenge"),
        ("code_challenge", "not base64url, but exactly 43 characters...", "invalid_request", "invalid code_challenge"),
    ];
    for (name, value, error, description) in rows {
        let reply = get(&autumn, &authorize_target(&[(name, value)]), &[]);
        assert_eq!(reply.status, 302, "{name}={value}");
        let location = reply.location();
        let pairs: Vec<_> = location.query_pairs().into_owned().collect();
        let expected = [
            ("error".to_owned(), error.to_owned()),
            ("error_description".to_owned(), description.to_owned()),
            ("state".to_owned(), "st4te".to_owned()),
            ("iss".to_owned(), format!("{}/api/auth", autumn.url())),
        ];
        assert_eq!(pairs, expected);
        assert!(location.as_str().starts_with(REDIRECT));
        let url = autumn.url() + &authorize_target(&[(name, value)]);
        assert_eq!(autumn.store().approve(&url, "ada@example.com", "night-library").unwrap(), location.as_str());
    }
}

#[test]
fn request_without_scope_gets_all_scopes() {
    let autumn = start();
    let url = autumn.url() + &authorize_target(&[("scope", "")]);
    let callback = autumn.store().approve(&url, "ben@example.com", "paper-lantern").unwrap();
    let code = parameter(&Url::parse(&callback).unwrap(), "code").unwrap();
    assert_eq!(crate::support::exchange(&autumn, &code, &[]).json()["scope"], SCOPES);
}

#[test]
fn callback_without_state_has_no_state() {
    let autumn = start();
    let url = autumn.url() + &authorize_target(&[("state", "")]);
    let callback = Url::parse(&autumn.store().approve(&url, "ada@example.com", "copper-kettle").unwrap()).unwrap();
    assert_eq!(parameter(&callback, "state"), None);
    assert!(parameter(&callback, "code").is_some() && parameter(&callback, "iss").is_some());
}

#[test]
fn approve_requires_a_member_and_an_own_url() {
    let autumn = start();
    let store = autumn.store();
    let url = autumn.url() + &authorize_target(&[]);
    assert_eq!(store.approve(&url, "eve@example.com", "night-library"), Err(ApproveError::NoSuchPerson));
    assert_eq!(store.approve(&url, "ada@example.com", "paper-lantern"), Err(ApproveError::NoSuchOrganization));
    for url in [
        "",
        "nonsense",
        &autumn.url(),
        &url.replace("authorize", "token"),
        &url.replace(&autumn.url(), "http://localhost:1"),
    ] {
        assert_eq!(store.approve(url, "ada@example.com", "night-library"), Err(ApproveError::NotOurs), "{url}");
    }
    let callback =
        store.approve(&url.replacen("localhost", "127.0.0.1", 1), "usr_Ada8fK2mQ", "org_9XwLmD4rNightLibrary");
    assert!(callback.unwrap().starts_with(REDIRECT));
}

#[test]
fn denial_has_state_and_issuer() {
    let autumn = start();
    let callback = autumn.store().deny(&(autumn.url() + &authorize_target(&[]))).unwrap();
    let issuer = crate::support::encode(&[("iss", &format!("{}/api/auth", autumn.url()))]);
    assert_eq!(
        callback,
        format!("{REDIRECT}?error=access_denied&error_description=User+denied+access&state=st4te&{issuer}")
    );
}

#[test]
fn automatic_approval_shows_no_page() {
    let autumn = start();
    autumn.store().approve_automatically(Some(("ada@example.com", "copper-kettle"))).unwrap();
    let reply = get(&autumn, &authorize_target(&[]), &[]);
    assert_eq!(reply.status, 302);
    assert_eq!(parameter(&reply.location(), "state").unwrap(), "st4te");
    assert!(parameter(&reply.location(), "code").unwrap().len() >= 16);
    autumn.store().approve_automatically(None).unwrap();
    assert_eq!(get(&autumn, &authorize_target(&[]), &[]).status, 200);
}

#[test]
fn tests_can_register_a_callback_port() {
    let autumn = start();
    let target = authorize_target(&[("redirect_uri", "http://localhost:40123/")]);
    assert_eq!(get(&autumn, &target, &[]).status, 400);
    autumn.store().register_callback_port(40123);
    assert_eq!(get(&autumn, &target, &[]).status, 200);
}

#[test]
fn discovery_has_the_paths_of_autumn() {
    let autumn = start();
    let base = autumn.url();
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/api/auth",
        "/api/auth/.well-known/openid-configuration",
    ] {
        let reply = get(&autumn, path, &[]);
        let document = reply.json();
        assert_eq!(reply.status, 200);
        assert_eq!(document["issuer"], format!("{base}/api/auth"));
        assert_eq!(document["authorization_endpoint"], format!("{base}/api/auth/oauth2/authorize"));
        assert_eq!(document["token_endpoint"], format!("{base}/api/auth/oauth2/token"));
        assert_eq!(document["revocation_endpoint"], format!("{base}/api/auth/oauth2/revoke"));
        assert_eq!(document["authorization_response_iss_parameter_supported"], false);
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert_eq!(document["scopes_supported"].as_array().unwrap().len(), 20);
    }
    assert_eq!(get(&autumn, "/.well-known/openid-configuration", &[]).status, 404);
    assert_eq!(get(&autumn, "/api/auth/jwks", &[]).json(), serde_json::json!({ "keys": [] }));
}

#[test]
fn authorize_requires_get() {
    let autumn = start();
    for method in ["POST", "HEAD", "OPTIONS", "PUT"] {
        let reply = request(&autumn, method, &authorize_target(&[]), &[], "");
        assert_eq!((reply.status, reply.header("allow").as_str()), (405, "GET"), "{method}");
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
    assert!(authorize_query(&[]).contains(CLIENT_ID));
}
