//! The cases in `tests/vectors/env`: a file before and after our edits, and what each reader sees in it.

use std::path::PathBuf;

use atmn_tests::{latin1, repository, vectors};
use libatmn::__internal::dotenv::{Document, Value};
use libatmn::SecretBytes;
use serde_json::json;

pub(crate) const SANDBOX: (&str, &str) = ("AUTUMN_SECRET_KEY", "am_sk_test_new");
pub(crate) const LIVE: (&str, &str) = ("AUTUMN_PROD_SECRET_KEY", "am_sk_live_new");

/// An edit of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The sandbox key is set.
    Set,
    /// Both keys are set, as a login does.
    Both,
    /// Both variables are removed, as a logout does.
    Remove,
}

impl Step {
    pub(crate) const ALL: &[Self] = &[Self::Set, Self::Both, Self::Remove];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Both => "both",
            Self::Remove => "remove",
        }
    }

    pub(crate) fn apply(self, before: &[u8]) -> Vec<u8> {
        let document = Document::parse(SecretBytes::from(before.to_vec()));
        let edited = match self {
            Self::Set => document.set(SANDBOX.0, SANDBOX.1),
            Self::Both => document.set(SANDBOX.0, SANDBOX.1).set(LIVE.0, LIVE.1),
            Self::Remove => document.remove(&[SANDBOX.0, LIVE.0]),
        };
        edited.bytes().to_vec()
    }
}

/// One case: a file with its expected edits.
pub(crate) struct ReaderCase {
    /// The JSON object itself.
    pub(crate) json: serde_json::Value,
    pub(crate) name: String,
    pub(crate) before: Vec<u8>,
}

impl ReaderCase {
    fn new(file: &str, json: &serde_json::Value) -> Self {
        let name = format!("{file}: {}", json["name"].as_str().expect("a case has a name"));
        assert!(json["why"].is_string(), "{name}: says not why");
        let before = latin1::bytes(json["before"].as_str().expect("a case has bytes"));
        Self { json: json.clone(), name, before }
    }

    /// The expected bytes after an edit, if the case has them.
    pub(crate) fn expected(&self, stage: Step) -> Option<Vec<u8>> {
        self.json[stage.name()].as_str().map(latin1::bytes)
    }

    /// The words for what a reader sees before, after set, after remove.
    pub(crate) fn column(&self, reader: &str) -> &str {
        self.json["readers"][reader].as_str().unwrap_or("no column")
    }

    pub(crate) fn note(&self, reader: &str) -> Option<&str> {
        self.json["notes"][reader].as_str()
    }

    /// The other variables that unavoidably change for a reader.
    pub(crate) fn changes(&self, stage: Step, reader: &str) -> Vec<String> {
        let listed = &self.json["changes"][stage.name()][reader];
        listed.as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()).collect()
    }

    /// The key that we read before the edit, if it is usable.
    pub(crate) fn old_key(&self) -> Option<&str> {
        self.json["key"]["text"].as_str()
    }

    /// The expected values of a case without exceptions.
    pub(crate) fn plain_column(&self) -> &'static str {
        match (self.json["key"].is_null(), self.json["key"]["is"] == "empty") {
            (true, _) => "absent reads absent",
            (false, true) => "empty reads absent",
            (false, false) => "reads reads absent",
        }
    }
}

/// Every file of `tests/vectors/env` with its cases, in order.
pub(crate) fn load() -> Vec<(PathBuf, Vec<ReaderCase>)> {
    let folder = repository().join("tests/vectors/env");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let cases = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        let cases = vectors(&format!("env/{file}"));
        cases.as_array().unwrap().iter().map(|json| ReaderCase::new(file, json)).collect()
    };
    paths.iter().map(|path| (path.clone(), cases(path))).collect()
}

/// Our own reading of the sandbox key, as the vectors write it.
pub(crate) fn our_reading(bytes: &[u8]) -> serde_json::Value {
    match Document::parse(SecretBytes::from(bytes.to_vec())).read(SANDBOX.0) {
        None => serde_json::Value::Null,
        Some(found) => match found.value {
            Value::Text(text) => json!({ "line": found.line, "text": text.reveal() }),
            Value::Empty => json!({ "line": found.line, "is": "empty" }),
            Value::Unusable(_) => json!({ "line": found.line, "is": "unusable" }),
        },
    }
}
