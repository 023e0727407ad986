//! Compares what each binding offers with `surface.json`: a missing name and an extra name are differences.

mod command;
mod header;

use std::collections::BTreeSet;

use atmn_tests::{repository, vectors};
use serde_json::{Map, Value, json};

use crate::case::object;

/// Binding, list and name that are missing by design.
const MISSING: &[(&str, &str, &str)] = &[
    // Node waits in its event loop, so it needs no single steps.
    ("node", "methods.attempt", "poll"),
    // `atmn_classify_key` writes two numbers through pointers; `verify` receives a credential as arguments.
    ("c", "results.key_class", "kind"),
    ("c", "results.key_class", "environment"),
    ("c", "results.credential", "kind"),
    ("c", "results.credential", "key"),
    // These are steps of a program or a server, which a command is not.
    ("shell", "operations", "start_login"),
    ("shell", "operations", "reauthenticate"),
    // `atmn key` fails without a key, which a script can ignore.
    ("shell", "operations", "find_key"),
    ("shell", "operations", "server_info"),
    ("shell", "operations", "authenticate"),
    // Every user of the machine can read a command's arguments.
    ("shell", "options.resolve_key", "key"),
    ("shell", "options.explain_key", "key"),
    ("shell", "options.whoami", "key"),
    // `--dir` is enough in a terminal.
    ("shell", "options.resolve_key", "boundary"),
    ("shell", "options.explain_key", "boundary"),
    ("shell", "options.whoami", "boundary"),
    ("shell", "options.whoami", "timeout"),
    ("shell", "options.diagnose", "timeout"),
    ("shell", "options.client", "key"),
    ("shell", "options.client", "boundary"),
    ("shell", "options.client", "response_limit"),
    ("shell", "options.client", "login_timeout"),
    // `atmn api` prints the body of every response, and its exit code tells the two apart.
    ("shell", "options.request", "any_status"),
    // Pass it with `--header`.
    ("shell", "options.request", "content_type"),
];

/// The list that every binding must offer, with the codes of `errors.json`.
pub(crate) fn agreed() -> Value {
    let text = std::fs::read_to_string(repository().join("tests/conformance/surface.json")).expect("surface.json");
    let mut agreed: Value = serde_json::from_str(&text).expect("surface.json");
    let codes = vectors("errors.json");
    let names = |list: &Value| list.as_array().into_iter().flatten().map(|row| row["name"].clone()).collect::<Value>();
    agreed["error_codes"] = names(&codes["errors"]);
    agreed["event_codes"] = names(&codes["events"]);
    agreed
}

/// The surface of C and of the shell, whose drivers cannot report it; `None` for all others.
pub(crate) fn read(binding: &str) -> Option<Value> {
    match binding {
        "c" => Some(header::surface(&agreed())),
        "shell" => Some(command::surface()),
        _ => None,
    }
}

/// The number of compared names, and a sentence for each difference.
pub(crate) fn compare(binding: &str, agreed: &Value, found: &Value) -> (usize, Vec<String>) {
    // C has one type for all options.
    let (agreed, found) = if binding == "c" { (merged(agreed), merged(found)) } else { (flat(agreed), flat(found)) };
    let mut differences = Vec::new();
    let mut names = 0;
    // The shell's results are JSON, whose shapes are compared elsewhere; a missing command counts as one difference.
    let lists =
        agreed.iter().filter(|(list, _)| binding != "shell" || *list == "operations" || found.contains_key(*list));
    for (list, wanted) in lists {
        let known = found.get(list).cloned().unwrap_or_default();
        names += wanted.len();
        let missing = wanted.iter().filter(|name| !name.ends_with('?') && !known.contains(*name));
        let by_design = |name: &str| MISSING.contains(&(binding, list, name));
        differences.extend(missing.filter(|name| !by_design(name)).map(|name| format!("{list}: {name} is missing")));
        let no_longer_missing = known.iter().filter(|name| by_design(name));
        differences.extend(
            no_longer_missing.map(|name| format!("{list}: {name} is offered, but listed as missing by design")),
        );
    }
    for (list, known) in found.iter().filter(|_| binding != "shell") {
        let wanted = agreed.get(list).cloned().unwrap_or_default();
        let extra = known.iter().filter(|name| !wanted.contains(*name) && !wanted.contains(&format!("{name}?")));
        differences.extend(extra.map(|name| format!("{list}: {name} is not in surface.json")));
    }
    (names, differences)
}

type Lists = std::collections::BTreeMap<String, BTreeSet<String>>;

/// All lists by their path: `operations`, `options.whoami`, …
fn flat(surface: &Value) -> Lists {
    let mut lists = Lists::new();
    for (section, content) in object(surface).iter().filter(|(section, _)| *section != "returns") {
        match content {
            Value::Object(inner) => {
                lists.extend(inner.iter().map(|(name, list)| (format!("{section}.{name}"), texts(list))));
            }
            list => drop(lists.insert(section.clone(), texts(list))),
        }
    }
    lists
}

/// As [`flat`], with all options in one list.
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
fn object_of(sections: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
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
    fn compare_reports_missing_and_extra_names() {
        let agreed = json!({ "operations": ["login", "logout"], "results": { "location": ["path", "text?"] } });
        let same = json!({ "operations": ["logout", "login"], "results": { "location": ["path"] } });
        assert_eq!(compare("node", &agreed, &same), (4, Vec::new()));
        let other = json!({ "operations": ["login", "sudo"], "results": { "location": [] } });
        assert_eq!(compare("node", &agreed, &other).1.len(), 3);
        assert_eq!(compare("node", &agreed, &json!({})).1.len(), 3);
    }

    #[test]
    fn compare_reports_names_that_are_no_longer_missing() {
        let agreed = json!({ "methods": { "attempt": ["poll"] } });
        assert_eq!(compare("node", &agreed, &json!({})).1, Vec::<String>::new());
        assert_eq!(compare("python", &agreed, &json!({})).1.len(), 1);
        assert_eq!(compare("node", &agreed, &agreed).1.len(), 1);
    }
}
