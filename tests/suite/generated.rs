//! Generated files are committed: `make generate` writes them, and these tests compare them.

mod node;
mod python;

use atmn_tests::repository;
use libatmn::{ErrorCode, EventCode};
use serde_json::json;

/// The table that every binding is checked against.
fn codes() -> String {
    let errors: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|code| json!({ "number": code.number(), "name": code.name(), "exit_code": code.exit_code() }))
        .collect();
    let events: Vec<_> =
        EventCode::ALL.iter().map(|code| json!({ "number": code.number(), "name": code.name() })).collect();
    let rows =
        |rows: Vec<serde_json::Value>| rows.iter().map(|row| format!("    {row}")).collect::<Vec<_>>().join(",\n");
    format!("{{\n  \"errors\": [\n{}\n  ],\n  \"events\": [\n{}\n  ]\n}}\n", rows(errors), rows(events))
}

/// The blocks of error numbers, with the first and the last of each.
const BLOCKS: [(i32, i32, &str); 6] = [
    (1, 99, "arguments and the call itself"),
    (100, 199, "logging in"),
    (200, 299, "keys"),
    (300, 399, "files"),
    (400, 499, "network and API"),
    (500, 599, "answers to requests without a good key"),
];

/// The page `docs/events-and-errors.md`.
fn page() -> String {
    let mut page = include_str!("generated/events-and-errors.md").to_owned();
    for (first, last, title) in BLOCKS {
        page +=
            &format!("\n### {first}–{last}: {title}\n\n| number | name | meaning | exit code |\n|---|---|---|---|\n");
        for code in ErrorCode::ALL.iter().filter(|code| (first..=last).contains(&code.number())) {
            let (number, name, exit) = (code.number(), code.name(), code.exit_code());
            page += &format!("| {number} | `{name}` | {} | {exit} |\n", code.meaning());
        }
    }
    page += "\n## Events\n\n| number | name | what happened |\n|---|---|---|\n";
    for code in EventCode::ALL {
        page += &format!("| {} | `{}` | {} |\n", code.number(), code.name(), code.meaning());
    }
    page
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

#[test]
fn generated_page_of_codes_is_up_to_date() {
    let fresh = page();
    for name in ErrorCode::ALL.iter().map(|code| code.name()).chain(EventCode::ALL.iter().map(|code| code.name())) {
        assert!(fresh.contains(&format!("| `{name}` | ")), "{name} is missing");
    }
    check("docs/events-and-errors.md", &fresh);
}

#[test]
fn generated_python_enumerations_are_up_to_date() {
    check("bindings/python/python/libatmn/_enumerations.py", &python::enumerations());
}
