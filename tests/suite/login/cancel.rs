//! Cancelling a login: it ends at once, frees its port before the call returns, and leaves no partial result.

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use libatmn::__internal::config::{MINT_KEYS_PATH, ORGANIZATION_PATH, REVOKE_PATH, TOKEN_PATH};
use libatmn::{Cancel, Event, EventCode, LoginOptions, LoginResult, Result, blocking};
use local_autumn::{Fault, Store};

use super::{LoginFixture, browse, failed, is_free, log_in, mkfifo, until, visit};

/// A time limit that no test reaches.
const STALL: Fault = Fault::Delay(Duration::from_secs(600));

/// An approved login that another thread cancels once `when` has happened, and the time until it returned.
fn cancelled_once(
    world: &LoginFixture,
    options: &LoginOptions,
    when: impl FnOnce(&Store) + Send + 'static,
) -> (Result<LoginResult>, Duration) {
    let cancel = Cancel::new();
    let (remote, store) = (cancel.clone(), world.autumn.store().clone());
    let (sender, receiver) = mpsc::channel();
    let mut when = Some(when);
    let mut listener = |event: &Event| {
        if let (EventCode::LoginUrl, Some(when)) = (event.code, when.take()) {
            let callback = store.approve(&event.context["url"], "ada@example.com", "copper-kettle").unwrap();
            thread::spawn(move || browse(&callback));
            let (remote, store, sender) = (remote.clone(), store.clone(), sender.clone());
            thread::spawn(move || {
                when(&store);
                remote.cancel();
                sender.send(Instant::now()).unwrap();
            });
        }
        ControlFlow::Continue(())
    };
    let result = blocking::login(options, Some(&mut listener), &cancel);
    let ended = Instant::now();
    assert!(is_free(*options.ports.start()), "the port is still taken");
    (result, ended.saturating_duration_since(receiver.recv().unwrap()))
}

#[test]
fn cancelled_wait_frees_port_at_once() {
    let world = LoginFixture::new();
    let options = world.options();
    let cancel = Cancel::new();
    let (remote, waiting) = (cancel.clone(), *options.ports.start());
    let canceller = thread::spawn(move || {
        until("the port is bound", || !is_free(waiting));
        remote.cancel();
    });
    let result = blocking::login(&options, Some(&mut |_| ControlFlow::Continue(())), &cancel);
    assert!(is_free(waiting));
    failed(result, "cancelled");
    canceller.join().unwrap();
    assert_eq!(world.project.snapshot(), "");
}

#[test]
fn cancelled_exchange_creates_no_keys() {
    let world = LoginFixture::new();
    world.autumn.store().inject(TOKEN_PATH, 1, STALL);
    let (result, took) =
        cancelled_once(&world, &world.options(), |store| until("the exchange", || store.active_tokens() == 1));
    let error = failed(result, "cancelled");
    assert!(!error.context.contains_key("keys_may_exist"), "{error:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!((world.requests_to(MINT_KEYS_PATH), world.project.snapshot().as_str()), (0, ""));
}

#[test]
fn cancel_during_key_creation_reports_possible_keys() {
    for revocation_stalls in [false, true] {
        let world = LoginFixture::new();
        world.autumn.store().inject(MINT_KEYS_PATH, 1, STALL);
        if revocation_stalls {
            world.autumn.store().inject(REVOKE_PATH, 1, STALL);
        }
        let before = world.autumn.store().keys().len();
        let (result, took) = cancelled_once(&world, &world.options(), move |store| {
            until("the keys were made", || store.keys().len() > before);
        });
        let error = failed(result, "cancelled");
        assert_eq!(error.context["keys_may_exist"], "true");
        assert!(error.hint.unwrap().to_string().contains("on the server"));
        assert!(took < Duration::from_secs(20), "{took:?}");
        assert_eq!(world.project.snapshot(), "");
        assert_eq!(world.autumn.store().active_tokens(), 0, "the token was not revoked");
    }
}

#[test]
fn cancel_after_keys_were_read_still_saves() {
    for stalls in [false, true] {
        let world = LoginFixture::new();
        if stalls {
            world.autumn.store().inject(ORGANIZATION_PATH, 1, STALL);
            world.autumn.store().inject(REVOKE_PATH, 1, STALL);
        }
        let (store, mut cancelled) = (world.autumn.store().clone(), None);
        let mut listener = |event: &Event| {
            if event.code == EventCode::LoginUrl {
                let callback = store.approve(&event.context["url"], "ada@example.com", "copper-kettle").unwrap();
                // In the second round the browser also stalls: it never fetches the page.
                thread::spawn(move || if stalls { visit(&callback) } else { browse(&callback) });
            }
            if event.code == EventCode::KeysReceived {
                cancelled = Some(Instant::now());
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let done = blocking::login(&world.options(), Some(&mut listener), &Cancel::new()).unwrap();
        assert!(done.saved.is_some() && world.file().unwrap().contains("am_sk_live_"));
        // Without the cancellation, the two requests that stall take three seconds each.
        let took = cancelled.unwrap().elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

#[test]
fn listener_break_cancels_login() {
    for code in [EventCode::LoginUrl, EventCode::CallbackReceived] {
        let world = LoginFixture::new();
        let options = world.options();
        let store = world.autumn.store().clone();
        let mut listener = |event: &Event| {
            if event.code == EventCode::LoginUrl {
                let callback = store.approve(&event.context["url"], "ada@example.com", "copper-kettle").unwrap();
                thread::spawn(move || browse(&callback));
            }
            if event.code == code { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        failed(blocking::login(&options, Some(&mut listener), &Cancel::new()), "cancelled");
        assert!(is_free(*options.ports.start()));
        assert_eq!((world.requests_to(TOKEN_PATH), world.project.snapshot().as_str()), (0, ""));
    }
}

#[test]
fn deadline_bounds_wait_for_user_only() {
    let world = LoginFixture::new();
    let options = LoginOptions { login_timeout: Duration::from_millis(200), ..world.options() };
    let (result, ()) = log_in(&options, |_| ());
    assert!(is_free(*options.ports.start()));
    failed(result, "timed_out");
    assert_eq!(world.project.snapshot(), "");
    // The user takes one second and the server 1.2: together more than the time limit, which covers only the user.
    world.autumn.store().inject(TOKEN_PATH, 1, Fault::Delay(Duration::from_millis(1_200)));
    let options = LoginOptions { login_timeout: Duration::from_secs(2), ..world.options() };
    let store = world.autumn.store().clone();
    let (result, _) = log_in(&options, move |url| {
        thread::sleep(Duration::from_millis(1_000));
        browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap())
    });
    result.unwrap();
    let none = LoginOptions { login_timeout: Duration::ZERO, ..world.options() };
    let error = blocking::login(&none, Some(&mut |_| ControlFlow::Continue(())), &Cancel::new()).unwrap_err();
    assert_eq!(error.code.name(), "invalid_argument");
}

/// The deadline counts from the start: an attempt that is not polled before it has expired.
#[test]
fn unpolled_attempt_expires() {
    let world = LoginFixture::new();
    let options = LoginOptions { login_timeout: Duration::from_millis(100), ..world.options() };
    let mut attempt = blocking::start_login(&options, &Cancel::new()).unwrap();
    until("the deadline", || attempt.deadline() <= std::time::SystemTime::now());
    failed(attempt.wait(None), "timed_out");
    assert!(is_free(*options.ports.start()));
}

#[test]
fn poll_runs_login_on_calling_thread() {
    for step in [Duration::ZERO, Duration::from_millis(5), Duration::MAX] {
        let world = LoginFixture::new();
        let options = world.options();
        let mut attempt = blocking::start_login(&options, &Cancel::new()).unwrap();
        let callback = world.approve(attempt.url());
        let browser = thread::spawn(move || browse(&callback));
        let (here, mut seen, mut done) = (thread::current().id(), Vec::new(), None);
        until("the login ended", || {
            let mut listener = |event: &Event| {
                assert_eq!(thread::current().id(), here);
                seen.push(event.code.name());
                ControlFlow::Continue(())
            };
            done = attempt.poll(step, Some(&mut listener)).unwrap();
            done.is_some()
        });
        seen.retain(|name| *name != "hint");
        assert_eq!(seen, ["login_url", "callback_received", "keys_received", "keys_saved"]);
        assert!(browser.join().unwrap().contains("You are logged in"));
        assert!(is_free(*options.ports.start()));
        assert_eq!(attempt.poll(step, None).unwrap_err().code.name(), "invalid_argument");
        assert_eq!(attempt.wait(None).unwrap_err().code.name(), "invalid_argument");
    }
}

#[test]
fn dropped_attempt_frees_port() {
    let world = LoginFixture::new();
    for polls in [0, 3] {
        let options = world.options();
        let mut attempt = blocking::start_login(&options, &Cancel::new()).unwrap();
        assert!(!is_free(*options.ports.start()));
        for _ in 0..polls {
            assert!(attempt.poll(Duration::from_millis(1), None).unwrap().is_none());
        }
        drop(attempt);
        assert!(is_free(*options.ports.start()));
    }
    assert_eq!(world.project.snapshot(), "");
}

/// A thread of an async runtime must not block; another thread can still poll the attempt.
#[test]
fn poll_inside_runtime_keeps_attempt() {
    let world = LoginFixture::new();
    let mut attempt = blocking::start_login(&world.options(), &Cancel::new()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(async { attempt.poll(Duration::ZERO, None).unwrap_err() });
    assert_eq!(error.code.name(), "invalid_argument");
    assert!(attempt.poll(Duration::ZERO, None).unwrap().is_none());
}

#[test]
fn unsaved_keys_are_reported() {
    let world = LoginFixture::new();
    let (store, path) = (world.autumn.store().clone(), world.project.path(".env"));
    let (result, page) = log_in(&world.options(), move |url| {
        mkfifo(&path);
        browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap())
    });
    let error = failed(result, "not_a_file");
    assert_eq!(error.context["keys_may_exist"], "true");
    assert!(error.hint.unwrap().to_string().contains("on the server"));
    assert!(page.contains("Login failed") && page.contains("No keys were saved"), "{page}");
    assert_eq!(world.autumn.store().active_tokens(), 0, "the token was not revoked");
}
