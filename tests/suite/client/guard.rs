//! Keys of others: another organization, another environment, a place that a login cannot change.

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{ApiKey, ApiRequest, Cancel, ClientOptions, Environment, Event, EventCode, Result};

use super::{CUSTOMERS, Desk, Person, blocking, failed, get};

fn of_night_library(desk: &Desk, prefix: &str) -> ApiKey {
    let mut keys = desk.store().keys().into_iter().filter(|known| known.organization.slug == "night-library");
    keys.find(|known| known.key.reveal().starts_with(prefix)).unwrap().key
}

fn whoami() -> ApiRequest {
    ApiRequest::new("GET", ORGANIZATION_PATH)
}

/// A login for Night Library where Copper Kettle was expected.
fn refused(desk: &Desk, client: &blocking::Client) {
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
fn an_organization_that_was_named_is_kept() {
    for name in ["copper-kettle", "org_6QzTnV2kCopperKettle"] {
        let desk = Desk::revoked();
        let options = ClientOptions { organization: Some(name.to_owned()), ..desk.options() };
        let client = blocking::Client::new(options).unwrap();
        refused(&desk, &client);
        // The right one is fine.
        let person = desk.person("copper-kettle");
        client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    }
}

#[test]
fn an_organization_that_was_met_is_kept() {
    for request in [whoami(), ApiRequest::new("GET", &format!("{ORGANIZATION_PATH}?expand=all"))] {
        let desk = Desk::new();
        let client = desk.client();
        client.request(&request, None, &Cancel::new()).unwrap();
        assert!(desk.store().revoke(&desk.keys[0]));
        refused(&desk, &client);
    }
}

#[test]
fn the_organization_of_the_last_login_is_kept() {
    let desk = Desk::revoked();
    let client = desk.client();
    let person = desk.person("copper-kettle");
    client.request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    let file = desk.world.file().unwrap();
    let key = ApiKey::parse(file.lines().next().unwrap().split_once('=').unwrap().1).unwrap();
    assert!(desk.store().revoke(&key));
    refused(&desk, &client);
}

/// A key that changes the moment the old one is rejected.
fn exchanged(client: &blocking::Client, desk: &Desk, key: &ApiKey) -> Result<u16> {
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
fn a_key_of_others_on_disk_is_not_used() {
    let desk = Desk::new();
    let client = desk.client();
    client.request(&whoami(), None, &Cancel::new()).unwrap();
    assert!(desk.store().revoke(&desk.keys[0]));
    let foreign = of_night_library(&desk, "am_sk_test_");
    failed(exchanged(&client, &desk, &foreign), "organization_changed");
    assert_eq!(desk.statuses(CUSTOMERS), [401]);

    // One of the same organization is asked about once, and used.
    let fresh = ApiKey::parse("am_sk_test_freshlyMade0123456789").unwrap();
    assert!(desk.store().add_key(fresh.clone(), "copper-kettle", "fresh"));
    desk.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", desk.keys[0].reveal()));
    assert_eq!(exchanged(&client, &desk, &fresh).unwrap(), 200);
    assert_eq!(desk.statuses(CUSTOMERS), [401, 401, 200]);
}

/// The one that was named counts, also for a key that is known to be somebody else's.
#[test]
fn a_key_that_is_known_to_be_of_others_is_not_used() {
    let desk = Desk::revoked();
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
fn a_live_key_is_not_used_for_a_request_that_began_in_the_sandbox() {
    let desk = Desk::new();
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
fn a_key_of_the_callers_is_not_replaced() {
    let desk = Desk::revoked();
    let mut options = desk.options();
    options.resolve.key = Some(desk.keys[0].reveal().into());
    let client = blocking::Client::new(options).unwrap();
    let mut listener = Person::nobody().listener();
    let error = failed(client.request(&get(), Some(&mut listener), &Cancel::new()), "invalid_secret_key");
    assert_eq!(error.context["origin"], "argument");
    assert!(error.hint.unwrap().to_string().contains("calling program"));
    failed(client.reauthenticate(&desk.keys[0], None, Some(&mut listener), &Cancel::new()), "unauthorized");
}

/// What could not be saved is said before anybody is asked.
#[test]
fn nobody_logs_in_for_a_file_that_cannot_be_written() {
    let desk = Desk::revoked();
    desk.world.project.git_init();
    desk.world.project.git(&["add", "-f", ".env"]);
    failed(desk.call(&get(), &Person::nobody()), "env_file_tracked");
    assert_eq!(desk.minted(), 0);
}
