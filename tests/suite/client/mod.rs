//! Calls of the API against the local Autumn and its faults: real sockets, real files, real processes.

mod answers;
mod failed_responses;
mod held;
mod shared_login;
mod untouched;
mod guard;
mod organization;
mod processes;
mod reauth;
mod retries;

use std::ops::{ControlFlow, RangeInclusive};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use atmn_tests::ports::free_ports;
use libatmn::__internal::config::MINT_KEYS_PATH;
use libatmn::{
    ApiKey, ApiRequest, ApiResponse, Cancel, ClientOptions, Environment, Error, Event, EventCode, Kind, Reauth,
    ResolveOptions, Result, SaveOptions, Server, WhoamiOptions, blocking, save_keys,
};
use local_autumn::Store;

use crate::login::{LONG_TIMEOUT, LoginFixture, browse, until};
use crate::network::known_key;

const CUSTOMERS: &str = "/v1/customers";

/// A project with keys of Copper Kettle in its `.env`, and a server that approves logins.
struct ClientFixture {
    world: LoginFixture,
    keys: [ApiKey; 2],
}

impl ClientFixture {
    fn new() -> Self {
        let world = LoginFixture::new();
        let key = |environment| known_key(&world.autumn, Kind::Secret, environment);
        let keys = [key(Environment::Sandbox), key(Environment::Live)];
        let save = SaveOptions { directory: Some(world.project.path("")), ..SaveOptions::default() };
        save_keys(&keys, &save).unwrap();
        Self { world, keys }
    }

    /// A project whose sandbox key the server rejects.
    fn revoked() -> Self {
        let fixture = Self::new();
        assert!(fixture.store().revoke(&fixture.keys[0]));
        fixture
    }

    /// Lets the server accept a key, so that this machine knows its server and organization.
    fn make_known(&self, environment: Environment) {
        let options = self.options();
        let resolve = ResolveOptions { environment: Some(environment), ..options.resolve };
        let options = WhoamiOptions { server: options.server, resolve, ..WhoamiOptions::default() };
        blocking::whoami(&options, &Cancel::new()).unwrap();
    }

    fn store(&self) -> &Store {
        self.world.autumn.store()
    }

    fn options(&self) -> ClientOptions {
        let ports = self.ports();
        ClientOptions {
            server: Some(Server::parse(&self.world.autumn.url()).unwrap()),
            resolve: ResolveOptions {
                environment: Some(Environment::Sandbox),
                directory: Some(self.world.project.path("")),
                ..ResolveOptions::default()
            },
            reauth: Reauth::Always,
            login_timeout: LONG_TIMEOUT,
            open_browser: false,
            ports,
            ..ClientOptions::default()
        }
    }

    /// Three of the five registered ports: between fork and exec, the child of another test may hold one briefly.
    fn ports(&self) -> RangeInclusive<u16> {
        let first = free_ports(3);
        (first..first + 3).for_each(|port| self.store().register_callback_port(port));
        first..=first + 2
    }

    fn client(&self) -> blocking::Client {
        blocking::Client::new(self.options()).unwrap()
    }

    /// A user who approves the login for an organization.
    fn person(&self, organization: &'static str) -> User {
        let store = self.store().clone();
        User::new(move |url| drop(browse(&store.approve(url, "ada@example.com", organization).unwrap())))
    }

    fn call(&self, request: &ApiRequest, person: &User) -> Result<ApiResponse> {
        self.client().request(request, Some(&mut person.listener()), &Cancel::new())
    }

    fn minted(&self) -> usize {
        self.world.requests_to(MINT_KEYS_PATH)
    }

    /// The statuses of all responses for a path.
    fn statuses(&self, path: &str) -> Vec<u16> {
        let requests = self.store().requests();
        requests.iter().filter(|request| request.path == path).map(|request| request.status).collect()
    }
}

/// A user with a listener, who acts on the first login URL.
#[derive(Clone)]
struct User {
    act: Arc<dyn Fn(&str) + Send + Sync>,
    heard: Arc<Mutex<Vec<Event>>>,
    asked: Arc<AtomicUsize>,
}

impl User {
    fn new(act: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { act: Arc::new(act), heard: Arc::default(), asked: Arc::default() }
    }

    /// A user who must not be asked to log in.
    fn never_asked() -> Self {
        Self::new(|_| panic!("no login is expected"))
    }

    /// A listener for one call; all of them record to the same user.
    fn listener(&self) -> impl FnMut(&Event) -> ControlFlow<()> + Send + 'static {
        let person = self.clone();
        move |event| {
            person.heard.lock().unwrap().push(event.clone());
            if event.code == EventCode::LoginUrl {
                person.asked.fetch_add(1, Ordering::Relaxed);
                let (act, url) = (Arc::clone(&person.act), event.context["url"].clone());
                // The listener runs on the thread that waits for the login, so the user acts on another thread.
                std::thread::spawn(move || act(&url));
            }
            ControlFlow::Continue(())
        }
    }

    /// How often the user was asked to log in.
    fn logins(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn codes(&self) -> Vec<EventCode> {
        self.heard.lock().unwrap().iter().map(|event| event.code).collect()
    }

    fn count(&self, code: EventCode) -> usize {
        self.codes().iter().filter(|heard| **heard == code).count()
    }
}

fn get() -> ApiRequest {
    ApiRequest::new("GET", CUSTOMERS)
}

fn failed<T: std::fmt::Debug>(result: Result<T>, code: &str) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.code.name(), code, "{error:?}");
    assert!(error.hint.is_some() || code == "cancelled", "no hint: {error:?}");
    error
}
