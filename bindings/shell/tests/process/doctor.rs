//! `atmn doctor`: what it reports, and how it ends.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use atmn_tests::project::SANDBOX;
use libatmn::__internal::config::DISCOVERY_PATH;
use libatmn::{Environment, Kind};
use local_autumn::Fault;
use serde_json::Value;

use crate::exact::valid;
use crate::world::CommandFixture;

/// The doctor makes the checks that a login makes before it asks the user.
#[test]
fn doctor_says_that_a_login_could_not_save() {
    let world = CommandFixture::new();
    let file = |content: &[u8]| {
        world.project.write(".env", content);
        let done = world.atmn(&["doctor", "--offline", "--json"]).end();
        let report = done.json();
        let checks = report["checks"].as_array().unwrap().iter();
        let found = checks.filter(|check| check["subject"] == "file").map(|check| check["outcome"].clone());
        (done.code, found.collect::<Vec<_>>())
    };
    let (_, fine) = file(b"A=1\n");
    assert!(fine.iter().all(|outcome| outcome != "failed"), "{fine:?}");
    assert_eq!(file(b"\xFF\xFEA\0=\0"), (1, vec!["failed".into()]));
}

/// Deployments pass the key in the environment, and need no file that a login could write.
#[test]
fn doctor_only_warns_about_the_file_if_the_environment_provides_the_key() {
    let world = CommandFixture::new();
    world.project.write(".env", b"\xFF\xFEA\0=\0");
    let key = world.project.home().join("key");
    std::fs::write(&key, valid(&world, Environment::Sandbox).reveal()).unwrap();
    let doctor = |variable: &str, value: &str| {
        let mut command = world.command(&["--default-signal"], &["doctor", "--json"]);
        world.start(command.env(variable, value)).end()
    };
    let done = doctor("AUTUMN_SECRET_KEY_FILE", key.to_str().unwrap()).ok();
    assert!(subjects(&done.json(), "warning").contains("file"), "{done:?}");
    assert!(done.stdout.contains("Only a login would fail: AUTUMN_SECRET_KEY_FILE provides a key."), "{done:?}");
    let done = doctor("AUTUMN_SECRET_KEY", " ");
    assert!(subjects(&done.json(), "failed").contains("file") && done.code == 1, "{done:?}");
}

/// In a deployment, the usual variable has the live key, and there is no sandbox key.
#[test]
fn doctor_passes_where_only_a_live_key_is_deployed() {
    let world = CommandFixture::new();
    let live = valid(&world, Environment::Live);
    let mut command = world.command(&["--default-signal"], &["doctor", "--json"]);
    let report = world.start(command.env("AUTUMN_SECRET_KEY", live.reveal())).end().ok().json();
    assert!(subjects(&report, "warning").contains("sandbox_key"), "{report}");
    assert!(subjects(&report, "ok").contains("live_key"), "{report}");
    // A sandbox key where the live one belongs is a mistake.
    let mut command = world.command(&["--default-signal"], &["doctor", "--json"]);
    let sandbox = valid(&world, Environment::Sandbox);
    let done = world.start(command.env("AUTUMN_PROD_SECRET_KEY", sandbox.reveal())).end();
    assert!(subjects(&done.json(), "failed").contains("live_key") && done.code == 1, "{done:?}");
}

#[test]
fn doctor_warns_about_keys_of_different_organizations() {
    let world = CommandFixture::new();
    let key = |slug: &str, environment: Environment| {
        let keys = world.autumn.store().keys().into_iter();
        let mut fits = keys.filter(|known| known.organization.slug == slug && known.key.environment() == environment);
        fits.find(|known| known.key.kind() == Kind::Secret).unwrap().key.reveal().to_owned()
    };
    for (slug, count) in [("copper-kettle", 0), ("night-library", 1)] {
        let (sandbox, live) = (key("copper-kettle", Environment::Sandbox), key(slug, Environment::Live));
        world.project.write(".env", format!("AUTUMN_SECRET_KEY={sandbox}\nAUTUMN_PROD_SECRET_KEY={live}\n"));
        let done = world.atmn(&["doctor", "--json"]).end();
        let warning = "belong to different organizations: `Copper Kettle` (`copper-kettle`) and `Night Library`";
        assert_eq!(done.stdout.matches(warning).count(), count, "{done:?}");
        assert_eq!(subjects(&done.json(), "warning").contains("live_key"), count == 1, "{done:?}");
    }
}

#[test]
fn doctor_reports_what_is_wrong() {
    let world = CommandFixture::new();
    world.project.git_init();
    let port = world.port.to_string();
    let doctor = |arguments: &[&str]| world.atmn(&[&["doctor", "--ports", &port], arguments].concat()).end();
    // A subject can have several checks, such as a key and another one that it hides.
    let outcome = |report: &Value, subject: &str| {
        let checks = report["checks"].as_array().unwrap().iter();
        let of_subject = checks.filter(|check| check["subject"] == subject).map(|check| check["outcome"].clone());
        let outcomes: Vec<Value> = of_subject.collect();
        outcomes.iter().find(|outcome| *outcome == "failed").or(outcomes.last()).cloned().unwrap_or_default()
    };
    let file =
        world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", valid(&world, Environment::Sandbox).reveal()));
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let fine = doctor(&["--json"]).ok().json();
    for (subject, expected) in [
        ("server", "ok"),
        ("clock", "ok"),
        ("ports", "ok"),
        ("git", "warning"),
        ("sandbox_key", "ok"),
        ("file", "warning"),
        ("version", "ok"),
    ] {
        assert_eq!(outcome(&fine, subject), expected, "{subject}: {fine}");
    }
    assert_eq!(outcome(&fine, "live_key"), "warning", "{fine}");
    // A save leaves an existing .env that git does not ignore as it is.
    assert!(fine.to_string().contains("Add `/.env` to .gitignore."), "{fine}");

    let _in_use = std::net::TcpListener::bind(("127.0.0.1", world.port)).unwrap();
    world.project.git(&["add", "--force", ".env"]);
    let plain = doctor(&[]);
    assert!(plain.stdout.contains("failed   git") && plain.stdout.contains("--file .env.local"), "{plain:?}");
    assert!(!plain.stdout.contains("rm --cached"), "the file belongs to a team: {plain:?}");

    // With a value there, keys are saved in `.env.local`.
    world.project.write(".env.local", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let broken = doctor(&["--json"]);
    assert_eq!(broken.code, 1, "{broken:?}");
    for (subject, expected) in [("ports", "failed"), ("git", "warning"), ("sandbox_key", "failed")] {
        assert_eq!(outcome(&broken.json(), subject), expected, "{subject}: {broken:?}");
    }
    assert!(broken.stdout.contains("Add `/.env.local` to .gitignore."), "{broken:?}");
    world.assert_no_secret_in(&plain);
    // Frameworks commit .env, and keep secrets in .env.local.
    world.project.write(".gitignore", ".env.local\n");
    let team = doctor(&["--json"]).json();
    assert_eq!(outcome(&team, "git"), "ok", "{team}");
}

/// The subjects of the checks with an outcome.
fn subjects(report: &Value, outcome: &str) -> BTreeSet<String> {
    let checks = report["checks"].as_array().unwrap().iter();
    let found = checks.filter(|check| check["outcome"] == outcome);
    found.map(|check| check["subject"].as_str().unwrap().to_owned()).collect()
}

/// What failed is not reported as fine by another line.
#[test]
fn doctor_reports_no_subject_as_ok_and_failed() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    world.project.write("none.pem", "");
    let certificates = world.project.path("none.pem").display().to_string();
    for (variables, failed) in [
        (&[][..], "sandbox_key"),
        (&[("ATMN_BACKEND_URL", "https://autumn.invalid"), ("HTTPS_PROXY", "http://127.0.0.1:1")], "proxy"),
        (&[("ATMN_BACKEND_URL", "https://autumn.invalid"), ("SSL_CERT_FILE", &certificates)], "certificates"),
        (&[("ATMN_BACKEND_URL", "https://localhost:1")], "server"),
    ] {
        let mut command = world.command(&["--default-signal"], &["doctor", "--json"]);
        let done = world.start(command.envs(variables.iter().copied())).end();
        let report = done.json();
        let both: Vec<String> = subjects(&report, "failed").intersection(&subjects(&report, "ok")).cloned().collect();
        assert!(both.is_empty() && subjects(&report, "failed").contains(failed), "{both:?} {report:#}");
        assert_eq!(done.code, 1);
        // The failure says what the check found.
        if failed == "proxy" {
            assert!(done.stdout.contains("cannot be reached. Set: HTTPS_PROXY."), "{done:?}");
        }
    }
}

#[test]
fn ctrl_c_ends_the_doctor_with_one_sentence() {
    let world = CommandFixture::new();
    world.autumn.store().inject(DISCOVERY_PATH, 1, Fault::Delay(Duration::from_secs(200)));
    let mut process = world.atmn(&["doctor"]);
    process.line_with("does not exist yet.");
    process.signal("INT");
    let done = process.end();
    assert_eq!(done.code, 130, "{done:?}");
    assert!(done.stderr.starts_with("error[cancelled]: Check cancelled.\n"), "{done:?}");
}
