//! The surface of C, from the names that its header declares: `atmn_…` functions and `ATMN_…` macros.

use std::collections::BTreeMap;

use atmn_tests::header;
use serde_json::{Value, json};

use super::{lists, object_of, texts};
use crate::case::object;

/// Functions that only C has or needs: versions, names of numbers, cancellers, requests in steps, a ready-made listener,
/// and the parts of a list or of a name with its value.
const ONLY_IN_C: &[&str] = &[
    "abi_version",
    "version",
    "code_name",
    "event_name",
    "canceller_new",
    "canceller_cancel",
    "canceller_free",
    "terminal_listener",
    "attempt_fd",
    "attempt_timeout_ms",
    "pending_login_kept",
    "client_start_request",
    "started_request_cancel",
    "started_request_fd",
    "started_request_poll",
    "set_login_command",
    "locations",
    "locations_count",
    "locations_get",
    "entry_name",
    "entry_value",
];

/// Endings that do not belong to a field's name: the unit of a time, and the ways to read a list.
const ENDINGS: &[&str] = &["_ms", "_count", "_get", "_find"];

pub(crate) fn surface(agreed: &Value) -> Value {
    let mut declared = Declared::default();
    for function in header::functions() {
        declared.add(function.name.trim_start_matches("atmn_"), agreed);
    }
    let text = header::text();
    let macros = text.lines().filter_map(|line| line.strip_prefix("#define ATMN_")?.split(' ').next());
    let macros: Vec<String> = macros.map(str::to_lowercase).collect();
    let values = |prefix: &str| macros.iter().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned).collect();
    let all_codes = texts(&agreed["error_codes"]);
    object_of([
        ("operations", json!(declared.operations)),
        ("methods", lists(declared.methods)),
        ("options", json!({ "all": declared.options })),
        ("results", lists(declared.results)),
        (
            "words",
            lists(object(&agreed["words"]).into_iter().map(|(word, _)| (word.clone(), values(&format!("{word}_"))))),
        ),
        ("error_codes", macros.iter().filter(|name| all_codes.contains(*name)).cloned().collect()),
        ("event_codes", json!(values("event_"))),
    ])
}

#[derive(Default)]
struct Declared {
    operations: Vec<String>,
    methods: BTreeMap<String, Vec<String>>,
    options: Vec<String>,
    results: BTreeMap<String, Vec<String>>,
}

impl Declared {
    /// Puts a function into the list it belongs to. A function that fits nowhere counts as an operation, and is
    /// reported as one too many.
    fn add(&mut self, name: &str, agreed: &Value) {
        let is_enumeration = |word: &str| !agreed["words"][word].is_null();
        if ONLY_IN_C.contains(&name)
            || ["_free", "_new"].iter().any(|end| name.ends_with(end))
            || name.strip_suffix("_name").is_some_and(is_enumeration)
            || name.starts_with("key_")
        {
            return;
        }
        let field = ENDINGS.iter().fold(name, |name, ending| name.trim_end_matches(ending));
        if let Some(option) =
            ["options_set_", "request_set_", "request_add_"].iter().find_map(|set| field.strip_prefix(set))
        {
            return match option {
                "on_event" => (),
                "header" => self.options.push("headers".to_owned()),
                option => self.options.push(option.to_owned()),
            };
        }
        // The longest name first: `resolved_key_source` does not belong to `resolved`.
        let results = object(&agreed["results"]).into_iter().map(|(result, _)| result);
        let owner = results
            .chain(["client".to_owned()])
            .filter_map(|owner| Some((field.strip_prefix(&*owner)?.strip_prefix('_')?, owner.clone())));
        match owner.max_by_key(|(_, owner)| owner.len()) {
            Some((method, owner)) if owner == "client" => {
                self.operations.extend((method != "submit").then(|| method.to_owned()));
                self.methods.entry(owner).or_default().push(method.to_owned());
            }
            Some((field, owner)) if texts(&agreed["methods"][&owner]).contains(field) => {
                self.methods.entry(owner).or_default().push(field.to_owned());
            }
            Some((field, owner)) => self.results.entry(owner).or_default().push(field.to_owned()),
            None => self.operations.push(name.to_owned()),
        }
    }
}
