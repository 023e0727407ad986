//! Keys that a login could not check, or that change while it runs: it neither replaces nor claims them.

use std::ops::ControlFlow;
use std::thread;

use atmn_tests::project::LIVE;
use libatmn::__internal::config::ORGANIZATION_PATH;
use libatmn::{Cancel, Environment, Event, EventCode, LoginOptions, LoginResult, blocking};
use local_autumn::Fault;

use super::kept::{Kept, begin, choosing, complete, options};
use super::{LoginFixture, browse, failed};

/// Only a 401 says that a key does not work. After any other answer, a login would destroy a key that may work.
#[test]
fn key_that_could_not_be_checked_is_not_replaced() {
    for status in [400, 403, 404, 408, 422, 429, 500, 503] {
        let kept = Kept::new();
        let before = kept.file();
        assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 4, Fault::status(status)));
        let error = choosing(&kept, &kept.options(), "copper-kettle").0.unwrap_err();
        assert!(error.message.starts_with("The saved keys could not be checked."), "{status}: {error:?}");
        assert!(error.hint.unwrap().to_string().contains("`force`"), "{status}");
        assert_eq!((kept.file(), kept.minted()), (before, 0), "{status}");
    }
}

/// The option `force` belongs to the call that begins the login.
#[test]
fn completing_a_login_advises_no_option_of_the_first_step() {
    let kept = Kept::new();
    kept.lose(Environment::Live, "missing");
    let (callback, _) = begin(&kept, &kept.options());
    assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 4, Fault::status(403)));
    let error = complete(&kept, &callback).unwrap_err();
    let hint = error.hint.unwrap().to_string();
    assert!(error.message.contains("could not be checked") && !hint.contains("force"), "{hint}");
    assert!(hint.contains("begin_login") && hint.contains("still pending"), "{hint}");
}

/// An answer of the server that names an organization, but not which one.
fn incomplete(id: Option<&str>) -> Fault {
    let id = id.map(|id| format!(r#","id":"{id}""#)).unwrap_or_default();
    // A slug with a control character is shown, and never compared.
    let body = format!(r#"{{"name":"Copper Kettle","slug":"copper\u0007kettle","env":"sandbox"{id}}}"#);
    Fault::Answer { status: 200, headers: Vec::new(), body }
}

#[test]
fn incomplete_answer_does_not_make_a_key_replaceable() {
    // What this machine remembers of the key completes the answer.
    let named = LoginOptions { organization: Some("copper-kettle".to_owned()), ..LoginOptions::default() };
    let kept = Kept::new();
    let options = LoginOptions { organization: named.organization, ..kept.options() };
    assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 2, incomplete(None)));
    let result = blocking::login(&options, Some(&mut |_| ControlFlow::Continue(())), &Cancel::new()).unwrap();
    assert!(result.saved.is_none());

    // So new keys of another organization are refused beside it.
    let kept = Kept::new();
    kept.lose(Environment::Live, "missing");
    let before = kept.file();
    assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 1, incomplete(None)));
    failed(choosing(&kept, &kept.options(), "night-library").0, "organization_changed");
    assert_eq!(kept.file(), before);
}

/// The key was copied from another machine: this one knows its server, and not its organization.
#[test]
fn key_of_an_unknown_organization_neither_stays_nor_goes_unasked() {
    for lost in [false, true] {
        let kept = Kept::new();
        if lost {
            kept.lose(Environment::Live, "missing");
        }
        let state = kept.world.project.home().join("state/atmn/known-keys.json");
        let known = std::fs::read_to_string(&state).unwrap();
        let forgotten = known.replace("organization_id", "old_id").replace("organization_slug", "old_slug");
        std::fs::write(&state, forgotten).unwrap();
        let before = kept.file();
        let id = (!lost).then_some("org_6QzTnV2kCopperKettle");
        assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 4, incomplete(id)));
        let organization = (!lost).then(|| "copper-kettle".to_owned());
        let options = LoginOptions { organization, ..kept.options() };
        let error = failed(choosing(&kept, &options, "copper-kettle").0, "response_unreadable");
        assert!(error.message.contains("which organization") && error.hint.is_some(), "{error:?}");
        assert_eq!((kept.file(), kept.minted()), (before, 0));
    }
}

/// The user removes the key that stays while the browser is open.
#[test]
fn result_does_not_claim_a_key_that_is_gone() {
    let kept = Kept::new();
    kept.lose(Environment::Live, "missing");
    let (store, mut messages) = (kept.world.autumn.store().clone(), Vec::new());
    let mut listener = |event: &Event| {
        messages.push(event.message.clone());
        if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
            kept.world.project.write(".env", "");
            let (store, url) = (store.clone(), url.clone());
            thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
        }
        ControlFlow::Continue(())
    };
    let result = blocking::login(&kept.options(), Some(&mut listener), &Cancel::new()).unwrap();
    assert_eq!((result.environments, result.keys.len()), (vec![Environment::Live], 1));
    let note = result.saved.unwrap().note.unwrap();
    assert!(note.contains("is no longer in") && !note.contains("was kept"), "{note}");
    assert!(messages.iter().any(|message| message.contains("is no longer in")), "{messages:?}");
}

/// A login whose file gets this text while the browser is open.
fn changing(kept: &Kept, options: &LoginOptions, file: &str, text: &str) -> libatmn::Result<LoginResult> {
    let store = kept.world.autumn.store().clone();
    let mut listener = |event: &Event| {
        if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
            kept.world.project.write(file, text);
            let (store, url) = (store.clone(), url.clone());
            thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
        }
        ControlFlow::Continue(())
    };
    blocking::login(options, Some(&mut listener), &Cancel::new())
}

#[test]
fn value_that_arrives_during_the_login_is_not_replaced() {
    for (how, text) in [("missing", LIVE), ("missing", "op://vault/item"), ("rejected", LIVE)] {
        let kept = Kept::new();
        kept.lose(Environment::Live, how);
        let text = format!("AUTUMN_SECRET_KEY={}\nAUTUMN_PROD_SECRET_KEY={text}\n", kept.sandbox.reveal());
        let error = failed(changing(&kept, &kept.options(), ".env", &text), "file_locked");
        assert_eq!((error.context["variable"].as_str(), kept.file()), ("AUTUMN_PROD_SECRET_KEY", text), "{how}");
        assert_eq!(error.context["keys_may_exist"], "true");
    }
    // `force` replaces it, and the result names it.
    let kept = Kept::new();
    let options = LoginOptions { force: true, ..kept.options() };
    let saved = changing(&kept, &options, ".env", &format!("AUTUMN_PROD_SECRET_KEY={LIVE}\n")).unwrap().saved.unwrap();
    assert_eq!(saved.replaced.len(), 1, "{saved:?}");
}

/// Git begins to track `.env`, so the keys would go to `.env.local`, which has others.
#[test]
fn file_that_the_login_has_not_looked_at_is_not_overwritten() {
    let world = LoginFixture::new();
    world.project.git_init();
    world.project.write(".gitignore", "/.env.local\n");
    let store = world.autumn.store().clone();
    let local = format!("AUTUMN_PROD_SECRET_KEY={LIVE}\n");
    let mut listener = |event: &Event| {
        if let (EventCode::LoginUrl, Some(url)) = (event.code, event.context.get("url")) {
            world.project.write(".env", "A=1\n");
            world.project.git(&["add", "--force", ".env"]);
            world.project.write(".env.local", &local);
            let (store, url) = (store.clone(), url.clone());
            thread::spawn(move || browse(&store.approve(&url, "ada@example.com", "copper-kettle").unwrap()));
        }
        ControlFlow::Continue(())
    };
    failed(blocking::login(&options(&world), Some(&mut listener), &Cancel::new()), "file_locked");
    assert_eq!(world.project.read(".env.local"), local);
}

/// The server answers slowly, and the keys are removed in between.
#[test]
fn keys_that_change_during_the_check_are_checked_again() {
    let kept = Kept::new();
    let delay = std::time::Duration::from_millis(200);
    assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 2, Fault::Delay(delay)));
    let (project, store) = (&kept.world.project, kept.world.autumn.store());
    let seen = kept.world.requests_to(ORGANIZATION_PATH);
    thread::scope(|scope| {
        scope.spawn(|| {
            while store.requests().iter().filter(|request| request.path == ORGANIZATION_PATH).count() == seen {
                thread::yield_now();
            }
            project.write(".env", "");
        });
        let result = choosing(&kept, &kept.options(), "copper-kettle").0.unwrap();
        assert!(result.saved.is_some(), "the result names keys that are gone");
    });
}

/// Every key is compared with the organization that the caller named, not only the first one.
#[test]
fn each_kept_key_belongs_to_the_named_organization() {
    let kept = Kept::new();
    let (path, options) = (kept.world.project.home().join("state/atmn/known-keys.json"), kept.options());
    let known = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, known.replace("organization_id", "old_id").replace("organization_slug", "old_slug")).unwrap();
    let options = LoginOptions { organization: Some("copper-kettle".to_owned()), ..options };
    let body = r#"{"name":"Copper Kettle","slug":"copper-kettle","id":"org_6QzTnV2kCopperKettle","env":"sandbox"}"#;
    let complete = Fault::Answer { status: 200, headers: Vec::new(), body: body.to_owned() };
    assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 1, complete));
    assert!(kept.world.autumn.store().inject(ORGANIZATION_PATH, 1, incomplete(None)));
    failed(choosing(&kept, &options, "copper-kettle").0, "response_unreadable");
}

/// An editor may change how a value is written.
#[test]
fn value_that_is_only_written_otherwise_is_no_change() {
    for how in
        ["AUTUMN_PROD_SECRET_KEY=\"%\"", "AUTUMN_PROD_SECRET_KEY=% # old", "export AUTUMN_PROD_SECRET_KEY = '%'  "]
    {
        let kept = Kept::new();
        kept.lose(Environment::Live, "rejected");
        let old = kept.file();
        let key = old.lines().find_map(|line| line.strip_prefix("AUTUMN_PROD_SECRET_KEY=")).unwrap();
        let text = format!("AUTUMN_SECRET_KEY={}\n{}\n", kept.sandbox.reveal(), how.replace('%', key));
        let result = changing(&kept, &kept.options(), ".env", &text).unwrap();
        assert!(result.saved.is_some() && !kept.file().contains(key), "{how}");
    }
}

/// A save removes every assignment of the variable, so each of them counts, in both files of the directory.
#[test]
fn every_assignment_and_both_files_are_compared() {
    let kept = Kept::new();
    kept.lose(Environment::Live, "rejected");
    let old = kept.file();
    let text = format!("AUTUMN_PROD_SECRET_KEY={LIVE}\n{old}");
    failed(changing(&kept, &kept.options(), ".env", &text), "file_locked");
    assert_eq!(kept.file(), text);

    let kept = Kept::new();
    let project = &kept.world.project;
    std::fs::rename(project.path(".env"), project.path(".env.local")).unwrap();
    assert!(kept.world.autumn.store().revoke(&kept.sandbox));
    let before = project.read(".env.local");
    project.write(".env.local", before.lines().next().unwrap());
    let text = format!("AUTUMN_PROD_SECRET_KEY={LIVE}\n");
    let error = failed(changing(&kept, &kept.options(), ".env", &text), "file_locked");
    assert!(error.context["path"].ends_with(".env"), "{error:?}");
    assert_eq!(kept.file(), text);
}
