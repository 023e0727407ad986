//! The sources of keys in their order, and the content of each.

use std::io;
use std::path::{Path, PathBuf};

use super::ResolveOptions;
use super::evaluate::{Evaluated, evaluate_invalid, evaluate_text, refused};
use crate::config::{
    ENV_FILE, ENV_FILE_LIMIT, ENV_FILES, PROD_SECRET_FILE_VARIABLE, PROD_SECRET_VARIABLE, SECRET_FILE_LIMIT,
    SECRET_FILE_VARIABLE, SECRET_VARIABLE,
};
use crate::dotenv::{DECRYPT, Document, SAVE_AS_UTF8, Value};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::key::{ApiKey, Environment, Flaw};
use crate::locations::{Location, Origin, Outcome, Walk, shown, without_key};
use crate::secret::Secret;
use crate::secure_file::{self, ReadError, starting_directory};
use crate::text::trim_invisible;
use crate::worktree::{MainWorktree, SkippedPointer};

/// The sources to search, in order. The first key ends the search, so each source is created when its turn comes.
pub(super) struct Search<'a> {
    key: Option<&'a Secret>,
    host: &'a Host,
    /// `None` if there is no working directory.
    walk: Option<Walk>,
}

impl<'a> Search<'a> {
    /// # Errors
    /// `invalid_argument`: `directory` or `boundary`.
    pub(super) fn new(options: &'a ResolveOptions, host: &'a Host) -> Result<Self> {
        let start = starting_directory(options.directory.as_deref(), host)?;
        let walk = start.map(|start| Walk::new(start, &options.boundary, host)).transpose()?;
        Ok(Self { key: options.key.as_ref().filter(|key| !key.reveal().is_empty()), host, walk })
    }

    /// The files that are searched.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.sources().filter_map(|source| match source {
            Source::EnvFile(path) => Some(path),
            _ => None,
        })
    }

    /// Whether a login in the directory would save its keys in this file.
    pub(super) fn saves_in(&self, location: &Location) -> bool {
        let own = self.walk.as_ref().map(|walk| file_in(walk.start(), ENV_FILE));
        own.is_some() && location.path == own
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = Source<'a>> {
        let process = [Source::Process(self.host), Source::SecretFile(self.host)];
        let before = self.key.map(Source::Argument).into_iter().chain(process);
        let directories = self.walk.iter().flat_map(Walk::directories);
        let files = directories.flat_map(|directory| ENV_FILES.iter().map(|name| file_in(directory, name)));
        let nearest =
            before.chain(files.map(Source::EnvFile)).chain(self.walk.is_none().then_some(Source::NoDirectory));
        // Only a search that has found nothing yet reads the files of git.
        nearest.chain(self.walk.iter().flat_map(in_main_worktree))
    }
}

/// The files of the main worktree, if the walk starts in a linked one.
fn in_main_worktree<'a>(walk: &Walk) -> Vec<Source<'a>> {
    match MainWorktree::of(walk.start()) {
        Ok(Some(main)) => {
            let directories = main.directories().filter(|directory| walk.may_add(directory));
            directories
                .flat_map(|directory| ENV_FILES.iter().map(|name| Source::EnvFile(file_in(directory, name))))
                .collect()
        }
        Ok(None) => Vec::new(),
        Err(skipped) => vec![Source::Skipped(skipped)],
    }
}

/// The path of a file in a directory, allocated once: building these paths dominates a long walk.
fn file_in(directory: &Path, name: &str) -> PathBuf {
    let mut path = PathBuf::with_capacity(directory.as_os_str().len() + 1 + name.len());
    path.extend([directory, Path::new(name)]);
    path
}

/// One source, which can hold several variables.
pub(super) enum Source<'a> {
    Argument(&'a Secret),
    Process(&'a Host),
    SecretFile(&'a Host),
    EnvFile(PathBuf),
    /// A file of git that would lead to the main worktree.
    Skipped(SkippedPointer),
    /// There is no working directory, so there are no files to search.
    NoDirectory,
}

/// The variables that hold a key of this environment, in order of precedence.
pub(super) fn variables(wanted: Option<Environment>) -> &'static [&'static str] {
    match wanted {
        None | Some(Environment::Sandbox) => &[SECRET_VARIABLE],
        Some(Environment::Live) => &[PROD_SECRET_VARIABLE, SECRET_VARIABLE],
    }
}

impl Source<'_> {
    /// The locations of this source that exist. Most sources have none.
    pub(super) fn evaluate(&self, wanted: Option<Environment>) -> Vec<Evaluated> {
        let each = |evaluate: &dyn Fn(&'static str) -> Option<Evaluated>| {
            variables(wanted).iter().filter_map(|variable| evaluate(variable)).collect()
        };
        match self {
            Self::Argument(text) => vec![evaluate_text(Location::new(Origin::Argument, None, None), text, wanted)],
            Self::Process(host) => each(&|variable| in_process(host, variable, wanted)),
            Self::SecretFile(host) => each(&|variable| in_secret_file(host, variable, wanted)),
            Self::EnvFile(path) => in_env_file(path, wanted),
            Self::Skipped(pointer) => vec![Evaluated::skipped(self.location(None), pointer.reason.clone())],
            Self::NoDirectory => vec![Evaluated::skipped(self.location(None), "no longer exists")],
        }
    }

    /// All locations of this source, including the absent ones.
    pub(super) fn evaluate_all(&self, wanted: Option<Environment>) -> Vec<Evaluated> {
        let mut found = self.evaluate(wanted);
        // This location represents all variables of the source.
        if found.iter().any(|found| found.location.variable.is_none()) {
            return found;
        }
        for (index, variable) in variables(wanted).iter().enumerate() {
            if found.get(index).is_none_or(|found| found.location.variable != Some(variable)) {
                found.insert(index, Evaluated::nothing(self.location(Some(variable))));
            }
        }
        found
    }

    fn location(&self, variable: Option<&'static str>) -> Location {
        match self {
            Self::Argument(_) => Location::new(Origin::Argument, None, None),
            Self::Process(_) => Location::new(Origin::Process, variable, None),
            Self::SecretFile(_) => Location::new(Origin::SecretFile, variable, None),
            Self::EnvFile(path) => Location::new(Origin::EnvFile, variable, Some(path.clone())),
            Self::Skipped(pointer) => Location::new(Origin::EnvFile, None, Some(pointer.path.clone())),
            Self::NoDirectory => Location::new(Origin::EnvFile, None, None),
        }
    }
}

fn in_process(host: &Host, variable: &'static str, wanted: Option<Environment>) -> Option<Evaluated> {
    let text = host.var(variable)?.to_str();
    let location = Location::new(Origin::Process, Some(variable), None);
    Some(match text {
        Some(text) => evaluate_text(location, &Secret::from(text), wanted),
        None => evaluate_invalid(location, Flaw::new("is not UTF-8 text", None), wanted),
    })
}

fn in_secret_file(host: &Host, variable: &'static str, wanted: Option<Environment>) -> Option<Evaluated> {
    let named = if variable == SECRET_VARIABLE { SECRET_FILE_VARIABLE } else { PROD_SECRET_FILE_VARIABLE };
    let path = PathBuf::from(host.nonempty(named)?);
    let read = read_secret_file(&host.in_working_directory(&path));
    let location = Location::new(Origin::SecretFile, Some(variable), Some(without_key(&path)));
    Some(match read {
        Ok(text) => evaluate_text(location, &text, wanted),
        Err(UnusableFile { reason, cause, repair }) => {
            let message = format!("The key file {}, named by {named}, {reason}.", shown(&path));
            let hint = repair.unwrap_or_else(|| named_file(named, variable, &path));
            let error = Error::new(ErrorCode::KeyFileUnreadable, message).with_hint(hint);
            let error = match cause {
                Some(cause) => error.with_system_cause(cause),
                None => error,
            };
            refused(location, reason, error)
        }
    })
}

/// Why a key file cannot be used.
struct UnusableFile {
    /// Completes "it …".
    reason: String,
    /// What the system said, if it refused.
    cause: Option<io::Error>,
    /// What to do about the file; `None` if the variable must change.
    repair: Option<Hint>,
}

/// What to do about a variable that names no key file.
fn named_file(named: &str, variable: &str, path: &Path) -> Hint {
    let text = path.to_string_lossy();
    if ApiKey::parse(text.trim()).is_ok() {
        return format!("Set `{variable}` to the key; `{named}` takes the path of a file that has it.").into();
    }
    if text.starts_with('~') {
        return format!("Set `{named}` to the path without `~`, which only a shell replaces.").into();
    }
    Hint::SetVariable {
        variable: named.to_owned(),
        value: "the path of a file that has the key on one line".to_owned(),
    }
}

impl From<&str> for UnusableFile {
    fn from(reason: &str) -> Self {
        Self { reason: reason.to_owned(), cause: None, repair: None }
    }
}

impl From<ReadError> for UnusableFile {
    fn from(error: ReadError) -> Self {
        // The variable names the wrong file if there is none, or none with a key.
        let is_of_file = matches!(&error, ReadError::Untrusted(_)) || error.is_permission() || error.hides_content();
        let is_too_large = matches!(&error, ReadError::TooLarge(_));
        let repair = (is_of_file && !is_too_large).then(|| error.repair());
        Self { reason: error.reason(), repair, cause: error.into_system_error() }
    }
}

fn read_secret_file(path: &Path) -> std::result::Result<Secret, UnusableFile> {
    let bytes = secure_file::read_named(path, SECRET_FILE_LIMIT)?;
    let text = std::str::from_utf8(bytes.reveal()).map_err(|_| {
        let repair = Some(SAVE_AS_UTF8.into());
        UnusableFile { repair, ..UnusableFile::from(not_utf8(bytes.reveal())) }
    })?;
    // A byte order mark, blanks and final line breaks are not part of a key.
    let line = trim_invisible(text);
    match line.is_empty() {
        // Such as after a mount or a command that failed. Another location could have a key that is not meant.
        true => Err("is empty".into()),
        false if line.contains(['\n', '\r']) => Err("has more than one line".into()),
        false => Ok(Secret::from(line)),
    }
}

fn not_utf8(bytes: &[u8]) -> &'static str {
    let is_utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    if is_utf16 { "is UTF-16 text, not UTF-8" } else { "is not UTF-8 text" }
}

fn in_env_file(path: &Path, wanted: Option<Environment>) -> Vec<Evaluated> {
    let location = |variable| Location::new(Origin::EnvFile, variable, Some(path.to_path_buf()));
    let document = match secure_file::read_delivered(path, ENV_FILE_LIMIT) {
        Ok(bytes) => Document::parse(bytes),
        Err(ReadError::Absent) => return Vec::new(),
        Err(error) if error.hides_content() => {
            let reason = error.reason();
            return vec![refused(location(None), reason, error.into_error(path))];
        }
        Err(error) => {
            let (reason, repair) = (error.reason(), error.repair());
            return vec![Evaluated::unusable_file(location(None), reason, Some(repair))];
        }
    };
    if document.is_utf16() {
        let repair = Some(SAVE_AS_UTF8.into());
        return vec![Evaluated::unusable_file(location(None), "is UTF-16 text, not UTF-8", repair)];
    }
    let look = |variable: &&'static str| {
        let assignment = document.read(variable)?;
        let location = Location { line: Some(assignment.line), ..location(Some(variable)) };
        Some(match assignment.value {
            Value::Empty => Evaluated::nothing(Location { outcome: Outcome::Empty, ..location }),
            Value::Text(text) => evaluate_text(location, &text, wanted),
            Value::Unusable(flaw) => evaluate_invalid(location, flaw, wanted),
        })
    };
    let found: Vec<Evaluated> = variables(wanted).iter().filter_map(look).collect();
    // Such as a file that git-crypt has encrypted, which may hold a key.
    if found.is_empty() && document.is_binary() {
        let repair = Some(DECRYPT.into());
        return vec![Evaluated::unusable_file(location(None), "contains a NUL byte, as no text does", repair)];
    }
    found
}
