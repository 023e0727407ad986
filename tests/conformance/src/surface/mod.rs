//! What every face offers, beside the list in `surface.json`: a name that is missing, or one too many, is a difference.

mod header;
mod help;
mod source;

use std::collections::BTreeSet;
use std::path::Path;

use atmn_tests::{repository, vectors};
use serde_json::{Map, Value, json};

use crate::case::object;

/// Face, list and name that are missing by design.
const MISSING: &[(&str, &str, &str)] = &[
    // An event loop needs no steps.
    ("node", "methods.attempt", "poll"),
    // Two numbers that are written through pointers, and what a callback is called with.
    ("c", "results.key_class", "kind"),
    ("c", "results.key_class", "environment"),
    ("c", "results.credential", "kind"),
    ("c", "results.credential", "key"),
    // What a command is not: a step of a program, or a server.
    ("shell", "operations", "start_login"),
    ("shell", "operations", "reauthenticate"),
    ("shell", "operations", "authenticate"),
    // Every user of the machine sees a command's arguments.
    ("shell", "options.resolve_key", "key"),
    ("shell", "options.explain_key", "key"),
    ("shell", "options.whoami", "key"),
    // One directory is enough for a person.
    ("shell", "options.resolve_key", "boundary"),
    ("shell", "options.explain_key", "boundary"),
    ("shell", "options.whoami", "boundary"),
    ("shell", "options.whoami", "timeout"),
    ("shell", "options.client", "key"),
    ("shell", "options.client", "boundary"),
    ("shell", "options.client", "response_limit"),
    ("shell", "options.client", "login_timeout"),
    // One of its headers.
    ("shell", "options.request", "content_type"),
];

/// The list that all are held against, with the codes of `errors.json`.
pub(crate) fn agreed() -> Value {
    let text = std::fs::read_to_string(repository().join("tests/conformance/surface.json")).expect("surface.json");
    let mut agreed: Value = serde_json::from_str(&text).expect("surface.json");
    let codes = vectors("errors.json");
    let names = |list: &Value| list.as_array().into_iter().flatten().map(|row| row["name"].clone()).collect::<Value>();
    agreed["error_codes"] = names(&codes["errors"]);
    agreed["event_codes"] = names(&codes["events"]);
    agreed
}

/// How the core, C and the shell are read; nothing for a face that answers by itself.
pub(crate) fn read(face: &str, atmn: &Path) -> Option<Value> {
    match face {
        "core" => Some(source::surface(&repository().join("core/src"))),
        "c" => Some(header::surface(&repository().join("include/atmn.h"), &agreed())),
        "shell" => Some(help::surface(atmn)),
        _ => None,
    }
}

/// How many names were compared, and which differ.
pub(crate) fn compare(face: &str, agreed: &Value, found: &Value) -> (usize, Vec<String>) {
    // C has one type for all options.
    let (agreed, found) = if face == "c" { (merged(agreed), merged(found)) } else { (flat(agreed), flat(found)) };
    let mut differences = Vec::new();
    let mut names = 0;
    // The results of the shell are its answers, whose shapes are compared; a missing command is one difference.
    let lists = agreed.iter().filter(|(list, _)| face != "shell" || *list == "operations" || found.contains_key(*list));
    for (list, wanted) in lists {
        let known = found.get(list).cloned().unwrap_or_default();
        names += wanted.len();
        let missing = wanted.iter().filter(|name| !name.ends_with('?') && !known.contains(*name));
        let by_design = |name: &str| MISSING.contains(&(face, list, name));
        differences.extend(missing.filter(|name| !by_design(name)).map(|name| format!("{list}: {name} is missing")));
        let excused_in_vain = known.iter().filter(|name| by_design(name));
        differences.extend(excused_in_vain.map(|name| format!("{list}: {name} is there, and is listed as missing")));
    }
    for (list, known) in found.iter().filter(|_| face != "shell") {
        let wanted = agreed.get(list).cloned().unwrap_or_default();
        let extra = known.iter().filter(|name| !wanted.contains(*name) && !wanted.contains(&format!("{name}?")));
        differences.extend(extra.map(|name| format!("{list}: {name} is not in the core's list")));
    }
    (names, differences)
}

type Lists = std::collections::BTreeMap<String, BTreeSet<String>>;

/// All lists by their path: `operations`, `options.whoami`, …
fn flat(surface: &Value) -> Lists {
    let mut lists = Lists::new();
    for (section, content) in &object(surface) {
        match content {
            Value::Object(inner) => {
                lists.extend(inner.iter().map(|(name, list)| (format!("{section}.{name}"), texts(list))));
            }
            list => drop(lists.insert(section.clone(), texts(list))),
        }
    }
    lists
}

/// The same, with all options in one list.
fn merged(surface: &Value) -> Lists {
    let (options, mut lists): (Lists, Lists) =
        flat(surface).into_iter().partition(|(list, _)| list.starts_with("options"));
    lists.insert("options".into(), options.into_values().flatten().collect());
    lists
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// A surface from its sections.
fn surface(sections: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(sections.into_iter().map(|(name, content)| (name.to_owned(), content)).collect::<Map<_, _>>())
}

/// An object of lists.
fn lists(entries: impl IntoIterator<Item = (String, Vec<String>)>) -> Value {
    entries.into_iter().map(|(name, list)| (name, json!(list))).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_name_and_one_too_many_are_differences() {
        let agreed = json!({ "operations": ["login", "logout"], "results": { "place": ["path", "text?"] } });
        let same = json!({ "operations": ["logout", "login"], "results": { "place": ["path"] } });
        assert_eq!(compare("node", &agreed, &same), (4, Vec::new()));
        let other = json!({ "operations": ["login", "sudo"], "results": { "place": [] } });
        assert_eq!(compare("node", &agreed, &other).1.len(), 3);
        assert_eq!(compare("node", &agreed, &json!({})).1.len(), 3);
    }

    #[test]
    fn what_is_missing_by_design_must_be_missing() {
        let agreed = json!({ "methods": { "attempt": ["poll"] } });
        assert_eq!(compare("node", &agreed, &json!({})).1, Vec::<String>::new());
        assert_eq!(compare("python", &agreed, &json!({})).1.len(), 1);
        assert_eq!(compare("node", &agreed, &agreed).1.len(), 1);
    }
}
