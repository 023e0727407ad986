//! A login in two processes: the file between them, and who may complete it. Each test runs in a separate process with
//! a separate home.

use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use libatmn::__internal::config::{MINT_KEYS_PATH, TOKEN_PATH};
use libatmn::{BeginLoginResult, Cancel, CompleteOptions, LoginOptions, LoginResult, PendingLogin, Result, blocking};
use serde_json::Value;

use super::{LONG_TIMEOUT, LoginFixture, failed, in_own_home, parameter, rerun, until, without};

fn complete(text: &str) -> Result<LoginResult> {
    blocking::complete_login(text, &CompleteOptions { login_timeout: LONG_TIMEOUT, host: None }, None, &Cancel::new())
}

/// Begins a login; no keys are kept.
fn begin(options: &LoginOptions) -> Result<PendingLogin> {
    blocking::begin_login(options, &Cancel::new()).map(|result| match result {
        BeginLoginResult::Pending(pending) => pending,
        BeginLoginResult::Kept(kept) => panic!("the login kept {kept:?}"),
    })
}

/// Begins a login and returns its callback URL.
fn begun(world: &LoginFixture) -> (PendingLogin, String) {
    let options = LoginOptions { force: true, ..world.options() };
    let pending = begin(&options).unwrap();
    let callback = world.approve(&pending.url);
    (pending, callback)
}

fn folder(home: &Path) -> PathBuf {
    home.join("state/atmn")
}

/// The files of pending logins.
fn records(home: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder(home)).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains(".login.json")).collect()
}

#[test]
fn complete_login_works_once() {
    let Some(home) = in_own_home("pending_login::complete_login_works_once") else { return };
    let world = LoginFixture::new();
    let (pending, callback) = begun(&world);
    assert!(pending.note.contains("Do not share these URLs."));
    let state = parameter(&callback, "state");
    for (wrong, code) in [
        ("nonsense".to_owned(), "invalid_argument"),
        ("am_sk_test_0123456789".to_owned(), "invalid_argument"),
        ("http://localhost:31448/?code=0123456789abcdef&state=wrong".to_owned(), "no_pending_login"),
        (format!("?state={state}"), "state_mismatch"),
        (format!("?code=a&code=b&state={state}"), "state_mismatch"),
    ] {
        let before = std::fs::read(&records(&home)[0]).unwrap();
        failed(complete(&wrong), code);
        assert_eq!(std::fs::read(&records(&home)[0]).unwrap(), before, "a refused text changed something");
    }
    let no_time = blocking::complete_login(
        &callback,
        &CompleteOptions { login_timeout: Duration::ZERO, host: None },
        None,
        &Cancel::new(),
    );
    failed(no_time, "invalid_argument");
    assert_eq!(records(&home).len(), 1);
    let done = complete(&callback).unwrap();
    assert_eq!(done.organization.unwrap().slug, "copper-kettle");
    assert!(world.file().unwrap().contains("AUTUMN_SECRET_KEY=am_sk_test_"));
    assert!(records(&home).is_empty());
    failed(complete(&callback), "no_pending_login");
    assert_eq!((world.requests_to(TOKEN_PATH), world.autumn.store().active_tokens()), (1, 0));
}

#[test]
fn pending_login_file_is_private() {
    let Some(home) = in_own_home("pending_login::pending_login_file_is_private") else { return };
    let world = LoginFixture::new();
    // A directory whose mode is too open.
    std::fs::create_dir_all(folder(&home)).unwrap();
    std::fs::set_permissions(folder(&home), PermissionsExt::from_mode(0o777)).unwrap();
    let (pending, callback) = begun(&world);
    let path = records(&home).remove(0);
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o7777;
    assert_eq!((mode(&folder(&home)), mode(&path)), (0o700, 0o600));
    let name = path.file_name().unwrap().to_str().unwrap();
    let record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for secret in ["state", "verifier"] {
        assert!(!name.contains(record[secret].as_str().unwrap()), "{secret} in {name}");
    }
    assert_eq!(name.len(), 64 + ".login.json".len());
    assert!(!format!("{pending:?}").contains(record["state"].as_str().unwrap()));
    assert!(!pending.url.contains(record["verifier"].as_str().unwrap()));
    // The code alone is enough if only one login is pending.
    complete(&parameter(&callback, "code")).unwrap();
}

#[test]
fn code_without_state_is_ambiguous_between_logins() {
    let Some(home) = in_own_home("pending_login::code_without_state_is_ambiguous_between_logins") else { return };
    let world = LoginFixture::new();
    failed(complete("0123456789abcdef"), "no_pending_login");
    let (_, first) = begun(&world);
    let (_, second) = begun(&world);
    let error = failed(complete(&parameter(&second, "code")), "no_pending_login");
    assert!(error.message.contains("Several"), "{error:?}");
    assert_eq!(records(&home).len(), 2);
    // A URL in quotes or with a line break still identifies its login.
    complete(&format!("\"{}\n{}\"", &second[..50], &second[50..])).unwrap();
    complete(&format!("<{}>", first.replacen("http://", "https://", 1))).unwrap();
    assert!(records(&home).is_empty());
}

/// The keys of such a login have nowhere to go, so it neither counts nor stands in the way of another one.
#[test]
fn login_without_its_directory_is_forgotten() {
    let Some(home) = in_own_home("pending_login::login_without_its_directory_is_forgotten") else { return };
    let world = LoginFixture::new();
    let gone = home.join("gone");
    let begin_there = || {
        std::fs::create_dir(&gone).unwrap();
        let options = LoginOptions { directory: Some(gone.clone()), ..world.options() };
        world.approve(&begin(&options).unwrap().url)
    };
    let is_reported = |text: &str, ends: fn(&Path)| {
        ends(&gone);
        let error = failed(complete(text), "no_pending_login");
        assert!(error.message.contains("no longer exists") && !error.context.contains_key("option"), "{error:?}");
        assert!(error.hint.as_ref().unwrap().to_string().contains("libatmn::begin_login"), "{error:?}");
        assert!(records(&home).is_empty(), "{error:?}");
        failed(complete(text), "no_pending_login");
    };
    is_reported(&parameter(&begin_there(), "code"), |gone| std::fs::remove_dir(gone).unwrap());
    is_reported(&begin_there(), |gone| std::fs::remove_dir(gone).unwrap());
    // A file in its place.
    is_reported(&parameter(&begin_there(), "code"), |gone| {
        std::fs::remove_dir(gone).unwrap();
        std::fs::write(gone, "").unwrap();
    });
    std::fs::remove_file(&gone).unwrap();
    // The code of another login is not ambiguous.
    begin_there();
    std::fs::remove_dir(&gone).unwrap();
    let (_, later) = begun(&world);
    complete(&parameter(&later, "code")).unwrap();
    assert!(records(&home).is_empty() && world.file().is_some());
}

/// Such a directory may come back.
#[test]
fn login_whose_directory_cannot_be_read_stays_pending() {
    let Some(home) = in_own_home("pending_login::login_whose_directory_cannot_be_read_stays_pending") else { return };
    let world = LoginFixture::new();
    let directory = home.join("project");
    std::fs::create_dir(&directory).unwrap();
    let options = LoginOptions { directory: Some(directory.clone()), ..world.options() };
    let callback = world.approve(&begin(&options).unwrap().url);
    let moved = home.join("moved");
    std::fs::rename(&directory, &moved).unwrap();
    // Any failure but an absent file, as that of a disk that does not answer.
    std::os::unix::fs::symlink(&directory, &directory).unwrap();
    for text in [&parameter(&callback, "code"), &callback] {
        let error = failed(complete(text), "file_unreadable");
        assert_eq!(error.context["system_code"], "ELOOP");
        assert_eq!(error.context["path"], directory.to_str().unwrap());
        assert!(!error.context.contains_key("option"), "the caller passed no directory: {error:?}");
        assert_eq!((records(&home).len(), world.requests_to(TOKEN_PATH)), (1, 0));
    }
    std::fs::remove_file(&directory).unwrap();
    std::fs::rename(&moved, &directory).unwrap();
    complete(&parameter(&callback, "code")).unwrap();
    assert!(directory.join(".env").exists());
}

#[test]
fn pending_login_expires() {
    let Some(home) = in_own_home("pending_login::pending_login_expires") else { return };
    let world = LoginFixture::new();
    let (pending, callback) = begun(&world);
    let lasts = pending.deadline.duration_since(std::time::SystemTime::now()).unwrap();
    assert!((Duration::from_secs(590)..=Duration::from_secs(600)).contains(&lasts), "{lasts:?}");
    let path = records(&home).remove(0);
    let mut record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    record["deadline"] = 1.into();
    std::fs::write(&path, record.to_string()).unwrap();
    failed(complete(&callback), "no_pending_login");
    failed(complete(&parameter(&callback, "code")), "no_pending_login");
    // The next login removes expired files, including claims of processes that died.
    let (_, later) = begun(&world);
    let claimed = path.with_extension("json.claimed");
    std::fs::copy(&path, &claimed).unwrap();
    let old = std::time::SystemTime::now() - Duration::from_secs(3600);
    for path in [&path, &claimed] {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
    complete(&parameter(&later, "code")).unwrap();
    assert!(records(&home).is_empty(), "{:?}", records(&home));
    assert_eq!(world.requests_to(TOKEN_PATH), 1);
}

#[test]
fn invalid_pending_login_file_is_ignored() {
    let Some(home) = in_own_home("pending_login::invalid_pending_login_file_is_ignored") else { return };
    let world = LoginFixture::new();
    for content in ["", "{", "null", "{\"deadline\":99999999999999}", "\u{0}\u{0}"] {
        let (_, callback) = begun(&world);
        let path = records(&home).remove(0);
        std::fs::write(&path, content).unwrap();
        failed(complete(&callback), "no_pending_login");
        std::fs::remove_file(&path).unwrap();
    }
    let (_, callback) = begun(&world);
    let path = records(&home).remove(0);
    std::fs::remove_file(&path).unwrap();
    super::mkfifo(&path);
    failed(complete(&callback), "not_a_file");
    assert_eq!(world.requests_to(TOKEN_PATH), 0);
}

#[test]
fn state_directory_of_other_user_is_refused() {
    if !atmn_tests::project::has_accounts("login::pending_login::state_directory_of_other_user_is_refused") {
        return;
    }
    let Some(home) = in_own_home("pending_login::state_directory_of_other_user_is_refused") else { return };
    let world = LoginFixture::new();
    std::fs::create_dir_all(home.join("state")).unwrap();
    std::os::unix::fs::symlink("/tmp", folder(&home)).unwrap();
    assert_eq!(begin(&world.options()).unwrap_err().code.name(), "file_unwritable");
    std::fs::remove_file(folder(&home)).unwrap();
    std::fs::create_dir(folder(&home)).unwrap();
    std::os::unix::fs::chown(folder(&home), Some(65_534), None).unwrap();
    assert_eq!(begin(&world.options()).unwrap_err().code.name(), "file_unwritable");
}

/// The file holds text, so a directory whose name is not UTF-8 could be confused with another one.
#[test]
fn non_utf8_directory_is_refused() {
    let Some(home) = in_own_home("pending_login::non_utf8_directory_is_refused") else { return };
    let world = LoginFixture::new();
    let directory = home.join(std::ffi::OsString::from_vec(b"pro\xffject".to_vec()));
    std::fs::create_dir(&directory).unwrap();
    let options = LoginOptions { directory: Some(directory), ..world.options() };
    assert_eq!(begin(&options).unwrap_err().code.name(), "invalid_argument");
}

#[test]
fn complete_login_uses_options_of_begin_login() {
    if in_own_home("pending_login::complete_login_uses_options_of_begin_login").is_none() {
        return;
    }
    let world = LoginFixture::new();
    let options = LoginOptions { sandbox_only: true, organization: Some("copper-kettle".into()), ..world.options() };
    let begin = |organization: &str| {
        let pending = begin(&options).unwrap();
        world.autumn.store().approve(&pending.url, "ada@example.com", organization).unwrap()
    };
    failed(complete(&begin("night-library")), "organization_changed");
    assert!(world.file().is_none());
    failed(complete(&(without(&begin("copper-kettle"), "iss") + "&iss=https://evil.example")), "state_mismatch");
    complete(&begin("copper-kettle")).unwrap();
    assert!(!world.file().unwrap().contains("am_sk_live_"));
}

/// A file that became unwritable after `begin_login` is reported before the code is used.
#[test]
fn complete_login_checks_file_before_key_creation() {
    let Some(home) = in_own_home("pending_login::complete_login_checks_file_before_key_creation") else { return };
    let world = LoginFixture::new();
    let (_, callback) = begun(&world);
    world.project.git_init();
    world.project.write(".env", "A=1\n");
    world.project.git(&["add", "--force", ".env"]);
    failed(complete(&callback), "env_file_tracked");
    assert_eq!((world.requests_to(TOKEN_PATH), records(&home).len()), (0, 1));
    world.project.git(&["rm", "--quiet", "--cached", ".env"]);
    complete(&callback).unwrap();
    assert!(world.file().unwrap().starts_with("A=1\nAUTUMN_SECRET_KEY=am_sk_test_"));
}

/// Working keys are kept, as `login` keeps them.
#[test]
fn begin_login_keeps_working_keys() {
    let Some(home) = in_own_home("pending_login::begin_login_keeps_working_keys") else { return };
    let world = LoginFixture::new();
    let (_, callback) = begun(&world);
    complete(&callback).unwrap();
    let file = world.file();
    let BeginLoginResult::Kept(kept) = blocking::begin_login(&world.options(), &Cancel::new()).unwrap() else {
        panic!("the working keys were not kept");
    };
    assert_eq!((kept.keys.len(), kept.saved.is_none()), (2, true));
    assert_eq!(kept.organization.unwrap().slug, "copper-kettle");
    assert_eq!((world.file(), world.requests_to(MINT_KEYS_PATH)), (file, 1));
    assert!(records(&home).is_empty(), "a login is pending");
}

/// Another program on the port would receive the code.
#[test]
fn begin_login_names_a_free_port() {
    if in_own_home("pending_login::begin_login_names_a_free_port").is_none() {
        return;
    }
    let world = LoginFixture::new();
    let first = atmn_tests::ports::free_ports(3);
    let options = LoginOptions { ports: first..=first + 2, ..world.options() };
    let mut held = Vec::new();
    for port in [first + 2, first + 1] {
        held.push(std::net::TcpListener::bind(("::1", port)).unwrap());
        let named = format!("localhost%3A{}%2F", port - 1);
        assert!(begin(&options).unwrap().url.contains(&named), "{named}");
    }
    held.push(std::net::TcpListener::bind(("127.0.0.1", first)).unwrap());
    let error = begin(&options).unwrap_err();
    assert_eq!(error.code.name(), "ports_in_use");
    // Nothing that needs a port is recommended.
    let hint = error.hint.unwrap().to_string();
    assert!(hint.contains("libatmn::save_keys") && !hint.contains("begin_login"), "{hint}");
}

/// A waiting login has the first port and would refuse the callback of a pending login.
#[test]
fn begin_login_avoids_port_of_waiting_login() {
    if in_own_home("pending_login::begin_login_avoids_port_of_waiting_login").is_none() {
        return;
    }
    let world = LoginFixture::new();
    let options = LoginOptions { ports: 31448..=31452, ..world.options() };
    assert!(begin(&options).unwrap().url.contains("localhost%3A31452%2F"));
}

const RACER: &str = "ATMN_TEST_RACER";
const START: &str = "ATMN_TEST_START";

/// One of the processes of the next test.
#[test]
fn child_that_completes_login() {
    let (Some(text), Some(start)) = (std::env::var_os(RACER), std::env::var_os(START)) else { return };
    let start = PathBuf::from(start);
    std::fs::write(start.join(std::process::id().to_string()), "").unwrap();
    until("the start", || start.join("go").exists());
    let result = complete(text.to_str().unwrap());
    let printed = result.map_or_else(|error| error.code.name(), |_| "won");
    std::fs::write(start.join(format!("{}.result", std::process::id())), printed).unwrap();
}

fn result_of(mut child: Child, start: &Path) -> String {
    assert!(child.wait().unwrap().success());
    std::fs::read_to_string(start.join(format!("{}.result", child.id()))).unwrap()
}

#[test]
fn one_of_several_processes_completes_login() {
    let Some(home) = in_own_home("pending_login::one_of_several_processes_completes_login") else { return };
    let world = LoginFixture::new();
    for round in 0..5 {
        let (_, callback) = begun(&world);
        let start = home.join(format!("start-{round}"));
        std::fs::create_dir(&start).unwrap();
        let children: Vec<_> = (0..4)
            .map(|_| {
                let mut child = rerun("pending_login::child_that_completes_login");
                child.env(RACER, &callback).env(START, &start).stdout(Stdio::null()).spawn().unwrap()
            })
            .collect();
        until("every process has started", || std::fs::read_dir(&start).unwrap().count() == 4);
        std::fs::write(start.join("go"), "").unwrap();
        let mut printed: Vec<String> = children.into_iter().map(|child| result_of(child, &start)).collect();
        printed.sort();
        assert_eq!(printed, ["no_pending_login", "no_pending_login", "no_pending_login", "won"]);
        assert_eq!((world.requests_to(TOKEN_PATH), world.requests_to(MINT_KEYS_PATH)), (round + 1, round + 1));
    }
}
