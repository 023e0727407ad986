//! Only one login for a file runs at a time. Each test has its own state directory.

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

use libatmn::__internal::config::MINT_KEYS_PATH;
use libatmn::{
    BeginLoginResult, Cancel, CompleteOptions, EnvFile, Event, EventCode, Host, LoginOptions, LoginResult, blocking,
};

use super::kept::{keys, options};
use super::{LoginFixture, browse, failed, log_in};

/// Runs a login while another one waits for the user; returns the results of both, and what the second has reported.
fn two_logins(world: &LoginFixture, second: &LoginOptions) -> (LoginResult, LoginResult, Vec<EventCode>) {
    let first = options(world);
    let (mut codes, store) = (Vec::new(), world.autumn.store().clone());
    let approve = move |url: &str| drop(browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    thread::scope(|scope| {
        let (shown, url) = mpsc::channel::<String>();
        let first = scope.spawn(move || log_in(&first, move |url| shown.send(url).unwrap()).0.unwrap());
        // The first login holds the lock once its URL is shown.
        let mut url = Some(url.recv().unwrap());
        let mut listener = |event: &Event| {
            codes.push(event.code);
            match (event.code, event.context.get("url")) {
                (EventCode::LoginWaiting, _) => {
                    let (approve, url) = (approve.clone(), url.take().unwrap());
                    thread::spawn(move || approve(&url));
                }
                (EventCode::LoginUrl, Some(url)) => {
                    let (approve, url) = (approve.clone(), url.clone());
                    thread::spawn(move || approve(&url));
                }
                _ => {}
            }
            ControlFlow::Continue(())
        };
        let second = blocking::login(second, Some(&mut listener), &Cancel::new()).unwrap();
        (first.join().unwrap(), second, codes)
    })
}

#[test]
fn second_login_waits_and_keeps_the_keys_of_the_first() {
    let world = LoginFixture::new();
    let (first, second, codes) = two_logins(&world, &options(&world));
    assert_eq!(codes.first(), Some(&EventCode::LoginWaiting));
    assert!(!codes.contains(&EventCode::LoginUrl), "{codes:?}");
    assert!(second.saved.is_none());
    assert_eq!(keys(first).map(|key| key.reveal().to_owned()), keys(second).map(|key| key.reveal().to_owned()));
    assert_eq!(world.requests_to(MINT_KEYS_PATH), 1);
}

#[test]
fn second_login_with_force_waits_and_goes_on() {
    let world = LoginFixture::new();
    let (_, second, codes) = two_logins(&world, &LoginOptions { force: true, ..options(&world) });
    assert_eq!(codes.first(), Some(&EventCode::LoginWaiting));
    assert!(codes.contains(&EventCode::LoginUrl) && second.saved.is_some(), "{codes:?}");
    assert_eq!(world.requests_to(MINT_KEYS_PATH), 2);
}

#[test]
fn completed_login_waits_for_another_login() {
    let world = LoginFixture::new();
    let BeginLoginResult::Pending(pending) = blocking::begin_login(&options(&world), &Cancel::new()).unwrap() else {
        panic!("there are no keys yet")
    };
    let (pending, first) = (world.approve(&pending.url), options(&world));
    let completing = CompleteOptions { host: options(&world).host, ..CompleteOptions::default() };
    let store = world.autumn.store().clone();
    thread::scope(|scope| {
        let (shown, url) = mpsc::channel::<String>();
        let first = scope.spawn(move || log_in(&first, move |url| shown.send(url).unwrap()).0.unwrap());
        let mut url = Some(url.recv().unwrap());
        let mut listener = |event: &Event| {
            if event.code == EventCode::LoginWaiting {
                let (store, url) = (store.clone(), url.take().unwrap());
                thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
            }
            ControlFlow::Continue(())
        };
        let completed = blocking::complete_login(&pending, &completing, Some(&mut listener), &Cancel::new()).unwrap();
        assert!(completed.saved.is_none());
        first.join().unwrap();
    });
    assert_eq!(world.requests_to(MINT_KEYS_PATH), 1);
}

/// Does something while a login waits for its user, who then gives up.
pub(super) fn during_a_login(world: &LoginFixture, work: impl FnOnce(&Cancel)) {
    let (first, cancel) = (options(world), Cancel::new());
    let stop = cancel.clone();
    thread::scope(|scope| {
        let (shown, url) = mpsc::channel::<()>();
        let first = scope.spawn(move || {
            let mut listener = |event: &Event| {
                if event.code == EventCode::LoginUrl {
                    shown.send(()).unwrap();
                }
                ControlFlow::Continue(())
            };
            blocking::login(&first, Some(&mut listener), &stop)
        });
        url.recv().unwrap();
        work(&cancel);
        cancel.cancel();
        failed(first.join().unwrap(), "cancelled");
    });
}

#[test]
fn waiting_login_ends_when_it_is_cancelled_or_at_its_deadline() {
    let world = LoginFixture::new();
    during_a_login(&world, |_| {
        let mut leaves = |event: &Event| {
            if event.code == EventCode::LoginWaiting { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        failed(blocking::login(&options(&world), Some(&mut leaves), &Cancel::new()), "cancelled");
        let short = LoginOptions { login_timeout: std::time::Duration::from_millis(50), ..options(&world) };
        let error = failed(
            blocking::login(&short, Some(&mut |_: &Event| ControlFlow::Continue(())), &Cancel::new()),
            "timed_out",
        );
        assert!(error.message.contains("Another login"), "{error:?}");
    });
    // The lock is free again.
    world.log_in(&options(&world)).0.unwrap();
}

#[test]
fn login_without_a_lock_says_so() {
    let world = LoginFixture::new();
    let host = Host::new([("PATH", "/usr/bin:/bin")], Some(world.project.path("")));
    let (store, mut messages) = (world.autumn.store().clone(), Vec::new());
    let mut listener = |event: &Event| {
        messages.push(event.message.clone());
        if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
            let (store, url) = (store.clone(), url.clone());
            thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
        }
        ControlFlow::Continue(())
    };
    let options = LoginOptions { host: Some(host), ..world.options() };
    blocking::login(&options, Some(&mut listener), &Cancel::new()).unwrap();
    assert!(messages.iter().any(|message| message.starts_with("Could not lock the file;")), "{messages:?}");
}

/// Git tracks `.env`, so the first login writes `.env.local`, which the second one names.
#[test]
fn logins_that_write_one_file_under_two_names_take_turns() {
    let world = LoginFixture::new();
    world.project.git_init();
    world.project.write(".env", "A=1\n");
    world.project.write(".gitignore", "/.env.local\n");
    world.project.git(&["add", ".env", ".gitignore"]);
    let second = LoginOptions { file: Some(EnvFile::EnvLocal), ..options(&world) };
    let (first, second, codes) = two_logins(&world, &second);
    assert_eq!(codes.first(), Some(&EventCode::LoginWaiting));
    assert!(first.saved.is_some() && second.saved.is_none());
    assert_eq!(world.requests_to(MINT_KEYS_PATH), 1);
}

/// The file becomes tracked while the second login waits.
#[test]
fn login_checks_the_file_again_after_it_has_waited() {
    let world = LoginFixture::new();
    world.project.git_init();
    during_a_login(&world, |cancel| {
        let mut listener = |event: &Event| {
            if event.code == EventCode::LoginWaiting {
                world.project.write(".env", "A=1\n");
                world.project.git(&["add", "--force", ".env"]);
                cancel.cancel();
            }
            assert_ne!(event.code, EventCode::LoginUrl, "the user would log in for nothing");
            ControlFlow::Continue(())
        };
        failed(blocking::login(&options(&world), Some(&mut listener), &Cancel::new()), "env_file_tracked");
    });
}

/// While the second login waits, `.env.local` gets a key that does not work. Without `force`, it would stay.
#[test]
fn login_chooses_the_file_again_after_it_has_waited() {
    let world = LoginFixture::new();
    let store = world.autumn.store().clone();
    during_a_login(&world, |cancel| {
        let mut listener = |event: &Event| {
            if event.code == EventCode::LoginWaiting {
                world.project.write(".env.local", "AUTUMN_SECRET_KEY=am_sk_test_old0123456789ab\n");
                cancel.cancel();
            }
            if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
                let (store, url) = (store.clone(), url.clone());
                thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
            }
            ControlFlow::Continue(())
        };
        let force = LoginOptions { force: true, ..options(&world) };
        let second = blocking::login(&force, Some(&mut listener), &Cancel::new()).unwrap();
        assert_eq!(second.saved.unwrap().path, world.project.path(".env.local"));
    });
}
