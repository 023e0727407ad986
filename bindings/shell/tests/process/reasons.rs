//! Why a login asks, what it names, and what is said of a key that the server rejects.

use libatmn::ApiKey;

use crate::terminals::terminal;
use crate::world::CommandFixture;

/// A project whose keys a login saved, and the keys.
fn logged_in() -> (CommandFixture, Vec<ApiKey>) {
    let world = CommandFixture::new();
    let mut login = world.login(&["--no-browser"]);
    world.approve(&login.url());
    let _ = login.end().ok();
    let keys = world.project.read(".env");
    let keys = keys.lines().map(|line| ApiKey::parse(line.split_once('=').unwrap().1).unwrap()).collect();
    (world, keys)
}

#[test]
fn login_names_the_rejected_key_and_its_organization() {
    let (world, keys) = logged_in();
    keys.iter().for_each(|key| assert!(world.autumn.store().revoke(key)));
    let rejected = format!("The server rejected the key {} (AUTUMN_SECRET_KEY in ", keys[0]);
    let choice = "Choose the organization `copper-kettle` in the browser.";

    let mut login = world.login(&["--no-browser"]);
    let url = login.url();
    login.signal("INT");
    let done = login.end();
    assert!(done.stderr.contains(&rejected) && done.stderr.contains(choice), "{done:?}");
    assert!(done.stderr.find(choice) < done.stderr.find(&url), "{done:?}");

    let mut json = world.login(&["--no-browser", "--json"]);
    json.line_with("\"login_url\"");
    json.signal("INT");
    let done = json.end();
    assert!(done.stderr.contains("key_rejected") && done.stderr.contains(choice), "{done:?}");

    let begun = world.login(&["--begin", "--json"]).end().ok().json();
    let note = begun["note"].as_str().unwrap();
    assert!(note.contains(&rejected) && note.contains(choice), "{note}");
}

#[test]
fn kept_keys_are_not_hidden_by_a_variable_in_silence() {
    let (world, _) = logged_in();
    let warning = "AUTUMN_SECRET_KEY in the process environment takes precedence over the kept key am_sk_test_…";
    for arguments in [&["login", "--no-browser"][..], &["login", "--begin"], &["login", "--begin", "--json"]] {
        let mut command = world.command(&["--default-signal"], arguments);
        let done = world.start(command.env("AUTUMN_SECRET_KEY", "am_sk_test_another0123")).end().ok();
        assert!(done.stderr.contains(warning), "{done:?}");
    }
    // A new key is saved, and hidden too.
    let mut command = world.command(&["--default-signal"], &["login", "--no-browser", "--force"]);
    let mut login = world.start(command.env("AUTUMN_SECRET_KEY", "am_sk_test_another0123"));
    world.approve(&login.url());
    let done = login.end().ok();
    let saved = "AUTUMN_SECRET_KEY in the process environment takes precedence over the saved key.";
    assert!(done.stderr.contains(saved), "{done:?}");
}

#[test]
fn env_shows_what_is_known_of_a_revoked_key() {
    let (world, keys) = logged_in();
    keys.iter().for_each(|key| assert!(world.autumn.store().revoke(key)));
    let plain = world.atmn(&["env"]).end();
    assert_eq!(plain.code, 4, "{plain:?}");
    let known = |text: &str| {
        text.contains("Organization  `copper-kettle` (last known)") && text.contains("Scopes        apiKeys:read ")
    };
    assert!(known(&plain.stdout) && plain.stdout.contains(" (last known)\n"), "{plain:?}");
    let shown = terminal(&world, 200, false, &format!("ATMN_BACKEND_URL={} exec \"$ATMN\" env", world.autumn.url()));
    let shown = shown.end();
    assert!(known(&shown.stdout.replace("\r\n", "\n")), "{shown:?}");
    let json = world.atmn(&["env", "--json"]).end().json();
    assert_eq!(json["last_known"]["organization"], "copper-kettle");
    assert!(json["organization"].is_null() && json["last_known"]["scopes"].is_array(), "{json}");
}

/// A URL to which a chat program added something, or from which it took something, does not use up the login.
#[test]
fn complete_survives_a_wrong_text() {
    let world = CommandFixture::new();
    let begun = world.login(&["--begin", "--json"]).end().ok().json();
    let callback = world.callback(begun["url"].as_str().unwrap());
    let complete = |text: &str| {
        let mut process = world.login(&["--complete"]);
        process.type_line(text);
        process.end()
    };
    for (text, code) in [
        (callback.replace("state=", "state=x"), "no_pending_login"),
        (callback[..callback.find("&iss=").unwrap() + 9].to_owned(), "state_mismatch"),
        (format!("{callback}x"), "state_mismatch"),
    ] {
        let done = complete(&text);
        done.fails(code);
        assert!(done.stderr.contains("incomplete or belongs to another login"), "{done:?}");
    }
    let _ = complete(&format!("({callback}).")).ok();
}

#[test]
fn begin_says_that_it_waits_for_the_server() {
    let world = CommandFixture::new();
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let server = format!("http://{}", silent.local_addr().unwrap());
    let run = format!("ACCESSIBLE=1 ATMN_BACKEND_URL={server} exec \"$ATMN\" login --begin --ports {}", world.port);
    let mut process = terminal(&world, 200, false, &run);
    process.line_with("Contacting 127.0.0.1:");
    let _ = process.end().ok();
    let mut json = world.command(&["--default-signal"], &["login", "--begin", "--json"]);
    let mut process = world.start(json.env("ATMN_BACKEND_URL", server));
    let event: serde_json::Value = serde_json::from_str(process.line_with("respond").trim()).unwrap();
    assert_eq!(event["event"], "hint");
    let _ = process.end().ok();
}
