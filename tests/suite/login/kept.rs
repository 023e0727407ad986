//! A login keeps each key that the server has just accepted. Each test has its own state directory.

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

use atmn_tests::project::LIVE;
use libatmn::__internal::config::MINT_KEYS_PATH;
use libatmn::{
    ApiKey, BeginLoginResult, Cancel, CompleteOptions, Environment, Event, EventCode, Host, LoginOptions, LoginResult,
    ResolveOptions, WhoamiOptions, blocking,
};

use super::{LoginFixture, browse, failed, log_in};

/// A project that is logged in, with its own state directory.
struct Kept {
    world: LoginFixture,
    sandbox: ApiKey,
    live: ApiKey,
}

impl Kept {
    fn new() -> Self {
        let world = LoginFixture::new();
        let [sandbox, live] = keys(world.log_in(&options(&world)).0.unwrap());
        Self { world, sandbox, live }
    }

    fn key(&self, environment: Environment) -> &ApiKey {
        if environment == Environment::Sandbox { &self.sandbox } else { &self.live }
    }

    /// Makes the login create a key of this environment.
    fn lose(&self, environment: Environment, how: &str) {
        if how == "rejected" {
            assert!(self.world.autumn.store().revoke(self.key(environment)));
        } else {
            let file = self.world.file().unwrap();
            let is_other = |line: &&str| !line.starts_with(&format!("{}=", environment.variable()));
            let rest: Vec<&str> = file.lines().filter(is_other).collect();
            self.world.project.write(".env", rest.join("\n") + "\n");
        }
    }

    fn options(&self) -> LoginOptions {
        options(&self.world)
    }

    /// How many pairs of keys were created since the first login.
    fn minted(&self) -> usize {
        self.world.requests_to(MINT_KEYS_PATH) - 1
    }

    fn file(&self) -> String {
        self.world.file().unwrap()
    }
}

fn options(world: &LoginFixture) -> LoginOptions {
    let variables = [("XDG_STATE_HOME", world.project.home().join("state")), ("HOME", world.project.home())];
    let host = Host::new(variables.map(|(name, value)| (name, value.into_os_string())), Some(world.project.path("")));
    LoginOptions { host: Some(host), ..world.options() }
}

fn other(environment: Environment) -> Environment {
    if environment == Environment::Sandbox { Environment::Live } else { Environment::Sandbox }
}

fn keys(result: LoginResult) -> [ApiKey; 2] {
    result.keys.try_into().unwrap()
}

/// A login with its messages. The user chooses this organization.
fn choosing(
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
    let kept = blocking::login(&options(&world), Some(&mut |_: &Event| ControlFlow::Break(())), &Cancel::new());
    assert!(kept.unwrap().saved.is_none());
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

fn begin(kept: &Kept, options: &LoginOptions) -> (String, String) {
    match blocking::begin_login(options, &Cancel::new()).unwrap() {
        BeginLoginResult::Pending(pending) => (kept.world.approve(&pending.url), pending.note),
        BeginLoginResult::Kept(result) => panic!("{result:?}"),
    }
}

fn complete(kept: &Kept, callback: &str) -> libatmn::Result<LoginResult> {
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

/// Runs a login while another one waits for the user; returns the results of both, and what the second has reported.
fn two_logins(world: &LoginFixture, second: &LoginOptions) -> (LoginResult, LoginResult, Vec<EventCode>) {
    let first = options(world);
    let (mut codes, store) = (Vec::new(), world.autumn.store().clone());
    let approve = move |url: &str| drop(browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    thread::scope(|scope| {
        let (shown, url) = mpsc::channel::<String>();
        let first = scope.spawn(move || log_in(&first, move |url| shown.send(url).unwrap()).0.unwrap());
        // The first login holds the lock once its URL is shown.
        let mut url = Some(url.recv().unwrap());
        let mut listener = |event: &Event| {
            codes.push(event.code);
            match (event.code, event.context.get("url")) {
                (EventCode::LoginWaiting, _) => {
                    let (approve, url) = (approve.clone(), url.take().unwrap());
                    thread::spawn(move || approve(&url));
                }
                (EventCode::LoginUrl, Some(url)) => {
                    let (approve, url) = (approve.clone(), url.clone());
                    thread::spawn(move || approve(&url));
                }
                _ => {}
            }
            ControlFlow::Continue(())
        };
        let second = blocking::login(second, Some(&mut listener), &Cancel::new()).unwrap();
        (first.join().unwrap(), second, codes)
    })
}

#[test]
fn second_login_waits_and_keeps_the_keys_of_the_first() {
    let world = LoginFixture::new();
    let (first, second, codes) = two_logins(&world, &options(&world));
    assert_eq!(codes.first(), Some(&EventCode::LoginWaiting));
    assert!(!codes.contains(&EventCode::LoginUrl), "{codes:?}");
    assert!(second.saved.is_none());
    assert_eq!(keys(first).map(|key| key.reveal().to_owned()), keys(second).map(|key| key.reveal().to_owned()));
    assert_eq!(world.requests_to(MINT_KEYS_PATH), 1);
}

#[test]
fn second_login_with_force_waits_and_goes_on() {
    let world = LoginFixture::new();
    let (_, second, codes) = two_logins(&world, &LoginOptions { force: true, ..options(&world) });
    assert_eq!(codes.first(), Some(&EventCode::LoginWaiting));
    assert!(codes.contains(&EventCode::LoginUrl) && second.saved.is_some(), "{codes:?}");
    assert_eq!(world.requests_to(MINT_KEYS_PATH), 2);
}

#[test]
fn completed_login_waits_for_another_login() {
    let world = LoginFixture::new();
    let BeginLoginResult::Pending(pending) = blocking::begin_login(&options(&world), &Cancel::new()).unwrap() else {
        panic!("there are no keys yet")
    };
    let (pending, first) = (world.approve(&pending.url), options(&world));
    let completing = CompleteOptions { host: options(&world).host, ..CompleteOptions::default() };
    let store = world.autumn.store().clone();
    thread::scope(|scope| {
        let (shown, url) = mpsc::channel::<String>();
        let first = scope.spawn(move || log_in(&first, move |url| shown.send(url).unwrap()).0.unwrap());
        let mut url = Some(url.recv().unwrap());
        let mut listener = |event: &Event| {
            if event.code == EventCode::LoginWaiting {
                let (store, url) = (store.clone(), url.take().unwrap());
                thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
            }
            ControlFlow::Continue(())
        };
        let completed = blocking::complete_login(&pending, &completing, Some(&mut listener), &Cancel::new()).unwrap();
        assert!(completed.saved.is_none());
        first.join().unwrap();
    });
    assert_eq!(world.requests_to(MINT_KEYS_PATH), 1);
}

#[test]
fn waiting_login_ends_when_it_is_cancelled_or_at_its_deadline() {
    let world = LoginFixture::new();
    let (first, cancel) = (options(&world), Cancel::new());
    let stop = cancel.clone();
    thread::scope(|scope| {
        let (shown, url) = mpsc::channel::<()>();
        let first = scope.spawn(move || {
            let mut listener = |event: &Event| {
                if event.code == EventCode::LoginUrl {
                    shown.send(()).unwrap();
                }
                ControlFlow::Continue(())
            };
            blocking::login(&first, Some(&mut listener), &stop)
        });
        url.recv().unwrap();
        let mut leaves = |event: &Event| {
            if event.code == EventCode::LoginWaiting { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        failed(blocking::login(&options(&world), Some(&mut leaves), &Cancel::new()), "cancelled");
        let short = LoginOptions { login_timeout: std::time::Duration::from_millis(50), ..options(&world) };
        let error = failed(
            blocking::login(&short, Some(&mut |_: &Event| ControlFlow::Continue(())), &Cancel::new()),
            "timed_out",
        );
        assert!(error.message.contains("Another login"), "{error:?}");
        cancel.cancel();
        failed(first.join().unwrap(), "cancelled");
    });
    // The lock is free again.
    world.log_in(&options(&world)).0.unwrap();
}

#[test]
fn login_without_a_lock_says_so() {
    let world = LoginFixture::new();
    let host = Host::new([("PATH", "/usr/bin:/bin")], Some(world.project.path("")));
    let (store, mut messages) = (world.autumn.store().clone(), Vec::new());
    let mut listener = |event: &Event| {
        messages.push(event.message.clone());
        if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
            let (store, url) = (store.clone(), url.clone());
            thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
        }
        ControlFlow::Continue(())
    };
    let options = LoginOptions { host: Some(host), ..world.options() };
    blocking::login(&options, Some(&mut listener), &Cancel::new()).unwrap();
    assert!(messages.iter().any(|message| message.starts_with("Could not lock the file;")), "{messages:?}");
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
