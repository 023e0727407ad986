//! `Literal` types for Python, from the core's enumerations.

use libatmn::{
    Accepts, CheckOutcome, CheckSubject, EnvFile, Environment, ErrorCode, EventCode, Git, Gitignore, Kind, Origin,
    Outcome, Reauth,
};

/// The module `_enumerations.py`.
pub(crate) fn enumerations() -> String {
    let types = [
        literal("Accepts", Accepts::ALL, |value| value.name()),
        literal("CheckOutcome", CheckOutcome::ALL, |value| value.name()),
        literal("CheckSubject", CheckSubject::ALL, |value| value.name()),
        literal("EnvFile", EnvFile::ALL, |value| value.name()),
        literal("Environment", Environment::ALL, |value| value.name()),
        literal("ErrorCode", ErrorCode::ALL, |value| value.name()),
        literal("EventCode", EventCode::ALL, |value| value.name()),
        literal("Git", Git::ALL, |value| value.name()),
        literal("Gitignore", Gitignore::ALL, |value| value.name()),
        literal("KeyKind", Kind::ALL, |value| value.name()),
        literal("Origin", Origin::ALL, |value| value.name()),
        literal("Outcome", Outcome::ALL, |value| value.name()),
        literal("Reauth", Reauth::ALL, |value| value.name()),
    ];
    let head = "\"\"\"The values of enumerations. Written by `make generate` from the core; do not edit.\"\"\"\n\n\
                from typing import Literal\n\n";
    format!("{head}{}", types.concat())
}

/// One `Literal` type, as `ruff format` writes it: on one line if it fits into 120 columns.
fn literal<T: Copy>(name: &str, values: &[T], value_name: fn(&T) -> &str) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("\"{}\"", value_name(value))).collect();
    let line = format!("{name} = Literal[{}]\n", values.join(", "));
    if line.len() <= 120 {
        return line;
    }
    format!("{name} = Literal[\n    {},\n]\n", values.join(",\n    "))
}
