//! Generated files are committed: `make generate` writes them, and these tests compare them.

mod node;
mod page;
mod python;

use std::collections::BTreeSet;

use atmn_tests::repository;
use atmn_tests::source::{code, files};
use libatmn::__internal::context::{CONTEXT_VALUES, ContextValue, Errors, EventContext, event_context};
use libatmn::{ErrorCode, EventCode};
use serde_json::json;

/// The table that every binding is checked against.
fn codes() -> String {
    let errors: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|code| json!({ "number": code.number(), "name": code.name(), "exit_code": code.exit_code() }))
        .collect();
    let events: Vec<_> = EventCode::ALL.iter().map(|code| event_row(*code)).collect();
    let rows =
        |rows: Vec<serde_json::Value>| rows.iter().map(|row| format!("    {row}")).collect::<Vec<_>>().join(",\n");
    format!("{{\n  \"errors\": [\n{}\n  ],\n  \"events\": [\n{}\n  ]\n}}\n", rows(errors), rows(events))
}

fn event_row(code: EventCode) -> serde_json::Value {
    let EventContext { always, sometimes } = event_context(code);
    json!({ "number": code.number(), "name": code.name(), "always": always, "sometimes": sometimes })
}

/// The row of a name in the table of the core.
fn context_value(name: &str) -> ContextValue {
    *CONTEXT_VALUES.iter().find(|value| value.name == name).unwrap()
}

fn check(name: &str, fresh: &str) {
    let path = repository().join(name);
    if std::env::var_os("ATMN_GENERATE").is_some() {
        std::fs::write(&path, fresh).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), fresh, "run `make generate`");
}

#[test]
fn generated_codes_are_up_to_date() {
    check("tests/vectors/errors.json", &codes());
}

/// The conformance tests check the context of each error against the table.
#[test]
fn sources_set_the_names_of_the_table_and_no_others() {
    let folders = ["core/src", "bindings/c/src", "bindings/node/src", "bindings/python/src", "bindings/shell/src"];
    let sources: String = folders.iter().flat_map(|folder| files(folder, &["rs"])).map(|path| code(&path)).collect();
    let names = |mark: &str| sources.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).collect::<Vec<_>>();
    let set: BTreeSet<&str> = [names(".with(\""), names(".with_option(\"")].concat().into_iter().collect();
    let known: BTreeSet<&str> = CONTEXT_VALUES.iter().map(|value| value.name).collect();
    assert_eq!(set.difference(&known).collect::<Vec<_>>(), [&""; 0], "`context.rs` does not list them");
    let of_errors = CONTEXT_VALUES.iter().filter(|value| !matches!(value.errors, Errors::None));
    let unused: Vec<&str> = of_errors.map(|value| value.name).filter(|name| !set.contains(name)).collect();
    assert_eq!(unused, [""; 0], "no error has them");
}

#[test]
fn generated_page_of_codes_is_up_to_date() {
    let fresh = page::page();
    for name in ErrorCode::ALL.iter().map(|code| code.name()).chain(EventCode::ALL.iter().map(|code| code.name())) {
        assert!(fresh.contains(&format!("| `{name}` | ")), "{name} is missing");
    }
    check("docs/events-and-errors.md", &fresh);
}

#[test]
fn generated_python_enumerations_are_up_to_date() {
    check("bindings/python/python/libatmn/_enumerations.py", &python::enumerations());
}
