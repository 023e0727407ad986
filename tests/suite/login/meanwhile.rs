//! A key that arrives while a login has not asked its user yet, or not been completed: it is not replaced.

use std::ops::ControlFlow;
use std::time::Duration;

use atmn_tests::project::LIVE;
use libatmn::__internal::config::{ORGANIZATION_PATH, SILENCE_NOTICE};
use libatmn::{Cancel, Environment, Event, EventCode, LoginOptions, blocking};
use local_autumn::Fault;

use super::failed;
use super::kept::{Kept, begin, choosing, complete};
use super::turns::during_a_login;

/// A project whose live key the server rejects.
fn rejected() -> Kept {
    let kept = Kept::new();
    kept.lose(Environment::Live, "rejected");
    kept
}

/// The user saves a live key of another server by hand.
fn paste(kept: &Kept, file: &str) -> String {
    let text = format!("AUTUMN_SECRET_KEY={}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n", kept.sandbox.reveal());
    kept.world.project.write(file, &text);
    text
}

/// A listener that must not see a login URL.
fn unasked(event: &Event) -> ControlFlow<()> {
    assert_ne!(event.code, EventCode::LoginUrl, "the user would log in for nothing");
    ControlFlow::Continue(())
}

#[test]
fn key_that_is_saved_between_two_steps_stays() {
    for file in [".env", ".env.local"] {
        let kept = rejected();
        let (callback, _) = begin(&kept, &kept.options());
        let text = paste(&kept, file);
        let error = complete(&kept, &callback).unwrap_err();
        assert_eq!((error.code.name(), kept.minted()), ("file_locked", 0), "{error:?}");
        assert!(error.hint.unwrap().to_string().contains("begin_login"), "{file}");
        assert_eq!(kept.world.project.read(file), text);
    }
    // The option of the first step replaces it.
    let kept = rejected();
    let (callback, _) = begin(&kept, &LoginOptions { force: true, ..kept.options() });
    paste(&kept, ".env");
    complete(&kept, &callback).unwrap();
    assert!(!kept.file().contains(LIVE));
}

#[test]
fn key_that_is_saved_before_the_wait_stays() {
    let kept = rejected();
    let mut attempt = blocking::start_login(&kept.options(), &Cancel::new()).unwrap();
    let text = paste(&kept, ".env");
    failed(attempt.wait(Some(&mut unasked)), "file_locked");
    assert_eq!((kept.file(), kept.minted()), (text, 0));
}

#[test]
fn key_that_is_saved_while_the_keys_are_checked_stays() {
    let kept = rejected();
    let slow = Fault::Delay(SILENCE_NOTICE + Duration::from_millis(200));
    assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 1, slow));
    let mut text = None;
    let mut listener = |event: &Event| {
        if event.code == EventCode::Hint && event.context.contains_key("server") {
            text = Some(paste(&kept, ".env"));
        }
        unasked(event)
    };
    failed(blocking::login(&kept.options(), Some(&mut listener), &Cancel::new()), "file_locked");
    assert_eq!((kept.file(), kept.minted()), (text.unwrap(), 0));
}

/// Another login runs, and fails. What was saved during the wait is not of that login.
#[test]
fn key_that_is_saved_while_a_login_waits_for_another_stays() {
    for file in [".env", ".env.local"] {
        let kept = rejected();
        let mut text = None;
        during_a_login(&kept.world, |cancel| {
            let mut listener = |event: &Event| {
                if event.code == EventCode::LoginWaiting {
                    text = Some(paste(&kept, file));
                    cancel.cancel();
                }
                unasked(event)
            };
            failed(blocking::login(&kept.options(), Some(&mut listener), &Cancel::new()), "file_locked");
        });
        assert_eq!((kept.world.project.read(file), kept.minted()), (text.unwrap(), 0));
    }
}

/// A listener that refuses the last event before the server creates keys, or takes longer than the login may take.
#[test]
fn refused_callback_creates_no_keys() {
    let kept = rejected();
    let before = kept.file();
    let force = LoginOptions { force: true, ..kept.options() };
    let store = kept.world.autumn.store().clone();
    let mut listener = |event: &Event| {
        if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
            let callback = store.approve(url, "ada@example.com", "copper-kettle").unwrap();
            std::thread::spawn(move || super::browse(&callback));
        }
        let refuses = event.code == EventCode::CallbackReceived;
        if refuses { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    failed(blocking::login(&force, Some(&mut listener), &Cancel::new()), "cancelled");
    assert_eq!((kept.file(), kept.minted()), (before, 0));
    // The rejected key is replaced once nothing refuses.
    choosing(&kept, &kept.options(), "copper-kettle").0.unwrap();
}
