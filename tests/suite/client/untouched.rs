//! What the login of a client leaves alone: keys of other locations, and those that arrive while it waits for its user.

use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::blocking::{self, Client};
use libatmn::{ApiKey, Boundary, Cancel, ClientOptions, Environment, Event, EventCode, Host, LoginOptions};

use super::organization::Other::{Absent, Rejected, Valid};
use super::organization::{key_in, prepared};
use super::{CUSTOMERS, ClientFixture, User, get};
use crate::login::browse;
use local_autumn::Fault;

fn line(variable: &str, key: &ApiKey) -> String {
    format!("{variable}={}\n", key.reveal())
}

fn request(options: ClientOptions, person: &User) {
    Client::new(options).unwrap().request(&get(), Some(&mut person.listener()), &Cancel::new()).unwrap();
    assert_eq!(person.logins(), 1);
}

/// A login replaces the key that was rejected. A key that works elsewhere, over which a new one in the same file would take
/// precedence, stays the active one.
#[test]
fn key_of_another_location_stays_active() {
    for elsewhere in [".env", "../.env", "process"] {
        let fixture = prepared(true, Valid);
        let [sandbox, live] = &fixture.keys;
        let project = &fixture.world.project;
        std::fs::remove_file(project.path(".env")).unwrap();
        project.write("app/.env.local", line("AUTUMN_SECRET_KEY", sandbox));
        let mut options = fixture.options();
        options.resolve.directory = Some(project.path("app"));
        let other = line("AUTUMN_PROD_SECRET_KEY", live);
        match elsewhere {
            ".env" => drop(project.write("app/.env", &other)),
            "../.env" => drop(project.write(".env", &other)),
            _ => {
                let own = ("AUTUMN_PROD_SECRET_KEY".into(), live.reveal().into());
                options.resolve.host = Some(Host::new(std::env::vars_os().chain([own]), std::env::current_dir().ok()));
            }
        }
        let person = fixture.person("copper-kettle");
        request(options, &person);
        let local = project.read("app/.env.local");
        assert!(names_unsaved_live_key(&person), "{elsewhere}");
        assert!(!local.contains(sandbox.reveal()), "{elsewhere}");
        assert!(!local.contains("AUTUMN_PROD_SECRET_KEY"), "{elsewhere}: {local}");
    }
}

/// Other programs look further than the directory of the rejected key, or than the boundary of this client.
#[test]
fn key_that_other_programs_find_stays_active() {
    for case in ["a subdirectory of the main worktree", "behind the boundary", "beside the link"] {
        let fixture = prepared(true, Valid);
        let [sandbox, live] = fixture.keys.each_ref().map(Clone::clone);
        let (project, mut options) = (&fixture.world.project, fixture.options());
        std::fs::remove_file(project.path(".env")).unwrap();
        let other = line("AUTUMN_PROD_SECRET_KEY", &live);
        let file = match case {
            "a subdirectory of the main worktree" => {
                project.git_init();
                project.git(&["commit", "--quiet", "--allow-empty", "-m", "first"]);
                project.git(&["worktree", "add", "--quiet", "linked"]);
                project.write("sub/.env", &other);
                std::fs::create_dir_all(project.path("linked/sub")).unwrap();
                options.resolve.directory = Some(project.path("linked/sub"));
                project.write("linked/.gitignore", "/.env\n");
                "linked/.env"
            }
            "behind the boundary" => {
                project.write(".env", &other);
                std::fs::create_dir_all(project.path("app")).unwrap();
                options.resolve.directory = Some(project.path("app"));
                options.resolve.boundary = Boundary::Directory(project.path("app"));
                "app/.env"
            }
            _ => {
                project.write("real/.env", &other);
                std::fs::create_dir_all(project.path("real/keys")).unwrap();
                std::fs::create_dir_all(project.path("app")).unwrap();
                std::os::unix::fs::symlink(project.path("real/keys/.env"), project.path("app/.env")).unwrap();
                options.resolve.directory = Some(project.path("app"));
                "real/keys/.env"
            }
        };
        project.write(file, line("AUTUMN_SECRET_KEY", &sandbox));
        request(options, &fixture.person("copper-kettle"));
        let after = project.read(file);
        assert!(!after.contains(sandbox.reveal()) && !after.contains("AUTUMN_PROD_SECRET_KEY"), "{case}: {after}");
    }
}

/// A user who saves another key while the browser is open, and then approves the login.
fn saving(fixture: &ClientFixture, environment: Environment) -> (User, ApiKey) {
    let prefix = if environment == Environment::Sandbox { "am_sk_test_" } else { "am_sk_live_" };
    let new = ApiKey::parse(&format!("{prefix}saved0123456789meanwhile")).unwrap();
    assert!(fixture.store().add_key(new.clone(), "copper-kettle", "saved meanwhile"));
    let (store, key) = (fixture.store().clone(), new.clone());
    let options = libatmn::SaveOptions { directory: Some(fixture.world.project.path("")), ..Default::default() };
    let user = User::new(move |url| {
        libatmn::save_keys(std::slice::from_ref(&key), &options).unwrap();
        drop(browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    });
    (user, new)
}

#[test]
fn key_that_is_saved_during_the_login_stays() {
    // In place of the rejected key: it is the one that is used.
    let fixture = prepared(true, Valid);
    let (user, new) = saving(&fixture, Environment::Sandbox);
    request(fixture.options(), &user);
    let file = fixture.world.file().unwrap();
    assert_eq!(key_in(&file, "AUTUMN_SECRET_KEY").unwrap().reveal(), new.reveal());
    assert_eq!(key_in(&file, "AUTUMN_PROD_SECRET_KEY").unwrap().reveal(), fixture.keys[1].reveal());
    // In place of the other key, where there was none, or a rejected one.
    for other in [Absent, Rejected] {
        let fixture = prepared(true, other);
        let (user, new) = saving(&fixture, Environment::Live);
        request(fixture.options(), &user);
        let file = fixture.world.file().unwrap();
        assert_eq!(key_in(&file, "AUTUMN_PROD_SECRET_KEY").unwrap().reveal(), new.reveal(), "{other:?}");
        assert_ne!(key_in(&file, "AUTUMN_SECRET_KEY").unwrap().reveal(), fixture.keys[0].reveal(), "{other:?}");
        assert!(names_unsaved_live_key(&user), "{other:?}");
    }
    // In a parent directory, where programs find it.
    let fixture = prepared(true, Valid);
    let project = &fixture.world.project;
    std::fs::remove_file(project.path(".env")).unwrap();
    project.write("app/.env", line("AUTUMN_SECRET_KEY", &fixture.keys[0]));
    let mut options = fixture.options();
    options.resolve.directory = Some(project.path("app"));
    let (user, new) = saving(&fixture, Environment::Live);
    request(options, &user);
    let (near, far) = (project.read("app/.env"), project.read(".env"));
    assert!(!near.contains(fixture.keys[0].reveal()) && !near.contains("AUTUMN_PROD_SECRET_KEY"), "{near}");
    assert_eq!(key_in(&far, "AUTUMN_PROD_SECRET_KEY").unwrap().reveal(), new.reveal());
    assert!(names_unsaved_live_key(&user));
}

/// Whether an event names the live key that a login created and did not save.
fn names_unsaved_live_key(user: &User) -> bool {
    let named = |event: &Event| event.message.contains("also created the live key am_sk_live_");
    user.heard.lock().unwrap().iter().any(named)
}

/// Both keys are rejected. A login for the sandbox key alone is in progress, for which a client of the live key waits.
#[test]
fn key_of_the_login_before_stays() {
    let fixture = prepared(true, Rejected);
    let mut live = fixture.options();
    live.resolve.environment = Some(Environment::Live);
    let first = LoginOptions {
        server: live.server.clone(),
        directory: live.resolve.directory.clone(),
        sandbox_only: true,
        open_browser: false,
        ports: fixture.ports(),
        ..LoginOptions::default()
    };
    let store = fixture.store().clone();
    let approve = move |url: &str| drop(browse(&store.approve(url, "ada@example.com", "copper-kettle").unwrap()));
    thread::scope(|scope| {
        let (shown, urls) = mpsc::channel::<String>();
        let first = scope.spawn(move || {
            let mut listener = |event: &Event| {
                if event.code == EventCode::LoginUrl {
                    shown.send(event.context["url"].clone()).unwrap();
                }
                ControlFlow::Continue(())
            };
            blocking::login(&first, Some(&mut listener), &Cancel::new()).unwrap()
        });
        let mut first_url = Some(urls.recv().unwrap());
        let mut listener = |event: &Event| {
            let url = match event.code {
                EventCode::LoginWaiting => first_url.take(),
                EventCode::LoginUrl => Some(event.context["url"].clone()),
                _ => None,
            };
            if let Some(url) = url {
                let approve = approve.clone();
                thread::spawn(move || approve(&url));
            }
            ControlFlow::Continue(())
        };
        Client::new(live).unwrap().request(&get(), Some(&mut listener), &Cancel::new()).unwrap();
        let saved = first.join().unwrap();
        let file = fixture.world.file().unwrap();
        assert_eq!(key_in(&file, "AUTUMN_SECRET_KEY").unwrap().reveal(), saved.keys[0].reveal());
        assert_ne!(key_in(&file, "AUTUMN_PROD_SECRET_KEY").unwrap().reveal(), fixture.keys[1].reveal());
    });
}

/// The server answers slowly about the other key, which is replaced in between.
#[test]
fn key_that_is_saved_while_the_other_one_is_checked_stays() {
    let fixture = prepared(true, Rejected);
    let new = ApiKey::parse("am_sk_live_saved0123456789meanwhile").unwrap();
    let store = fixture.store();
    assert!(store.add_key(new.clone(), "copper-kettle", "saved meanwhile"));
    assert!(store.inject(ORGANIZATION_PATH, 1, Fault::Delay(Duration::from_millis(300))));
    let asked = || store.requests().iter().filter(|request| request.path == CUSTOMERS).count();
    let before = asked();
    let options = libatmn::SaveOptions { directory: Some(fixture.world.project.path("")), ..Default::default() };
    thread::scope(|scope| {
        scope.spawn(|| {
            while asked() == before {
                thread::yield_now();
            }
            // The client has its answer, and asks about the other key, or is about to.
            thread::sleep(Duration::from_millis(100));
            libatmn::save_keys(std::slice::from_ref(&new), &options).unwrap();
        });
        request(fixture.options(), &fixture.person("copper-kettle"));
    });
    let file = fixture.world.file().unwrap();
    assert_eq!(key_in(&file, "AUTUMN_PROD_SECRET_KEY").unwrap().reveal(), new.reveal());
}

/// The login of the first client ends because the key has been replaced, which is no failure of the second one.
#[test]
fn client_that_waits_uses_the_key_that_was_saved_during_the_login() {
    let fixture = prepared(true, Valid);
    let new = ApiKey::parse("am_sk_test_saved0123456789meanwhile").unwrap();
    assert!(fixture.store().add_key(new.clone(), "copper-kettle", "saved meanwhile"));
    let (shown, urls) = mpsc::channel::<String>();
    let [first, second] = [fixture.options(), fixture.options()].map(|options| Client::new(options).unwrap());
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            let mut listener = |event: &Event| {
                if event.code == EventCode::LoginUrl {
                    shown.send(event.context["url"].clone()).unwrap();
                }
                ControlFlow::Continue(())
            };
            first.request(&get(), Some(&mut listener), &Cancel::new()).map(drop)
        });
        let url = urls.recv().unwrap();
        let (store, project) = (fixture.store().clone(), &fixture.world.project);
        let mut url = Some(url);
        let mut listener = |event: &Event| {
            assert_ne!(event.code, EventCode::LoginUrl, "the key has been replaced");
            if event.code == EventCode::LoginWaiting {
                let url = url.take().unwrap();
                project.write(".env", line("AUTUMN_SECRET_KEY", &new));
                let store = store.clone();
                thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
            }
            ControlFlow::Continue(())
        };
        second.request(&get(), Some(&mut listener), &Cancel::new()).unwrap();
        first.join().unwrap().unwrap();
    });
    assert_eq!(fixture.world.file().unwrap(), line("AUTUMN_SECRET_KEY", &new));
}
