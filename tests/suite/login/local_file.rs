//! Logins that save in `.env.local`: where git tracks `.env`, where the caller says so, and where the keys are already.

use libatmn::{
    BeginLoginResult, Cancel, CompleteOptions, EnvFile, Git, Gitignore, LoginOptions, LogoutOptions, blocking, logout,
};

use super::LoginFixture;

const TEAM: &str = "APP_ENV=dev\nAUTUMN_SECRET_KEY=\n";

/// A project whose `.env` belongs to git, as that of Symfony, Vite and Next does.
fn tracked() -> LoginFixture {
    let world = LoginFixture::new();
    world.project.git_init();
    world.project.write(".env", TEAM);
    world.project.write(".gitignore", "/.env.local\n");
    world.project.git(&["add", ".env", ".gitignore"]);
    world
}

fn saved_in_local(world: &LoginFixture, options: &LoginOptions) {
    let (result, page) = world.log_in(options);
    let saved = result.unwrap().saved.unwrap();
    assert_eq!(saved.path, world.project.path(".env.local"));
    assert!(page.contains(".env.local"), "{page}");
}

#[test]
fn login_leaves_a_tracked_file_and_logout_follows() {
    let world = tracked();
    saved_in_local(&world, &world.options());
    let first = world.project.read(".env.local");
    assert!(first.contains("AUTUMN_SECRET_KEY=am_sk_test_") && first.contains("AUTUMN_PROD_SECRET_KEY=am_sk_live_"));
    assert_eq!(world.project.mode(".env.local"), 0o600);
    // These keys are kept, and a login for new ones replaces them there.
    let mut listener = |event: &libatmn::Event| -> std::ops::ControlFlow<()> { panic!("{event:?}") };
    let kept = blocking::login(&world.options(), Some(&mut listener), &Cancel::new()).unwrap();
    assert!(kept.saved.is_none() && kept.keys.len() == 2);
    saved_in_local(&world, &LoginOptions { force: true, ..world.options() });
    assert_ne!(world.project.read(".env.local"), first);
    let done = logout(&LogoutOptions { directory: Some(world.project.path("")), ..LogoutOptions::default() }).unwrap();
    assert_eq!((done.path, done.removed.len()), (world.project.path(".env.local"), 2));
    assert_eq!(world.project.read(".env.local"), "");
    assert_eq!(world.project.read(".env"), TEAM);
}

#[test]
fn two_step_login_leaves_a_tracked_file() {
    let world = tracked();
    let begun = blocking::begin_login(&world.options(), &Cancel::new()).unwrap();
    let BeginLoginResult::Pending(pending) = begun else { panic!("{begun:?}") };
    let callback = world.approve(&pending.url);
    let result = blocking::complete_login(&callback, &CompleteOptions::default(), None, &Cancel::new()).unwrap();
    let saved = result.saved.unwrap();
    assert_eq!(saved.path, world.project.path(".env.local"));
    assert!(saved.note.unwrap().starts_with("Git tracks "));
    assert_eq!(world.project.read(".env"), TEAM);
}

#[test]
fn next_login_and_logout_follow_the_named_file() {
    let world = LoginFixture::new();
    world.project.write(".env", "A=1\n");
    saved_in_local(&world, &LoginOptions { file: Some(EnvFile::EnvLocal), ..world.options() });
    saved_in_local(&world, &LoginOptions { force: true, ..world.options() });
    assert_eq!(world.project.read(".env"), "A=1\n");
    // So does a logout, after which resolution finds no key here.
    let directory = Some(world.project.path(""));
    let done = logout(&LogoutOptions { directory, ..LogoutOptions::default() }).unwrap();
    assert_eq!((done.path, done.removed.len()), (world.project.path(".env.local"), 2));
    assert!(done.remaining.is_empty(), "{:?}", done.remaining);
    saved_in_local(&world, &LoginOptions { file: Some(EnvFile::EnvLocal), ..world.options() });
    // A caller who names the other file gets it.
    let named = LoginOptions { file: Some(EnvFile::Env), ..world.options() };
    let saved = world.log_in(&named).0.unwrap().saved.unwrap();
    assert_eq!(saved.path, world.project.path(".env"));
    assert_eq!(saved.shadowed_by.len(), 2, "the keys in .env.local take precedence");
}

#[test]
fn tracked_file_without_a_private_one_is_refused_before_the_login() {
    let world = tracked();
    world.project.write(".gitignore", "");
    let error = blocking::begin_login(&world.options(), &Cancel::new()).unwrap_err();
    assert_eq!(error.code.name(), "env_file_tracked");
    let hint = error.hint.unwrap().to_string();
    assert!(hint.contains(".env.local") && !hint.contains("git rm"), "{hint}");
    assert!(world.autumn.store().requests().is_empty());
}

#[test]
fn login_saves_in_a_tracked_file_if_the_caller_allows_it() {
    let world = tracked();
    let options = LoginOptions { allow_tracked: true, ..world.options() };
    let saved = world.log_in(&options).0.unwrap().saved.unwrap();
    assert_eq!((saved.path, saved.git), (world.project.path(".env"), Git::Tracked));
}

#[test]
fn login_leaves_gitignore_alone_if_the_caller_says_so() {
    let world = LoginFixture::new();
    world.project.git_init();
    // Nothing could be added to it, which does not matter here.
    std::fs::create_dir(world.project.path(".gitignore")).unwrap();
    let options = LoginOptions { gitignore: Gitignore::Never, ..world.options() };
    let saved = world.log_in(&options).0.unwrap().saved.unwrap();
    assert_eq!(saved.git, Git::NotIgnored);
}

#[test]
fn hint_of_a_tracked_file_names_no_other_tracked_file() {
    let world = tracked();
    world.project.write(".env.local", "A=1\n");
    world.project.git(&["add", "--force", ".env.local"]);
    let error = blocking::begin_login(&world.options(), &Cancel::new()).unwrap_err();
    assert_eq!(error.code.name(), "env_file_tracked");
    let hint = error.hint.unwrap().to_string();
    assert!(!hint.contains(".env.local"), "{hint}");
}

/// A key in `.env` would have no effect, and each further login would create two more keys.
#[test]
fn login_replaces_the_value_that_takes_precedence() {
    for value in ["your_secret_key_here", "am_oauth_0123456789", "am_sk_test_revoked0123456789"] {
        let world = LoginFixture::new();
        let old = "AUTUMN_SECRET_KEY=am_sk_test_old0123456789\n";
        world.project.write(".env", old);
        world.project.write(".env.local", format!("A=1\nAUTUMN_SECRET_KEY={value}\n"));
        let (result, _) = world.log_in(&LoginOptions { force: true, ..world.options() });
        let saved = result.unwrap().saved.unwrap();
        assert_eq!((&saved.path, saved.shadowed_by.len()), (&world.project.path(".env.local"), 0), "{value}");
        assert_eq!((saved.replaced.len(), world.project.read(".env")), (1, old.to_owned()), "{value}");
    }
}

/// Keys in `.env` are kept only if no value takes precedence.
#[test]
fn login_keeps_no_key_that_has_no_effect() {
    let world = LoginFixture::new();
    let saved = world.log_in(&world.options()).0.unwrap().saved.unwrap();
    assert_eq!(saved.path, world.project.path(".env"));
    world.project.write(".env.local", "AUTUMN_SECRET_KEY=your_secret_key_here\n");
    saved_in_local(&world, &world.options());
}
