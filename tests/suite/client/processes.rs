//! Several processes, and their environments. A test cannot change its own environment, so it runs itself as a child.
#![allow(clippy::print_stdout)] // how a child answers

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use libatmn::{Cancel, ClientOptions, Environment, Event, EventCode, Reauth, ResolveOptions, Server};

use super::{CUSTOMERS, ClientFixture, User, blocking, browse, get, until};
use atmn_tests::ports::free_ports;

const SERVER: &str = "ATMN_TEST_SERVER";
const PORT: &str = "ATMN_TEST_PORT";
const REAUTH: &str = "ATMN_TEST_REAUTH";

/// In a child process: makes a call in the working directory, writes the login URL to a file named by the process, and
/// prints the result. Otherwise does nothing.
#[test]
fn child_that_makes_a_call() {
    let Ok(server) = std::env::var(SERVER) else { return };
    let port: u16 = std::env::var(PORT).unwrap().parse().unwrap();
    let reauth = [Reauth::Never, Reauth::Auto, Reauth::Always];
    let options = ClientOptions {
        server: Some(Server::parse(&server).unwrap()),
        resolve: ResolveOptions { environment: Some(Environment::Sandbox), ..ResolveOptions::default() },
        reauth: reauth.into_iter().find(|mode| std::env::var(REAUTH).is_ok_and(|name| name == mode.name())).unwrap(),
        ports: port..=port,
        ..ClientOptions::default()
    };
    let person = User::new(|url| {
        let (draft, path) = (trace(std::process::id(), "draft"), trace(std::process::id(), "url"));
        std::fs::write(&draft, url).unwrap();
        std::fs::rename(draft, path).unwrap();
    });
    let mut inner = person.listener();
    let mut listener = |event: &Event| {
        if event.code == EventCode::LoginWaiting {
            std::fs::write(trace(std::process::id(), "waiting"), "").unwrap();
        }
        if event.code == EventCode::Hint && event.message.contains("lock the file") {
            std::fs::write(trace(std::process::id(), "hint"), &event.message).unwrap();
        }
        inner(event)
    };
    let client = blocking::Client::new(options).unwrap();
    match client.request(&get(), Some(&mut listener), &Cancel::new()) {
        Ok(answer) => println!("ended: {}", answer.status),
        Err(error) => println!(
            "ended: {} {} {}",
            error.code.name(),
            error.message,
            error.hint.map(|hint| hint.to_string()).unwrap_or_default()
        ),
    }
}

/// A file in the project through which a child reports.
fn trace(process: u32, extension: &str) -> PathBuf {
    PathBuf::from(format!("{process}.{extension}"))
}

/// Processes that work in one project.
struct Team<'a> {
    fixture: &'a ClientFixture,
    port: u16,
}

impl<'a> Team<'a> {
    fn new(fixture: &'a ClientFixture) -> Self {
        let port = free_ports(1);
        fixture.store().register_callback_port(port);
        Self { fixture, port }
    }

    fn start(&self, reauth: Reauth, variables: &[(&str, &str)]) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "client::processes::child_that_makes_a_call", "--nocapture"]);
        for name in ["CI", "AUTUMN_SECRET_KEY", "ATMN_DISABLE_AUTH_RECOVERY", "DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(name);
        }
        let (project, home) = (&self.fixture.world.project, self.fixture.world.project.home());
        command.current_dir(project.path("")).env("HOME", &home).env("XDG_STATE_HOME", home.join("state"));
        // The browser creates a file when it is opened.
        command.env("BROWSER", format!("touch {}", home.join("browser").display()));
        command.env(SERVER, self.fixture.world.autumn.url()).env(PORT, self.port.to_string());
        command.env(REAUTH, reauth.name()).envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
    }

    /// The login URL of one of the processes, once there is one.
    fn login_url(&self, children: &[Child]) -> (u32, String) {
        let shown = || {
            let path = |child: &Child| self.fixture.world.project.path("").join(trace(child.id(), "url"));
            children.iter().find_map(|child| Some((child.id(), std::fs::read_to_string(path(child)).ok()?)))
        };
        until("a login URL is shown", || shown().is_some());
        shown().unwrap()
    }

    fn rejections(&self) -> usize {
        self.fixture.statuses(CUSTOMERS).iter().filter(|status| **status == 401).count()
    }
}

fn ended(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.split_once("ended: ")).map(|(_, rest)| rest.to_owned()).unwrap_or(text)
}

fn approve(fixture: &ClientFixture, url: &str) {
    drop(browse(&fixture.store().approve(url, "ada@example.com", "copper-kettle").unwrap()));
}

#[test]
fn eight_processes_share_one_login() {
    let fixture = ClientFixture::revoked();
    let team = Team::new(&fixture);
    let children: Vec<Child> = (0..8).map(|_| team.start(Reauth::Always, &[])).collect();
    let (_, url) = team.login_url(&children);
    until("all are rejected", || team.rejections() == 8);
    approve(&fixture, &url);
    for child in children {
        assert_eq!(ended(child), "200");
    }
    let statuses = fixture.statuses(CUSTOMERS);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 8);
    assert_eq!((statuses.len(), fixture.minted()), (16, 1));
}

#[test]
fn denied_login_fails_all_waiting_processes() {
    let fixture = ClientFixture::revoked();
    let team = Team::new(&fixture);
    let children: Vec<Child> = (0..4).map(|_| team.start(Reauth::Always, &[])).collect();
    let (asking, url) = team.login_url(&children);
    let waiting = |child: &Child| fixture.world.project.path("").join(trace(child.id(), "waiting")).exists();
    until("the others wait", || children.iter().filter(|child| waiting(child)).count() == 3);
    drop(browse(&fixture.store().deny(&url).unwrap()));
    for child in children {
        let own = child.id() == asking;
        let text = ended(child);
        assert!(text.starts_with("login_denied ") && text.contains("Another program") != own, "{text}");
    }
    assert_eq!(fixture.minted(), 0);
}

#[test]
fn killed_login_process_leaves_no_waiter_stuck() {
    let fixture = ClientFixture::revoked();
    let team = Team::new(&fixture);
    let mut first = team.start(Reauth::Always, &[]);
    let (_, _) = team.login_url(std::slice::from_ref(&first));
    let second = [team.start(Reauth::Always, &[])];
    until("both are rejected", || team.rejections() == 2);
    first.kill().unwrap();
    first.wait().unwrap();
    let (_, url) = team.login_url(&second);
    approve(&fixture, &url);
    let [second] = second;
    assert_eq!(ended(second), "200");
    assert_eq!(fixture.minted(), 1);
}

/// No home directory, a read-only one, or a file system without locks.
#[test]
fn login_works_without_file_lock() {
    let fixture = ClientFixture::revoked();
    let team = Team::new(&fixture);
    let children = [team.start(Reauth::Always, &[("XDG_STATE_HOME", "/dev/null")])];
    let (asking, url) = team.login_url(&children);
    approve(&fixture, &url);
    let [child] = children;
    assert_eq!(ended(child), "200");
    assert_eq!(fixture.minted(), 1);
    let hint = std::fs::read_to_string(fixture.world.project.path("").join(trace(asking, "hint"))).unwrap();
    assert!(hint.starts_with("Could not lock the file"), "{hint}");
}

/// Runs one child with these variables: its result, and whether a browser was opened.
fn alone(fixture: &ClientFixture, reauth: Reauth, variables: &[(&str, &str)]) -> (String, bool) {
    let text = ended(Team::new(fixture).start(reauth, variables));
    (text, fixture.world.project.home().join("browser").exists())
}

#[test]
fn server_program_with_listener_never_opens_browser() {
    let fixture = ClientFixture::revoked();
    for (reauth, variables, reason) in [
        (Reauth::Never, vec![], "`reauth` is `never`"),
        (Reauth::Auto, vec![("DISPLAY", ":0")], "off for custom servers"),
        (Reauth::Always, vec![("ATMN_DISABLE_AUTH_RECOVERY", "1"), ("DISPLAY", ":0")], "ATMN_DISABLE_AUTH_RECOVERY"),
    ] {
        let (text, opened) = alone(&fixture, reauth, &variables);
        assert!(text.starts_with("login_needed ") && text.contains(reason), "{text}");
        assert!(!opened);
    }
    assert_eq!(fixture.minted(), 0);
}

#[test]
fn rejected_key_of_environment_is_reported_and_kept() {
    let fixture = ClientFixture::revoked();
    let before = fixture.world.file();
    let (text, opened) = alone(&fixture, Reauth::Always, &[("AUTUMN_SECRET_KEY", fixture.keys[0].reveal())]);
    assert!(text.starts_with("invalid_secret_key "), "{text}");
    assert!(text.contains("AUTUMN_SECRET_KEY in the process environment"), "{text}");
    assert!(text.contains("unset `AUTUMN_SECRET_KEY` and call `libatmn::login`"), "{text}");

    let secret = fixture.world.project.write("secret", fixture.keys[0].reveal());
    let (text, _) = alone(&fixture, Reauth::Always, &[("AUTUMN_SECRET_KEY_FILE", secret.to_str().unwrap())]);
    assert!(text.starts_with("invalid_secret_key ") && text.contains("unset `AUTUMN_SECRET_KEY_FILE`"), "{text}");
    assert!(!opened);
    assert_eq!(fixture.world.file(), before);
    assert_eq!(fixture.minted(), 0);
}
