//! The destination of new keys: a file, and a variable for each wanted key.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::LoginOptions;
use super::before::ValuesBefore;
use super::events::EventSink;
use super::kept::WorkingKey;
use super::lock::LoginLock;
use crate::api::ExpectedOrganization;
use crate::cancel::Cancel;
use crate::dotenv::{Document, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::locations::{shown, without_key};
use crate::resolve::{ResolveOptions, resolve_on};
use crate::save::{
    EnvFile, KeyEntry, SaveOptions, SaveResult, check_target, existing_directory, file_to_write, located, readable,
    save_in,
};

/// The file, and the variable for each environment.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    file: PathBuf,
    /// The directory and the named file from which the file is chosen; `None` if the file is that of a rejected key.
    choice: Option<(PathBuf, Option<EnvFile>)>,
    variables: Vec<(Environment, &'static str)>,
    options: SaveOptions,
    host: Host,
    /// Whether a value that another program or the user writes during the login may be replaced.
    replaces_all: bool,
    /// The variables as they were when the login began.
    pub(super) before: ValuesBefore,
    /// The organization whose keys may be saved; `None` if any may.
    pub(super) expected: Option<ExpectedOrganization>,
    /// The key that still works, which stays.
    kept: Option<KeptKey>,
}

/// A key that stays, and its file.
#[derive(Clone, Debug)]
struct KeptKey {
    key: ApiKey,
    file: PathBuf,
}

impl Destination {
    /// The file in the directory, as an absolute path: the program may change its working directory during the login.
    pub(super) fn of(options: &LoginOptions, host: &Host) -> Result<Self> {
        let directory = existing_directory(options.directory.as_deref(), host)?;
        let pair = |environment: &Environment| (*environment, environment.variable());
        let variables: Vec<(Environment, &'static str)> = options.environments().iter().map(pair).collect();
        let destination = Self {
            file: PathBuf::new(),
            choice: Some((directory, options.file)),
            variables,
            options: options.save(),
            host: host.clone(),
            replaces_all: options.force,
            before: ValuesBefore::default(),
            expected: options.expected()?,
            kept: None,
        };
        let mut destination = Self { file: destination.chosen(), ..destination };
        destination.before.add(&destination.file);
        Ok(destination)
    }

    /// The location of a rejected key; the other key goes to its own variable in the same file.
    pub(crate) fn in_place_of(rejected: Environment, variable: &'static str, file: &Path, host: &Host) -> Self {
        let mut variables = vec![(rejected, variable)];
        let other = rejected.other();
        if other.variable() != variable {
            variables.push((other, other.variable()));
        }
        Self {
            file: file.to_path_buf(),
            choice: None,
            variables,
            options: SaveOptions::default(),
            host: host.clone(),
            replaces_all: false,
            before: ValuesBefore::default(),
            expected: None,
            kept: None,
        }
    }

    /// The file to write now.
    fn chosen(&self) -> PathBuf {
        let Some((directory, named)) = &self.choice else { return self.file.clone() };
        let names: Vec<&str> = self.variables.iter().map(|(_, variable)| *variable).collect();
        file_to_write(directory, *named, &names)
    }

    /// Leaves the key of this environment alone.
    pub(crate) fn without(mut self, environment: Environment) -> Self {
        self.variables.retain(|(known, _)| *known != environment);
        self
    }

    /// Accepts keys of this organization only.
    pub(crate) fn expecting(self, expected: Option<ExpectedOrganization>) -> Self {
        Self { expected, ..self }
    }

    /// Leaves the key that works, and accepts new ones of its organization only.
    pub(super) fn keeping(mut self, working: Option<WorkingKey>) -> Self {
        let Some(WorkingKey { key, organization, file }) = working else { return self };
        self.variables.retain(|(environment, _)| *environment != key.environment());
        let organization = Some(organization).filter(|organization| !organization.is_empty());
        let expected = organization.map(ExpectedOrganization::Known).or(self.expected);
        Self { expected, kept: Some(KeptKey { key, file }), ..self }
    }

    /// Checks that keys could be saved, waits until no other login for the file runs, and checks again after a wait.
    ///
    /// # Errors
    /// As [`Destination::check`] and [`LoginLock::acquire`].
    pub(super) async fn lock(&mut self, limit: Duration, events: &mut EventSink<'_>) -> Result<LoginLock> {
        let waiting = |path: &str| format!("Another login for {path} is in progress. Waiting for it to end …");
        let cancel = events.cancel.clone();
        let emit = |event| events.emit(&event);
        let file = || self.check(&cancel);
        let mut lock = LoginLock::acquire(&self.host, file, limit, &cancel, waiting, emit).await?;
        lock.forget_failure();
        self.file = self.chosen();
        self.remember(&lock.file);
        Ok(lock)
    }

    /// Remembers what the variables hold in this file and in those beside it, unless that is known: only this may be
    /// replaced.
    pub(crate) fn remember(&mut self, file: &Path) {
        self.before.add(file);
    }

    /// Checks that the variables to write hold what they held when the login began, before the user is asked.
    ///
    /// # Errors
    /// `file_locked`: one holds another text, which may be a key that works.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        if self.replaces_all {
            return Ok(());
        }
        let required = self.variables.iter().filter(|(_, variable)| !self.is_optional(variable));
        required.map(|(_, variable)| *variable).try_for_each(|variable| match self.before.changed(variable, None) {
            Some(file) => Err(changed_meanwhile(file, variable)),
            None => Ok(()),
        })
    }

    /// Checks that keys could be saved, and returns the file that a save would write.
    ///
    /// # Errors
    /// As [`save_keys`](crate::save_keys), as far as can be checked without writing.
    pub(crate) fn check(&self, cancel: &Cancel) -> Result<PathBuf> {
        let options = SaveOptions { cancel: cancel.clone(), ..self.options.clone() };
        check_target(&self.host, &self.chosen(), &options)
    }

    /// Whether a key may be written into its variable of a file: the files have no other texts than when the login began.
    ///
    /// # Errors
    /// `file_locked`: one has another text, which may be a key that works.
    fn may_write(&self, file: &Path, document: &Document, variable: &'static str) -> Result<bool> {
        if self.replaces_all {
            return Ok(true);
        }
        match (self.before.changed(variable, Some((file, document))), self.is_optional(variable)) {
            (Some(_), true) => Ok(false),
            (Some(changed), false) => Err(changed_meanwhile(changed, variable)),
            (None, true) => Ok(!self.is_found_elsewhere(file, variable)),
            (None, false) => Ok(true),
        }
    }

    /// Whether a variable is that of the other environment beside a rejected key: it is written only where nothing is in its
    /// place.
    fn is_optional(&self, variable: &str) -> bool {
        self.choice.is_none() && variable != self.variables[0].1
    }

    /// Whether programs in the directory of the file find a key of this variable's environment in another file.
    fn is_found_elsewhere(&self, file: &Path, variable: &str) -> bool {
        let environment =
            self.variables.iter().find(|(_, name)| *name == variable).map(|(environment, _)| *environment);
        let directory = file.parent().map(Path::to_path_buf);
        let options = ResolveOptions { environment, directory, ..ResolveOptions::default() };
        match resolve_on(&self.host, &options) {
            Ok(found) => found.source.path.as_deref() != Some(file),
            Err(error) => error.code != ErrorCode::KeyNotFound,
        }
    }

    /// Saves the wanted keys that are not kept, and returns those that are in the file now.
    pub(super) fn save(&self, keys: &[&ApiKey]) -> Result<(Vec<ApiKey>, SaveResult)> {
        let slot = |(environment, variable): &(Environment, &'static str)| {
            let key = keys.iter().find(|key| key.environment() == *environment);
            key.map(|key| KeyEntry { variable, key })
        };
        let slots: Vec<KeyEntry<'_>> = self.variables.iter().filter_map(slot).collect();
        // An edit is repeated if the file changes meanwhile, so the last answer counts.
        let answers = RefCell::new(BTreeMap::new());
        let may_write = |file: &Path, document: &Document, variable| {
            let answer = self.may_write(file, document, variable)?;
            answers.borrow_mut().insert(variable, answer);
            Ok(answer)
        };
        let saved = save_in(&self.host, &self.file, &slots, &self.options, &may_write)?;
        let answers = answers.into_inner();
        let written = slots.iter().filter(|slot| answers.get(slot.variable) == Some(&true));
        Ok((written.map(|slot| slot.key.clone()).collect(), saved))
    }

    /// The key that stayed, if it is still in its file.
    pub(super) fn kept(&self) -> Option<&ApiKey> {
        let KeptKey { key, file } = self.kept.as_ref()?;
        let document = readable(&located(file).ok()?).ok()?;
        match document.read(key.environment().variable())?.value {
            Value::Text(text) if text.reveal() == key.reveal() => Some(key),
            _ => None,
        }
    }

    /// What became of the key that worked: it stayed, or another program or the user has removed or replaced it since.
    pub(super) fn kept_note(&self, kept: Option<&ApiKey>) -> Option<String> {
        let KeptKey { key, file } = self.kept.as_ref()?;
        let name = key.environment().name();
        Some(match kept {
            Some(key) => format!("The {name} key {key}, which worked when the login began, was kept."),
            None => {
                format!("The {name} key {key}, which worked when the login began, is no longer in {}.", shown(file))
            }
        })
    }

    /// The host of the login.
    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// The path of the file for the context of an event, in which programs look it up.
    pub(super) fn path(&self) -> String {
        without_key(&self.file).to_string_lossy().into_owned()
    }

    /// The name of the project's directory for the result page; empty for the root directory.
    pub(super) fn project(&self) -> String {
        let name = self.file.parent().and_then(|directory| directory.file_name());
        name.unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The file name for the result page: that of the link, if the file is behind one.
    pub(super) fn file_name(&self, saved: Option<&SaveResult>) -> String {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let local = saved.map(|saved| name(&saved.path)).filter(|name| name == EnvFile::EnvLocal.name());
        local.unwrap_or_else(|| name(&self.file))
    }
}

fn changed_meanwhile(file: &Path, variable: &'static str) -> Error {
    let path = shown(file);
    let message = format!("{variable} in {path} was changed during the login, so nothing was saved.");
    Error::new(ErrorCode::FileLocked, message)
        .with_hint(Hint::LogInAgain)
        .with("path", without_key(file).to_string_lossy())
        .with("variable", variable)
}
