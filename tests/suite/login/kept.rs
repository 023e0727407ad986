//! A login keeps each key that the server has just accepted. Each test has its own state directory.

use std::ops::ControlFlow;
use std::thread;

use atmn_tests::project::LIVE;
use libatmn::__internal::config::MINT_KEYS_PATH;
use libatmn::{
    ApiKey, BeginLoginResult, Cancel, CompleteOptions, Environment, Event, EventCode, Host, LoginOptions, LoginResult,
    ResolveOptions, WhoamiOptions, blocking,
};

use super::{LoginFixture, browse, failed};

/// A project that is logged in, with its own state directory.
pub(super) struct Kept {
    pub(super) world: LoginFixture,
    pub(super) sandbox: ApiKey,
    live: ApiKey,
}

impl Kept {
    pub(super) fn new() -> Self {
        let world = LoginFixture::new();
        let [sandbox, live] = keys(world.log_in(&options(&world)).0.unwrap());
        Self { world, sandbox, live }
    }

    fn key(&self, environment: Environment) -> &ApiKey {
        if environment == Environment::Sandbox { &self.sandbox } else { &self.live }
    }

    /// Makes the login create a key of this environment.
    pub(super) fn lose(&self, environment: Environment, how: &str) {
        if how == "rejected" {
            assert!(self.world.autumn.store().revoke(self.key(environment)));
        } else {
            let file = self.world.file().unwrap();
            let is_other = |line: &&str| !line.starts_with(&format!("{}=", environment.variable()));
            let rest: Vec<&str> = file.lines().filter(is_other).collect();
            self.world.project.write(".env", rest.join("\n") + "\n");
        }
    }

    pub(super) fn options(&self) -> LoginOptions {
        options(&self.world)
    }

    /// How many pairs of keys were created since the first login.
    pub(super) fn minted(&self) -> usize {
        self.world.requests_to(MINT_KEYS_PATH) - 1
    }

    pub(super) fn file(&self) -> String {
        self.world.file().unwrap()
    }
}

pub(super) fn options(world: &LoginFixture) -> LoginOptions {
    let home = world.project.home();
    let variables = [("XDG_STATE_HOME", home.join("state")), ("HOME", home), ("PATH", "/usr/bin:/bin".into())];
    let host = Host::new(variables.map(|(name, value)| (name, value.into_os_string())), Some(world.project.path("")));
    LoginOptions { host: Some(host), ..world.options() }
}

fn other(environment: Environment) -> Environment {
    if environment == Environment::Sandbox { Environment::Live } else { Environment::Sandbox }
}

pub(super) fn keys(result: LoginResult) -> [ApiKey; 2] {
    result.keys.try_into().unwrap()
}

/// A login with its messages. The user chooses this organization.
pub(super) fn choosing(
    kept: &Kept,
    options: &LoginOptions,
    organization: &'static str,
) -> (libatmn::Result<LoginResult>, Vec<String>) {
    let (store, mut messages) = (kept.world.autumn.store().clone(), Vec::new());
    let mut listener = |event: &Event| {
        messages.push(event.message.clone());
        if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
            let (store, url) = (store.clone(), url.clone());
            thread::spawn(move || browse(&store.approve(&url, "ada@example.com", organization).unwrap()));
        }
        ControlFlow::Continue(())
    };
    let result = blocking::login(options, Some(&mut listener), &Cancel::new());
    (result, messages)
}

const CASES: [(Environment, &str); 4] = [
    (Environment::Sandbox, "missing"),
    (Environment::Sandbox, "rejected"),
    (Environment::Live, "missing"),
    (Environment::Live, "rejected"),
];

#[test]
fn login_replaces_only_the_key_that_does_not_work() {
    for (lost, how) in CASES {
        let kept = Kept::new();
        kept.lose(lost, how);
        let stays = kept.key(other(lost));
        let (result, messages) = choosing(&kept, &kept.options(), "copper-kettle");
        let result = result.unwrap();
        let saved = result.saved.clone().unwrap();
        assert_eq!(result.environments, [Environment::Sandbox, Environment::Live]);
        assert!(result.keys.iter().any(|key| key.reveal() == stays.reveal()), "{lost:?} {how}");
        assert!(result.keys.iter().all(|key| kept.file().contains(key.reveal())), "{lost:?} {how}");
        assert!(!kept.file().contains(kept.key(lost).reveal()), "{lost:?} {how}");
        assert_eq!(saved.replaced.len(), usize::from(how == "rejected"), "{lost:?} {how}: {saved:?}");
        let note = saved.note.unwrap_or_default();
        assert!(note.contains(&stays.to_string()) && note.contains("was kept"), "{note}");
        let unsaved = format!("also created the {} key am_sk_", other(lost).name());
        assert_eq!(messages.iter().filter(|message| message.contains(&unsaved)).count(), 1, "{messages:?}");
        let told = |text: &str| messages.iter().any(|message| message.contains(text));
        assert!(told(&format!("{stays} (")) && told("still works and stays"), "{messages:?}");
        assert!(told("Choose the organization `copper-kettle` in the browser."), "{messages:?}");
        assert_eq!(kept.minted(), 1);
    }
}

#[test]
fn other_organization_than_that_of_the_kept_key_is_refused() {
    for (lost, how) in CASES {
        let kept = Kept::new();
        kept.lose(lost, how);
        let before = kept.file();
        let error = failed(choosing(&kept, &kept.options(), "night-library").0, "organization_changed");
        let hint = error.hint.unwrap().to_string();
        assert!(hint.contains("choose that organization") && hint.contains("force"), "{hint}");
        assert_eq!(kept.file(), before, "{lost:?} {how}");
    }
}

#[test]
fn force_replaces_a_key_that_works() {
    let kept = Kept::new();
    kept.lose(Environment::Live, "rejected");
    let options = LoginOptions { force: true, ..kept.options() };
    let new = keys(choosing(&kept, &options, "night-library").0.unwrap());
    assert!(new.iter().all(|key| key.reveal() != kept.sandbox.reveal()));
    assert!(!kept.file().contains(kept.sandbox.reveal()));
}

#[test]
fn login_for_another_organization_replaces_a_key_that_works() {
    let kept = Kept::new();
    kept.lose(Environment::Live, "rejected");
    let options = LoginOptions { organization: Some("night-library".to_owned()), ..kept.options() };
    choosing(&kept, &options, "night-library").0.unwrap();
    assert!(!kept.file().contains(kept.sandbox.reveal()));
}

#[test]
fn full_login_keeps_the_key_of_a_sandbox_login() {
    let world = LoginFixture::new();
    let only = LoginOptions { sandbox_only: true, ..options(&world) };
    let [sandbox] = world.log_in(&only).0.unwrap().keys.try_into().unwrap();
    let result = world.log_in(&options(&world)).0.unwrap();
    let [kept, live] = keys(result);
    assert_eq!(kept.reveal(), sandbox.reveal());
    assert_eq!(live.environment(), Environment::Live);
    let reached = world.requests_to("/");
    let kept = blocking::login(&options(&world), Some(&mut |_: &Event| ControlFlow::Break(())), &Cancel::new());
    assert!(kept.unwrap().saved.is_none());
    assert_eq!(world.requests_to("/"), reached, "a server that has just answered need not be reached again");
}

/// A key that is not known to belong to this server is not sent there, and is replaced.
#[test]
fn unchecked_key_is_replaced_beside_a_kept_one() {
    let kept = Kept::new();
    kept.world.project.write(".env", kept.file().replace(kept.live.reveal(), LIVE));
    let (result, messages) = choosing(&kept, &kept.options(), "copper-kettle");
    let new = keys(result.unwrap());
    assert_eq!(new[0].reveal(), kept.sandbox.reveal());
    assert!(!kept.file().contains(LIVE));
    assert!(messages.iter().any(|message| message.contains("was not checked")), "{messages:?}");
}

#[test]
fn working_keys_of_two_organizations_are_both_replaced() {
    let kept = Kept::new();
    let other = ApiKey::parse(LIVE).unwrap();
    assert!(kept.world.autumn.store().add_key(other, "night-library", "another organization"));
    kept.world.project.write(".env", kept.file().replace(kept.live.reveal(), LIVE));
    let LoginOptions { server, host, directory, .. } = kept.options();
    let resolve = ResolveOptions { environment: Some(Environment::Live), directory, host, ..ResolveOptions::default() };
    // The server that accepts the key becomes known.
    blocking::whoami(&WhoamiOptions { server, resolve, ..WhoamiOptions::default() }, &Cancel::new()).unwrap();
    let (result, messages) = choosing(&kept, &kept.options(), "copper-kettle");
    assert!(keys(result.unwrap()).iter().all(|key| ![kept.sandbox.reveal(), LIVE].contains(&key.reveal())));
    assert!(messages.iter().any(|message| message.contains("two organizations")), "{messages:?}");
}

pub(super) fn begin(kept: &Kept, options: &LoginOptions) -> (String, String) {
    match blocking::begin_login(options, &Cancel::new()).unwrap() {
        BeginLoginResult::Pending(pending) => (kept.world.approve(&pending.url), pending.note),
        BeginLoginResult::Kept(result) => panic!("{result:?}"),
    }
}

pub(super) fn complete(kept: &Kept, callback: &str) -> libatmn::Result<LoginResult> {
    let options = CompleteOptions { host: kept.options().host, ..CompleteOptions::default() };
    blocking::complete_login(callback, &options, None, &Cancel::new())
}

#[test]
fn pending_login_keeps_a_key_that_works() {
    for (lost, how) in CASES {
        let kept = Kept::new();
        kept.lose(lost, how);
        let stays = kept.key(other(lost));
        let (callback, note) = begin(&kept, &kept.options());
        assert!(note.contains("still works and stays"), "{note}");
        let result = complete(&kept, &callback).unwrap();
        assert!(kept.file().contains(stays.reveal()), "{lost:?} {how}");
        assert!(result.keys.iter().any(|key| key.reveal() == stays.reveal()), "{lost:?} {how}");
        assert!(result.saved.unwrap().note.unwrap().contains("was kept"));
    }
}

/// The keys may change between the two steps.
#[test]
fn pending_login_checks_the_keys_again() {
    let kept = Kept::new();
    kept.lose(Environment::Live, "rejected");
    let (callback, _) = begin(&kept, &kept.options());
    kept.lose(Environment::Sandbox, "rejected");
    complete(&kept, &callback).unwrap();
    assert!(!kept.file().contains(kept.sandbox.reveal()));

    let kept = Kept::new();
    let before = kept.file();
    kept.lose(Environment::Live, "missing");
    let (callback, _) = begin(&kept, &kept.options());
    kept.world.project.write(".env", &before);
    assert!(complete(&kept, &callback).unwrap().saved.is_none());
    assert_eq!((kept.file(), kept.minted()), (before, 0));
    assert_eq!(complete(&kept, &callback).unwrap_err().code.name(), "no_pending_login");
}

#[test]
fn pending_login_with_force_replaces_keys_that_work() {
    let kept = Kept::new();
    let (callback, _) = begin(&kept, &LoginOptions { force: true, ..kept.options() });
    complete(&kept, &callback).unwrap();
    assert!(!kept.file().contains(kept.sandbox.reveal()) && !kept.file().contains(kept.live.reveal()));
}

/// What both keys may do is what was asked for, but one of them may do more.
#[test]
fn key_with_further_scopes_is_replaced() {
    let world = LoginFixture::new();
    let scoped = |scopes: &[&str], sandbox_only: bool| LoginOptions {
        scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
        sandbox_only,
        ..options(&world)
    };
    let log_in = |options: &LoginOptions| world.log_in(options).0.unwrap();
    let [_, live] = keys(log_in(&scoped(&["customers:read"], false)));
    let wide = log_in(&LoginOptions { force: true, ..scoped(&["customers:read", "plans:read"], true) });
    let again = log_in(&scoped(&["customers:read"], false));
    assert!(again.saved.is_some(), "a key with more than the chosen scopes was kept");
    let old = [live.reveal(), wide.keys[0].reveal()];
    assert!(again.keys.iter().all(|key| !old.contains(&key.reveal())));
    let kept =
        blocking::login(&scoped(&["customers:read"], false), Some(&mut |_| ControlFlow::Continue(())), &Cancel::new());
    assert!(kept.unwrap().saved.is_none());
}
