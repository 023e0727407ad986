//! The scopes of a login: those of the server's answer, and fewer where the caller asks for fewer.

use std::ops::ControlFlow;

use atmn_tests::project::{LIVE, SANDBOX};
use libatmn::__internal::config::MINT_KEYS_PATH;
use libatmn::{
    ApiKey, ApiRequest, BeginLoginResult, Cancel, ClientOptions, CompleteOptions, Environment, Error, Event, EventCode,
    Host, Identity, LoginOptions, LoginResult, Reauth, ResolveOptions, WhoamiOptions, blocking,
};
use local_autumn::Fault;
use serde_json::json;

use super::{LONG_TIMEOUT, LoginFixture, browse};

/// What a login's keys may do.
const ALL: &[&str] = &[
    "apiKeys:read",
    "apiKeys:write",
    "customers:read",
    "customers:write",
    "features:read",
    "features:write",
    "organisation:read",
    "plans:read",
];

fn host(world: &LoginFixture) -> Host {
    let variables = [("XDG_STATE_HOME", world.project.home().join("state")), ("HOME", world.project.home())];
    Host::new(variables.map(|(name, value)| (name, value.into_os_string())), Some(world.project.path("")))
}

fn options(world: &LoginFixture, scopes: Option<&[&str]>) -> LoginOptions {
    let scopes = scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect());
    LoginOptions { host: Some(host(world)), scopes, ..world.options() }
}

fn resolve(world: &LoginFixture) -> ResolveOptions {
    ResolveOptions {
        environment: Some(Environment::Sandbox),
        directory: Some(world.project.path("")),
        host: Some(host(world)),
        ..ResolveOptions::default()
    }
}

fn whoami(world: &LoginFixture) -> Identity {
    let options = WhoamiOptions { server: world.options().server, resolve: resolve(world), ..WhoamiOptions::default() };
    blocking::whoami(&options, &Cancel::new()).unwrap()
}

/// An approved login, and the scopes that its events say are missing.
fn log_in(world: &LoginFixture, options: &LoginOptions) -> (LoginResult, Option<String>) {
    let mut missing = None;
    let mut listener = |event: &Event| {
        if let Some(url) = event.context.get("url") {
            let callback = world.approve(url);
            std::thread::spawn(move || browse(&callback));
        }
        if let Some(scopes) = event.context.get("missing_scopes") {
            assert_eq!(event.code, EventCode::Hint);
            missing = Some(scopes.clone());
        }
        ControlFlow::Continue(())
    };
    let result = blocking::login(options, Some(&mut listener), &Cancel::new()).unwrap();
    (result, missing)
}

/// The code of a login that asks no user; `None` if it kept the keys.
fn asks_user(options: &LoginOptions) -> bool {
    let mut listener = |_: &Event| ControlFlow::Break(());
    blocking::login(options, Some(&mut listener), &Cancel::new()).is_err()
}

fn call(world: &LoginFixture, method: &str, path: &str) -> Result<u16, Error> {
    let options = ClientOptions { server: world.options().server, resolve: resolve(world), ..ClientOptions::default() };
    let client = blocking::Client::new(options).unwrap();
    let mut request = ApiRequest::new(method, path);
    request.body = (method == "POST").then(|| b"{\"customer_id\":\"cus_first\",\"feature_id\":\"messages\"}".to_vec());
    client.request(&request, None, &Cancel::new()).map(|response| response.status)
}

fn texts(scopes: Option<Vec<String>>) -> Vec<String> {
    scopes.unwrap_or_default()
}

#[test]
fn scopes_of_the_answer_are_told_and_remembered() {
    let world = LoginFixture::new();
    let (result, missing) = log_in(&world, &options(&world, None));
    let scopes = texts(result.scopes);
    assert!(ALL.iter().all(|scope| scopes.iter().any(|known| known == scope)), "{scopes:?}");
    assert_eq!(missing.as_deref(), Some("balances:read balances:write billing:write"));
    assert_eq!(texts(whoami(&world).scopes), scopes);
    let (kept, _) = log_in(&world, &options(&world, None));
    assert!(kept.saved.is_none());
    assert_eq!(texts(kept.scopes), scopes);
    // The server has said nothing about a key that no login here created.
    let known = world.autumn.store().keys().into_iter().find(|known| known.key.reveal().starts_with("am_sk_test_"));
    let key = Some(known.unwrap().key.reveal().into());
    let other = WhoamiOptions {
        server: world.options().server,
        resolve: ResolveOptions { key, ..resolve(&world) },
        ..WhoamiOptions::default()
    };
    assert_eq!(blocking::whoami(&other, &Cancel::new()).unwrap().scopes, None);
}

#[test]
fn refused_call_names_the_missing_scope_and_the_way_out() {
    let world = LoginFixture::new();
    log_in(&world, &options(&world, None));
    for (path, scope) in
        [("/v1/check", "balances:read"), ("/v1/track", "balances:write"), ("/v1/attach", "billing:write")]
    {
        let error = call(&world, "POST", path).unwrap_err();
        assert_eq!((error.code.name(), error.context["status"].as_str()), ("api_error", "403"));
        assert_eq!(error.context["missing_scopes"], scope);
        let hint = error.hint.unwrap().to_string();
        assert!(hint.contains(scope) && hint.contains("on the server") && hint.contains("save_keys"), "{hint}");
    }
    assert_eq!(call(&world, "GET", "/v1/customers").unwrap(), 200);
    assert_eq!(call(&world, "POST", "/v1/customers").unwrap(), 200);
}

#[test]
fn answer_without_scopes_leads_to_no_statement() {
    for scopes in [json!(null), json!([]), json!(["admin"])] {
        let world = LoginFixture::new();
        for key in [SANDBOX, LIVE] {
            world.autumn.store().add_key(ApiKey::parse(key).unwrap(), "copper-kettle", "CLI Key");
        }
        let id = "org_6QzTnV2kCopperKettle";
        let body = json!({ "sandbox_key": SANDBOX, "prod_key": LIVE, "org_id": id, "scopes": scopes }).to_string();
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        world.autumn.store().inject(MINT_KEYS_PATH, 1, Fault::Answer { status: 200, headers, body });
        let (result, missing) = log_in(&world, &options(&world, None));
        assert_eq!(missing, None, "{scopes}");
        assert_eq!(result.scopes.is_some(), scopes == json!(["admin"]), "{scopes}");
    }
}

#[test]
fn login_creates_keys_of_the_wanted_scopes_only() {
    let world = LoginFixture::new();
    let reader = options(&world, Some(&["customers:list", "customers:read"]));
    let (result, _) = log_in(&world, &reader);
    assert_eq!(texts(result.scopes), ["customers:read"]);
    assert_eq!(call(&world, "GET", "/v1/customers").unwrap(), 200);
    assert_eq!(call(&world, "POST", "/v1/customers").unwrap_err().context["missing_scopes"], "customers:write");
    // Keys of the same scopes are kept, those of other scopes are replaced.
    assert!(!asks_user(&reader) && !asks_user(&options(&world, None)));
    assert!(asks_user(&options(&world, Some(&["customers:read", "plans:read"]))));
    assert!(asks_user(&options(&world, Some(&["customers:update"]))));
}

#[test]
fn two_step_login_keeps_the_wanted_scopes() {
    let world = LoginFixture::new();
    let options = options(&world, Some(&["plans:read"]));
    let begun = blocking::begin_login(&options, &Cancel::new()).unwrap();
    let BeginLoginResult::Pending(pending) = begun else { panic!("{begun:?}") };
    let complete = CompleteOptions { host: options.host, ..CompleteOptions::default() };
    let result = blocking::complete_login(&world.approve(&pending.url), &complete, None, &Cancel::new()).unwrap();
    assert_eq!(texts(result.scopes), ["plans:read"]);
}

#[test]
fn other_scopes_are_refused_before_anything_happens() {
    let world = LoginFixture::new();
    for scopes in [&[][..], &["balances:read"], &["customers:read", "customers:write"], &["openid"]] {
        let options = options(&world, Some(scopes));
        let mut listener = |_: &Event| -> ControlFlow<()> { panic!("an event") };
        let refused = [
            blocking::login(&options, Some(&mut listener), &Cancel::new()).unwrap_err(),
            blocking::begin_login(&options, &Cancel::new()).unwrap_err(),
            blocking::start_login(&options, &Cancel::new()).unwrap_err(),
        ];
        for error in refused {
            assert_eq!((error.code.name(), error.context["option"].as_str()), ("invalid_argument", "scopes"));
            assert!(error.hint.unwrap().to_string().contains("customers:list"));
        }
    }
    assert!(world.autumn.store().requests().is_empty());
}

/// A key that replaces a rejected one may do no more.
#[test]
fn login_after_a_rejected_key_asks_for_its_scopes() {
    let world = LoginFixture::new();
    log_in(&world, &options(&world, Some(&["customers:read"])));
    let rejected = whoami(&world).key;
    assert!(world.autumn.store().revoke(&rejected));
    let client = ClientOptions {
        server: world.options().server,
        resolve: resolve(&world),
        reauth: Reauth::Always,
        login_timeout: LONG_TIMEOUT,
        open_browser: false,
        ports: world.options().ports,
        ..ClientOptions::default()
    };
    let mut listener = |event: &Event| {
        if let Some(url) = event.context.get("url") {
            let callback = world.approve(url);
            std::thread::spawn(move || browse(&callback));
        }
        ControlFlow::Continue(())
    };
    let client = blocking::Client::new(client).unwrap();
    client.request(&ApiRequest::new("GET", "/v1/customers"), Some(&mut listener), &Cancel::new()).unwrap();
    let identity = whoami(&world);
    assert_ne!(identity.key.reveal(), rejected.reveal());
    assert_eq!(texts(identity.scopes), ["customers:read"]);
}
