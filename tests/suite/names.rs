//! A type name means one thing in the whole workspace.

use std::collections::{BTreeMap, BTreeSet};

use atmn_tests::repository;
use atmn_tests::source::{files, identifier};

/// Names that several files define, and what each of them means.
const SHARED: &[(&str, &str)] = &[
    ("ApiKey", "a key; the class of Python holds that of the core"),
    ("Attempt", "one login in progress, in each language"),
    ("Call", "a call in progress, in Node and Python"),
    ("Client", "a client of one server, in each language"),
    ("Directory", "an open directory, on each platform"),
    ("Found", "a path that was followed to its end, on each platform"),
    ("LoginOptions", "the options of a login; the class of Python holds those of the core"),
    ("Organization", "an organization of Autumn"),
    ("RunningAutumn", "a local Autumn that runs in the process, in Node and Python"),
    ("ResolveOptions", "the options for finding a key; the class of Python holds those of the core"),
    ("Result", "the standard library's, with the error type of libatmn"),
    ("Status", "what the system knows about an open file, on each platform"),
];

/// The name that a line defines. An indented alias is an associated type.
fn defined(line: &str) -> Option<String> {
    let words = line.trim_start().trim_start_matches("pub ");
    let words = words.strip_prefix("pub(").and_then(|rest| rest.split_once(") ")).map_or(words, |(_, rest)| rest);
    let is_indented = line.starts_with(' ');
    let kinds = ["struct ", "enum ", "trait ", "union "].iter().chain((!is_indented).then_some(&"type "));
    // A macro has no name after the word.
    kinds.into_iter().find_map(|kind| words.strip_prefix(kind)).map(identifier).filter(|name| !name.is_empty())
}

#[test]
fn definitions_are_found() {
    let names: Vec<String> = [
        "pub struct One(u8);",
        "    pub(crate) enum Two {",
        "pub(in super::super) trait Three {}",
        "type Four = u8;",
        "    type Output = u8;",
        "let structure = 5;",
        "        pub enum $name {",
    ]
    .iter()
    .filter_map(|line| defined(line))
    .collect();
    assert_eq!(names, ["One", "Two", "Three", "Four"]);
}

#[test]
fn type_name_means_one_thing() {
    let mut homes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files("", &["rs"]) {
        let text = std::fs::read_to_string(repository().join(&path)).unwrap();
        for name in text.lines().filter_map(defined) {
            homes.entry(name).or_default().insert(path.clone());
        }
    }
    homes.retain(|_, paths| paths.len() > 1);
    let shared: BTreeSet<&str> = SHARED.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = homes.keys().map(String::as_str).collect();
    assert_eq!(found, shared, "{homes:#?}");
}
