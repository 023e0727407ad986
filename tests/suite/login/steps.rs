//! A login in steps: looking at it never waits for git or a lock, and its descriptor says when to look.

use std::fs::File;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use libatmn::{
    ApiKey, Cancel, Event, EventCode, Host, LoginOptions, LogoutOptions, SaveOptions, blocking, logout, save_keys,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{LoginFixture, browse, failed, is_free, until};

const KEY: &str = "am_sk_test_0123456789ab";

/// A fixture whose host has its own state directory.
fn with_state(world: &LoginFixture, variables: &[(&str, &str)]) -> Host {
    let state = world.project.home().join("state");
    let state = [("XDG_STATE_HOME", state.to_str().unwrap())];
    Host::new(variables.iter().copied().chain(state), Some(world.project.path("")))
}

/// Waits until the descriptor is readable, or for the given time.
fn is_readable(attempt: &blocking::Attempt, longest: Option<Duration>) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().unwrap();
    runtime.block_on(async {
        let copy = attempt.as_fd().try_clone_to_owned().unwrap();
        let fd = AsyncFd::with_interest(copy, Interest::READABLE).unwrap();
        match longest {
            Some(longest) => tokio::time::timeout(longest, fd.readable()).await.is_ok(),
            None => fd.readable().await.is_ok(),
        }
    })
}

/// Takes all write locks, as another program that saves does.
fn taken_locks(world: &LoginFixture) -> Vec<File> {
    let folder = world.project.home().join("state/atmn");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let locks: Vec<PathBuf> = paths.filter(|path| path.to_string_lossy().ends_with(".write.lock")).collect();
    assert!(!locks.is_empty());
    let lock = |path| {
        let file = File::open(path).unwrap();
        file.lock().unwrap();
        file
    };
    locks.iter().map(lock).collect()
}

/// A `git` that writes its process id and answers after a minute.
fn slow_git(world: &LoginFixture) -> (PathBuf, PathBuf) {
    let (folder, started) = (world.project.home().join("bin"), world.project.home().join("git-started"));
    let script = format!("#!/bin/sh\necho $$ >'{}'\nexec /bin/sleep 60\n", started.display());
    // A shell writes it: another test's child could inherit a descriptor that is open for writing (ETXTBSY).
    let write = "mkdir -p \"$1\" && printf %s \"$2\" >\"$1/git\" && chmod 755 \"$1/git\"";
    assert!(Command::new("/bin/sh").args(["-c", write, "sh"]).arg(&folder).arg(script).status().unwrap().success());
    (folder, started)
}

/// Git gets two seconds. A machine that stops this test for so long makes it try again.
#[test]
fn start_and_look_do_not_wait_for_git() {
    let is_git_running = || {
        let world = LoginFixture::new();
        world.project.write(".git/HEAD", "ref: refs/heads/main\n");
        let (folder, started) = slow_git(&world);
        let host = with_state(&world, &[("PATH", folder.to_str().unwrap())]);
        let options = LoginOptions { host: Some(host), ..world.options() };
        let mut attempt = blocking::start_login(&options, &Cancel::new()).unwrap();
        let mut pid = String::new();
        until("git started", || {
            assert!(attempt.poll(Duration::ZERO, None).unwrap().is_none());
            pid = std::fs::read_to_string(&started).unwrap_or_default();
            pid.ends_with('\n')
        });
        let is_running = std::fs::exists(format!("/proc/{}", pid.trim())).unwrap();
        drop(attempt);
        assert!(is_free(*options.ports.start()));
        is_running
    };
    assert!((0..5).any(|_| is_git_running()), "git had ended before the call returned");
}

/// Between the looks, the program waits for the descriptor, without a time limit.
#[test]
fn descriptor_is_readable_while_there_is_something_to_receive() {
    let world = LoginFixture::new();
    let mut attempt = blocking::start_login(&world.options(), &Cancel::new()).unwrap();
    let (store, mut seen, mut browser) = (world.autumn.store().clone(), Vec::new(), None);
    let done = loop {
        assert!(is_readable(&attempt, None));
        assert_eq!(attempt.timeout(), Some(Duration::ZERO));
        let before = seen.len();
        let mut listener = |event: &Event| {
            seen.push(event.code);
            if event.code == EventCode::LoginUrl {
                let callback = store.approve(&event.context["url"], "ada@example.com", "copper-kettle").unwrap();
                browser = Some(thread::spawn(move || browse(&callback)));
            }
            std::ops::ControlFlow::Continue(())
        };
        let done = attempt.poll(Duration::ZERO, Some(&mut listener)).unwrap();
        assert!(done.is_some() || seen.len() > before, "readable, and nothing to receive");
        if let Some(done) = done {
            break done;
        }
    };
    assert!(done.saved.is_some() && seen.contains(&EventCode::KeysSaved));
    assert!(!is_readable(&attempt, Some(Duration::from_millis(20))));
    assert_eq!(attempt.timeout(), None);
    browser.unwrap().join().unwrap();
}

#[test]
fn login_without_polls_opens_no_browser() {
    let world = LoginFixture::new();
    let options = LoginOptions { login_timeout: Duration::from_millis(300), ..world.options() };
    let mut attempt = blocking::start_login(&options, &Cancel::new()).unwrap();
    assert!(is_readable(&attempt, None), "the URL waits");
    until("the deadline", || attempt.deadline() <= std::time::SystemTime::now());
    let mut seen = Vec::new();
    let mut listener = |event: &Event| {
        seen.push(event.code);
        std::ops::ControlFlow::Continue(())
    };
    failed(attempt.wait(Some(&mut listener)), "timed_out");
    assert_eq!(seen[0], EventCode::LoginUrl);
}

/// A flag that is set while the attempt runs, and one that belongs to several attempts.
#[test]
fn one_flag_cancels_all_attempts() {
    let (world, cancel) = (LoginFixture::new(), Cancel::new());
    let options: Vec<LoginOptions> = (0..2).map(|_| world.options()).collect();
    let mut attempts: Vec<_> = options.iter().map(|options| blocking::start_login(options, &cancel).unwrap()).collect();
    attempts[0].handle().cancel();
    failed(attempts[0].wait(None), "cancelled");
    assert!(!cancel.is_cancelled() && !is_free(*options[1].ports.start()));
    cancel.cancel();
    failed(attempts[1].wait(None), "cancelled");
    assert!(options.iter().all(|options| is_free(*options.ports.start())));
}

/// The locks are held until the calls have returned.
#[test]
fn save_and_logout_can_be_cancelled_while_a_file_is_locked() {
    let world = LoginFixture::new();
    let (host, keys) = (with_state(&world, &[]), [ApiKey::parse(KEY).unwrap()]);
    save_keys(&keys, &SaveOptions { host: Some(host.clone()), ..SaveOptions::default() }).unwrap();
    let (before, _locks) = (world.file(), taken_locks(&world));
    let cancelled_soon = || {
        let cancel = Cancel::new();
        let remote = cancel.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            remote.cancel();
        });
        cancel
    };
    let save = SaveOptions { host: Some(host.clone()), cancel: cancelled_soon(), ..SaveOptions::default() };
    let other = [ApiKey::parse("am_sk_test_ba9876543210").unwrap()];
    assert_eq!(save_keys(&other, &save).unwrap_err().code.name(), "cancelled");
    let options = LogoutOptions { host: Some(host), cancel: cancelled_soon(), ..LogoutOptions::default() };
    assert_eq!(logout(&options).unwrap_err().code.name(), "cancelled");
    assert_eq!(world.file(), before);
}
