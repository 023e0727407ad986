//! Runs the Rust examples and checks what they print.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;

use atmn_tests::project::{Project, SANDBOX, binary};
use local_autumn::{LocalAutumn, Options, Running, Store};

/// Logins use five fixed callback ports, so the tests that log in run one at a time.
static PORTS: Mutex<()> = Mutex::new(());

fn autumn() -> Running {
    LocalAutumn::bind(Options { port: 0, controls: true, ..Options::default() }).unwrap().spawn().unwrap()
}

fn example(program: &str, project: &Project, server: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project.path("")).env_clear().env("HOME", project.home()).env("ATMN_BACKEND_URL", server);
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs a program that logs in, and approves its login.
fn run_login(mut command: Command, store: &Store) -> Output {
    let _turn = PORTS.lock().unwrap();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let url =
        lines.find_map(|line| line.split_whitespace().find(|word| word.contains("/authorize?")).map(str::to_owned));
    approve(store, &url.expect("a login URL"));
    let rest: Vec<String> = lines.collect();
    let mut output = child.wait_with_output().unwrap();
    output.stderr = rest.join("\n").into_bytes();
    output
}

fn approve(store: &Store, url: &str) {
    let callback = store.approve(url, "ada@example.com", "night-library").unwrap();
    let response = get(&callback, "");
    let path = response.lines().find_map(|line| line.strip_prefix("Location: ")).expect("a path");
    let origin: String = callback.split_inclusive('/').take(3).collect();
    let page = get(&(origin + path.trim_start_matches('/')), "");
    assert!(page.contains("Night Library"), "{page}");
}

fn get(url: &str, header: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{header}\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn key_prints_the_masked_key_and_its_location() {
    let project = Project::new();
    let run = || example(env!("CARGO_BIN_EXE_key"), &project, "cloud").output().unwrap();
    assert_eq!(run().status.code(), Some(4));
    let _ = project.save().run().ok();
    let output = run();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("am_sk_test_…dbox from AUTUMN_SECRET_KEY in "), "{text}");
    assert!(!text.contains(SANDBOX));
}

#[test]
fn login_saves_keys_and_request_uses_them() {
    let (project, autumn) = (Project::new(), autumn());
    let output = run_login(example(env!("CARGO_BIN_EXE_login"), &project, &autumn.url()), autumn.store());
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("am_sk_live_…") && text(&output).contains("of Night Library"), "{}", text(&output));
    let file = project.read(".env");
    let keys: Vec<&str> = file.lines().map(|line| line.split_once('=').unwrap().1).collect();
    assert_eq!(keys.len(), 2);

    let request = || example(env!("CARGO_BIN_EXE_request"), &project, &autumn.url()).output().unwrap();
    let answer = request();
    assert!(answer.status.success() && text(&answer).contains("\"list\""), "{}", text(&answer));
    // Without a terminal, `reauth: auto` does not log in.
    autumn.store().revoke(&libatmn::ApiKey::parse(keys[0]).unwrap());
    let refused = request();
    assert_eq!(refused.status.code(), Some(4), "{}", text(&refused));
    for output in [output, answer, refused] {
        assert!(keys.iter().all(|key| !text(&output).contains(key)), "a whole key: {}", text(&output));
    }
}

/// Kills the process when the test ends.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn server_accepts_one_key_and_refuses_as_autumn_does() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    let mut server = KillOnDrop(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut url = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let ask = |header: &str| get(&format!("{}/v1/customers", url.trim_end()), header);
    let known = ask("Authorization: Bearer am_sk_test_example0123456789\r\n");
    assert!(known.starts_with("HTTP/1.1 200") && known.ends_with(r#"{"customer":"example"}"#), "{known}");
    for (header, code) in [
        ("", "no_secret_key"),
        ("Authorization: Basic x\r\n", "invalid_auth_header"),
        ("Authorization: Bearer am_sk_live_planted0123456789\r\n", "invalid_secret_key"),
        ("Authorization: Bearer am_pk_test_planted0123456789\r\n", "endpoint_not_public"),
        ("x-client-type: dashboard\r\n", "no_secret_key"),
        ("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", "invalid_auth_header"),
    ] {
        let refused = ask(header);
        let body = format!("\"code\":\"{code}\"");
        assert!(refused.starts_with("HTTP/1.1 401") && refused.contains(&body), "{header}: {refused}");
    }
    let _ = server.0.kill();
    let mut log = String::new();
    server.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("Refused GET /v1/customers: invalid_secret_key (live).") && !log.contains("planted"), "{log}");
}

/// Runs the demo three times: in CI, without further variables, and with a key in the environment. It opens no browser, even
/// if one is installed.
#[test]
fn demo_ends_without_a_user_and_prints_no_key() {
    let _turn = PORTS.lock().unwrap();
    let demo = Path::new(env!("CARGO_BIN_EXE_demo"));
    // The demo runs the `atmn` command in its own directory.
    let folder = tempfile::tempdir().unwrap();
    for (from, name) in [(demo, "demo"), (binary(), "atmn")] {
        std::fs::copy(from, folder.path().join(name)).unwrap();
    }
    for variable in [Some(("CI", "1")), None, Some(("AUTUMN_SECRET_KEY", SANDBOX))] {
        let mut command = Command::new(folder.path().join("demo"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", folder.path()).env("BROWSER", "false");
        command.envs(variable);
        let output = command.output().unwrap();
        let text = text(&output);
        assert!(output.status.success(), "{text}");
        for expected in [
            "Logged in to `Night Library`",
            "AUTUMN_SECRET_KEY=am_sk_test_…",
            "  The server rejected the key am_sk_test_…",
            "  Repeating the request with the key am_sk_test_…",
            "GET /v1/customers: 200,",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        assert!(!text.contains("automation"), "the login in CI prints advice for CI: {text}");
        let keys = text.split("am_sk_").skip(1).map(|rest| rest.split_whitespace().next().unwrap_or_default());
        assert!(keys.filter(|key| !key.contains('…')).count() == 0, "a whole key: {text}");
    }
}
