//! A rejected key causes one login and one repeated request, and the new key replaces the old one.

use libatmn::{ApiKey, ApiRequest, Cancel, ClientOptions, Environment, EventCode, Reauth, ResolveOptions};
use local_autumn::Fault;

use super::{CUSTOMERS, ClientFixture, User, blocking, failed, get};

fn key_in(file: &str, variable: &str) -> Option<ApiKey> {
    let line = file.lines().find_map(|line| line.strip_prefix(variable)?.strip_prefix('='))?;
    ApiKey::parse(line).ok()
}

#[test]
fn rejected_key_causes_one_login_and_one_repeated_request() {
    let desk = ClientFixture::revoked();
    let person = desk.person("copper-kettle");
    let answer = desk.call(&get(), &person).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(desk.statuses(CUSTOMERS), [401, 200]);
    assert_eq!((desk.minted(), person.times()), (1, 1));
    let codes = person.codes();
    assert_eq!(codes.first(), Some(&EventCode::KeyRejected), "{codes:?}");
    assert_eq!(codes.last(), Some(&EventCode::RequestRepeated), "{codes:?}");

    let file = desk.world.file().unwrap();
    assert_ne!(key_in(&file, "AUTUMN_SECRET_KEY").unwrap().reveal(), desk.keys[0].reveal());
    assert_ne!(key_in(&file, "AUTUMN_PROD_SECRET_KEY").unwrap().reveal(), desk.keys[1].reveal());
    assert_eq!(desk.store().active_tokens(), 0);
}

#[test]
fn new_key_replaces_rejected_key_in_its_file() {
    let desk = ClientFixture::revoked();
    let [sandbox, live] = desk.keys.each_ref().map(ApiKey::reveal);
    let local = format!("# mine\nexport AUTUMN_SECRET_KEY=\"{sandbox}\" # old\r\nPORT=80");
    desk.world.project.write(".env.local", &local);
    std::fs::create_dir(desk.world.project.path("web")).unwrap();
    let before = desk.world.file();
    let mut options = desk.options();
    options.resolve.directory = Some(desk.world.project.path("web"));
    let client = blocking::Client::new(options).unwrap();
    let person = desk.person("copper-kettle");
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    assert_eq!(desk.world.file(), before, "{live}");
    let file = desk.world.project.read(".env.local");
    assert!(file.starts_with("# mine\nexport AUTUMN_SECRET_KEY=") && file.contains("PORT=80"), "{file:?}");
    assert!(!file.contains(sandbox) && file.contains("AUTUMN_PROD_SECRET_KEY=am_sk_live_"), "{file:?}");
    assert!(!desk.world.project.path("web/.env").exists());
}

#[test]
fn rejected_live_key_is_replaced_in_its_file() {
    for (content, others) in [
        ("AUTUMN_SECRET_KEY=LIVE\n", false),
        ("AUTUMN_SECRET_KEY=LIVE\nAUTUMN_PROD_SECRET_KEY=LIVE\n", false),
        ("AUTUMN_SECRET_KEY=SANDBOX\nAUTUMN_PROD_SECRET_KEY=LIVE\n", true),
        ("AUTUMN_PROD_SECRET_KEY=LIVE\n", true),
        ("AUTUMN_SECRET_KEY=\nAUTUMN_PROD_SECRET_KEY=LIVE\n", true),
    ] {
        let desk = ClientFixture::new();
        let [sandbox, live] = desk.keys.each_ref().map(ApiKey::reveal);
        assert!(desk.store().revoke(&desk.keys[1]));
        desk.world.project.write(".env", content.replace("LIVE", live).replace("SANDBOX", sandbox));
        let mut options = desk.options();
        options.resolve.environment = Some(Environment::Live);
        let client = blocking::Client::new(options).unwrap();
        let person = desk.person("copper-kettle");
        client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();

        let file = desk.world.file().unwrap();
        let environment = |variable| key_in(&file, variable).map(|key| key.environment());
        if content.contains("AUTUMN_PROD") {
            assert_eq!(environment("AUTUMN_PROD_SECRET_KEY"), Some(Environment::Live), "{content}: {file}");
            let expected = if others { Environment::Sandbox } else { Environment::Live };
            assert_eq!(environment("AUTUMN_SECRET_KEY"), Some(expected), "{content}: {file}");
        } else {
            assert_eq!(environment("AUTUMN_SECRET_KEY"), Some(Environment::Live), "{content}: {file}");
            assert_eq!(environment("AUTUMN_PROD_SECRET_KEY"), None, "{content}: {file}");
        }
        assert_eq!(desk.minted(), 1);
    }
}

/// Without an environment, the key of `AUTUMN_SECRET_KEY` is used, sandbox or live.
#[test]
fn live_key_in_secret_variable_is_replaced_by_live_key() {
    let desk = ClientFixture::new();
    assert!(desk.store().revoke(&desk.keys[1]));
    desk.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", desk.keys[1].reveal()));
    let mut options = desk.options();
    options.resolve.environment = None;
    let client = blocking::Client::new(options).unwrap();
    let person = desk.person("copper-kettle");
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    let file = desk.world.file().unwrap();
    assert_eq!(key_in(&file, "AUTUMN_SECRET_KEY").unwrap().environment(), Environment::Live);
    assert_eq!(file.lines().count(), 1, "{file}");
}

#[test]
fn changed_key_on_disk_prevents_login() {
    let desk = ClientFixture::new();
    let fresh = ApiKey::parse("am_sk_test_freshlyMade0123456789").unwrap();
    assert!(desk.store().add_key(fresh.clone(), "copper-kettle", "fresh"));
    let client = desk.client();
    client.request(&get(), None, &Cancel::new()).unwrap();
    assert!(desk.store().revoke(&desk.keys[0]));
    let (project, person) = (desk.world.project.path(".env"), User::never_asked());
    let mut listener = person.listener();
    // The file changes between the rejection and the second look.
    let mut on_event = |event: &libatmn::Event| {
        if event.code == EventCode::KeyRejected {
            std::fs::write(&project, format!("AUTUMN_SECRET_KEY={}\n", fresh.reveal())).unwrap();
        }
        listener(event)
    };
    client.request(&get(), Some(&mut on_event), &Cancel::new()).unwrap();
    assert_eq!(desk.statuses(CUSTOMERS), [200, 401, 200]);
    assert_eq!(desk.minted(), 0);
}

/// A file that is created again is ignored by its own name.
#[test]
fn deleted_file_is_created_again_and_ignored() {
    let desk = ClientFixture::revoked();
    desk.world.project.git_init();
    let local = desk.world.project.path(".env.local");
    std::fs::rename(desk.world.project.path(".env"), &local).unwrap();
    let (store, gone) = (desk.store().clone(), local.clone());
    let person = User::new(move |url| {
        std::fs::remove_file(&gone).unwrap();
        drop(super::browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    });
    assert_eq!(desk.call(&get(), &person).unwrap().status, 200);
    assert!(local.exists());
    assert_eq!(desk.world.project.read(".gitignore"), "/.env.local\n");
}

#[test]
fn second_rejection_is_an_error_after_two_requests() {
    let desk = ClientFixture::new();
    desk.store().inject(CUSTOMERS, 9, Fault::status(401));
    let person = desk.person("copper-kettle");
    let error = failed(desk.call(&get(), &person), "unauthorized");
    assert!(error.hint.unwrap().to_string().contains("logging in again will not help"));
    assert_eq!(desk.statuses(CUSTOMERS), [401, 401]);
    assert_eq!((desk.minted(), person.times()), (1, 1));
}

#[test]
fn other_errors_cause_no_login() {
    let desk = ClientFixture::new();
    let body = |code: &str| format!(r#"{{"message":"no","code":"{code}","env":"sandbox"}}"#);
    let answer = |status, code: &str| Fault::Answer { status, headers: Vec::new(), body: body(code) };
    for (fault, code) in [
        (Fault::status(403), "api_error"),
        (answer(403, "insufficient_scopes"), "api_error"),
        (answer(401, "failed_to_verify_secret_key"), "failed_to_verify_secret_key"),
        (answer(401, "no_secret_key"), "no_secret_key"),
        (answer(401, "invalid_auth_header"), "invalid_auth_header"),
        (answer(400, "invalid_secret_key"), "invalid_secret_key"),
    ] {
        desk.store().inject(CUSTOMERS, 1, fault);
        let error = failed(desk.call(&get(), &User::never_asked()), code);
        assert_eq!(error.context["env"], "sandbox");
    }
    let publishable = ApiKey::parse("am_pk_test_unknown0123456789").unwrap();
    let resolve = ResolveOptions { key: Some(publishable.reveal().into()), ..ResolveOptions::default() };
    let client = blocking::Client::new(ClientOptions { resolve, ..desk.options() }).unwrap();
    let products = ApiRequest::new("GET", "/v1/products");
    let mut listener = User::never_asked().listener();
    failed(client.request(&products, Some(&mut listener), &Cancel::new()), "invalid_publishable_key");
    failed(client.reauthenticate(&publishable, None, Some(&mut listener), &Cancel::new()), "wrong_key_kind");
}

#[test]
fn post_is_repeated_once_after_login() {
    let desk = ClientFixture::revoked();
    let request = ApiRequest::new("POST", CUSTOMERS).json(r#"{"id":"cus_42","name":"Ada"}"#);
    let answer = desk.call(&request, &desk.person("copper-kettle")).unwrap();
    assert!(String::from_utf8(answer.body).unwrap().contains("cus_42"));
    assert_eq!(desk.statuses(CUSTOMERS), [401, 200]);
}

#[test]
fn reauthenticate_returns_key_without_request() {
    let desk = ClientFixture::revoked();
    let (client, person) = (desk.client(), desk.person("copper-kettle"));
    let renewed = client.reauthenticate(&desk.keys[0], None, Some(&mut person.listener()), &Cancel::new()).unwrap();
    assert_eq!(key_in(&desk.world.file().unwrap(), "AUTUMN_SECRET_KEY").unwrap().reveal(), renewed.key.reveal());
    // A late caller with the old key receives the new one, without a login.
    let again = client.reauthenticate(&desk.keys[0], None, None, &Cancel::new()).unwrap();
    assert_eq!(again.key.reveal(), renewed.key.reveal());
    assert_eq!((desk.minted(), person.times()), (1, 1));
}

#[test]
fn pasted_url_completes_login_of_call() {
    let desk = ClientFixture::revoked();
    let client = std::sync::Arc::new(desk.client());
    failed(client.submit("?code=x&state=y"), "no_pending_login");
    let (store, other) = (desk.store().clone(), std::sync::Arc::clone(&client));
    let person = User::new(move |url| {
        let address = store.approve(url, "ada@example.com", "copper-kettle").unwrap();
        failed(other.submit("http://localhost:31448/?code=abcdefghijklmnop&state=wrong"), "state_mismatch");
        other.submit(&address).unwrap();
    });
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    assert_eq!((desk.minted(), person.times()), (1, 1));
}

#[test]
fn refused_relogin_fails_at_once_with_reason() {
    let desk = ClientFixture::revoked();
    let refused = |reauth, listens: bool| {
        let client = blocking::Client::new(ClientOptions { reauth, ..desk.options() }).unwrap();
        let mut listener = User::never_asked().listener();
        let result = if listens {
            client.request(&get(), Some(&mut listener), &Cancel::new())
        } else {
            client.request(&get(), None, &Cancel::new())
        };
        let error = failed(result, "login_needed");
        assert_eq!((error.context["status"].as_str(), error.context["line"].as_str()), ("401", "1"));
        assert_eq!(error.context["api_code"], "invalid_secret_key");
        assert!(error.hint.unwrap().to_string().contains("libatmn::login"));
        assert!(error.cause.unwrap().to_string().contains("401"));
        error.message
    };
    assert!(refused(Reauth::Never, true).contains("`reauth` is `never`"));
    assert!(refused(Reauth::Always, false).contains("needs a listener"));
    assert!(refused(Reauth::Auto, true).contains("off for custom servers"));
    assert_eq!(desk.minted(), 0);
}
