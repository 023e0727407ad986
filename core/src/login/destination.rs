//! Where the keys of a login go: the file, and a variable for each key that is wanted.

use std::path::{Path, PathBuf};

use super::LoginOptions;
use crate::config::ENV_FILE;
use crate::dotenv::Value;
use crate::error::Result;
use crate::key::{ApiKey, Environment};
use crate::save::{KeyEntry, SaveOptions, SaveResult, check_target, existing_directory, located, readable, save_in};

/// The file, and what stands in it for whom.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    file: PathBuf,
    variables: Vec<(Environment, &'static str)>,
    options: SaveOptions,
}

impl Destination {
    /// The `.env` of the directory, whatever becomes of the working directory meanwhile.
    pub(super) fn of(options: &LoginOptions) -> Result<Self> {
        let directory = existing_directory(options.directory.as_deref())?;
        let variables = options.environments().iter().map(|environment| (*environment, environment.variable()));
        Ok(Self { file: directory.join(ENV_FILE), variables: variables.collect(), options: options.save() })
    }

    /// The place of a rejected key. The login's other key goes to its own variable in the same file, unless that one
    /// holds a key of the rejected one's environment.
    pub(crate) fn in_place_of(rejected: Environment, variable: &'static str, file: &Path) -> Result<Self> {
        let mut variables = vec![(rejected, variable)];
        let other = match rejected {
            Environment::Sandbox => Environment::Live,
            Environment::Live => Environment::Sandbox,
        };
        let document = readable(&located(file)?)?;
        let holds_rejected = document.read(other.variable()).is_some_and(|assignment| match assignment.value {
            Value::Text(text) => ApiKey::parse(text.reveal()).is_ok_and(|key| key.environment() == rejected),
            Value::Empty | Value::Unusable(_) => false,
        });
        if other.variable() != variable && !holds_rejected {
            variables.push((other, other.variable()));
        }
        Ok(Self { file: file.to_path_buf(), variables, options: SaveOptions::default() })
    }

    /// Whether keys could be saved there.
    ///
    /// # Errors
    /// As [`save_keys`](crate::save_keys), as far as it can be known without writing.
    pub(super) fn check(&self) -> Result<()> {
        check_target(&self.file, &self.options)
    }

    /// Saves those of the keys that are wanted, and answers which.
    pub(super) fn save(&self, keys: &[&ApiKey]) -> Result<(Vec<ApiKey>, SaveResult)> {
        let slot = |(environment, variable): &(Environment, &'static str)| {
            let key = keys.iter().find(|key| key.environment() == *environment);
            key.map(|key| KeyEntry { variable, key })
        };
        let slots: Vec<KeyEntry<'_>> = self.variables.iter().filter_map(slot).collect();
        let saved = save_in(&self.file, &slots, &self.options)?;
        Ok((slots.iter().map(|slot| slot.key.clone()).collect(), saved))
    }

    /// The file's name, as a page may show it.
    pub(super) fn file_name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}
