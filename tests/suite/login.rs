//! Logging in against the local Autumn: from the address to keys in the file.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::ControlFlow;
use std::time::Duration;

use atmn_tests::project::Project;
use libatmn::{Cancel, Event, EventCode, LoginOptions, Server, blocking};
use local_autumn::{Options, Running};

struct World {
    project: Project,
    autumn: Running,
}

impl World {
    fn new() -> Self {
        let autumn = local_autumn::Server::bind(Options { port: 0, ..Options::default() }).unwrap().spawn().unwrap();
        Self { project: Project::new(), autumn }
    }

    fn options(&self) -> LoginOptions {
        // Ports of its own for each test, so that they can run side by side.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        self.autumn.store().register_callback_port(free);
        LoginOptions {
            server: Server::parse(&self.autumn.url()).unwrap(),
            directory: Some(self.project.path("")),
            open_browser: false,
            timeout: Duration::from_secs(20),
            ports: free..=free,
            ..LoginOptions::default()
        }
    }
}

/// Follows an address as a browser does, redirects included, and gives the last answer.
fn browse(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let port: u16 = host.rsplit(':').next().unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    match answer.lines().find_map(|line| line.strip_prefix("Location: ")) {
        Some(path) => browse(&format!("http://{host}{path}")),
        None => answer,
    }
}

/// Runs the parts of a login in two processes, each with its own home.
#[test]
fn a_login_in_two_steps_needs_the_answer_only_once() {
    let world = World::new();
    // The first registered port stands in the redirect, and nobody listens there.
    world.autumn.store().register_callback_port(31448);
    let options = world.options();
    let options = LoginOptions { ports: 31448..=31452, ..options };
    let pending = libatmn::begin_login(&options).unwrap();
    let callback = world.autumn.store().approve(&pending.url, "ada@example.com", "night-library").unwrap();
    let complete = |text: &str| blocking::complete_login(text, Duration::from_secs(20), None, &Cancel::new());
    for wrong in ["nonsense", "am_sk_test_0123456789", "http://localhost:31448/?code=0123456789abcdef&state=wrong"] {
        let error = complete(wrong).unwrap_err();
        assert!(matches!(error.code.name(), "invalid_argument" | "no_pending_login"), "{error:?}");
    }
    let done = complete(&callback).unwrap();
    assert_eq!(done.organization.unwrap().slug, "night-library");
    assert!(world.project.read(".env").contains("AUTUMN_SECRET_KEY=am_sk_test_"));
    assert_eq!(complete(&callback).unwrap_err().code.name(), "no_pending_login");
}

#[test]
fn a_person_logs_in_and_the_page_tells_the_truth() {
    let world = World::new();
    let store = world.autumn.store().clone();
    let mut browser = None;
    let mut seen = Vec::new();
    let mut listener = |event: &Event| {
        // Where the test runs decides whether there is a hint.
        if event.code != EventCode::Hint {
            seen.push(event.code.name());
        }
        if let Some(url) = event.context.get("url") {
            let callback = store.approve(url, "ada@example.com", "copper-kettle").unwrap();
            browser = Some(std::thread::spawn(move || browse(&callback)));
        }
        ControlFlow::Continue(())
    };
    let done = blocking::login(&world.options(), Some(&mut listener), &Cancel::new()).unwrap();
    let page = browser.unwrap().join().unwrap();
    assert_eq!(seen, ["login_url", "callback_received", "keys_received", "keys_saved"]);
    assert_eq!(done.organization.unwrap().slug, "copper-kettle");
    assert!(page.contains("Copper Kettle") && page.contains("sandbox and live"), "{page}");
    let file = world.project.read(".env");
    assert!(file.starts_with("AUTUMN_SECRET_KEY=am_sk_test_") && file.contains("AUTUMN_PROD_SECRET_KEY=am_sk_live_"));
    assert_eq!(world.autumn.store().active_tokens(), 0, "the token was not given back");
    // The keys work, so a second login has nothing to do.
    let again = blocking::login(&world.options(), Some(&mut |_| ControlFlow::Continue(())), &Cancel::new()).unwrap();
    assert!(again.saved.is_none());
    assert_eq!(world.project.read(".env"), file);
}
