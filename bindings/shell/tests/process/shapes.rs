//! `--json`: the results of all commands have exactly the shapes of `tests/vectors/shapes.json`.

use atmn_tests::project::SANDBOX;
use atmn_tests::{Shapes, check_shape};
use serde_json::Value;

use crate::world::CommandFixture;

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn json_has_the_agreed_shapes() {
    let world = CommandFixture::new();
    // The command has no operation for the facts of a server.
    let mut shapes = Shapes::unchecked().without("server_facts");
    keys(&world, &mut shapes);
    logins(&world, &mut shapes);
    server(&world, &mut shapes);
    shapes.end();
}

fn keys(world: &CommandFixture, shapes: &mut Shapes) {
    let failure = world.atmn(&["key", "--json"]).end();
    assert_eq!((failure.code, failure.stdout.as_str()), (4, ""));
    shapes.check("error", &json(&failure.stderr)["error"]);
    let with_key = |arguments: &[&str]| {
        let mut process = world.atmn(arguments);
        process.type_line(SANDBOX);
        process.end().ok().json()
    };
    let mut saved = with_key(&["save", "--json"]);
    shapes.check("saved_key", &saved["keys"]);
    saved.as_object_mut().unwrap().remove("keys");
    shapes.check("save_result", &saved);
    shapes.check("key_class", &with_key(&["key", "--check", "--json"]));
    let found = world.atmn(&["key", "--json"]).end().ok().json();
    shapes.check("resolved_key", &found);
    shapes.check("location", &found["source"]);
    check_shape("location", &world.atmn(&["key", "--explain", "--json"]).end().ok().json());
    let unknown = world.atmn(&["env", "--json"]).end();
    assert_eq!(unknown.code, 4, "{unknown:?}");
    check_shape("identity", &unknown.json());
    let diagnosis = world.atmn(&["doctor", "--offline", "--json"]).end().json();
    shapes.check("diagnosis", &diagnosis);
    shapes.check("check", &diagnosis["checks"]);
    shapes.check("logout_result", &world.atmn(&["logout", "--json"]).end().ok().json());
}

fn logins(world: &CommandFixture, shapes: &mut Shapes) {
    let mut login = world.login(&["--no-browser", "--json"]);
    let event = json(&login.line_with("\"login_url\""));
    shapes.check("event", &event);
    world.approve(event["context"]["url"].as_str().unwrap());
    let done = login.end().ok();
    done.stderr.lines().for_each(|line| check_shape("event", &json(line)));
    world.assert_no_secret_in(&done);
    let result = done.json();
    shapes.check("login_result", &result);
    shapes.check("organization", &result["organization"]);
    shapes.check("masked_key", &result["keys"]);
    check_shape("save_result", &result["saved"]);
    let who = world.atmn(&["env", "--json"]).end().ok().json();
    shapes.check("identity", &who);
    assert_eq!(who["organization"]["slug"], "copper-kettle");
    shapes.check("pending_login", &world.login(&["--begin", "--force", "--json"]).end().ok().json());
}

fn server(world: &CommandFixture, shapes: &mut Shapes) {
    shapes.check("version", &world.atmn(&["--version", "--json"]).end().ok().json());
    let mut serve = world.atmn(&["serve", "--port", "0", "--json"]);
    serve.line_with("\"url\"");
    serve.signal("TERM");
    let served = serve.end().json();
    shapes.check("served", &served);
    shapes.check("person", &served["people"]);
    shapes.check("served_key", &served["keys"]);
}
