//! Keys that a login must not use or replace: of another organization or environment, or in a location it cannot
//! change.

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{ApiKey, ApiRequest, Cancel, ClientOptions, Environment, Event, EventCode, Result};

use super::{CUSTOMERS, ClientFixture, User, blocking, failed, get};

fn key_of_night_library(fixture: &ClientFixture, prefix: &str) -> ApiKey {
    let mut keys = fixture.store().keys().into_iter().filter(|known| known.organization.slug == "night-library");
    keys.find(|known| known.key.reveal().starts_with(prefix)).unwrap().key
}

fn whoami() -> ApiRequest {
    ApiRequest::new("GET", ORGANIZATION_PATH)
}

/// The user logs in to Night Library, and the key belongs to Copper Kettle: the call fails, and the file keeps its keys.
fn check_refusal(fixture: &ClientFixture, client: &blocking::Client) {
    let (before, calls) = (fixture.world.file(), fixture.statuses(CUSTOMERS).len());
    let person = fixture.person("night-library");
    let result = client.request(&get(), Some(&mut person.listener()), &Cancel::new());
    let error = failed(result, "organization_changed");
    assert_eq!(error.context["organization"], "night-library");
    assert_eq!(fixture.world.file(), before);
    assert_eq!(fixture.statuses(CUSTOMERS)[calls..], [401]);
    assert_eq!(person.logins(), 1);
}

#[test]
fn relogin_rejects_other_organization_than_configured() {
    for name in ["copper-kettle", "org_6QzTnV2kCopperKettle"] {
        let fixture = ClientFixture::revoked();
        let options = ClientOptions { organization: Some(name.to_owned()), ..fixture.options() };
        let client = blocking::Client::new(options).unwrap();
        check_refusal(&fixture, &client);
        // The expected organization is accepted.
        let person = fixture.person("copper-kettle");
        client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    }
}

#[test]
fn relogin_rejects_other_organization_than_seen() {
    for request in [whoami(), ApiRequest::new("GET", &format!("{ORGANIZATION_PATH}?expand=all"))] {
        let fixture = ClientFixture::new();
        let client = fixture.client();
        client.request(&request, None, &Cancel::new()).unwrap();
        assert!(fixture.store().revoke(&fixture.keys[0]));
        check_refusal(&fixture, &client);
    }
}

#[test]
fn relogin_rejects_other_organization_than_last_login() {
    let fixture = ClientFixture::revoked();
    let client = fixture.client();
    let person = fixture.person("copper-kettle");
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    let file = fixture.world.file().unwrap();
    let key = ApiKey::parse(file.lines().next().unwrap().split_once('=').unwrap().1).unwrap();
    assert!(fixture.store().revoke(&key));
    check_refusal(&fixture, &client);
}

/// Makes a request with a rejected key, and replaces the key in the file as soon as it is rejected.
fn request_with_replaced_key(client: &blocking::Client, fixture: &ClientFixture, key: &ApiKey) -> Result<u16> {
    let file = fixture.world.project.path(".env");
    let mut listener = |event: &Event| {
        if event.code == EventCode::KeyRejected {
            std::fs::write(&file, format!("AUTUMN_SECRET_KEY={}\n", key.reveal())).unwrap();
        }
        std::ops::ControlFlow::Continue(())
    };
    client.request(&get(), Some(&mut listener), &Cancel::new()).map(|answer| answer.status)
}

#[test]
fn key_of_other_organization_on_disk_is_not_used() {
    let fixture = ClientFixture::new();
    let client = fixture.client();
    client.request(&whoami(), None, &Cancel::new()).unwrap();
    assert!(fixture.store().revoke(&fixture.keys[0]));
    let foreign = key_of_night_library(&fixture, "am_sk_test_");
    failed(request_with_replaced_key(&client, &fixture, &foreign), "organization_changed");
    assert_eq!(fixture.statuses(CUSTOMERS), [401]);

    // For a new key of the same organization, the client requests the organization once and then uses the key.
    let fresh = ApiKey::parse("am_sk_test_freshlyMade0123456789").unwrap();
    assert!(fixture.store().add_key(fresh.clone(), "copper-kettle", "fresh"));
    fixture.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", fixture.keys[0].reveal()));
    assert_eq!(request_with_replaced_key(&client, &fixture, &fresh).unwrap(), 200);
    assert_eq!(fixture.statuses(CUSTOMERS), [401, 401, 200]);
}

/// The configured organization counts even if the key is known to belong to another one.
#[test]
fn known_key_of_other_organization_is_not_used() {
    let fixture = ClientFixture::revoked();
    let options = ClientOptions { organization: Some("copper-kettle".to_owned()), ..fixture.options() };
    let client = blocking::Client::new(options).unwrap();
    let foreign = key_of_night_library(&fixture, "am_sk_test_");
    fixture.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", foreign.reveal()));
    client.request(&whoami(), None, &Cancel::new()).unwrap();
    fixture.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", fixture.keys[0].reveal()));
    failed(request_with_replaced_key(&client, &fixture, &foreign), "organization_changed");
    assert_eq!(fixture.statuses(CUSTOMERS), [401]);
}

#[test]
fn sandbox_request_never_retries_with_live_key() {
    let fixture = ClientFixture::new();
    let mut options = fixture.options();
    options.resolve.environment = None;
    let client = blocking::Client::new(options).unwrap();
    assert!(fixture.store().revoke(&fixture.keys[0]));
    let error = failed(request_with_replaced_key(&client, &fixture, &fixture.keys[1]), "wrong_environment");
    assert_eq!(error.context["environment"], Environment::Live.name());
    assert_eq!(fixture.statuses(CUSTOMERS), [401]);
    assert_eq!(fixture.minted(), 0);
}

#[test]
fn key_argument_is_not_replaced() {
    let fixture = ClientFixture::revoked();
    let mut options = fixture.options();
    options.resolve.key = Some(fixture.keys[0].reveal().into());
    let client = blocking::Client::new(options).unwrap();
    let mut listener = User::never_asked().listener();
    let error = failed(client.request(&get(), Some(&mut listener), &Cancel::new()), "invalid_secret_key");
    assert_eq!(error.context["origin"], "argument");
    assert!(error.hint.unwrap().to_string().contains("calling program"));
    failed(client.reauthenticate(&fixture.keys[0], None, Some(&mut listener), &Cancel::new()), "unauthorized");
}

/// A file that cannot be written is reported before the user is asked to log in.
#[test]
fn relogin_checks_file_before_login() {
    let fixture = ClientFixture::revoked();
    fixture.world.project.git_init();
    fixture.world.project.git(&["add", "-f", ".env"]);
    let error = failed(fixture.call(&get(), &User::never_asked()), "env_file_tracked");
    assert_eq!(fixture.minted(), 0);
    // A request has no option that allows the file, so the way out is a login in its directory.
    let (hint, directory) = (error.hint.unwrap().to_string(), fixture.world.project.path(""));
    assert!(!hint.contains("allow_tracked"), "{hint}");
    assert!(hint.contains(&format!(" in {}, then try again.", directory.display()).replace("/,", ",")), "{hint}");
}
