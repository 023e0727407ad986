//! Logins that succeed, as the user sees them.

use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use libatmn::__internal::config::{DISCOVERY_PATH, MINT_KEYS_PATH, REVOKE_PATH, TOKEN_PATH};
use libatmn::{Cancel, Environment, Event, EventCode, LoginOptions, blocking};
use local_autumn::Fault;

use super::{LoginFixture, browse, in_own_home, is_free, log_in, port_of, send, until};

#[test]
fn login_saves_keys_and_page_reports_them() {
    let world = LoginFixture::new();
    let store = world.autumn.store().clone();
    let mut browser = None;
    let mut seen = Vec::new();
    let mut listener = |event: &Event| {
        // Whether there is a hint depends on the machine.
        if event.code != EventCode::Hint {
            seen.push(event.code.name());
        }
        if let Some(url) = event.context.get("url") {
            let callback = store.approve(url, "ada@example.com", "copper-kettle").unwrap();
            browser = Some(std::thread::spawn(move || browse(&callback)));
        }
        ControlFlow::Continue(())
    };
    let options = world.options();
    let done = blocking::login(&options, Some(&mut listener), &Cancel::new()).unwrap();
    assert!(is_free(*options.ports.start()));
    let page = browser.unwrap().join().unwrap();
    assert_eq!(seen, ["login_url", "callback_received", "keys_received", "keys_saved"]);
    assert_eq!(done.organization.unwrap().slug, "copper-kettle");
    assert!(page.contains("Copper Kettle") && page.contains("sandbox and live"), "{page}");
    let file = world.project.read(".env");
    assert!(file.starts_with("AUTUMN_SECRET_KEY=am_sk_test_") && file.contains("AUTUMN_PROD_SECRET_KEY=am_sk_live_"));
    assert_eq!(world.project.mode(".env"), 0o600);
    assert_eq!(world.autumn.store().active_tokens(), 0, "the token was not revoked");
    for path in [DISCOVERY_PATH, TOKEN_PATH, MINT_KEYS_PATH, REVOKE_PATH] {
        assert_eq!(world.requests_to(path), 1, "{path}");
    }
}

#[test]
fn page_is_sent_after_keys_are_saved() {
    let world = LoginFixture::new();
    world.autumn.store().inject(MINT_KEYS_PATH, 1, Fault::Delay(Duration::from_millis(300)));
    let (store, file) = (world.autumn.store().clone(), world.project.path(".env"));
    let (result, (answer, existed)) = log_in(&world.options(), move |url| {
        let callback = store.approve(&url, "ada@example.com", "copper-kettle").unwrap();
        let path = &callback[callback.find("/?").unwrap()..];
        let port = port_of(&url);
        let answer = send(port, format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"));
        (answer, file.exists())
    });
    result.unwrap();
    assert!(existed, "the browser was answered before the keys were saved");
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let location = answer.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap();
    assert!(location.len() >= 20 && !location.contains('?'), "{location}");
}

#[test]
fn closed_browser_does_not_stop_login() {
    let world = LoginFixture::new();
    let store = world.autumn.store().clone();
    let (result, ()) = log_in(&world.options(), move |url| {
        let callback = store.approve(&url, "ada@example.com", "copper-kettle").unwrap();
        let path = &callback[callback.find("/?").unwrap()..];
        let port = port_of(&url);
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        std::io::Write::write_all(
            &mut stream,
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").as_bytes(),
        )
        .unwrap();
    });
    result.unwrap();
    assert!(world.file().is_some());
}

/// A browser that hangs must not delay the URL event; `poll` passes on events between steps.
#[test]
fn login_url_event_precedes_browser() {
    let Some(home) = in_own_home("happy::login_url_event_precedes_browser") else { return };
    let (browser, order) = (home.join("browser"), home.join("order"));
    std::fs::write(&browser, format!("#!/bin/sh\necho browser >> {}\n", order.display())).unwrap();
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
    let world = LoginFixture::new();
    let recorded = || std::fs::read_to_string(&order).unwrap_or_default();
    for step in [Duration::ZERO, Duration::from_millis(200)] {
        let _ = std::fs::remove_file(&order);
        let mut attempt =
            blocking::start_login(&LoginOptions { open_browser: true, ..world.options() }, &Cancel::new()).unwrap();
        let mut listener = |event: &Event| {
            if event.code == EventCode::LoginUrl {
                std::fs::write(&order, recorded() + "url\n").unwrap();
            }
            ControlFlow::Continue(())
        };
        until("a browser was tried", || {
            assert!(attempt.poll(step, Some(&mut listener)).unwrap().is_none());
            recorded().contains("browser")
        });
        assert_eq!(recorded(), "url\nbrowser\n");
    }
}

#[test]
fn sandbox_only_saves_sandbox_key_only() {
    let world = LoginFixture::new();
    let options = LoginOptions { sandbox_only: true, ..world.options() };
    let (done, page) = world.log_in(&options);
    let done = done.unwrap();
    assert_eq!(done.environments, [Environment::Sandbox]);
    let note = done.saved.unwrap().note.unwrap();
    assert!(note.contains("also created the live key am_sk_live_…"), "{note}");
    let file = world.file().unwrap();
    assert!(file.contains("am_sk_test_") && !file.contains("am_sk_live_"), "{file}");
    assert!(page.contains("sandbox") && !page.contains("live"), "{page}");
}

/// Libraries print nothing, so an event says what the command warns of.
#[test]
fn file_that_git_does_not_ignore_is_an_event() {
    let world = LoginFixture::new();
    world.project.git_init();
    world.project.write(".env", "A=1\n");
    std::fs::set_permissions(world.project.path(".env"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut notes = Vec::new();
    let (store, mut listener_url) = (world.autumn.store().clone(), None);
    let mut listener = |event: &Event| {
        if let Some(url) = event.context.get("url") {
            let callback = store.approve(url, "ada@example.com", "copper-kettle").unwrap();
            listener_url = Some(std::thread::spawn(move || browse(&callback)));
        }
        if event.code == EventCode::Hint && event.context.contains_key("path") {
            notes.push(event.message.clone());
        }
        ControlFlow::Continue(())
    };
    let result = blocking::login(&world.options(), Some(&mut listener), &Cancel::new()).unwrap();
    assert!(matches!(notes.as_slice(), [note] if note.starts_with("git does not ignore ")), "{notes:?}");
    assert_eq!(result.saved.unwrap().note.as_ref(), notes.first());
}
