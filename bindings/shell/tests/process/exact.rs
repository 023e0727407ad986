//! What scripts rely on: streams, exit codes, JSON and the options that each command uses.

use std::fs::File;
use std::process::Stdio;

use atmn_tests::project::{LIVE, SANDBOX};
use libatmn::__internal::config::DISCOVERY_PATH;
use libatmn::{Environment, Kind};
use local_autumn::Fault;
use serde_json::Value;

use crate::world::CommandFixture;

/// A key of the local Autumn.
pub(crate) fn valid(world: &CommandFixture, environment: Environment) -> libatmn::ApiKey {
    let fits = |key: &libatmn::ApiKey| key.kind() == Kind::Secret && key.environment() == environment;
    world.autumn.store().keys().into_iter().find(|known| fits(&known.key)).unwrap().key
}

#[test]
fn options_without_an_effect_are_refused() {
    let world = CommandFixture::new();
    for arguments in [
        &["login", "-p"][..],
        &["login", "--complete", "--dir", "x"],
        &["login", "--complete", "-l"],
        &["save", "-p"],
        &["key", "--check", "-p"],
        &["key", "--verify"],
        &["serve", "--dir", "x"],
        &["completions", "bash", "--dir", "x"],
        &["open", "-p"],
        &["doctor", "-p"],
    ] {
        let done = world.atmn(arguments).end();
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?} {done:?}");
        assert!(done.stderr.starts_with("error[invalid_argument]: ") && done.stderr.contains("  hint: "), "{done:?}");
    }
    let done = world.atmn(&["login", "--qr", "--json"]).end();
    assert!(done.code == 2 && done.stderr.contains("`--qr` has no effect with `--json`."), "{done:?}");
    world.assert_untouched();
}

/// A script can set these options once, such as in `ATMN="atmn --headless"`.
#[test]
fn every_command_accepts_headless_and_local() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    for arguments in [
        &["key"][..],
        &["key", "--explain"],
        &["run", "--", "true"],
        &["logout", "--file", ".env.local"],
        &["open", "docs", "--no-browser"],
        &["completions", "bash"],
        &["login", "--help"],
    ] {
        let done = world.atmn(&[&["--headless", "--local"], arguments].concat()).end().ok();
        assert!(!done.stderr.contains("error["), "{arguments:?} {done:?}");
    }
    // These ask the server, which is not there, or stdin.
    for arguments in [&["doctor", "--offline"][..], &["env"], &["api", "/v1/customers"], &["key", "--check"], &["save"]]
    {
        let mut process = world.atmn(&[&["--headless", "--local"], arguments].concat());
        process.feed(SANDBOX);
        assert_ne!(process.end().code, 2, "{arguments:?}");
    }
    let mut serve = world.atmn(&["--headless", "--local", "serve", "--port", "0"]);
    serve.line_with("http://localhost:");
    serve.signal("TERM");
    assert_eq!(serve.end().code, 143);
}

/// A login at the cloud would not replace a key of the local server.
#[test]
fn hints_lead_to_a_login_at_the_chosen_server() {
    let world = CommandFixture::new();
    for (arguments, code) in [(&["key"][..], 4), (&["doctor", "--offline"], 0), (&["key", "--json"], 4)] {
        let done = world.atmn(&[&["-l"], arguments].concat()).end();
        assert_eq!(done.code, code, "{done:?}");
        let text = format!("{}{}", done.stdout, done.stderr);
        assert!(text.contains("Run `atmn --local login` to create keys"), "{done:?}");
        assert!(!text.contains("`atmn login`"), "{done:?}");
    }
}

#[test]
fn every_login_that_is_required_exits_with_4() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    for arguments in [&["env"][..], &["api", "/v1/customers"], &["env", "-p"], &["run", "-p", "--", "true"]] {
        assert_eq!(world.atmn(arguments).end().code, 4, "{arguments:?}");
    }
    let mut process = world.command(&["--default-signal"], &["env"]);
    assert_eq!(world.start(process.env("AUTUMN_SECRET_KEY", SANDBOX)).end().code, 4);
    for arguments in [&["key", "--check", "--verify"][..], &["save", "--verify"]] {
        let mut process = world.atmn(arguments);
        process.feed(SANDBOX);
        assert_eq!(process.end().code, 4, "{arguments:?}");
    }
}

#[test]
fn usage_errors_are_json_with_json() {
    let world = CommandFixture::new();
    for arguments in [
        &["--json"][..],
        &["--json", "logn"],
        &["--json", "api"],
        &["--json", "api", "GET"],
        &["login", "--json", "--timeout", "x"],
        &["login", "--json", "-p"],
        &["--json", "push"],
        &["save", "--json", SANDBOX],
        &["--json", "completions", "bash"],
    ] {
        let done = world.atmn(arguments).end();
        let error: Value = serde_json::from_str(&done.stderr).unwrap_or_else(|_| panic!("{arguments:?} {done:?}"));
        atmn_tests::check_shape("error", &error["error"]);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?}");
    }
}

/// Commands that write a result to stdout.
const WRITERS: &[&[&str]] = &[
    &["key"],
    &["key", "--json"],
    &["key", "--explain"],
    &["env"],
    &["--help"],
    &["-h"],
    &["--version"],
    &["--version", "--json"],
    &["api", "/v1/organization/me"],
    &["api", "/v1/customers", "--paginate", "--include"],
    &["completions", "bash"],
    &["open", "--no-browser", "docs"],
    &["doctor", "--offline"],
    &["doctor", "--offline", "--json"],
    &["serve", "--port", "0"],
];

/// As after SIGPIPE: `| head` ends a command in silence, and `pipefail` shows it.
#[test]
fn closed_pipe_is_silent_and_has_its_exit_code() {
    let world = CommandFixture::new();
    let key = valid(&world, Environment::Sandbox);
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", key.reveal()));
    for arguments in WRITERS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.command(&["--default-signal"], &[arguments, &["--quiet"][..]].concat());
        let output = command.stdout(writer).stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*stderr), (Some(141), ""), "{arguments:?}");
    }
}

/// The end of a write to stdout is part of the result.
#[test]
fn output_that_does_not_arrive_is_an_error() {
    let world = CommandFixture::new();
    let key = valid(&world, Environment::Sandbox);
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", key.reveal()));
    for arguments in WRITERS.iter().copied().chain([&["api", "/v1/customers/unknown"][..]]) {
        let mut command = world.command(&["--default-signal"], arguments);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {stderr}");
        assert!(stderr.contains("Cannot write to stdout."), "{arguments:?} {stderr}");
    }
}

/// A full disk takes the first part of a response.
#[test]
fn response_on_a_full_disk_is_an_error() {
    let world = CommandFixture::new();
    let key = valid(&world, Environment::Sandbox);
    let folder = world.project.path("disk");
    std::fs::create_dir(&folder).unwrap();
    let plain = world.command(&[], &["api", "/v1/organization/me"]);
    let program: Vec<_> = plain.get_args().map(|word| word.to_str().unwrap().to_owned()).collect();
    let line = format!(
        "mount -t tmpfs -o size=4k none {0} && head -c 4096 /dev/zero >{0}/most; {1} >{0}/body; echo code $?",
        folder.display(),
        program.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
    );
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &line]).current_dir(world.project.path(""));
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("AUTUMN_SECRET_KEY", key.reveal());
    let done = world.start(&mut command).end();
    assert!(done.stdout.contains("code 1"), "{done:?}");
    assert!(done.stderr.contains("Cannot write to stdout."), "{done:?}");
}

#[test]
fn logout_with_prod_removes_the_live_key_only() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    let done = world.atmn(&["logout", "-p"]).end().ok();
    assert!(
        done.stderr.contains("Removed am_sk_live_") && done.stderr.contains("Still active: am_sk_test_"),
        "{done:?}"
    );
    assert_eq!(world.project.read(".env"), format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
}

#[test]
fn paths_and_hints_are_those_of_the_command() {
    let world = CommandFixture::new();
    let odd = world.project.path("new\nline");
    std::fs::create_dir(&odd).unwrap();
    let mut command = world.command(&["--default-signal"], &["save"]);
    let mut saving = world.start(command.current_dir(&odd));
    saving.feed(SANDBOX);
    let saved = saving.end().ok();
    assert!(saved.stderr.contains("/new\u{fffd}line/.env.\n"), "{saved:?}");
    let mut command = world.command(&["--default-signal"], &["logout"]);
    assert!(world.start(command.current_dir(&odd)).end().ok().stderr.contains("/new\u{fffd}line/.env"));

    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let rejected = world.atmn(&["api", "/v1/customers"]).end();
    assert_eq!(rejected.code, 4);
    assert!(rejected.stderr.contains("add `--reauth always`") && !rejected.stderr.contains("`reauth`"), "{rejected:?}");
}

#[test]
fn key_in_a_pipe_is_alone() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let done = world.atmn(&["key"]).end().ok();
    assert_eq!((done.stdout, done.stderr), (format!("{SANDBOX}\n"), String::new()));
}

#[test]
fn save_reads_keys_as_people_have_them() {
    for text in [
        format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY='{LIVE}'\n"),
        format!("\u{feff}\"{SANDBOX}\" '{LIVE}'"),
        format!("PORT=80\r\nexport AUTUMN_SECRET_KEY=\"{SANDBOX}\" # mine\r\nAUTUMN_PROD_SECRET_KEY={LIVE}\r\n"),
    ] {
        let world = CommandFixture::new();
        let mut process = world.atmn(&["save"]);
        process.feed(&text);
        let _ = process.end().ok();
        let saved = world.project.read(".env");
        assert_eq!(saved, format!("AUTUMN_SECRET_KEY={SANDBOX}\nAUTUMN_PROD_SECRET_KEY={LIVE}\n"), "{text:?}");
    }
}

#[test]
fn verify_asks_the_server_before_anything_is_saved() {
    let world = CommandFixture::new();
    let with_text = |arguments: &[&str], text: &str| {
        let mut process = world.atmn(arguments);
        process.feed(text);
        process.end()
    };
    let key = valid(&world, Environment::Live);
    let refused = with_text(&["save", "--verify"], &format!("{} {SANDBOX}", key.reveal()));
    assert!(!world.project.path(".env").exists() && refused.code == 4, "{refused:?}");
    let saved = with_text(&["save", "--verify"], key.reveal()).ok();
    assert!(saved.stderr.contains("The server accepts am_sk_live_…"), "{saved:?}");
    let ours = ["save", "--verify", "--json", "--organization", "copper-kettle"];
    let result = with_text(&ours, key.reveal()).ok().json();
    let of_key = &result["keys"][0];
    assert_eq!((&of_key["environment"], &of_key["variable"]), (&"live".into(), &"AUTUMN_PROD_SECRET_KEY".into()));
    assert_eq!(
        (of_key["key"].as_str(), &of_key["organization"]["slug"]),
        (Some(&*key.to_string()), &"copper-kettle".into())
    );
    let plain = with_text(&["save", "--json"], key.reveal()).ok().json();
    assert_eq!(
        (plain["keys"][0]["key"].as_str(), &plain["keys"][0]["organization"]),
        (Some(&*key.to_string()), &Value::Null)
    );
    std::fs::remove_file(world.project.path(".env")).unwrap();
    let other = with_text(&["save", "--verify", "--organization", "night-library"], key.reveal());
    other.fails("organization_changed");
    assert!(!world.project.path(".env").exists() && other.stderr.contains("belongs to `Copper Kettle`"), "{other:?}");
    assert_eq!(with_text(&["save", "--organization", "night-library"], key.reveal()).code, 2);
    // The option is checked before the server is asked.
    let requests = world.autumn.store().requests().len();
    with_text(&["save", "--verify", "--organization", ""], key.reveal()).fails("invalid_argument");
    assert_eq!(world.autumn.store().requests().len(), requests);
    let checked = with_text(&["key", "--check", "--verify"], key.reveal()).ok();
    assert_eq!(checked.stdout, "secret live\n");
    let identity = with_text(&["key", "--check", "--verify", "--json"], key.reveal()).ok().json();
    atmn_tests::check_shape("identity", &identity);
}

#[test]
fn keys_in_arguments_are_refused_and_not_shown() {
    let world = CommandFixture::new();
    for arguments in
        [&["save", SANDBOX][..], &[SANDBOX], &["key", SANDBOX], &["login", SANDBOX], &["api", "GET", "/v1", SANDBOX]]
    {
        let done = world.atmn(arguments).end();
        assert_eq!(done.code, 2, "{done:?}");
        assert!(!done.stderr.contains("planted") && done.stderr.contains("atmn save <FILE"), "{done:?}");
    }
}

#[test]
fn words_of_similar_commands_lead_somewhere() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={}\n", valid(&world, Environment::Sandbox).reveal()));
    for arguments in [&["whoami"][..], &["status"], &["auth", "status"]] {
        assert!(world.atmn(arguments).end().ok().stdout.contains("Organization  "), "{arguments:?}");
    }
    assert!(world.atmn(&["version"]).end().ok().stdout.starts_with("atmn 0."));
    assert!(world.atmn(&["help", "login"]).end().ok().stdout.contains("--sandbox-only"));
    for (word, way) in
        [("push", "npx atmn push"), ("pull", "npx atmn pull"), ("init", "npx atmn init"), ("dashboard", "atmn open")]
    {
        let done = world.atmn(&[word]).end();
        assert!(done.code == 2 && done.stderr.contains(way), "{done:?}");
    }
    assert!(world.atmn(&["logot"]).end().stderr.contains("Did you mean `logout`?"));
}

#[test]
fn version_is_json_with_json() {
    let world = CommandFixture::new();
    for arguments in [&["--json", "-V"][..], &["--version", "--json"], &["--json", "version"]] {
        let done = world.atmn(arguments).end().ok();
        atmn_tests::check_shape("version", &done.json());
        assert_eq!(done.json()["version"], env!("CARGO_PKG_VERSION"));
    }
}

#[test]
fn details_are_json_with_json() {
    let world = CommandFixture::new();
    world.project.write(".env", format!("AUTUMN_SECRET_KEY={SANDBOX}\n"));
    let mut serve = world.atmn(&["serve", "--port", "0", "--json", "--verbose"]);
    let line = serve.line_with("\"url\"");
    let url = line.split('"').nth(3).unwrap().to_owned();
    crate::world::get(&format!("{url}/v1/customers"));
    serve.line_with("/v1/customers");
    serve.signal("TERM");
    for done in [world.atmn(&["--json", "-v", "run", "true"]).end().ok(), serve.end()] {
        assert!(!done.stderr.is_empty(), "{done:?}");
        for line in done.stderr.lines() {
            let event = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            atmn_tests::check_shape("event", &event);
        }
    }
}

#[test]
fn open_prints_the_url() {
    let world = CommandFixture::new();
    let open = |arguments: &[&str]| {
        let mut command = world.command(&["--default-signal"], &[&["open"], arguments].concat());
        world.start(command.env_remove("ATMN_BACKEND_URL").env("BROWSER", "false")).end()
    };
    assert_eq!(open(&["docs"]).ok().stdout, "https://docs.useautumn.com\n");
    assert_eq!(open(&["-l", "--no-browser"]).ok().stdout, "http://localhost:3000\n");
    let done = open(&["keys"]).ok();
    assert!(done.stdout.starts_with("https://app.useautumn.com/") && done.stderr.contains("BROWSER=false"), "{done:?}");
    assert_eq!(open(&["keys", "--json"]).ok().json()["opened"], false);
    // A server for tests has a page in place of a dashboard, and says so.
    for page in ["keys", "billing", "dashboard"] {
        let done = world.atmn(&["open", page, "--no-browser"]).end().ok();
        assert_eq!(done.stdout, format!("{}/\n", world.autumn.url()));
    }
    world.autumn.store().inject(DISCOVERY_PATH, 1, Fault::status(500));
    world.atmn(&["open", "keys"]).end().fails("invalid_argument");
}
