//! Which organization the replacement of a rejected key may belong to: every case of the table in `docs/keys.md`.

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::blocking::Client;
use libatmn::{ApiKey, ApiRequest, Cancel, Environment, Event};
use local_autumn::Fault;

use super::{CUSTOMERS, ClientFixture, failed, get};

/// The live key in the file of the rejected sandbox key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Other {
    Valid,
    Rejected,
    Absent,
}

use Other::{Absent, Rejected, Valid};

/// What a call ends with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// The keys are saved, and the request is repeated.
    Repeated,
    /// The keys are saved; `request_not_repeated`.
    Saved,
    /// Nothing is saved; `organization_changed`.
    Refused,
}

use End::{Refused, Repeated, Saved};

/// Whether the organization of the rejected key is known, whether the user chooses it, the other key, and what a `GET` and a
/// `POST` end with.
const CASES: &[(bool, bool, Other, End, End)] = &[
    (true, true, Valid, Repeated, Repeated),
    (true, true, Rejected, Repeated, Repeated),
    (true, true, Absent, Repeated, Repeated),
    (true, false, Valid, Refused, Refused),
    (true, false, Rejected, Refused, Refused),
    (true, false, Absent, Refused, Refused),
    (false, true, Valid, Repeated, Repeated),
    (false, true, Rejected, Repeated, Saved),
    (false, true, Absent, Repeated, Saved),
    (false, false, Valid, Refused, Refused),
    (false, false, Rejected, Repeated, Saved),
    (false, false, Absent, Repeated, Saved),
];

pub(super) fn prepared(known: bool, other: Other) -> ClientFixture {
    let fixture = ClientFixture::new();
    let [sandbox, live] = &fixture.keys;
    if known {
        fixture.make_known(Environment::Sandbox);
    }
    fixture.make_known(Environment::Live);
    assert!(fixture.store().revoke(sandbox));
    match other {
        Valid => {}
        Rejected => assert!(fixture.store().revoke(live)),
        Absent => drop(fixture.world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", sandbox.reveal()))),
    }
    fixture
}

pub(super) fn key_in(file: &str, variable: &str) -> Option<ApiKey> {
    let line = file.lines().find_map(|line| line.strip_prefix(variable)?.strip_prefix('='))?;
    ApiKey::parse(line).ok()
}

fn check(known: bool, same: bool, other: Other, request: &ApiRequest, end: End) {
    let case = format!("{known} {same} {other:?} {} {end:?}", request.method);
    let fixture = prepared(known, other);
    let before = fixture.world.file().unwrap();
    let person = fixture.person(if same { "copper-kettle" } else { "night-library" });
    let result = fixture.call(request, &person);
    match end {
        Repeated => drop(result.unwrap_or_else(|error| panic!("{case}: {error:?}"))),
        Saved => {
            let error = failed(result, "request_not_repeated");
            assert_eq!(error.context["variable"], "AUTUMN_SECRET_KEY");
            assert!(error.hint.unwrap().to_string().contains("libatmn::whoami"));
        }
        Refused => drop(failed(result, "organization_changed")),
    }
    let sent = fixture.statuses(CUSTOMERS);
    assert_eq!(sent, if end == Repeated { vec![401, 200] } else { vec![401] }, "{case}");
    let after = fixture.world.file().unwrap();
    if end == Refused {
        assert_eq!(after, before, "{case}");
        return;
    }
    let text = |file: &str, variable| key_in(file, variable).map(|key| key.reveal().to_owned());
    let changed = |variable| text(&after, variable).unwrap() != text(&before, variable).unwrap_or_default();
    assert!(changed("AUTUMN_SECRET_KEY"), "{case}");
    // A key that still works is never replaced.
    assert_eq!(changed("AUTUMN_PROD_SECRET_KEY"), other != Valid, "{case}");
    assert_eq!(person.logins(), 1, "{case}");
}

#[test]
fn safe_requests_follow_the_table() {
    for &(known, same, other, end, _) in CASES {
        check(known, same, other, &get(), end);
    }
}

#[test]
fn unsafe_requests_follow_the_table() {
    for &(known, same, other, _, end) in CASES {
        // An idempotency key says nothing about the organization.
        let request = ApiRequest::new("POST", CUSTOMERS).json(r#"{"id":"cus_42"}"#).idempotency_key("create-cus_42");
        check(known, same, other, &request, end);
    }
}

/// There is no request to repeat, so the new key is the result in every case in which keys are saved. If the organization
/// of the rejected key is not known, an event says so.
#[test]
fn reauthenticate_follows_the_table() {
    for &(known, same, other, _, end) in CASES {
        let case = format!("{known} {same} {other:?} {end:?}");
        let fixture = prepared(known, other);
        let before = fixture.world.file().unwrap();
        let person = fixture.person(if same { "copper-kettle" } else { "night-library" });
        let (client, old) = (fixture.client(), &fixture.keys[0]);
        let renewed = |client: &Client| {
            let (mut notices, mut browser) = (0, person.listener());
            let mut listener = |event: &Event| {
                notices += usize::from(event.message.contains("organization of the rejected key is not known"));
                browser(event)
            };
            let result = client.reauthenticate(old, None, Some(&mut listener), &Cancel::new());
            result.map(|found| (found.key.reveal().to_owned(), notices))
        };
        let result = renewed(&client);
        if end == Refused {
            failed(result, "organization_changed");
            assert_eq!(fixture.world.file().unwrap(), before, "{case}");
            continue;
        }
        let saved = key_in(&fixture.world.file().unwrap(), "AUTUMN_SECRET_KEY").unwrap();
        let expected = (saved.reveal().to_owned(), usize::from(end == Saved));
        assert_eq!(result.unwrap(), expected, "{case}");
        assert_ne!(saved.reveal(), old.reveal(), "{case}");
        if end == Saved {
            // The login has not made the organization of the old key known, to this client or to another one.
            assert_eq!(renewed(&client).unwrap(), expected, "{case}");
            assert_eq!(renewed(&fixture.client()).unwrap(), expected, "{case}");
        }
        assert_eq!(person.logins(), 1, "{case}");
    }
}

/// A key that the server could not check may still work.
#[test]
fn other_key_stays_if_the_server_fails_to_check_it() {
    let fixture = prepared(true, Valid);
    assert!(fixture.store().inject(ORGANIZATION_PATH, 1, Fault::status(503)));
    fixture.call(&get(), &fixture.person("copper-kettle")).unwrap();
    let live = key_in(&fixture.world.file().unwrap(), "AUTUMN_PROD_SECRET_KEY").unwrap();
    assert_eq!(live.reveal(), fixture.keys[1].reveal());
}
