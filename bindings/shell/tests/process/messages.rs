//! What errors and messages name: the words that the user typed, and where a key belongs.

use atmn_tests::project::{LIVE, SANDBOX};

use crate::world::CommandFixture;

/// The name in a line says where its key belongs.
#[test]
fn save_says_where_a_key_belongs() {
    let world = CommandFixture::new();
    let save = |text: &str| {
        let mut process = world.atmn(&["save"]);
        process.feed(text);
        process.end()
    };
    let refused = save(&format!("AUTUMN_PROD_SECRET_KEY={SANDBOX}\n"));
    refused.fails("wrong_environment");
    assert!(refused.stderr.contains("AUTUMN_PROD_SECRET_KEY, which is for live keys"), "{refused:?}");
    world.assert_untouched();
    let moved = save(&format!("AUTUMN_SECRET_KEY={LIVE}\n")).ok();
    assert!(moved.stderr.contains("which is saved as AUTUMN_PROD_SECRET_KEY."), "{moved:?}");
    assert_eq!(world.project.read(".env"), format!("AUTUMN_PROD_SECRET_KEY={LIVE}\n"));
    let twice = save(&format!("{SANDBOX}\n{SANDBOX}\n")).ok();
    assert_eq!(twice.stderr.matches("Saved the sandbox key").count(), 1, "{twice:?}");
    assert!([refused, moved, twice].iter().all(|done| !done.stderr.contains("planted")));
}

const NOT_ASCII: &str = "A header value contains characters that are not ASCII.";

/// What the user typed is named, not what the definition of the command line calls it.
#[test]
fn errors_of_api_name_what_was_typed() {
    let world = CommandFixture::new();
    world.project.write("body.txt", "id=1");
    for (arguments, message, hint) in [
        (&["api", "customers"][..], "The path must start with exactly one `/`.", "such as `/v1/customers`"),
        (&["api", "-X", "PUT", "customers"], "The path must start with exactly one `/`.", "such as `/v1/customers`"),
        (&["api", "/v1/customers", "GET"], "The method must be before the path.", "`atmn api GET /v1/customers`"),
        (&["api", "/v1/a", "b"], "There are two paths, and a request has one.", "%20"),
        (&["api", "-X", "PUT", "/v1/a", "b"], "There are two paths, and a request has one.", "%20"),
        (&["api", "FETCH", "/v1/x"], "`FETCH` is not an allowed HTTP method.", "Use one of GET, "),
        (&["api", "-X", "FETCH", "/v1/x"], "`FETCH` is not an allowed HTTP method.", "Use one of GET, "),
        (&["api", "a-b", "/v1/x"], "`a-b` is not an allowed HTTP method.", "Use one of GET, "),
        (&["api"], "The required argument `<PATH>` is missing.", "atmn api --help"),
        (&["api", "-X", "GET"], "The required argument `<PATH>` is missing.", "atmn api --help"),
        (&["api", "-X", "GET", "POST"], "The required argument `<PATH>` is missing.", "atmn api --help"),
        (&["api", "/v1/x", "-d", "{id:1}"], "The body from `--data` is not JSON.", "Quote it"),
        (&["api", "/v1/x", "-d", ""], "The body from `--data` is empty.", "Pass JSON"),
        (&["api", "/v1/x", "-d", "-"], "The body from stdin is empty.", "Pass JSON on stdin"),
        (&["api", "/v1/x", "-d", "@body.txt"], "The body from `body.txt` is not JSON.", "Pass JSON, or set its type"),
        (&["api", "/v1/x", "-H", "X-Name: Zoë"], NOT_ASCII, "Encode the value"),
        (&["api", "/v1/x", "-H", "X-Key: am_sk_test_…dbox"], NOT_ASCII, "This looks like a masked key."),
        (
            &["api", "/v1/x", "-H", "Authorization: Bearer am_sk_test_…dbox"],
            "The header `authorization` is set by the client.",
            "Remove `-H ",
        ),
    ] {
        let done = world.atmn(arguments).end();
        let expected = format!("error[invalid_argument]: {message}\n  hint: ");
        assert!(done.code == 2 && done.stderr.starts_with(&expected) && done.stderr.contains(hint), "{done:?}");
    }
    let key = world.atmn(&["api", SANDBOX, "/v1/x"]).end();
    assert!(key.code == 2 && !key.stderr.contains("planted") && key.stderr.contains("atmn save <FILE"), "{key:?}");
    let scopes = world.login(&["--scopes", "plans:read,customer:read"]).end();
    assert_eq!(scopes.code, 2, "{scopes:?}");
    assert!(scopes.stderr.contains("`--scopes` has `customer:read`, which a login cannot have."), "{scopes:?}");
    assert!(scopes.stderr.contains("Did you mean `customers:read`?"), "{scopes:?}");
    let auth = world.atmn(&["auth"]).end();
    assert!(auth.code == 2 && auth.stderr.contains("`atmn login`, `atmn logout`, `atmn env`"), "{auth:?}");
}
