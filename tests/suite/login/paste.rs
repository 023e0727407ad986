//! Text that users paste while a login waits.

use std::ops::ControlFlow;
use std::time::Duration;

use libatmn::__internal::config::TOKEN_PATH;
use libatmn::blocking::{Attempt, start_login};
use libatmn::{Cancel, Event};

use super::{LoginFixture, browse, failed, parameter};

/// A waiting attempt, and its callback URL.
fn waiting(world: &LoginFixture) -> (Attempt, String) {
    let mut attempt = start_login(&world.options(), &Cancel::new()).unwrap();
    assert!(attempt.poll(Duration::from_millis(1), None).unwrap().is_none());
    let callback = world.approve(attempt.url());
    (attempt, callback)
}

#[test]
fn paste_accepts_every_form_of_callback_url() {
    type Form = fn(&str) -> String;
    let forms: &[Form] = &[
        |url| url.to_owned(),
        |url| url.replacen("localhost", "127.0.0.1", 1),
        |url| url.replacen("localhost", "[::1]", 1),
        |url| url.replacen("http://", "", 1),
        |url| url.replacen("http://", "https://", 1),
        |url| url[url.find('?').unwrap()..].to_owned(),
        |url| url[url.find('?').unwrap() + 1..].to_owned(),
        |url| format!("{url}#"),
        |url| format!("{url}#_=_"),
        |url| format!("\"{url}\""),
        |url| format!("'{url}'"),
        |url| format!("`{url}`"),
        |url| format!("<{url}>\n"),
        |url| format!("  {url}\r\n"),
        |url| format!("{}\n  {}", &url[..40], &url[40..]),
        |url| url.replace(&parameter(url, "code"), &percent(&parameter(url, "code"))),
        |url| parameter(url, "code"),
        |url| format!("{}\n", parameter(url, "code")),
        |url| format!("\"{}\"", parameter(url, "code")),
        |url| format!("\u{1b}[200~{url}\u{1b}[201~\n"),
        |url| format!("\u{feff}{url}"),
        |url| format!("{}\u{200b}{}\u{2060}", &url[..40], &url[40..]),
        |url| url.replace('?', "\\?").replace('&', "\\&").replace('=', "\\="),
        |url| url.replace('&', "&amp;"),
        |url| url.replacen("http://localhost", "HTTP://LOCALHOST", 1),
        |url| url.replacen("http://localhost", "Localhost", 1),
        |url| format!("{}\r\n{}", &url[..40], &url[40..]),
        |url| format!("\u{1b}[200~\u{feff}{}\u{1b}[201~", parameter(url, "code")),
        |url| format!("“{url}”"),
        |url| url.replacen("http://localhost", "[::1]", 1),
        |url| format!("[{}]", url.replacen("http://", "", 1)),
        |url| format!("{url}."),
        |url| format!("{url};"),
        |url| format!("({url})"),
        |url| format!("{url}>"),
        |url| format!("{url}'"),
        |url| format!("{url}\""),
        |url| format!("{url}。»…!?,"),
        |url| format!("**{url}**"),
        |url| format!("[{url}]({url})"),
        |url| format!("> The URL: {url}"),
        |url| format!("{url}\u{1b}[D\u{1b}OC\u{1b}[1;5D"),
        |url| format!("\u{1b}[A{}\u{1b}[D{}\u{c}", &url[..40], &url[40..]),
        |url| format!("{url}&"),
        |url| format!("({}.", url.replacen("http://", "", 1)),
        |url| format!("{};", &url[url.find('?').unwrap() + 1..]),
        |url| format!("{}.", parameter(url, "code")),
        |url| format!("({});", parameter(url, "code")),
    ];
    for (number, form) in forms.iter().enumerate() {
        let world = LoginFixture::new();
        let (mut attempt, callback) = waiting(&world);
        let pasted = form(&callback);
        attempt.handle().submit(&pasted).unwrap_or_else(|error| panic!("{number} {pasted:?}: {error:?}"));
        let done = attempt.wait(None).unwrap_or_else(|error| panic!("{number} {pasted:?}: {error:?}"));
        assert_eq!(done.organization.unwrap().slug, "copper-kettle");
        assert_eq!(world.requests_to(TOKEN_PATH), 1);
    }
}

/// The server's name is the last value, so that a cut or extended URL still has the right state.
#[test]
fn paste_of_a_cut_url_is_answered_and_login_continues() {
    let world = LoginFixture::new();
    let mut attempt = start_login(&world.options(), &Cancel::new()).unwrap();
    let mut messages = Vec::new();
    let mut listener = |event: &Event| {
        messages.push(event.message.clone());
        ControlFlow::Continue(())
    };
    assert!(attempt.poll(Duration::from_millis(1), Some(&mut listener)).unwrap().is_none());
    let callback = world.approve(attempt.url());
    let at = callback.find("iss=").unwrap() + 12;
    for text in [&callback[..at], &format!("{callback}xyz"), &format!("{callback} and then?")] {
        attempt.handle().submit(text).unwrap();
    }
    // The rest of a URL that the terminal broke completes the line before it.
    let (handle, lines) = (attempt.handle(), [callback[..at].to_owned(), callback[at..].to_owned()]);
    lines.iter().for_each(|line| handle.submit(line).unwrap());
    let done = loop {
        if let Some(done) = attempt.poll(Duration::from_secs(1), Some(&mut listener)).unwrap() {
            break done;
        }
    };
    assert_eq!(done.organization.unwrap().slug, "copper-kettle");
    assert_eq!(world.requests_to(TOKEN_PATH), 1);
    let answers = messages.iter().filter(|message| message.contains("incomplete or belongs to another login"));
    assert_eq!(answers.count(), 4, "{messages:?}");
}

/// A terminal passes on a broken URL line by line.
#[test]
fn lines_of_a_broken_url_are_joined() {
    let cuts: [fn(&str, &str) -> Vec<usize>; 4] = [
        |url, _| vec![url.find("code=").unwrap() + 7],
        // What is left of the state can look like a code.
        |url, state| vec![url.find(state).unwrap() + 3],
        |url, _| vec![url.find('&').unwrap() + 1],
        |url, state| vec![url.find("code=").unwrap() + 7, url.find(state).unwrap() + 3],
    ];
    for (number, cut) in cuts.iter().enumerate() {
        let world = LoginFixture::new();
        let (mut attempt, callback) = waiting(&world);
        let mut lines = Vec::new();
        let mut rest = callback.as_str();
        for at in cut(&callback, &parameter(&callback, "state")).into_iter().rev() {
            let (start, end) = rest.split_at(at);
            lines.insert(0, end);
            rest = start;
        }
        attempt.handle().submit("what is this?").unwrap_err();
        attempt.handle().submit(rest).unwrap_err();
        let (last, others) = lines.split_last().unwrap();
        others.iter().for_each(|line| _ = attempt.handle().submit(line).unwrap_err());
        attempt.handle().submit(last).unwrap_or_else(|error| panic!("{number} {lines:?}: {error:?}"));
        attempt.wait(None).unwrap();
        assert_eq!(world.requests_to(TOKEN_PATH), 1);
    }
    // Without more of the URL, a code still counts.
    let world = LoginFixture::new();
    let (mut attempt, callback) = waiting(&world);
    attempt.handle().submit(&callback[..callback.find("code=").unwrap() + 5]).unwrap_err();
    let code = parameter(&callback, "code");
    attempt.handle().submit(&code).unwrap_err();
    attempt.handle().submit(&code).unwrap();
    attempt.wait(None).unwrap();
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[test]
fn paste_refuses_other_text_and_login_continues() {
    let world = LoginFixture::new();
    let (mut attempt, callback) = waiting(&world);
    let (code, state) = (parameter(&callback, "code"), parameter(&callback, "state"));
    let (port, url) = (attempt.port(), attempt.url().to_owned());
    let long = "x".repeat(513);
    for (text, reason) in [
        ("", "invalid_argument"),
        (" \n", "invalid_argument"),
        ("nonsense", "invalid_argument"),
        ("that did not work for me, what now?", "invalid_argument"),
        ("thiswouldbeacode ifitwereone", "invalid_argument"),
        ("fifteen_letters", "invalid_argument"),
        (&long, "invalid_argument"),
        ("äöüäöüäöüäöüäöüäöü", "invalid_argument"),
        ("am_sk_test_0123456789abcdef", "invalid_argument"),
        (" \"am_sk_live_0123456789abcdef\" ", "invalid_argument"),
        ("am_oauth_0123456789abcdef", "invalid_argument"),
        ("http://localhost:31448/", "invalid_argument"),
        (&url, "invalid_argument"),
        (&format!("?code={code}"), "invalid_argument"),
        (&format!("https://evil.example/?code={code}&state={state}"), "invalid_argument"),
        (&format!("http://localhost.evil.example:{port}/?code={code}&state={state}"), "invalid_argument"),
        (&format!("http://localhost@evil.example:{port}/?code={code}&state={state}"), "invalid_argument"),
        (&format!("?code={code}&state=x{state}"), "state_mismatch"),
        (&format!("?code={code}&state="), "state_mismatch"),
        (&format!("?code={code}&state={state}&state={state}"), "state_mismatch"),
        (&format!("?code={code}&code={code}&state={state}"), "state_mismatch"),
        (&format!("?state={state}"), "state_mismatch"),
        (&format!("?code={code}&error=access_denied&state={state}"), "state_mismatch"),
        (&format!("?code=a%0ab&state={state}"), "state_mismatch"),
        ("?error=access_denied&state=0123456789", "state_mismatch"),
    ] {
        let error = attempt.handle().submit(text).unwrap_err();
        assert_eq!(error.code.name(), reason, "{text:?}");
        let shown = crate::network::everything(&error);
        assert!(!shown.contains(&code) && !shown.contains("0123456789"), "{text:?}: {shown}");
        assert!(error.hint.is_some());
        assert!(attempt.poll(Duration::from_millis(1), None).unwrap().is_none(), "{text:?} ended the wait");
    }
    assert!(attempt.handle().submit("am_sk_test_0").unwrap_err().message.contains("key"));
    attempt.handle().submit(&callback).unwrap();
    attempt.wait(None).unwrap();
}

#[test]
fn pasted_denial_ends_login() {
    let world = LoginFixture::new();
    let mut attempt = start_login(&world.options(), &Cancel::new()).unwrap();
    let callback = world.autumn.store().deny(attempt.url()).unwrap();
    attempt.handle().submit(&callback).unwrap();
    failed(attempt.wait(None), "login_denied");
}

#[test]
fn first_callback_wins() {
    let world = LoginFixture::new();
    let (mut attempt, first) = waiting(&world);
    let second = world.autumn.store().approve(attempt.url(), "ada@example.com", "night-library").unwrap();
    attempt.handle().submit(&first).unwrap();
    attempt.handle().submit(&second).unwrap();
    let browser = std::thread::spawn(move || browse(&second));
    assert_eq!(attempt.wait(None).unwrap().organization.unwrap().slug, "copper-kettle");
    browser.join().unwrap();
    assert_eq!(world.requests_to(TOKEN_PATH), 1);
}

/// A browser that arrives after the paste sees the same page.
#[test]
fn submit_from_other_thread_ends_wait() {
    let world = LoginFixture::new();
    let mut attempt = start_login(&world.options(), &Cancel::new()).unwrap();
    let (handle, callback) = (attempt.handle(), world.approve(attempt.url()));
    let thread = std::thread::spawn(move || handle.submit(&callback).unwrap());
    attempt.wait(None).unwrap();
    thread.join().unwrap();
}

#[test]
fn text_for_a_login_that_has_ended_is_refused() {
    let world = LoginFixture::new();
    let mut attempt = start_login(&world.options(), &Cancel::new()).unwrap();
    let (handle, callback) = (attempt.handle(), world.approve(attempt.url()));
    handle.submit(&callback).unwrap();
    attempt.wait(None).unwrap();
    for text in ["garbage", callback.as_str()] {
        let error = handle.submit(text).unwrap_err();
        assert_eq!(error.code.name(), "no_pending_login", "{error:?}");
        assert!(error.hint.is_some());
    }
    // The port is free, and so is the attempt that never waited.
    let attempt = start_login(&world.options(), &Cancel::new()).unwrap();
    let handle = attempt.handle();
    drop(attempt);
    assert_eq!(handle.submit(&callback).unwrap_err().code.name(), "no_pending_login");
}
