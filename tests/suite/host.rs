//! The environment variables and the working directory of a call are those of its `Host`, and no others.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use libatmn::{
    ApiKey, Boundary, Cancel, EventCode, Git, Host, LoginOptions, LogoutOptions, ResolveOptions, SaveOptions, Server,
    WhoamiOptions, blocking, explain_key, logout, resolve_key, save_keys,
};
use local_autumn::Options;
use tempfile::TempDir;

const SANDBOX: &str = "am_sk_test_0123456789ab";
const OTHER: &str = "am_sk_test_ba9876543210";

/// A project that is a git work tree with a key in `.env`.
fn project() -> TempDir {
    let project = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(project.path().join(".git")).unwrap();
    std::fs::create_dir_all(project.path().join("inner")).unwrap();
    std::fs::write(project.path().join(".env"), format!("AUTUMN_SECRET_KEY={SANDBOX}\n")).unwrap();
    project
}

/// A host whose working directory is the project, and whose state is in it.
fn host(project: &TempDir, variables: &[(&str, &str)]) -> Host {
    let state = project.path().join("state");
    let state = [("XDG_STATE_HOME", state.to_str().unwrap())];
    Host::new(variables.iter().copied().chain(state), Some(project.path().into()))
}

fn resolved(host: &Host, directory: Option<&str>) -> libatmn::Result<(String, String)> {
    let options = ResolveOptions {
        directory: directory.map(Into::into),
        boundary: Boundary::Repository,
        host: Some(host.clone()),
        ..ResolveOptions::default()
    };
    resolve_key(&options).map(|found| (found.key.reveal().to_owned(), found.source.origin.name().to_owned()))
}

/// A program that writes its variables to a file, and answers as git does that a file is neither tracked nor ignored. A shell writes it: another test's child could inherit a descriptor that
/// is open for writing, and then the program could not run (ETXTBSY).
#[cfg(unix)]
fn reporting_program(path: &Path, report: &Path) {
    let answer = r"case $* in *ls-files*) printf '? .env\0' ;; *) printf '\0\0\0.env\0' ;; esac";
    let script = format!("/usr/bin/env >'{}'\n{answer}", report.display());
    let write = "printf '#!/bin/sh\\n%s\\n' \"$2\" >\"$1\" && chmod 755 \"$1\"";
    assert!(Command::new("/bin/sh").args(["-c", write, "sh"]).arg(path).arg(&script).status().unwrap().success());
}

/// The names in a report, without those that a shell adds.
#[cfg(unix)]
fn reported_names(report: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(report).unwrap();
    let names = text.lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned()));
    let mut names: Vec<_> = names.filter(|name| !matches!(&**name, "PWD" | "OLDPWD" | "SHLVL" | "_")).collect();
    names.sort();
    names
}

#[test]
fn variables_of_the_host_decide() {
    let project = project();
    assert_eq!(resolved(&host(&project, &[]), None).unwrap(), (SANDBOX.into(), "env_file".into()));
    let with_key = host(&project, &[("AUTUMN_SECRET_KEY", OTHER)]);
    assert_eq!(resolved(&with_key, None).unwrap(), (OTHER.into(), "process".into()));
    // The process of the tests has variables that this host does not have.
    assert!(std::env::var_os("PATH").is_some());
    assert_eq!(with_key.var("PATH"), None);
    let options = ResolveOptions { host: Some(with_key), ..ResolveOptions::default() };
    assert_eq!(explain_key(&options).unwrap()[0].masked.as_deref(), Some("am_sk_test_…3210"));
}

#[test]
fn relative_paths_start_at_the_working_directory_of_the_host() {
    let project = project();
    std::fs::write(project.path().join("key"), OTHER).unwrap();
    let with_file = host(&project, &[("AUTUMN_SECRET_KEY_FILE", "key")]);
    assert_eq!(resolved(&with_file, None).unwrap(), (OTHER.into(), "secret_file".into()));
    let plain = host(&project, &[]);
    assert_eq!(resolved(&plain, Some("inner")).unwrap().0, SANDBOX);
    assert_eq!(resolved(&plain, Some("absent")).unwrap_err().message, "absent does not exist.");
    let nowhere = Host::new([("AUTUMN_SECRET_KEY", "")], None);
    assert_eq!(resolved(&nowhere, Some("tests")).unwrap_err().message, "tests does not exist.");
    assert_eq!(resolved(&nowhere, None).unwrap_err().code.name(), "key_not_found");

    let keys = [ApiKey::parse(OTHER).unwrap()];
    let save = SaveOptions { directory: Some("inner".into()), host: Some(plain.clone()), ..SaveOptions::default() };
    let saved = save_keys(&keys, &save).unwrap();
    assert_eq!(saved.path, project.path().canonicalize().unwrap().join("inner/.env"));
    assert!(project.path().join("state/atmn").is_dir(), "the lock is in the state directory of the host");
    let options = LogoutOptions { directory: Some("inner".into()), host: Some(plain), ..LogoutOptions::default() };
    assert_eq!(logout(&options).unwrap().removed.len(), 1);
}

#[cfg(unix)]
#[test]
fn git_gets_the_variables_of_the_host_without_its_own() {
    let (project, programs) = (project(), tempfile::tempdir().unwrap());
    // An empty directory is no repository.
    std::fs::write(project.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let report = project.path().join("report");
    reporting_program(&programs.path().join("git"), &report);
    let path = programs.path().to_str().unwrap();
    let host = host(&project, &[("PATH", path), ("ONLY", "this"), ("GIT_DIR", "/elsewhere")]);
    let options = SaveOptions { host: Some(host), ..SaveOptions::default() };
    let saved = save_keys(&[ApiKey::parse(OTHER).unwrap()], &options).unwrap();
    assert_eq!(saved.git, Git::NotIgnored);
    assert_eq!(
        reported_names(&report),
        ["GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH", "GIT_TERMINAL_PROMPT", "LC_ALL", "ONLY", "PATH", "XDG_STATE_HOME"]
    );
}

#[cfg(unix)]
#[test]
fn browser_gets_the_variables_of_the_host() {
    let (project, programs) = (project(), tempfile::tempdir().unwrap());
    let report = programs.path().join("report");
    reporting_program(&programs.path().join("opener"), &report);
    let path = programs.path().to_str().unwrap();
    let autumn = local_autumn::LocalAutumn::bind(Options { port: 0, ..Options::default() }).unwrap().spawn().unwrap();
    let url = autumn.url();
    let host = host(&project, &[("PATH", path), ("BROWSER", "opener"), ("ONLY", "this"), ("ATMN_BACKEND_URL", &url)]);
    // There is no git on this PATH.
    let options = LoginOptions {
        force: true,
        allow_tracked: true,
        host: Some(host),
        ports: 40_870..=40_879,
        ..LoginOptions::default()
    };
    let cancel = Cancel::new();
    let mut listener = |event: &libatmn::Event| {
        if event.code == EventCode::BrowserOpened {
            cancel.cancel();
        }
        std::ops::ControlFlow::Continue(())
    };
    let error = blocking::login(&options, Some(&mut listener), &cancel).unwrap_err();
    assert_eq!(error.code.name(), "cancelled");
    assert_eq!(reported_names(&report), ["ATMN_BACKEND_URL", "ONLY", "PATH", "XDG_STATE_HOME"]);
}

#[test]
fn network_calls_use_the_server_of_the_host() {
    let project = project();
    let host = host(&project, &[("ATMN_BACKEND_URL", "http://127.0.0.1:1")]);
    assert_eq!(Server::choose(None, &host).unwrap().api(), "http://127.0.0.1:1");
    let resolve = ResolveOptions { host: Some(host), ..ResolveOptions::default() };
    let error = blocking::whoami(&WhoamiOptions { resolve, ..WhoamiOptions::default() }, &Cancel::new()).unwrap_err();
    assert_eq!(error.code.name(), "connect_failed");
    assert_eq!(error.context["server"], "http://127.0.0.1:1");
}

/// The caller's own variables, which one thread changes while others take a `Host` of them for each call.
#[test]
fn resolves_see_the_variables_that_the_caller_took() {
    const THREADS: usize = 4;
    const CALLS: usize = 100_000 / THREADS;
    let project = project();
    let variables = Mutex::new(BTreeMap::from([("AUTUMN_SECRET_KEY".to_owned(), SANDBOX.to_owned())]));
    let call = || {
        let taken = variables.lock().unwrap().clone();
        let expected = taken["AUTUMN_SECRET_KEY"].clone();
        let host = Host::new(taken, Some(project.path().into()));
        assert_eq!(resolved(&host, None).unwrap(), (expected, "process".into()));
    };
    thread::scope(|scope| {
        let calling = [(); THREADS].map(|()| scope.spawn(|| (0..CALLS).for_each(|_| call())));
        for turn in 0_usize.. {
            if calling.iter().all(thread::ScopedJoinHandle::is_finished) {
                break;
            }
            let mut variables = variables.lock().unwrap();
            variables.insert("AUTUMN_SECRET_KEY".to_owned(), [SANDBOX, OTHER][turn % 2].to_owned());
            variables.insert(format!("CHANGING_{}", turn % 50), "x".repeat(turn % 100));
            variables.remove(&format!("CHANGING_{}", (turn + 25) % 50));
        }
    });
}
