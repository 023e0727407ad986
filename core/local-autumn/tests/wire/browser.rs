//! A person with a browser, who signs in, chooses an organization, and allows or denies access.

use std::collections::BTreeSet;
use std::time::Duration;

use local_autumn::Running;
use url::Url;

use crate::support::{
    REDIRECT, Reply, authorize_query, authorize_target, exchange, get, mint, parameter, post_form, start,
};

/// A browser that keeps its cookie, sends `Origin` with forms and submits their hidden fields.
pub(crate) struct TestBrowser<'a> {
    autumn: &'a Running,
    pub(crate) cookie: String,
}

impl<'a> TestBrowser<'a> {
    pub(crate) fn new(autumn: &'a Running) -> Self {
        Self { autumn, cookie: String::new() }
    }

    pub(crate) fn signed_in(autumn: &'a Running, person: &str) -> Self {
        let mut browser = Self::new(autumn);
        assert_eq!(browser.submit("/sign-in", &[("person", person)]).status, 303);
        browser
    }

    pub(crate) fn open(&self, target: &str) -> Reply {
        get(self.autumn, target, &[("Cookie", &self.cookie)])
    }

    pub(crate) fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        let origin = self.autumn.url();
        let reply = post_form(self.autumn, path, form, &[("Cookie", &self.cookie), ("Origin", &origin)]);
        let set = reply.header("set-cookie");
        if !set.is_empty() {
            self.cookie = set.split(';').next().unwrap().to_owned();
        }
        reply
    }

    /// Signs in on the page of a login and returns the next one.
    fn sign_in(&mut self, page: &Reply, person: &str) -> Reply {
        let query = hidden(page, "query");
        let reply = self.submit("/sign-in", &[("query", &query), ("person", person)]);
        assert_eq!(reply.status, 303, "{reply:?}");
        self.open(&reply.header("location"))
    }

    fn decide(&mut self, page: &Reply, organization: &str, decision: &str) -> Reply {
        let query = hidden(page, "query");
        self.submit("/consent", &[("query", &query), ("organization", organization), ("decision", decision)])
    }
}

/// The unescaped value of a hidden field.
fn hidden(page: &Reply, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let value = page.text().split_once(&field).unwrap_or_else(|| panic!("no {name}: {page:?}")).1.split('"').next();
    value.unwrap().replace("&amp;", "&").replace("&#39;", "'")
}

/// The organization that is selected on the consent page.
fn chosen(page: &Reply) -> &str {
    let before = page.text().split_once(" checked>").unwrap().0;
    before.rsplit_once("value=\"").unwrap().1.split('"').next().unwrap()
}

const COPPER_KETTLE: &str = "org_6QzTnV2kCopperKettle";
const NIGHT_LIBRARY: &str = "org_9XwLmD4rNightLibrary";

#[test]
fn person_signs_in_and_sees_the_keys() {
    let autumn = start();
    let mut browser = TestBrowser::new(&autumn);
    let page = browser.open(&authorize_target(&[]));
    assert!(page.text().contains("Ada Blume") && page.text().contains("Ben Oduya"));
    assert_eq!(hidden(&page, "query"), authorize_query(&[]));
    let page = browser.sign_in(&page, "usr_Ada8fK2mQ");
    assert!(page.text().contains("ada@example.com") && page.text().contains("20 permissions"));
    assert_eq!(chosen(&page), NIGHT_LIBRARY, "the session starts in the second");
    let reply = browser.decide(&page, COPPER_KETTLE, "allow");
    assert_eq!(reply.status, 303);
    let callback = reply.location();
    assert!(callback.as_str().starts_with(&format!("{REDIRECT}?code=")), "{callback}");
    assert_eq!(parameter(&callback, "state").unwrap(), "st4te");
    assert_eq!(parameter(&callback, "iss").unwrap(), format!("{}/api/auth", autumn.url()));
    let code = parameter(&callback, "code").unwrap();
    let token = exchange(&autumn, &code, &[]).json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(mint(&autumn, &token).json()["org_id"], COPPER_KETTLE);
}

#[test]
fn next_session_starts_in_the_last_organization() {
    let autumn = start();
    let mut browser = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ");
    let page = browser.open(&authorize_target(&[]));
    browser.decide(&page, COPPER_KETTLE, "allow");
    assert_eq!(chosen(&browser.open(&authorize_target(&[]))), COPPER_KETTLE, "this session");
    let other = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ");
    assert_eq!(chosen(&other.open(&authorize_target(&[]))), COPPER_KETTLE, "and a new one");
}

#[test]
fn second_login_without_prompt_skips_the_consent_page() {
    let autumn = start();
    let mut browser = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ");
    let silent = authorize_target(&[("prompt", "")]);
    let page = browser.open(&silent);
    assert_eq!(page.status, 200, "the first request is still answered");
    browser.decide(&page, NIGHT_LIBRARY, "allow");
    let reply = browser.open(&silent);
    assert_eq!(reply.status, 302);
    assert!(parameter(&reply.location(), "code").is_some());
    assert_eq!(browser.open(&authorize_target(&[])).status, 200, "with prompt=consent it is asked again");
    assert_eq!(browser.open(&authorize_target(&[("prompt", "login consent")])).status, 200);
}

#[test]
fn person_can_deny_access() {
    let autumn = start();
    let mut browser = TestBrowser::signed_in(&autumn, "usr_Ben5tR9wX");
    let page = browser.open(&authorize_target(&[]));
    let callback = browser.decide(&page, "", "deny").location();
    assert_eq!(parameter(&callback, "error").unwrap(), "access_denied");
    assert_eq!(parameter(&callback, "state").unwrap(), "st4te");
    assert!(parameter(&callback, "code").is_none() && parameter(&callback, "iss").is_some());
}

#[test]
fn consent_refuses_organizations_of_others() {
    let autumn = start();
    let mut browser = TestBrowser::signed_in(&autumn, "usr_Ben5tR9wX");
    let page = browser.open(&authorize_target(&[]));
    assert!(!page.text().contains(NIGHT_LIBRARY));
    for (organization, decision) in [(NIGHT_LIBRARY, "allow"), ("", "allow"), ("paper-lantern", "perhaps")] {
        assert_eq!(browser.decide(&page, organization, decision).status, 400, "{organization} {decision}");
    }
}

#[test]
fn guessed_session_is_refused() {
    let autumn = start();
    let mut browser = TestBrowser::new(&autumn);
    assert_eq!(browser.submit("/sign-in", &[("person", "usr_unknown")]).status, 400);
    browser.cookie = format!("local-autumn-{}=guessed", autumn.port());
    assert!(browser.open(&authorize_target(&[])).text().contains("Sign in"));
    let reply = browser.submit(
        "/consent",
        &[("query", &authorize_query(&[])), ("organization", COPPER_KETTLE), ("decision", "allow")],
    );
    assert_eq!((reply.status, reply.header("location")), (303, authorize_target(&[])));
}

#[test]
fn cookie_is_bound_to_this_server() {
    let autumn = start();
    let reply = post_form(&autumn, "/sign-in", &[("person", "usr_Ada8fK2mQ")], &[]);
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with(&format!("local-autumn-{}=", autumn.port())), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
}

#[test]
fn session_ends_by_sign_out_and_expiry() {
    let autumn = start();
    let mut browser = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ");
    let old = browser.cookie.clone();
    let reply = browser.submit("/sign-out", &[("query", &authorize_query(&[]))]);
    assert_eq!((reply.status, reply.header("location")), (303, authorize_target(&[])));
    browser.cookie = old;
    assert!(browser.open("/").text().contains("Sign in"), "the old cookie is still valid");
    let browser = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ");
    autumn.store().advance(Duration::from_secs(8 * 3600));
    assert!(browser.open("/").text().contains("Sign in"));
}

#[test]
fn consent_checks_the_request_again() {
    let autumn = start();
    let mut browser = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ");
    let query = authorize_query(&[("redirect_uri", "http://evil.example/")]);
    let reply =
        browser.submit("/consent", &[("query", &query), ("organization", COPPER_KETTLE), ("decision", "allow")]);
    assert_eq!((reply.status, reply.header("location")), (400, String::new()));
}

#[test]
fn forms_redirect_only_to_this_server() {
    let autumn = start();
    let mut browser = TestBrowser::new(&autumn);
    let reply = browser.submit("/sign-in", &[("person", "usr_Ada8fK2mQ"), ("query", "@evil.example/\r\nx: y")]);
    let location = Url::parse(&autumn.url()).unwrap().join(&reply.header("location")).unwrap();
    assert_eq!(location.port(), Some(autumn.port()));
    assert_eq!(reply.header("x"), "");
}

#[test]
fn only_members_can_see_and_revoke_keys() {
    let autumn = start();
    assert!(get(&autumn, "/", &[]).text().contains("Sign in"));
    let mut ben = TestBrowser::signed_in(&autumn, "usr_Ben5tR9wX");
    let keys = autumn.store().keys();
    let (own, foreign): (Vec<_>, Vec<_>) =
        keys.iter().enumerate().partition(|(_, key)| key.organization.slug == "paper-lantern");
    let page = ben.open("/");
    for (_, key) in &own {
        let whole = page.text().contains(key.key.reveal());
        assert_eq!(whole, key.key.kind() == libatmn::Kind::Publishable, "{key:?}");
    }
    assert!(foreign.iter().all(|(_, key)| !page.text().contains(key.key.reveal())));
    assert_eq!(ben.submit("/keys/revoke", &[("key", &foreign[0].0.to_string())]).status, 400);
    assert_eq!(ben.submit("/keys/revoke", &[("key", "9999")]).status, 400);
    assert_eq!(ben.submit("/keys/revoke", &[("key", &own[1].0.to_string())]).status, 303);
    let revoked: Vec<_> = autumn.store().keys().iter().map(|key| key.revoked).collect();
    assert_eq!(revoked.iter().filter(|revoked| **revoked).count(), 1);
    assert!(revoked[own[1].0]);
    assert!(ben.open("/").text().contains("(revoked)"));
}

#[test]
fn key_list_is_grouped_and_dated() {
    let autumn = start();
    autumn.store().advance(Duration::from_secs(40 * 86_400));
    let key = libatmn::ApiKey::parse("am_sk_live_added0123456789").unwrap();
    assert!(autumn.store().add_key(key, "copper-kettle", "Import"));
    let page = TestBrowser::signed_in(&autumn, "usr_Ada8fK2mQ").open("/").text().to_owned();
    let headings: Vec<_> =
        page.split("<h").skip(1).filter_map(|part| part.split_once('>')?.1.split('<').next()).collect();
    let groups = |name: &str| headings.iter().position(|heading| *heading == name).unwrap();
    assert_eq!(headings[groups("Copper Kettle") + 1..][..2], ["Sandbox", "Live"], "{headings:?}");
    let dates: BTreeSet<_> = page.split("Created on ").skip(1).map(|rest| &rest[..10]).collect();
    assert_eq!(dates.len(), 2, "the keys of the start and the added one: {dates:?}");
    assert_eq!(page.matches("<li>").count(), page.matches("Created on").count());
}
