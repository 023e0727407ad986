//! Checks before a login: keys of other organizations, working keys, and files that cannot be written.

use std::ops::ControlFlow;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use atmn_tests::project::{Project, UNPRIVILEGED, has_accounts};
use libatmn::__internal::config::{MINT_KEYS_PATH, ORGANIZATION_PATH};
use libatmn::{ApiKey, Cancel, Event, EventCode, LoginOptions, SaveOptions, blocking, save_keys};
use local_autumn::Fault;

use super::{LoginFixture, failed, mkfifo, rerun};

#[test]
fn keys_of_other_organization_are_not_saved() {
    for (expected, fits) in [
        ("org_6QzTnV2kCopperKettle", true),
        ("copper-kettle", true),
        ("night-library", false),
        ("org_9XwLmD4rNightLibrary", false),
        ("COPPER-KETTLE", false),
        ("copper-kettle-2", false),
    ] {
        let world = LoginFixture::new();
        let options = LoginOptions { organization: Some(expected.to_owned()), ..world.options() };
        let (result, page) = world.log_in(&options);
        if fits {
            result.unwrap();
            continue;
        }
        let error = failed(result, "organization_changed");
        assert_eq!(error.context["organization"], "copper-kettle");
        assert_eq!(error.context["keys_may_exist"], "true");
        assert!(page.contains("Login failed"), "{page}");
        assert_eq!(world.project.snapshot(), "");
        assert_eq!(world.autumn.store().active_tokens(), 0);
    }
}

/// An id or a slug has no spaces, so a name is refused before the user chooses an organization for nothing.
#[test]
fn organization_that_can_never_match_is_refused() {
    let world = LoginFixture::new();
    for text in ["", " ", "Night Library", "night\nlibrary", "night-library\u{7}"] {
        let options = LoginOptions { organization: Some(text.to_owned()), ..world.options() };
        let mut heard = not_asked;
        failed(blocking::login(&options, Some(&mut heard), &Cancel::new()), "invalid_argument");
        assert_eq!(blocking::start_login(&options, &Cancel::new()).unwrap_err().context["option"], "organization");
        assert_eq!(blocking::begin_login(&options, &Cancel::new()).unwrap_err().context["option"], "organization");
        let options = libatmn::ClientOptions { organization: Some(text.to_owned()), ..Default::default() };
        assert_eq!(blocking::Client::new(options).unwrap_err().context["option"], "organization");
    }
}

fn keys(world: &LoginFixture) -> [ApiKey; 2] {
    let file = world.file().unwrap();
    let key = |line: &str| ApiKey::parse(line.split_once('=').unwrap().1).unwrap();
    let keys: Vec<ApiKey> = file.lines().map(key).collect();
    keys.try_into().unwrap()
}

/// A listener of a login that ends before the user is asked. On a busy machine, it may hear that a server is slow.
fn not_asked(event: &Event) -> ControlFlow<()> {
    assert_eq!(event.code, EventCode::Hint, "{event:?}");
    ControlFlow::Continue(())
}

fn minted(world: &LoginFixture) -> usize {
    world.requests_to(MINT_KEYS_PATH)
}

/// A login that needs no action of the user.
fn again(world: &LoginFixture, options: &LoginOptions) -> libatmn::LoginResult {
    let mut seen = Vec::new();
    let mut listener = |event: &Event| {
        seen.push(event.code);
        ControlFlow::Continue(())
    };
    let done = blocking::login(options, Some(&mut listener), &Cancel::new()).unwrap();
    assert!(done.saved.is_none() && seen.iter().all(|code| *code == EventCode::Hint), "{seen:?}");
    assert_eq!(minted(world), 1);
    done
}

#[test]
fn login_keeps_working_keys() {
    let world = LoginFixture::new();
    world.log_in(&world.options()).0.unwrap();
    let (file, [sandbox, live]) = (world.file(), keys(&world));
    assert_eq!(again(&world, &world.options()).organization.unwrap().slug, "copper-kettle");
    let named = LoginOptions { organization: Some("copper-kettle".into()), ..world.options() };
    again(&world, &named);
    again(&world, &LoginOptions { sandbox_only: true, ..world.options() });
    assert_eq!(world.file(), file);

    let forced = LoginOptions { force: true, ..world.options() };
    let saved = world.log_in(&forced).0.unwrap().saved.unwrap();
    let masked: Vec<_> = saved.replaced.iter().filter_map(|location| location.masked.clone()).collect();
    assert_eq!(masked, [sandbox.to_string(), live.to_string()]);

    let [_, live] = keys(&world);
    assert!(world.autumn.store().revoke(&live));
    world.log_in(&world.options()).0.unwrap();
    assert_eq!(minted(&world), 3);
    assert_ne!(keys(&world)[1].reveal(), live.reveal());
}

#[test]
fn login_replaces_keys_of_two_organizations() {
    let world = LoginFixture::new();
    world.log_in(&world.options()).0.unwrap();
    let known = world.autumn.store().keys();
    let foreign = known
        .iter()
        .find(|known| known.organization.slug == "night-library" && known.key.reveal().starts_with("am_sk_test_"));
    let save = SaveOptions { directory: Some(world.project.path("")), ..SaveOptions::default() };
    save_keys(&[foreign.unwrap().key.clone()], &save).unwrap();
    // One of the two keys belongs to the expected organization, but not both.
    let expecting = LoginOptions { organization: Some("copper-kettle".into()), ..world.options() };
    assert!(world.log_in(&expecting).0.unwrap().saved.is_some());
}

/// An unreachable server does not prove that keys are invalid.
#[test]
fn network_failure_does_not_replace_keys() {
    let world = LoginFixture::new();
    world.log_in(&world.options()).0.unwrap();
    let file = world.file();
    let options =
        LoginOptions { server: Some(libatmn::Server::parse("http://127.0.0.1:1").unwrap()), ..world.options() };
    let result = blocking::login(&options, Some(&mut |_| ControlFlow::Continue(())), &Cancel::new());
    failed(result, "connect_failed");
    world.autumn.store().inject(ORGANIZATION_PATH, 1, Fault::Delay(Duration::from_secs(600)));
    let hurried = LoginOptions { login_timeout: Duration::from_millis(300), ..world.options() };
    let began = Instant::now();
    let result = blocking::login(&hurried, Some(&mut |_| ControlFlow::Continue(())), &Cancel::new());
    failed(result, "request_timed_out");
    assert!(began.elapsed() < Duration::from_secs(300), "{:?}", began.elapsed());
    assert_eq!(world.file(), file);
}

/// A busy server, or another server at its URL, does not prove that keys are invalid.
#[test]
fn server_failure_does_not_replace_keys() {
    let world = LoginFixture::new();
    world.log_in(&world.options()).0.unwrap();
    let file = world.file();
    let portal = Fault::Answer { status: 200, headers: Vec::new(), body: "<html>Sign in to the network".to_owned() };
    let fault = |status| Fault::status(status);
    for (fault, code) in [
        (fault(503), "api_error"),
        (fault(429), "api_error"),
        (fault(403), "api_error"),
        (Fault::redirect("https://portal.example/"), "api_error"),
        (portal, "response_unreadable"),
    ] {
        world.autumn.store().inject(ORGANIZATION_PATH, 1, fault);
        let mut heard = not_asked;
        let error = failed(blocking::login(&world.options(), Some(&mut heard), &Cancel::new()), code);
        assert!(error.message.starts_with("The saved keys could not be checked. "), "{error:?}");
        assert!(error.hint.unwrap().to_string().contains("set `force` to `true`"));
    }
    world.autumn.store().fail_verification(true);
    let mut heard = not_asked;
    failed(blocking::login(&world.options(), Some(&mut heard), &Cancel::new()), "failed_to_verify_secret_key");
    world.autumn.store().fail_verification(false);
    assert_eq!((world.file(), minted(&world)), (file, 1));
}

/// A server that is down or has no name ends every kind of login before the user is sent to it.
#[test]
fn unreachable_server_ends_login_before_the_url() {
    let world = LoginFixture::new();
    let gone = atmn_tests::ports::free_ports(1);
    for (server, code) in [
        (format!("http://127.0.0.1:{gone}"), "connect_failed"),
        ("https://autumn.invalid".to_owned(), "resolve_failed"),
    ] {
        let server = Some(libatmn::Server::parse(&server).unwrap());
        let options = LoginOptions { server, ..world.options() };
        let mut heard = not_asked;
        failed(blocking::login(&options, Some(&mut heard), &Cancel::new()), code);
        let mut attempt = blocking::start_login(&options, &Cancel::new()).unwrap();
        failed(attempt.wait(Some(&mut heard)), code);
        assert_eq!(blocking::begin_login(&options, &Cancel::new()).unwrap_err().code.name(), code);
    }
}

/// A file that cannot be written is reported before the browser opens.
#[test]
fn login_checks_file_before_browser_opens() {
    if !has_accounts("login::guard::login_checks_file_before_browser_opens") {
        return;
    }
    type Obstacle = fn(&LoginFixture);
    let obstacles: Vec<(&str, Obstacle)> = vec![
        ("file_untrusted", |world| {
            chown(world.project.write(".env", "A=1\n"), Some(UNPRIVILEGED), None).unwrap();
            std::fs::set_permissions(world.project.path(""), PermissionsExt::from_mode(0o777)).unwrap();
        }),
        ("env_file_tracked", |world| {
            world.project.git_init();
            world.project.write(".env", "A=1\n");
            world.project.git(&["add", "-f", ".env"]);
        }),
        ("not_a_file", |world| mkfifo(&world.project.path(".env"))),
        ("not_a_file", |world| std::fs::create_dir(world.project.path(".env")).unwrap()),
        ("link_refused", |world| symlink("nowhere", world.project.path(".env")).unwrap()),
        ("link_refused", |world| symlink("/etc/hostname", world.project.path(".env")).unwrap()),
    ];
    for (code, obstacle) in obstacles {
        let world = LoginFixture::new();
        obstacle(&world);
        let before = world.project.snapshot();
        let options = world.options();
        let mut heard = not_asked;
        failed(blocking::login(&options, Some(&mut heard), &Cancel::new()), code);
        let mut attempt = blocking::start_login(&options, &Cancel::new()).unwrap();
        failed(attempt.wait(None), code);
        assert_eq!(blocking::begin_login(&options, &Cancel::new()).unwrap_err().code.name(), code);
        assert_eq!(world.project.snapshot(), before);
        assert!(world.autumn.store().requests().is_empty());
    }
}

/// In a separate mount namespace, because file modes do not restrict root.
#[test]
fn login_checks_read_only_file_system_first() {
    const READ_ONLY: &str = "ATMN_TEST_READ_ONLY";
    let Some(directory) = std::env::var_os(READ_ONLY) else {
        let (project, again) = (Project::new(), rerun("guard::login_checks_read_only_file_system_first"));
        let script = format!("mount -t tmpfs -o ro none \"${READ_ONLY}\"; exec \"$@\"");
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-euc", &script, "sh"]);
        command.arg(again.get_program()).args(again.get_args()).env(READ_ONLY, project.path(""));
        let output = command.output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
        return;
    };
    let options = LoginOptions { directory: Some(directory.into()), ..LoginFixture::new().options() };
    let mut heard = not_asked;
    failed(blocking::login(&options, Some(&mut heard), &Cancel::new()), "file_unwritable");
}

#[test]
fn login_without_listener_is_refused() {
    let world = LoginFixture::new();
    failed(blocking::login(&world.options(), None, &Cancel::new()), "login_unattended");
    for url in ["http://evil.example", "http://localhost.evil.example", "https://u:p@x.org", "ftp://localhost"] {
        assert!(libatmn::Server::parse(url).is_err(), "{url}");
        let options = LoginOptions { server: Some(libatmn::Server::Custom(url.to_owned())), ..world.options() };
        assert_eq!(libatmn::start_login(&options).unwrap_err().code.name(), "invalid_argument", "{url}");
    }
}
