//! The surface of C, read from its header: everything in it is a name that begins with `atmn_` or `ATMN_`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::{lists, surface as sections, texts};
use crate::case::object;

/// Functions that belong to C alone: versions, names of numbers, cancellers, and a listener that is ready-made.
const OF_C: [&str; 8] = [
    "abi_version",
    "version",
    "code_name",
    "event_name",
    "canceller_new",
    "canceller_cancel",
    "canceller_free",
    "terminal_listener",
];

/// What C calls differently: a list is asked by its number and by index, a header by its name.
const OTHER_NAMES: [(&str, &str); 7] = [
    ("logged_in.environment", "environments"),
    ("logged_in.key", "keys"),
    ("response.header", "headers"),
    ("response.header_value", "headers"),
    ("options.header", "headers"),
    ("identity.key", "key"),
    ("options.on_event", ""),
];

pub(crate) fn surface(header: &Path, agreed: &Value) -> Value {
    let text = std::fs::read_to_string(header).unwrap_or_else(|error| panic!("{}: {error}", header.display()));
    let text = without_comments(&text);
    let results: Vec<String> = object(&agreed["results"]).into_iter().map(|(name, _)| name).collect();
    let mut read = Read::default();
    for name in functions(&text) {
        read.function(&name, &results, agreed);
    }
    let macros: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("#define ATMN_")).map(first_word).collect();
    let words = object(&agreed["words"]).into_iter().map(|(word, _)| {
        let prefix = format!("{}_", word.to_uppercase());
        let values = macros.iter().filter_map(|name| name.strip_prefix(&prefix)).map(str::to_lowercase).collect();
        (word, values)
    });
    let all_codes = texts(&agreed["error_codes"]);
    let is_code = |name: &String| all_codes.contains(name);
    let codes = macros.iter().map(|name| name.to_lowercase());
    let events = macros.iter().filter_map(|name| name.strip_prefix("EVENT_")).map(str::to_lowercase);
    sections([
        ("operations", json!(read.operations)),
        ("methods", lists(read.methods)),
        ("options", json!({ "all": read.options })),
        ("results", lists(read.results)),
        ("words", lists(words)),
        ("error_codes", codes.filter(is_code).collect()),
        ("event_codes", events.collect()),
    ])
}

#[derive(Default)]
struct Read {
    operations: Vec<String>,
    methods: BTreeMap<String, Vec<String>>,
    options: Vec<String>,
    results: BTreeMap<String, Vec<String>>,
}

impl Read {
    /// Finds the place of a function; one without a place is taken for an operation, and so for one too many.
    fn function(&mut self, name: &str, results: &[String], agreed: &Value) {
        let setters = ["options_set_", "request_set_", "request_add_"];
        if let Some(option) = setters.iter().find_map(|setter| name.strip_prefix(setter)) {
            return self.options.extend(renamed("options", option));
        }
        let is_word = |word: &str| !agreed["words"][word].is_null();
        let is_own = ["_free", "_new", "places_count", "places_get"].iter().any(|end| name.ends_with(end));
        if OF_C.contains(&name) || is_own || name.strip_suffix("_name").is_some_and(is_word) || name.starts_with("key_")
        {
            return;
        }
        for object in ["attempt", "client"] {
            let method = name.strip_prefix(object).and_then(|rest| rest.strip_prefix('_'));
            let is_field = |method: &&str| texts(&agreed["results"][object]).contains(method.trim_end_matches("_ms"));
            if let Some(method) = method.filter(|method| !is_field(method)) {
                self.operations.extend((object == "client" && method != "submit").then(|| method.to_owned()));
                return self.methods.entry(object.into()).or_default().push(method.to_owned());
            }
        }
        // The longest name first: `resolved_key_source` belongs to no `resolved`.
        let field =
            |result: &String| Some((result.clone(), name.strip_prefix(result.as_str())?.strip_prefix('_')?.to_owned()));
        match results.iter().filter_map(field).max_by_key(|(result, _)| result.len()) {
            Some((result, field)) => {
                let names = renamed(&result, &field);
                self.results.entry(result).or_default().extend(names);
            }
            None => self.operations.push(name.to_owned()),
        }
    }
}

/// The core's name of what C calls so; nothing for what is no option.
fn renamed(owner: &str, name: &str) -> Option<String> {
    let name = name.trim_end_matches("_ms").trim_end_matches("_count").trim_end_matches("_name");
    let other = OTHER_NAMES.iter().find(|(known, _)| *known == format!("{owner}.{name}"));
    let name = other.map_or(name, |(_, other)| other);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The names of all functions that are declared, without their prefix.
fn functions(text: &str) -> Vec<String> {
    let declarations = text.split(';').filter(|declaration| !declaration.contains("typedef"));
    let name = |declaration: &str| {
        let head = declaration.split('(').next()?.lines().last()?;
        let name = head.rsplit([' ', '*']).next()?.strip_prefix("atmn_")?;
        declaration.contains('(').then(|| name.to_owned())
    };
    declarations.filter_map(name).collect()
}

fn without_comments(text: &str) -> String {
    text.split("/*")
        .enumerate()
        .map(|(index, part)| if index == 0 { part } else { part.split_once("*/").map_or("", |(_, rest)| rest) })
        .collect()
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_owned()
}
