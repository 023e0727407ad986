//! A key is sent to check only to the server that is known to accept it. Each test has its own state directory.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use atmn_tests::project::{LIVE, SANDBOX};
use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{
    ApiKey, BeginLoginResult, Cancel, Event, Host, LoginOptions, LoginResult, LogoutOptions, ResolveOptions, Server,
    WhoamiOptions, blocking, logout,
};
use serde_json::Value;

use super::{LoginFixture, browse, log_in};

/// A server that records every byte it receives, and answers 404.
struct Recorder {
    port: u16,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Recorder {
    fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let (port, received) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<u8>>>::default());
        let log = Arc::clone(&received);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || {
                    let mut bytes = [0; 4096];
                    while let Ok(length @ 1..) = stream.read(&mut bytes) {
                        log.lock().unwrap().extend_from_slice(&bytes[..length]);
                        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                    }
                });
            }
        });
        Self { port, received }
    }

    fn server(&self) -> Server {
        Server::parse(&format!("http://127.0.0.1:{}", self.port)).unwrap()
    }

    fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().unwrap()).into_owned()
    }
}

/// A state directory for this test only.
fn host(world: &LoginFixture) -> Host {
    let variables = [("XDG_STATE_HOME", world.project.home().join("state")), ("HOME", world.project.home())];
    Host::new(variables.map(|(name, value)| (name, value.into_os_string())), Some(world.project.path("")))
}

fn options(world: &LoginFixture) -> LoginOptions {
    LoginOptions { host: Some(host(world)), ..world.options() }
}

fn file(world: &LoginFixture) -> PathBuf {
    world.project.home().join("state/atmn/known-keys.json")
}

/// The keys in the project's file.
fn keys(world: &LoginFixture) -> Vec<ApiKey> {
    let file = world.file().unwrap();
    file.lines().map(|line| ApiKey::parse(line.split_once('=').unwrap().1).unwrap()).collect()
}

fn whoami(world: &LoginFixture, environment: libatmn::Environment) -> libatmn::Identity {
    let resolve = ResolveOptions {
        environment: Some(environment),
        directory: Some(world.project.path("")),
        host: Some(host(world)),
        ..ResolveOptions::default()
    };
    let server = options(world).server;
    blocking::whoami(&WhoamiOptions { server, resolve, ..WhoamiOptions::default() }, &Cancel::new()).unwrap()
}

/// The result of a login that keeps keys; `None` if a user had to log in.
fn kept(options: &LoginOptions) -> Option<LoginResult> {
    let mut listener = |_: &Event| ControlFlow::Break(());
    match blocking::login(options, Some(&mut listener), &Cancel::new()) {
        Ok(result) => Some(result),
        Err(error) => {
            assert_eq!(error.code.name(), "cancelled", "{error:?}");
            None
        }
    }
}

/// All three logins, with the option and with the variable: the second server sees no key of the first.
fn no_login_sends_keys(world: &LoginFixture) {
    for by_variable in [false, true] {
        let recorder = Recorder::new();
        let mut chosen = LoginOptions { server: Some(recorder.server()), ..options(world) };
        if by_variable {
            let known = host(world);
            let state = known.var("XDG_STATE_HOME").unwrap().to_owned();
            let url = recorder.server().api().to_owned().into();
            let variables = [("XDG_STATE_HOME", state), ("ATMN_BACKEND_URL", url)];
            let host = Host::new(variables, Some(world.project.path("")));
            chosen = LoginOptions { server: None, host: Some(host), ..chosen };
        }
        assert!(kept(&chosen).is_none());
        let mut listener = |_: &Event| ControlFlow::Break(());
        let waited = blocking::start_login(&chosen, &Cancel::new()).unwrap().wait(Some(&mut listener));
        assert_eq!(waited.unwrap_err().code.name(), "cancelled");
        let begun = blocking::begin_login(&chosen, &Cancel::new()).unwrap();
        assert!(matches!(begun, BeginLoginResult::Pending(_)), "{begun:?}");
        let received = recorder.received();
        assert!(received.starts_with("HEAD / HTTP/1.1"), "{received}");
        for key in keys(world) {
            assert!(!received.contains(key.reveal()) && !received.contains("am_sk_"), "{received}");
        }
        assert!(!received.to_lowercase().contains("authorization"), "{received}");
    }
}

#[test]
fn keys_of_one_server_are_not_sent_to_another() {
    let world = LoginFixture::new();
    world.log_in(&options(&world)).0.unwrap();
    no_login_sends_keys(&world);
}

/// A key that no server is known for was made for the cloud.
#[test]
fn unknown_keys_are_not_sent_to_another_server_than_the_cloud() {
    let world = LoginFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    no_login_sends_keys(&world);
}

/// A server that accepts every key does not take over the keys of another one.
#[test]
fn first_server_keeps_its_keys() {
    let world = LoginFixture::new();
    world.log_in(&options(&world)).0.unwrap();
    let other = LoginFixture::new();
    for key in keys(&world) {
        assert!(other.autumn.store().add_key(key, "night-library", "the same key"));
    }
    let resolve = ResolveOptions {
        directory: Some(world.project.path("")),
        host: Some(host(&world)),
        ..ResolveOptions::default()
    };
    let server = Some(Server::parse(&other.autumn.url()).unwrap());
    // The server that the user names gets the key.
    blocking::whoami(&WhoamiOptions { server: server.clone(), resolve, ..WhoamiOptions::default() }, &Cancel::new())
        .unwrap();
    assert!(kept(&LoginOptions { server, ..options(&world) }).is_none());
    assert_eq!(other.requests_to(ORGANIZATION_PATH), 1);
    assert!(kept(&options(&world)).is_some());
}

#[test]
fn keys_that_the_server_accepted_are_kept() {
    let world = LoginFixture::new();
    world.log_in(&options(&world)).0.unwrap();
    assert!(kept(&options(&world)).is_some());
    // Without the file, the keys are unknown, until the server accepts them again.
    std::fs::remove_file(file(&world)).unwrap();
    assert!(kept(&options(&world)).is_none());
    whoami(&world, libatmn::Environment::Sandbox);
    assert!(kept(&options(&world)).is_none(), "one of the two keys is unknown");
    whoami(&world, libatmn::Environment::Live);
    assert!(kept(&options(&world)).is_some());
}

fn entries(world: &LoginFixture) -> serde_json::Map<String, Value> {
    let Value::Object(entries) = serde_json::from_slice(&std::fs::read(file(world)).unwrap()).unwrap() else {
        panic!()
    };
    entries
}

#[test]
fn known_keys_are_private_hashes_and_forgotten_by_logout() {
    let world = LoginFixture::new();
    world.log_in(&options(&world)).0.unwrap();
    let text = std::fs::read_to_string(file(&world)).unwrap();
    assert_eq!(file(&world).metadata().unwrap().mode() & 0o7777, 0o600);
    for key in keys(&world) {
        assert!(!text.contains(key.reveal()) && !text.contains(&key.reveal()[11..]), "{text}");
    }
    let entries_before = entries(&world);
    assert_eq!(entries_before.len(), 2);
    for entry in entries_before.values() {
        assert_eq!(entry["server"], world.autumn.url());
        assert_eq!(entry["organization_id"], "org_6QzTnV2kCopperKettle");
        assert_eq!(entry["organization_slug"], "copper-kettle");
    }
    let directory = Some(world.project.path(""));
    logout(&LogoutOptions { directory, host: Some(host(&world)), ..LogoutOptions::default() }).unwrap();
    assert!(entries(&world).is_empty());
}

/// The oldest entries are dropped, and a damaged file counts as empty.
#[test]
fn known_keys_are_bounded() {
    let world = LoginFixture::new();
    world.log_in(&options(&world)).0.unwrap();
    let mut known = entries(&world);
    for number in 0..600_u64 {
        let entry = serde_json::json!({ "server": "https://api.example.com", "environment": "live", "time": number });
        known.insert(format!("{number:064x}"), entry);
    }
    std::fs::write(file(&world), Value::Object(known).to_string()).unwrap();
    world.log_in(&LoginOptions { force: true, ..options(&world) }).0.unwrap();
    let known = entries(&world);
    assert_eq!(known.len(), 500);
    assert!(!known.contains_key(&format!("{0:064x}", 0)) && known.contains_key(&format!("{0:064x}", 599)));

    for damaged in ["", "{", "[]", "{\"x\":1}", "\u{0}"] {
        std::fs::write(file(&world), damaged).unwrap();
        whoami(&world, libatmn::Environment::Sandbox);
        assert_eq!(entries(&world).len(), 1, "{damaged:?}");
    }
}

/// Without the state, nothing fails and keys are unknown.
#[test]
fn unusable_state_directory_makes_keys_unknown() {
    for obstacle in ["file", "link", "no home"] {
        let world = LoginFixture::new();
        let state = world.project.home().join("state");
        let mut own = options(&world);
        match obstacle {
            "file" => std::fs::write(&state, "").unwrap(),
            "link" => {
                std::fs::create_dir(&state).unwrap();
                std::os::unix::fs::symlink("/tmp", state.join("atmn")).unwrap();
            }
            _ => own.host = Some(Host::new([("PATH", "/usr/bin:/bin")], Some(world.project.path("")))),
        }
        world.log_in(&own).0.unwrap();
        assert!(kept(&own).is_none(), "{obstacle}");
        let directory = Some(world.project.path(""));
        logout(&LogoutOptions { directory, host: own.host, ..LogoutOptions::default() }).unwrap();
    }
}

#[test]
fn login_names_what_takes_precedence_over_a_kept_key() {
    let world = LoginFixture::new();
    world.log_in(&options(&world)).0.unwrap();
    let mut variables = vec![("AUTUMN_SECRET_KEY", SANDBOX.into())];
    variables.extend(["XDG_STATE_HOME", "HOME"].map(|name| (name, host(&world).var(name).unwrap().to_owned())));
    let host = Host::new(variables, Some(world.project.path("")));
    let mut hints = Vec::new();
    let mut listener = |event: &Event| {
        hints.push(event.message.clone());
        ControlFlow::Continue(())
    };
    let options = LoginOptions { host: Some(host), ..options(&world) };
    let kept = blocking::login(&options, Some(&mut listener), &Cancel::new()).unwrap();
    assert!(kept.saved.is_none());
    let sandbox = &keys(&world)[0];
    let expected =
        format!("AUTUMN_SECRET_KEY in the process environment takes precedence over the kept key {sandbox}.");
    assert!(hints.contains(&expected), "{hints:?}");
}

/// The user chooses one of them; both keys work.
#[test]
fn login_keeps_no_keys_of_two_organizations() {
    let world = LoginFixture::new();
    world.log_in(&options(&world)).0.unwrap();
    let live = keys(&world)[1].clone();
    let store = world.autumn.store().clone();
    let other = LoginOptions { force: true, ..options(&world) };
    let approve = move |url: String| browse(&store.approve(&url, "ada@example.com", "night-library").unwrap());
    log_in(&other, approve).0.unwrap();
    assert!(kept(&options(&world)).is_some());
    let (sandbox, live) = (keys(&world)[0].reveal().to_owned(), live.reveal());
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={sandbox}\nAUTUMN_PROD_SECRET_KEY={live}\n"));
    assert!(kept(&options(&world)).is_none());
}

/// A file that other accounts can read is made private again.
#[test]
fn open_state_directory_is_made_private() {
    let world = LoginFixture::new();
    let folder = world.project.home().join("state/atmn");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).unwrap();
    world.log_in(&options(&world)).0.unwrap();
    assert_eq!(folder.metadata().unwrap().mode() & 0o7777, 0o700);
    assert_eq!(file(&world).metadata().unwrap().mode() & 0o7777, 0o600);
}

/// Processes that write at the same time lose no entry.
#[test]
fn concurrent_writers_lose_no_entry() {
    let world = LoginFixture::new();
    let keys: Vec<ApiKey> =
        (0..8).map(|number| ApiKey::parse(&format!("am_sk_test_concurrent{number:010}")).unwrap()).collect();
    for key in &keys {
        assert!(world.autumn.store().add_key(key.clone(), "copper-kettle", "one of many"));
    }
    let (server, host) = (options(&world).server, host(&world));
    std::thread::scope(|scope| {
        for key in &keys {
            let (server, host) = (server.clone(), host.clone());
            scope.spawn(move || {
                let resolve =
                    ResolveOptions { key: Some(key.reveal().into()), host: Some(host), ..ResolveOptions::default() };
                let options = WhoamiOptions { server, resolve, ..WhoamiOptions::default() };
                blocking::whoami(&options, &Cancel::new()).unwrap();
            });
        }
    });
    assert_eq!(entries(&world).len(), keys.len());
}
