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
    let fixture = ClientFixture::revoked();
    let person = fixture.person("copper-kettle");
    let answer = fixture.call(&get(), &person).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(fixture.statuses(CUSTOMERS), [401, 200]);
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
    let codes = person.codes();
    assert_eq!(codes.first(), Some(&EventCode::KeyRejected), "{codes:?}");
    assert_eq!(codes.last(), Some(&EventCode::RequestRepeated), "{codes:?}");

    let file = fixture.world.file().unwrap();
    assert_ne!(key_in(&file, "AUTUMN_SECRET_KEY").unwrap().reveal(), fixture.keys[0].reveal());
    // The live key is not known to belong to this server, so it is neither sent there nor replaced.
    assert_eq!(key_in(&file, "AUTUMN_PROD_SECRET_KEY").unwrap().reveal(), fixture.keys[1].reveal());
    assert_eq!(fixture.store().active_tokens(), 0);
}

#[test]
fn new_key_replaces_rejected_key_in_its_file() {
    let fixture = ClientFixture::revoked();
    let sandbox = fixture.keys[0].reveal();
    let local = format!("# mine\nexport AUTUMN_SECRET_KEY=\"{sandbox}\" # old\r\nPORT=80");
    fixture.world.project.write(".env.local", &local);
    std::fs::create_dir(fixture.world.project.path("web")).unwrap();
    let before = fixture.world.file();
    let mut options = fixture.options();
    options.resolve.directory = Some(fixture.world.project.path("web"));
    let client = blocking::Client::new(options).unwrap();
    let person = fixture.person("copper-kettle");
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    assert_eq!(fixture.world.file(), before);
    let file = fixture.world.project.read(".env.local");
    assert!(file.starts_with("# mine\nexport AUTUMN_SECRET_KEY=") && file.contains("PORT=80"), "{file:?}");
    // A live key here would take precedence over the one in `.env`.
    assert!(!file.contains(sandbox) && !file.contains("AUTUMN_PROD_SECRET_KEY"), "{file:?}");
    assert!(!fixture.world.project.path("web/.env").exists());
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
        let fixture = ClientFixture::new();
        let [sandbox, live] = fixture.keys.each_ref().map(ApiKey::reveal);
        assert!(fixture.store().revoke(&fixture.keys[1]));
        fixture.world.project.write(".env", content.replace("LIVE", live).replace("SANDBOX", sandbox));
        let mut options = fixture.options();
        options.resolve.environment = Some(Environment::Live);
        let client = blocking::Client::new(options).unwrap();
        let person = fixture.person("copper-kettle");
        client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();

        let file = fixture.world.file().unwrap();
        let environment = |variable| key_in(&file, variable).map(|key| key.environment());
        if content.contains("AUTUMN_PROD") {
            assert_eq!(environment("AUTUMN_PROD_SECRET_KEY"), Some(Environment::Live), "{content}: {file}");
            let expected = if others { Environment::Sandbox } else { Environment::Live };
            assert_eq!(environment("AUTUMN_SECRET_KEY"), Some(expected), "{content}: {file}");
        } else {
            assert_eq!(environment("AUTUMN_SECRET_KEY"), Some(Environment::Live), "{content}: {file}");
            assert_eq!(environment("AUTUMN_PROD_SECRET_KEY"), None, "{content}: {file}");
        }
        assert_eq!(fixture.minted(), 1);
    }
}

/// Without an environment, the key of `AUTUMN_SECRET_KEY` is used, sandbox or live.
#[test]
fn live_key_in_secret_variable_is_replaced_by_live_key() {
    let fixture = ClientFixture::new();
    assert!(fixture.store().revoke(&fixture.keys[1]));
    fixture.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", fixture.keys[1].reveal()));
    let mut options = fixture.options();
    options.resolve.environment = None;
    let client = blocking::Client::new(options).unwrap();
    let person = fixture.person("copper-kettle");
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    let file = fixture.world.file().unwrap();
    assert_eq!(key_in(&file, "AUTUMN_SECRET_KEY").unwrap().environment(), Environment::Live);
    assert_eq!(file.lines().count(), 1, "{file}");
}

#[test]
fn changed_key_on_disk_prevents_login() {
    let fixture = ClientFixture::new();
    let fresh = ApiKey::parse("am_sk_test_freshlyMade0123456789").unwrap();
    assert!(fixture.store().add_key(fresh.clone(), "copper-kettle", "fresh"));
    let client = fixture.client();
    client.request(&get(), None, &Cancel::new()).unwrap();
    assert!(fixture.store().revoke(&fixture.keys[0]));
    let (project, person) = (fixture.world.project.path(".env"), User::never_asked());
    let mut listener = person.listener();
    // The file changes between the rejection and the second look.
    let mut on_event = |event: &libatmn::Event| {
        if event.code == EventCode::KeyRejected {
            std::fs::write(&project, format!("AUTUMN_SECRET_KEY={}\n", fresh.reveal())).unwrap();
        }
        listener(event)
    };
    client.request(&get(), Some(&mut on_event), &Cancel::new()).unwrap();
    assert_eq!(fixture.statuses(CUSTOMERS), [200, 401, 200]);
    assert_eq!(fixture.minted(), 0);
}

/// A file that is created again is ignored by its own name.
#[test]
fn deleted_file_is_created_again_and_ignored() {
    let fixture = ClientFixture::revoked();
    fixture.world.project.git_init();
    let local = fixture.world.project.path(".env.local");
    std::fs::rename(fixture.world.project.path(".env"), &local).unwrap();
    let (store, gone) = (fixture.store().clone(), local.clone());
    let person = User::new(move |url| {
        std::fs::remove_file(&gone).unwrap();
        drop(super::browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    });
    assert_eq!(fixture.call(&get(), &person).unwrap().status, 200);
    assert!(local.exists());
    assert_eq!(fixture.world.project.read(".gitignore"), "/.env.local\n");
}

#[test]
fn second_rejection_is_an_error_after_two_requests() {
    let fixture = ClientFixture::new();
    fixture.store().inject(CUSTOMERS, 9, Fault::status(401));
    let person = fixture.person("copper-kettle");
    let error = failed(fixture.call(&get(), &person), "unauthorized");
    assert!(error.hint.unwrap().to_string().contains("logging in again will not help"));
    assert_eq!(fixture.statuses(CUSTOMERS), [401, 401]);
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
}

#[test]
fn other_errors_cause_no_login() {
    let fixture = ClientFixture::new();
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
        fixture.store().inject(CUSTOMERS, 1, fault);
        let error = failed(fixture.call(&get(), &User::never_asked()), code);
        assert_eq!(error.context["env"], "sandbox");
    }
    let publishable = ApiKey::parse("am_pk_test_unknown0123456789").unwrap();
    let resolve = ResolveOptions { key: Some(publishable.reveal().into()), ..ResolveOptions::default() };
    let client = blocking::Client::new(ClientOptions { resolve, ..fixture.options() }).unwrap();
    let products = ApiRequest::new("GET", "/v1/products");
    let mut listener = User::never_asked().listener();
    failed(client.request(&products, Some(&mut listener), &Cancel::new()), "invalid_publishable_key");
    failed(client.reauthenticate(&publishable, None, Some(&mut listener), &Cancel::new()), "wrong_key_kind");
}

#[test]
fn post_is_repeated_once_after_login() {
    let fixture = ClientFixture::new();
    fixture.make_known(Environment::Sandbox);
    assert!(fixture.store().revoke(&fixture.keys[0]));
    let request = ApiRequest::new("POST", CUSTOMERS).json(r#"{"id":"cus_42","name":"Ada"}"#);
    let answer = fixture.call(&request, &fixture.person("copper-kettle")).unwrap();
    assert!(String::from_utf8(answer.body).unwrap().contains("cus_42"));
    assert_eq!(fixture.statuses(CUSTOMERS), [401, 200]);
}

#[test]
fn reauthenticate_returns_key_without_request() {
    let fixture = ClientFixture::new();
    fixture.make_known(Environment::Sandbox);
    assert!(fixture.store().revoke(&fixture.keys[0]));
    let (client, person) = (fixture.client(), fixture.person("copper-kettle"));
    let renewed = client.reauthenticate(&fixture.keys[0], None, Some(&mut person.listener()), &Cancel::new()).unwrap();
    assert_eq!(key_in(&fixture.world.file().unwrap(), "AUTUMN_SECRET_KEY").unwrap().reveal(), renewed.key.reveal());
    // A late caller with the old key receives the new one, without a login.
    let again = client.reauthenticate(&fixture.keys[0], None, None, &Cancel::new()).unwrap();
    assert_eq!(again.key.reveal(), renewed.key.reveal());
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
}

#[test]
fn pasted_url_completes_login_of_call() {
    let fixture = ClientFixture::revoked();
    let client = std::sync::Arc::new(fixture.client());
    failed(client.submit("?code=x&state=y"), "no_pending_login");
    let (store, other) = (fixture.store().clone(), std::sync::Arc::clone(&client));
    let person = User::new(move |url| {
        let callback = store.approve(url, "ada@example.com", "copper-kettle").unwrap();
        failed(other.submit("http://localhost:31448/?code=abcdefghijklmnop&state=wrong"), "state_mismatch");
        other.submit(&callback).unwrap();
    });
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    assert_eq!((fixture.minted(), person.logins()), (1, 1));
}

#[test]
fn refused_relogin_fails_at_once_with_reason() {
    let fixture = ClientFixture::revoked();
    let refused = |reauth, listens: bool| {
        let client = blocking::Client::new(ClientOptions { reauth, ..fixture.options() }).unwrap();
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
    assert_eq!(fixture.minted(), 0);
}
