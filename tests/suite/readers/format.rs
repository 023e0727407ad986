//! Formats the vectors: one block per case, one line per field, non-ASCII bytes escaped.

use std::fmt::Write;

use atmn_tests::readers::Reader;
use serde_json::{Map, Value};

const FIELDS: &[&str] = &["name", "why", "before", "key", "set", "both", "remove", "readers", "notes", "changes"];

/// A file of cases.
pub(crate) fn file(cases: &[Value]) -> String {
    let blocks: Vec<String> = cases.iter().map(block).collect();
    format!("[\n{}\n]\n", blocks.join(",\n"))
}

fn block(case: &Value) -> String {
    let case = case.as_object().unwrap();
    for name in case.keys() {
        assert!(FIELDS.contains(&name.as_str()), "an unknown field: {name}");
    }
    let fields: Vec<String> = FIELDS
        .iter()
        .filter_map(|name| Some(format!("    {}: {}", text(name), value(case.get(*name)?, "      "))))
        .collect();
    format!("  {{\n{}\n  }}", fields.join(",\n"))
}

fn value(value: &Value, indent: &str) -> String {
    match value {
        Value::String(string) => text(string),
        Value::Object(object) if object.contains_key("line") => one_line(object),
        Value::Object(object) => lines(object, indent),
        Value::Array(array) => {
            let items: Vec<String> = array.iter().map(|item| text(item.as_str().unwrap())).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn one_line(object: &Map<String, Value>) -> String {
    let fields: Vec<String> =
        object.iter().map(|(name, item)| format!("{}: {}", text(name), value(item, ""))).collect();
    format!("{{ {} }}", fields.join(", "))
}

fn lines(object: &Map<String, Value>, indent: &str) -> String {
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(name, _)| (Reader::ALL.iter().position(|reader| reader.name() == **name), (*name).clone()));
    let inner = format!("{indent}  ");
    let fields: Vec<String> =
        entries.iter().map(|(name, item)| format!("{indent}{}: {}", text(name), value(item, &inner))).collect();
    format!("{{\n{}\n{}}}", fields.join(",\n"), &indent[2..])
}

fn text(text: &str) -> String {
    let mut escaped = String::new();
    for character in Value::from(text).to_string().chars() {
        match character {
            ' '..='~' => escaped.push(character),
            other => write!(escaped, "\\u{:04x}", u32::from(other)).unwrap(),
        }
    }
    escaped
}
