//! The variables that each reader reads from all cases, and the words that describe them.

use std::collections::{BTreeMap, BTreeSet};

use atmn_tests::latin1;
use atmn_tests::readers::{Reader, Reading};

use super::case::{LIVE, ReaderCase, SANDBOX, Step};

/// The readings of one reader for one case.
pub(crate) struct Seen {
    before: Reading,
    after: Vec<(Step, Reading)>,
}

/// Runs a reader once for all cases, because its start takes longer than its work.
pub(crate) fn ask(reader: Reader, cases: &[&ReaderCase]) -> Vec<Seen> {
    let files: Vec<Vec<u8>> = cases.iter().flat_map(|case| files_of(case)).collect();
    let mut answers = reader.ask(&files).into_iter();
    let mut next = || answers.next().unwrap();
    let seen =
        |case: &&ReaderCase| Seen { before: next(), after: stages_of(case).map(|stage| (stage, next())).collect() };
    cases.iter().map(seen).collect()
}

fn stages_of(case: &ReaderCase) -> impl Iterator<Item = Step> {
    Step::ALL.iter().copied().filter(|stage| case.expected(*stage).is_some())
}

fn files_of(case: &ReaderCase) -> Vec<Vec<u8>> {
    std::iter::once(case.before.clone()).chain(stages_of(case).filter_map(|stage| case.expected(stage))).collect()
}

impl Seen {
    /// One word each for before, after set, after remove.
    pub(crate) fn column(&self, case: &ReaderCase) -> String {
        let after = |wanted| &self.after.iter().find(|(stage, _)| *stage == wanted).unwrap().1;
        let missing = if case.json["key"].is_null() { "absent" } else { "misses" };
        let old = case.old_key();
        let words = [
            word(&self.before, old, missing),
            word(after(Step::Set), Some(SANDBOX.1), "misses"),
            word(after(Step::Remove), old, "absent"),
        ];
        words.join(" ")
    }

    /// Differences from the case: other variables that changed, or a wrong live key.
    pub(crate) fn surprises(&self, case: &ReaderCase, reader: &str) -> Vec<String> {
        let mut surprises = Vec::new();
        for (stage, after) in &self.after {
            let changed = changed(&self.before, after, *stage);
            let listed: BTreeSet<String> = case.changes(*stage, reader).into_iter().collect();
            let bytes = case.expected(*stage).unwrap_or_default();
            if changed != listed {
                surprises.push(format!(
                    "{} {reader} changes after {}\n  expected {listed:?}\n  found    {changed:?}\n  in   {}\n  then {}",
                    case.name,
                    stage.name(),
                    case.before.escape_ascii(),
                    bytes.escape_ascii()
                ));
            }
        }
        surprises
    }
}

fn word(answer: &Reading, wanted: Option<&str>, missing: &'static str) -> &'static str {
    let Reading::Values(values) = answer else { return "refuses" };
    match values.get(SANDBOX.0.as_bytes()) {
        None => missing,
        Some(None) => "empty",
        Some(Some(value)) if value.is_empty() => "empty",
        Some(Some(value)) if wanted.is_some_and(|wanted| wanted.as_bytes() == value) => "reads",
        Some(Some(_)) => "other",
    }
}

fn is_of(name: &[u8], variable: &str) -> bool {
    name == variable.as_bytes() || is_joined_to(name, variable)
}

/// Whether this name is made of lines that the reader joined, so that it is not a real variable.
fn is_joined_to(name: &[u8], variable: &str) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    !name.iter().all(is_name) && name.windows(variable.len()).any(|part| part == variable.as_bytes())
}

/// The variables, the edited ones aside, that read differently; the live key if it is not what the stage makes it.
fn changed(before: &Reading, after: &Reading, stage: Step) -> BTreeSet<String> {
    // A reader that refused the file read no variables.
    let Reading::Values(before) = before else { return BTreeSet::new() };
    let none = BTreeMap::new();
    let after = if let Reading::Values(after) = after { after } else { &none };
    let edited = |name: &[u8]| {
        let is_joined = is_joined_to(name, LIVE.0) || is_joined_to(name, "# Node needs the");
        is_of(name, SANDBOX.0) || is_joined || (stage != Step::Set && name == LIVE.0.as_bytes())
    };
    let names = before.keys().chain(after.keys()).filter(|name| !edited(name));
    let mut changed: BTreeSet<String> =
        names.filter(|name| before.get(*name) != after.get(*name)).map(|name| latin1::text(name)).collect();
    let live = after.get(LIVE.0.as_bytes());
    let is_right = match stage {
        Step::Set => true,
        Step::Both => live == Some(&Some(LIVE.1.as_bytes().to_vec())),
        Step::Remove => live.is_none(),
    };
    if !is_right {
        changed.insert(LIVE.0.to_owned());
    }
    changed
}
