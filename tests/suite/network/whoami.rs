//! The organization of a key, and errors for keys without one.

use std::time::{Duration, Instant};

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{
    Environment, Error, ErrorCode, Identity, Kind, Origin, ResolveOptions, Result, Secret, Server, WhoamiOptions,
    whoami,
};
use local_autumn::Fault;

use super::hostile::Hostile;
use super::{LONG_TIMEOUT, autumn, everything, known_key, wait};

fn options(url: &str, key: &str) -> WhoamiOptions {
    WhoamiOptions {
        server: Some(Server::parse(url).unwrap()),
        resolve: ResolveOptions { key: Some(Secret::from(key)), ..ResolveOptions::default() },
        timeout: LONG_TIMEOUT,
    }
}

fn ask(url: &str, key: &str) -> Result<Identity> {
    wait(whoami(&options(url, key)))
}

/// The context of every failed request names it.
fn names_request(error: &Error, server: &str) {
    let url = format!("{server}{ORGANIZATION_PATH}");
    for (name, value) in [("method", "GET"), ("url", url.as_str()), ("env", "sandbox")] {
        assert_eq!(error.context.get(name).map(String::as_str), Some(value), "{name}: {error:?}");
    }
}

#[test]
fn whoami_without_a_response_names_the_request() {
    let refusing = "http://127.0.0.1:9";
    let error = ask(refusing, "am_sk_test_0123456789ab").unwrap_err();
    assert_eq!(error.code, ErrorCode::ConnectFailed);
    names_request(&error, refusing);
    let silent = Hostile::new(|mut connection| connection.outlast());
    let hurried =
        WhoamiOptions { timeout: Duration::from_millis(200), ..options(&silent.url(), "am_sk_test_0123456789ab") };
    let error = wait(whoami(&hurried)).unwrap_err();
    assert_eq!(error.code, ErrorCode::RequestTimedOut);
    names_request(&error, &silent.url());
}

#[test]
fn whoami_returns_organization_of_key() {
    let autumn = autumn();
    for environment in [Environment::Sandbox, Environment::Live] {
        let key = known_key(&autumn, Kind::Secret, environment);
        let identity = ask(&autumn.url(), key.reveal()).unwrap();
        assert_eq!(identity.organization.name, "Copper Kettle");
        assert_eq!(identity.organization.slug, "copper-kettle");
        assert_eq!(identity.organization.id.as_deref(), Some("org_6QzTnV2kCopperKettle"));
        assert_eq!(identity.key.environment(), environment);
        assert_eq!((identity.server.api(), identity.source.origin), (autumn.url().as_str(), Origin::Argument));
        assert!(!format!("{identity:?}").contains(key.reveal()));
    }
    let requests = autumn.store().requests();
    assert!(requests.iter().all(|request| request.api_version.as_deref() == Some("2.1.0")), "{requests:?}");
}

#[test]
fn whoami_uses_saved_key() {
    let autumn = autumn();
    let key = known_key(&autumn, Kind::Secret, Environment::Sandbox);
    let project = tempfile::tempdir().unwrap();
    let inner = project.path().join("src");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(project.path().join(".env"), format!("A=1\nAUTUMN_SECRET_KEY={}\n", key.reveal())).unwrap();
    let resolve = ResolveOptions { directory: Some(inner), ..ResolveOptions::default() };
    let options = WhoamiOptions { resolve, ..options(&autumn.url(), "") };
    let identity = wait(whoami(&options)).unwrap();
    assert_eq!((identity.source.origin, identity.source.line), (Origin::EnvFile, Some(2)));

    assert!(autumn.store().revoke(&key));
    let error = wait(whoami(&options)).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidSecretKey, "{error:?}");
    assert!(error.hint.as_ref().unwrap().to_string().contains("libatmn::login"));
    for (name, value) in [
        ("status", "401"),
        ("api_code", "invalid_secret_key"),
        ("env", "sandbox"),
        ("line", "2"),
        ("origin", "env_file"),
    ] {
        assert_eq!(error.context[name], value);
    }
    assert!(!everything(&error).contains(key.reveal()));
}

#[test]
fn whoami_without_usable_key_sends_no_request() {
    let autumn = autumn();
    let publishable = known_key(&autumn, Kind::Publishable, Environment::Sandbox);
    let live = known_key(&autumn, Kind::Secret, Environment::Live);
    let error = ask(&autumn.url(), publishable.reveal()).unwrap_err();
    assert_eq!(error.code, ErrorCode::EndpointNotPublic);
    assert_eq!(ask(&autumn.url(), "am_oauth_x").unwrap_err().code, ErrorCode::MalformedKey);
    let mut options = options(&autumn.url(), live.reveal());
    options.resolve.environment = Some(Environment::Sandbox);
    let error = wait(whoami(&options)).unwrap_err();
    assert_eq!(error.code, ErrorCode::WrongEnvironment);
    assert!(error.hint.unwrap().to_string().contains("live"));
    assert!(autumn.store().requests().is_empty());
}

#[test]
fn whoami_reports_key_of_other_server() {
    let autumn = autumn();
    let error = ask(&autumn.url(), "am_sk_live_0123456789planted").unwrap_err();
    assert_eq!((error.code, error.context["env"].as_str()), (ErrorCode::InvalidSecretKey, "live"));
    assert!(error.hint.as_ref().unwrap().to_string().contains(&autumn.url()), "{error:?}");
    autumn.store().fail_verification(true);
    let error = ask(&autumn.url(), "am_sk_live_0123456789planted").unwrap_err();
    assert_eq!(error.code, ErrorCode::FailedToVerifySecretKey);
    assert!(!everything(&error).contains("planted"));
}

#[test]
fn whoami_faults_have_distinct_codes() {
    let autumn = autumn();
    let key = known_key(&autumn, Kind::Secret, Environment::Sandbox);
    for (fault, code) in [
        (Fault::Drop, ErrorCode::ConnectionLost),
        (Fault::Truncate, ErrorCode::ConnectionLost),
        (Fault::Garbage, ErrorCode::ResponseUnreadable),
        (Fault::status(200), ErrorCode::ResponseUnreadable),
        (Fault::redirect("http://127.0.0.1:9/"), ErrorCode::ApiError),
        (Fault::status(401), ErrorCode::Unauthorized),
        (Fault::status(403), ErrorCode::ApiError),
        (Fault::status(502), ErrorCode::ApiError),
    ] {
        assert!(autumn.store().inject(ORGANIZATION_PATH, 1, fault.clone()));
        let error = ask(&autumn.url(), key.reveal()).unwrap_err();
        assert_eq!(error.code, code, "{fault:?} {error:?}");
        assert_eq!(
            (error.context["server"].as_str(), error.context["origin"].as_str()),
            (autumn.url().as_str(), "argument")
        );
        names_request(&error, &autumn.url());
    }
    assert!(autumn.store().inject(ORGANIZATION_PATH, 1, Fault::Delay(LONG_TIMEOUT)));
    let began = Instant::now();
    let options = WhoamiOptions { timeout: Duration::from_millis(300), ..options(&autumn.url(), key.reveal()) };
    assert_eq!(wait(whoami(&options)).unwrap_err().code, ErrorCode::RequestTimedOut);
    assert!(began.elapsed() < LONG_TIMEOUT / 2);
}

#[test]
fn organization_names_are_sanitized() {
    let key = "am_sk_test_0123456789planted";
    for (body, name, slug) in [
        (r#"{"name":"Zoë & Co","slug":"zoe","env":"sandbox"}"#, "Zoë & Co", "zoe"),
        (r#"{"name":"\u001b]0;owned\u0007\nA\u202eB","slug":"a"}"#, "\u{fffd}]0;owned\u{fffd}\u{fffd}A\u{fffd}B", "a"),
        (r#"{"slug":"only-slug"}"#, "only-slug", "only-slug"),
        (r#"{"name":"Only Name","slug":7,"id":"a\nb"}"#, "Only Name", "Only Name"),
        (r#"{"name":"my key is am_sk_test_0123456789planted","slug":"s"}"#, "s", "s"),
    ] {
        let identity = ask(&Hostile::answering(200, body).url(), key).unwrap();
        assert_eq!((identity.organization.name.as_str(), identity.organization.slug.as_str()), (name, slug));
        assert_eq!(identity.organization.id, None);
    }
    let long = ask(&Hostile::answering(200, &format!(r#"{{"name":"{}"}}"#, "x".repeat(9_999))).url(), key).unwrap();
    assert_eq!(long.organization.name.chars().count(), 201);
    for body in ["", "[]", "null", r#"{"name":""}"#, r#"{"name":" "}"#, "<html>planted"] {
        let error = ask(&Hostile::answering(200, body).url(), key).unwrap_err();
        assert_eq!(error.code, ErrorCode::ResponseUnreadable, "{body}");
        assert!(!everything(&error).contains("planted"));
    }
}

#[test]
fn whoami_future_is_send() {
    let autumn = autumn();
    let key = known_key(&autumn, Kind::Secret, Environment::Live);
    let options = options(&autumn.url(), key.reveal());
    let slug = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // `spawn` takes only what may move between threads.
        let task = runtime.spawn(async move { whoami(&options).await.map(|identity| identity.organization.slug) });
        runtime.block_on(task).unwrap()
    });
    assert_eq!(slug.join().unwrap().unwrap(), "copper-kettle");
}

#[test]
fn concurrent_calls_share_one_connection_pool() {
    let autumn = autumn();
    let http = std::sync::Arc::new(super::http(&autumn.url()));
    let key = known_key(&autumn, Kind::Secret, Environment::Sandbox);
    wait(async {
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (http, key) = (http.clone(), key.clone());
                tokio::spawn(async move { libatmn::__internal::api::organization(&http, &key, LONG_TIMEOUT).await })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap().slug, "copper-kettle");
        }
    });
    assert_eq!(autumn.store().requests().len(), 50);
}
