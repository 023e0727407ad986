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
const TOKEN: &str = "planted-t0ken-0123456789";
const SANDBOX: &str = "am_sk_test_planted0sandbox0key";
const LIVE: &str = "am_sk_live_planted0live0key";

/// The point at which the server fails and repeats every secret in its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Nowhere,
    Exchange,
    Keys,
    SwappedKeys,
    Organization,
    File,
}

/// An Autumn that returns the planted secrets, and reads the process list at every request.
fn autumn(trouble: Trouble, processes: Arc<Mutex<String>>) -> Hostile {
    Hostile::new(move |mut connection| {
        let Some(request) = connection.request() else { return };
        processes.lock().unwrap().push_str(&command_lines());
        let said = request.replace(['"', '\\', '\r', '\n'], " ");
        let echo = format!(r#"{{"error":"{said}","message":"{said}","code":"{TOKEN}","error_description":"{said}"}}"#);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let answer = match path {
            "/api/auth/oauth2/token" if trouble == Trouble::Exchange => json(400, &echo),
            "/api/auth/oauth2/token" => {
                json(200, &format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#))
            }
            "/cli/api-keys" if trouble == Trouble::Keys => json(500, &echo),
            "/cli/api-keys" => {
                let (one, other) = if trouble == Trouble::SwappedKeys { (LIVE, SANDBOX) } else { (SANDBOX, LIVE) };
                json(200, &format!(r#"{{"sandbox_key":"{one}","prod_key":"{other}","org_id":"org_1"}}"#))
            }
            "/v1/organization/me" if trouble == Trouble::Organization => {
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

fn whole_login(home: &Path, trouble: Trouble) {
    let processes = Arc::new(Mutex::new(String::new()));
    let server = autumn(trouble, processes.clone());
    let project = Project::new();
    let expected = (trouble == Trouble::Organization).then(|| "another".to_owned());
    let options = LoginOptions { open_browser: true, organization: expected, ..options(&project, &server.url()) };
    let opened = home.join("opened");
    let _ = std::fs::remove_file(&opened);
    let (mut shown, mut url, mut person) = (format!("{options:?}"), String::new(), None);
    let file = project.path(".env");
    let mut listener = |event: &Event| {
        let mut event = event.clone();
        if let Some(address) = event.context.remove("url") {
            event.message = event.message.replace(&address, "");
            url = address.clone();
            let (opened, file) = (opened.clone(), file.clone());
            person = Some(std::thread::spawn(move || {
                until("the browser opened", || opened.exists());
                if trouble == Trouble::File {
                    std::fs::create_dir(&file).unwrap();
                }
                let (port, state) = (port_of(&address), parameter(&address, "state"));
                browse(&format!("http://localhost:{port}/?code={CODE}&state={state}"))
            }));
        }
        write!(shown, "{event:?}").unwrap();
        ControlFlow::Continue(())
    };
    let result = blocking::login(&options, Some(&mut listener), &Cancel::new());
    let page = person.unwrap().join().unwrap();
    assert_eq!(result.is_ok(), trouble == Trouble::Nowhere, "{trouble:?} {result:?}");
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
            ("address", url.as_str()),
            ("project", files(&project.path("")).as_str()),
            ("home", files(home).as_str()),
        ] {
            assert!(!text.contains(secret), "{trouble:?}: {secret} in {location}: {text}");
        }
    }
    let beyond = shown + &page + &files(&project.path("")) + &files(home) + &processes.replace(&url, "");
    assert!(!beyond.contains(&state), "{trouble:?}: the state is not only in the address: {beyond}");
}

#[test]
fn login_secrets_appear_only_in_env_file() {
    let Some(home) = in_own_home("secrets::login_secrets_appear_only_in_env_file") else { return };
    install_browser(&home);
    for trouble in
        [Trouble::Nowhere, Trouble::Exchange, Trouble::Keys, Trouble::SwappedKeys, Trouble::Organization, Trouble::File]
    {
        whole_login(&home, trouble);
    }
}
