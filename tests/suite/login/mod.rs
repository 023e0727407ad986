//! Logins with the local Autumn and with hostile servers, pages and programs: real sockets, real
//! files, real processes.

mod callbacks;
mod cancel;
mod guard;
mod happy;
mod hostile_server;
mod kept;
mod known_keys;
mod local_file;
mod meanwhile;
mod paste;
mod preflight;
mod scopes;
mod secrets;
mod silent_server;
mod pending_login;
mod steps;
mod turns;
mod unchecked;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use atmn_tests::ports::free_ports;
pub(crate) use atmn_tests::ports::is_free;
use atmn_tests::project::Project;
use libatmn::{Cancel, Error, Event, EventCode, LoginOptions, LoginResult, Result, Server, blocking};
use local_autumn::{Options, Running};

/// A timeout that no successful step reaches.
pub(crate) const LONG_TIMEOUT: Duration = Duration::from_secs(300);

/// A project, and a local Autumn with faults and a request log.
pub(crate) struct LoginFixture {
    pub(crate) project: Project,
    pub(crate) autumn: Running,
}

impl LoginFixture {
    pub(crate) fn new() -> Self {
        let options = Options { port: 0, controls: true, ..Options::default() };
        Self { project: Project::new(), autumn: local_autumn::LocalAutumn::bind(options).unwrap().spawn().unwrap() }
    }

    pub(crate) fn options(&self) -> LoginOptions {
        let options = options(&self.project, &self.autumn.url());
        options.ports.clone().for_each(|port| self.autumn.store().register_callback_port(port));
        options
    }

    /// The callback URL of an approved login.
    pub(crate) fn approve(&self, url: &str) -> String {
        self.autumn.store().approve(url, "ada@example.com", "copper-kettle").unwrap()
    }

    /// An approved login: its result and the page.
    pub(crate) fn log_in(&self, options: &LoginOptions) -> (Result<LoginResult>, String) {
        let store = self.autumn.store().clone();
        log_in(options, move |url| browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()))
    }

    /// The number of requests for a path.
    pub(crate) fn requests_to(&self, path: &str) -> usize {
        self.autumn.store().requests().iter().filter(|request| request.path == path).count()
    }

    pub(crate) fn file(&self) -> Option<String> {
        std::fs::read_to_string(self.project.path(".env")).ok()
    }
}

fn options(project: &Project, server: &str) -> LoginOptions {
    // A child process of another test may hold the first one between fork and exec, after an earlier login.
    let port = free_ports(3);
    LoginOptions {
        server: Some(Server::parse(server).unwrap()),
        directory: Some(project.path("")),
        open_browser: false,
        login_timeout: LONG_TIMEOUT,
        ports: port..=port + 2,
        ..LoginOptions::default()
    }
}

/// Logs in, with a user on another thread who receives the URL.
fn log_in<T: Send + 'static>(
    options: &LoginOptions,
    person: impl FnOnce(String) -> T + Send + 'static,
) -> (Result<LoginResult>, T) {
    let mut person = Some(person);
    let mut thread = None;
    let mut listener = |event: &Event| {
        if event.code == EventCode::LoginUrl {
            let (url, person) = (event.context["url"].clone(), person.take().unwrap());
            thread = Some(std::thread::spawn(move || person(url)));
        }
        ControlFlow::Continue(())
    };
    let result = blocking::login(options, Some(&mut listener), &Cancel::new());
    (result, thread.expect("no login URL was shown").join().unwrap())
}

/// Follows a URL and its redirects as a browser does; returns the last response, empty if there was none.
pub(crate) fn browse(url: &str) -> String {
    let answer = visit(url);
    let host = url.split('/').nth(2).unwrap();
    match answer.lines().find_map(|line| line.strip_prefix("Location: ")) {
        Some(path) => browse(&format!("http://{host}{path}")),
        None => answer,
    }
}

/// The response for a URL without redirects; empty if there was none.
fn visit(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port: u16 = host.rsplit(':').next().unwrap().parse().unwrap();
    send(port, format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
}

/// Sends bytes to a callback port and returns the whole response.
fn send(port: u16, bytes: impl AsRef<[u8]>) -> String {
    let mut answer = Vec::new();
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return String::new() };
    stream.set_read_timeout(Some(LONG_TIMEOUT)).unwrap();
    // A refused or cancelled connection is reset.
    let _ = stream.write_all(bytes.as_ref());
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn port_of(url: &str) -> u16 {
    parameter(url, "redirect_uri").trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap()
}

fn parameter(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned()
}

/// A URL without one of its parameters.
fn without(url: &str, name: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    let rest: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
    url.query_pairs_mut().clear().extend_pairs(rest);
    url.into()
}

/// Waits until a condition holds.
pub(crate) fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG_TIMEOUT;
    while !happened() {
        assert!(Instant::now() < deadline, "it did not happen: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn failed(result: Result<LoginResult>, code: &str) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.code.name(), code, "{error:?}");
    assert!(error.hint.is_some() || code == "cancelled", "no hint: {error:?}");
    error
}

fn mkfifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs a test of this crate again in a process with a separate home directory. Returns that home
/// inside of it, and nothing outside.
fn in_own_home(test: &str) -> Option<std::path::PathBuf> {
    const HOME: &str = "ATMN_TEST_HOME";
    if let Some(home) = std::env::var_os(HOME) {
        return Some(home.into());
    }
    let home = tempfile::tempdir().unwrap();
    let browser = home.path().join("browser");
    let mut command = rerun(test);
    command.env(HOME, home.path()).env("HOME", home.path()).env("XDG_STATE_HOME", home.path().join("state"));
    let output = command.env("BROWSER", browser).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    None
}

fn rerun(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("login::{test}"), "--nocapture", "--test-threads=1"]);
    command
}
