//! Plants secrets in every response of a whole login, and searches for them everywhere except in `.env`.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use atmn_tests::project::Project;
use libatmn::{Cancel, Event, LoginOptions, blocking};

use super::{browse, in_own_home, options, parameter, port_of, until};
use crate::network::everything;
use crate::network::hostile::{Hostile, json};

const CODE: &str = "planted-c0de-0123456789";
const TOKEN: &str = "am_oauth_planted-t0ken-0123456789";
const SANDBOX: &str = "am_sk_test_planted0sandbox0key";
const LIVE: &str = "am_sk_live_planted0live0key";

/// The point at which the server fails and repeats every secret in its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FailurePoint {
    None,
    Exchange,
    Keys,
    SwappedKeys,
    Organization,
    File,
}

/// An Autumn that returns the planted secrets, and reads the process list at every request.
fn autumn(failure: FailurePoint, processes: Arc<Mutex<String>>) -> Hostile {
    Hostile::new(move |mut connection| {
        let Some(request) = connection.request() else { return };
        processes.lock().unwrap().push_str(&command_lines());
        let echoed = request.replace(['"', '\\', '\r', '\n'], " ");
        let echo =
            format!(r#"{{"error":"{echoed}","message":"{echoed}","code":"{TOKEN}","error_description":"{echoed}"}}"#);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let answer = match path {
            "/api/auth/oauth2/token" if failure == FailurePoint::Exchange => json(400, &echo),
            "/api/auth/oauth2/token" => {
                json(200, &format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#))
            }
            "/cli/api-keys" if failure == FailurePoint::Keys => json(500, &echo),
            "/cli/api-keys" => {
                let (one, other) = if failure == FailurePoint::SwappedKeys { (LIVE, SANDBOX) } else { (SANDBOX, LIVE) };
                json(200, &format!(r#"{{"sandbox_key":"{one}","prod_key":"{other}","org_id":"org_1"}}"#))
            }
            "/v1/organization/me" if failure == FailurePoint::Organization => {
                json(200, &format!(r#"{{"name":"Bearer {SANDBOX}","slug":"{SANDBOX}"}}"#))
            }
            "/v1/organization/me" => json(200, r#"{"name":"Copper Kettle","slug":"copper-kettle"}"#),
            _ => json(404, &echo),
        };
        connection.write(&answer);
    })
}

/// The arguments of every process.
fn command_lines() -> String {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ") + "\n").collect()
}

/// Every file below a directory except `.env`, with its name.
fn files(directory: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        writeln!(text, "{}", path.display()).unwrap();
        if path.is_dir() {
            text.push_str(&files(&path));
        } else if path.is_file() && path.file_name().is_some_and(|name| name != ".env") {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    text
}

/// A browser that keeps running, so that the process list shows it, and records only that it ran.
fn install_browser(home: &Path) {
    let path = home.join("browser");
    std::fs::write(&path, "#!/bin/sh\nprintf %s \"$#\" >\"$HOME/opened\"\nsleep 1\n:\n").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
}

fn whole_login(home: &Path, failure: FailurePoint) {
    let processes = Arc::new(Mutex::new(String::new()));
    let server = autumn(failure, processes.clone());
    let project = Project::new();
    let expected = (failure == FailurePoint::Organization).then(|| "another".to_owned());
    let options = LoginOptions { open_browser: true, organization: expected, ..options(&project, &server.url()) };
    let opened = home.join("opened");
    let _ = std::fs::remove_file(&opened);
    let (mut shown, mut url, mut person) = (format!("{options:?}"), String::new(), None);
    let file = project.path(".env");
    let mut listener = |event: &Event| {
        let mut event = event.clone();
        if let Some(login_url) = event.context.remove("url") {
            event.message = event.message.replace(&login_url, "");
            url = login_url.clone();
            let (opened, file) = (opened.clone(), file.clone());
            person = Some(std::thread::spawn(move || {
                until("the browser opened", || opened.exists());
                if failure == FailurePoint::File {
                    std::fs::create_dir(&file).unwrap();
                }
                let (port, state) = (port_of(&login_url), parameter(&login_url, "state"));
                browse(&format!("http://localhost:{port}/?code={CODE}&state={state}"))
            }));
        }
        write!(shown, "{event:?}").unwrap();
        ControlFlow::Continue(())
    };
    let result = blocking::login(&options, Some(&mut listener), &Cancel::new());
    let page = person.unwrap().join().unwrap();
    assert_eq!(result.is_ok(), failure == FailurePoint::None, "{failure:?} {result:?}");
    shown += &result.map_or_else(|error| everything(&error), |done| format!("{done:?} {done:#?}"));
    let sent = server.requests().concat();
    let verifier = sent.split("code_verifier=").nth(1).and_then(|rest| rest.get(..43)).unwrap();
    let state = parameter(&url, "state");
    let processes = processes.lock().unwrap().clone();
    assert!(processes.contains(&state), "the browser was not seen, so nothing was searched");
    for secret in [CODE, TOKEN, SANDBOX, LIVE, verifier] {
        for (location, text) in [
            ("what is shown", shown.as_str()),
            ("page", page.as_str()),
            ("process list", processes.as_str()),
            ("login URL", url.as_str()),
            ("project", files(&project.path("")).as_str()),
            ("home", files(home).as_str()),
        ] {
            assert!(!text.contains(secret), "{failure:?}: {secret} in {location}: {text}");
        }
    }
    let beyond = shown + &page + &files(&project.path("")) + &files(home) + &processes.replace(&url, "");
    assert!(!beyond.contains(&state), "{failure:?}: the state is not only in the login URL: {beyond}");
}

#[test]
fn login_secrets_appear_only_in_env_file() {
    let Some(home) = in_own_home("secrets::login_secrets_appear_only_in_env_file") else { return };
    install_browser(&home);
    for failure in [
        FailurePoint::None,
        FailurePoint::Exchange,
        FailurePoint::Keys,
        FailurePoint::SwappedKeys,
        FailurePoint::Organization,
        FailurePoint::File,
    ] {
        whole_login(&home, failure);
    }
}
