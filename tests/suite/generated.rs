//! What is generated is committed: `make generate` writes it, this compares it.

use atmn_tests::repository;
use libatmn::{ErrorCode, EventCode};
use serde_json::json;

/// The table that every face is checked against.
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

#[test]
fn generated_codes_are_up_to_date() {
    let path = repository().join("tests/vectors/errors.json");
    let fresh = codes();
    if std::env::var_os("ATMN_GENERATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), fresh, "run `make generate`");
}
