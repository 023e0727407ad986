//! What the variables held when a login began, as hashes: a login replaces nothing else, unless it is forced.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::config::VALUES_LIMIT;
use crate::dotenv::Document;
use crate::error::Result;
use crate::key::Environment;
use crate::save::{EnvFile, located, readable};
use crate::secret::SecretBytes;
use crate::text::hex;

/// The hashes of the texts that a variable has in a file.
type Texts = BTreeSet<String>;

/// The texts of the variables in a file and in those beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ValuesBefore(BTreeMap<PathBuf, BTreeMap<String, Texts>>);

impl ValuesBefore {
    /// Adds what the variables hold now in this file, `.env.local` and `.env` of its directory, where nothing is known.
    pub(super) fn add(&mut self, file: &Path) {
        let beside = [EnvFile::EnvLocal, EnvFile::Env].map(|name| file.with_file_name(name.name()));
        for file in beside.into_iter().chain([file.to_path_buf()]) {
            self.0.entry(file).or_insert_with_key(|file| of_file(file));
        }
    }

    /// The same files as they are now.
    pub(super) fn now(&self) -> Self {
        Self(self.0.keys().map(|file| (file.clone(), of_file(file))).collect())
    }

    /// The first file in which the variable has another text than before. `read` is a file that has been read already.
    pub(super) fn changed(&self, variable: &str, read: Option<(&Path, &Document)>) -> Option<&Path> {
        let is_known = |(file, before): &(&PathBuf, &BTreeMap<String, Texts>)| {
            let now = match read {
                Some((path, document)) if path == file.as_path() => texts(document, variable),
                _ => of_file(file).remove(variable).unwrap_or_default(),
            };
            before.get(variable).map_or(now.is_empty(), |before| now.is_subset(before))
        };
        self.0.iter().find(|entry| !is_known(entry)).map(|(file, _)| file.as_path())
    }

    /// The record for another process.
    pub(super) fn to_json(&self) -> Value {
        let files = self.0.iter().map(|(file, texts)| (file.to_string_lossy().into_owned(), json!(texts)));
        Value::Object(files.collect::<Map<_, _>>())
    }

    /// Reads [`ValuesBefore::to_json`].
    pub(super) fn from_json(record: &Value) -> Option<Self> {
        let files = record.as_object()?.iter().map(|(file, texts)| {
            let texts = serde_json::from_value(texts.clone()).ok()?;
            Some((PathBuf::from(file), texts))
        });
        files.collect::<Option<_>>().map(Self)
    }
}

/// The texts of both variables in a file; none if it cannot be read, and then it cannot be written either.
fn of_file(file: &Path) -> BTreeMap<String, Texts> {
    let read = |file| -> Result<Document> { readable(&located(file)?) };
    let Ok(document) = read(file) else { return BTreeMap::new() };
    let variables = Environment::ALL.iter().map(|environment| environment.variable());
    variables.map(|variable| (variable.to_owned(), texts(&document, variable))).collect()
}

fn texts(document: &Document, variable: &str) -> Texts {
    let hash = |text: &SecretBytes| hex(&Sha256::digest(text.reveal()));
    document.texts(variable).iter().take(VALUES_LIMIT).map(hash).collect()
}
