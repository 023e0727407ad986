//! The variables that are read from the environment, and when. A test cannot change its own environment, so it runs
//! itself as a child.
#![allow(clippy::print_stdout)] // how a child answers

use std::process::{Command, Output};

use libatmn::__internal::http::{Http, OutgoingRequest};
use libatmn::{Host, Server, WhoamiOptions, whoami};

use super::hostile::Hostile;
use super::tls::Authority;
use super::{autumn, known_key, wait};

/// Names the server for a child process.
const SERVER: &str = "ATMN_TEST_SERVER";

/// Runs one test of this file as a child with these variables.
fn child(test: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", &format!("network::process::{test}")]);
    for name in [
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// In a child process, makes a request; otherwise does nothing.
#[test]
fn child_that_makes_a_request() {
    let Ok(url) = std::env::var(SERVER) else { return };
    let result = wait(Http::new(Server::parse(&url).unwrap(), &Host::current()).send(OutgoingRequest::new("GET", "/")));
    println!("{:?}", result.map(|response| response.status).map_err(|error| error.code.name()));
}

/// In a child process, calls `whoami` with the server and the key of the environment; otherwise does nothing.
#[test]
fn child_that_calls_whoami() {
    if std::env::var_os(SERVER).is_none() {
        return;
    }
    let identity = wait(whoami(&WhoamiOptions::default())).unwrap();
    println!("{} from {}", identity.organization.slug, identity.source);
}

#[test]
fn environment_sets_roots_and_proxies() {
    let authority = Authority::new();
    let server = authority.serve("localhost", |_| {});
    let url = format!("https://localhost:{}", server.port());
    let roots = authority.file();
    for (variables, said) in [
        (&[(SERVER, url.as_str())][..], "Err(\"tls_failed\")"),
        (&[(SERVER, &url), ("ATMN_EXTRA_CA_CERTS", &roots)], "Ok(200)"),
        (&[(SERVER, &url), ("SSL_CERT_FILE", &roots)], "Ok(200)"),
        (&[(SERVER, "https://autumn.invalid"), ("https_proxy", "http://127.0.0.1:1")], "Err(\"proxy_failed\")"),
    ] {
        let output = child("child_that_makes_a_request", variables);
        assert!(output.status.success() && shown(&output).contains(said), "{variables:?} {}", shown(&output));
    }
}

#[test]
fn whoami_uses_server_and_key_of_environment() {
    let autumn = autumn();
    let (key, url) = (known_key(&autumn, libatmn::Kind::Secret, libatmn::Environment::Live), autumn.url());
    let variables = [(SERVER, url.as_str()), ("ATMN_BACKEND_URL", &url), ("AUTUMN_SECRET_KEY", key.reveal())];
    let output = child("child_that_calls_whoami", &variables);
    let expected = "copper-kettle from AUTUMN_SECRET_KEY in the process environment";
    assert!(output.status.success() && shown(&output).contains(expected), "{}", shown(&output));
    assert!(!shown(&output).contains(key.reveal()));
}

/// In a mount namespace with an `/etc/hosts` that sends `localhost` to another machine: a token must not go there.
#[test]
fn localhost_is_never_resolved() {
    let server = Hostile::answering(200, "{}");
    let url = server.url().replace("127.0.0.1", "localhost");
    let hosts = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&hosts, "192.0.2.1 localhost\n").unwrap();
    let script = "mount --bind \"$HOSTS\" /etc/hosts; exec \"$0\" --exact --nocapture \"$1\"";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-euc", script]);
    command.arg(std::env::current_exe().unwrap()).arg("network::process::child_that_makes_a_request");
    let output = command.env("HOSTS", hosts.path()).env(SERVER, &url).output().unwrap();
    assert!(shown(&output).contains("Ok(200)"), "{}", shown(&output));
}

#[test]
fn roots_are_read_at_first_request() {
    let server = Hostile::answering(200, "{}");
    let variables = [("HTTPS_PROXY", "no URL"), ("SSL_CERT_FILE", "/absent"), ("ATMN_EXTRA_CA_CERTS", "/absent")];
    let http = Http::new(Server::parse(&server.url()).unwrap(), &Host::new(variables, None));
    assert!(format!("{http:?}").contains(&server.url()));
    // Plain http needs neither root certificates nor a proxy, so the client uses no variable.
    assert_eq!(wait(http.send(OutgoingRequest::new("GET", "/"))).unwrap().status, 200);
}
