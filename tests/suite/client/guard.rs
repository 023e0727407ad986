//! Keys that a login must not use or replace: of another organization or environment, or in a location it cannot
//! change.

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{ApiKey, ApiRequest, Cancel, ClientOptions, Environment, Event, EventCode, Result};

use super::{CUSTOMERS, ClientFixture, User, blocking, failed, get};

fn of_night_library(desk: &ClientFixture, prefix: &str) -> ApiKey {
    let mut keys = desk.store().keys().into_iter().filter(|known| known.organization.slug == "night-library");
    keys.find(|known| known.key.reveal().starts_with(prefix)).unwrap().key
}

fn whoami() -> ApiRequest {
    ApiRequest::new("GET", ORGANIZATION_PATH)
}

/// A login for Night Library while the key belongs to Copper Kettle.
fn refused(desk: &ClientFixture, client: &blocking::Client) {
    let (before, calls) = (desk.world.file(), desk.statuses(CUSTOMERS).len());
    let person = desk.person("night-library");
    let result = client.request(&get(), Some(&mut person.listener()), &Cancel::new());
    let error = failed(result, "organization_changed");
    assert_eq!(error.context["organization"], "night-library");
    assert_eq!(desk.world.file(), before);
    assert_eq!(desk.statuses(CUSTOMERS)[calls..], [401]);
    assert_eq!(person.times(), 1);
}

#[test]
fn relogin_rejects_other_organization_than_configured() {
    for name in ["copper-kettle", "org_6QzTnV2kCopperKettle"] {
        let desk = ClientFixture::revoked();
        let options = ClientOptions { organization: Some(name.to_owned()), ..desk.options() };
        let client = blocking::Client::new(options).unwrap();
        refused(&desk, &client);
        // The expected organization is accepted.
        let person = desk.person("copper-kettle");
        client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    }
}

#[test]
fn relogin_rejects_other_organization_than_seen() {
    for request in [whoami(), ApiRequest::new("GET", &format!("{ORGANIZATION_PATH}?expand=all"))] {
        let desk = ClientFixture::new();
        let client = desk.client();
        client.request(&request, None, &Cancel::new()).unwrap();
        assert!(desk.store().revoke(&desk.keys[0]));
        refused(&desk, &client);
    }
}

#[test]
fn relogin_rejects_other_organization_than_last_login() {
    let desk = ClientFixture::revoked();
    let client = desk.client();
    let person = desk.person("copper-kettle");
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    let file = desk.world.file().unwrap();
    let key = ApiKey::parse(file.lines().next().unwrap().split_once('=').unwrap().1).unwrap();
    assert!(desk.store().revoke(&key));
    refused(&desk, &client);
}

/// Makes a request with a rejected key, and replaces the key in the file as soon as it is rejected.
fn exchanged(client: &blocking::Client, desk: &ClientFixture, key: &ApiKey) -> Result<u16> {
    let file = desk.world.project.path(".env");
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
    let desk = ClientFixture::new();
    let client = desk.client();
    client.request(&whoami(), None, &Cancel::new()).unwrap();
    assert!(desk.store().revoke(&desk.keys[0]));
    let foreign = of_night_library(&desk, "am_sk_test_");
    failed(exchanged(&client, &desk, &foreign), "organization_changed");
    assert_eq!(desk.statuses(CUSTOMERS), [401]);

    // For a new key of the same organization, the client requests the organization once and then uses the key.
    let fresh = ApiKey::parse("am_sk_test_freshlyMade0123456789").unwrap();
    assert!(desk.store().add_key(fresh.clone(), "copper-kettle", "fresh"));
    desk.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", desk.keys[0].reveal()));
    assert_eq!(exchanged(&client, &desk, &fresh).unwrap(), 200);
    assert_eq!(desk.statuses(CUSTOMERS), [401, 401, 200]);
}

/// The configured organization counts even if the key is known to belong to another one.
#[test]
fn known_key_of_other_organization_is_not_used() {
    let desk = ClientFixture::revoked();
    let options = ClientOptions { organization: Some("copper-kettle".to_owned()), ..desk.options() };
    let client = blocking::Client::new(options).unwrap();
    let foreign = of_night_library(&desk, "am_sk_test_");
    desk.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", foreign.reveal()));
    client.request(&whoami(), None, &Cancel::new()).unwrap();
    desk.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", desk.keys[0].reveal()));
    failed(exchanged(&client, &desk, &foreign), "organization_changed");
    assert_eq!(desk.statuses(CUSTOMERS), [401]);
}

#[test]
fn sandbox_request_never_retries_with_live_key() {
    let desk = ClientFixture::new();
    let mut options = desk.options();
    options.resolve.environment = None;
    let client = blocking::Client::new(options).unwrap();
    assert!(desk.store().revoke(&desk.keys[0]));
    let error = failed(exchanged(&client, &desk, &desk.keys[1]), "wrong_environment");
    assert_eq!(error.context["environment"], Environment::Live.name());
    assert_eq!(desk.statuses(CUSTOMERS), [401]);
    assert_eq!(desk.minted(), 0);
}

#[test]
fn key_argument_is_not_replaced() {
    let desk = ClientFixture::revoked();
    let mut options = desk.options();
    options.resolve.key = Some(desk.keys[0].reveal().into());
    let client = blocking::Client::new(options).unwrap();
    let mut listener = User::never_asked().listener();
    let error = failed(client.request(&get(), Some(&mut listener), &Cancel::new()), "invalid_secret_key");
    assert_eq!(error.context["origin"], "argument");
    assert!(error.hint.unwrap().to_string().contains("calling program"));
    failed(client.reauthenticate(&desk.keys[0], Some(&mut listener), &Cancel::new()), "unauthorized");
}

/// A file that cannot be written is reported before the user is asked to log in.
#[test]
fn relogin_checks_file_before_login() {
    let desk = ClientFixture::revoked();
    desk.world.project.git_init();
    desk.world.project.git(&["add", "-f", ".env"]);
    failed(desk.call(&get(), &User::never_asked()), "env_file_tracked");
    assert_eq!(desk.minted(), 0);
}
