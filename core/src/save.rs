//! Saves keys in `.env`, and reports whether they become the active keys.

mod file_choice;
mod notes;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::cancel::Cancel;
use crate::config::ENV_FILE;
use crate::dotenv::{DECRYPT, Document, Held, HeldLine, SAVE_AS_UTF8};
use crate::error::{Error, ErrorCode, Result};
use crate::git::Git;
use crate::host::Host;
use crate::key::{ApiKey, Environment, Kind};
use crate::locations::{Boundary, Location, Origin, Outcome, repository_root, shown};
use crate::resolve::{ResolveOptions, evaluate_locations, evaluate_locations_before};
use crate::secret::SecretBytes;
use crate::secure_file::{Lock, LockResult, Target, Visibility, starting_directory};
use crate::text::parse_enum;
use crate::version_control::{Ignoring, TrackingStatus};

pub(crate) use file_choice::{OwnFiles, VARIABLES, file_to_write, file_with_keys, has_key, has_value};
use file_choice::{untracked_instead, with_private_file};
use notes::{byte_order_mark_note, emptied_note, exposed_note};

enumeration! {
    /// Whether to add a new `.env` to `.gitignore`.
    pub enum Gitignore("gitignore", default Add) {
        /// Add `/.env` to the `.gitignore` in the directory of a new file.
        Add => "add",
        /// Do not change `.gitignore`.
        Never => "never",
    }
}

enumeration! {
    /// A file that has keys. Resolution looks at both.
    pub enum EnvFile("file") {
        /// `.env`
        Env => ".env",
        /// `.env.local`, which takes precedence over `.env`.
        EnvLocal => ".env.local",
    }
}

/// Where and how to save keys.
#[derive(Clone, Debug, Default)]
pub struct SaveOptions {
    /// The directory of the `.env` file; by default the working directory.
    pub directory: Option<PathBuf>,
    /// The file to save in. By default `.env`, or `.env.local` if it has a value for one of the variables, or where git
    /// tracks `.env` and ignores `.env.local`; the note of the result says the latter.
    pub file: Option<EnvFile>,
    /// Save even if git tracks the file, or may track it.
    pub allow_tracked: bool,
    /// Whether to add a new file to `.gitignore`.
    pub gitignore: Gitignore,
    /// The environment variables and the working directory; by default those of the process.
    pub host: Option<Host>,
    /// Cancels the call while it waits for a lock or for git. By default it cannot be cancelled.
    pub cancel: Cancel,
}

/// The result of saving keys.
#[derive(Clone, Debug)]
pub struct SaveResult {
    /// The file with the keys; if `.env` is a symbolic link, its target.
    pub path: PathBuf,
    /// Whether the file was created.
    pub created: bool,
    /// How git treats the file.
    pub git: Git,
    /// The keys that were replaced, masked.
    pub replaced: Vec<Location>,
    /// Locations with another key that take precedence over the saved one.
    pub shadowed_by: Vec<Location>,
    /// Whether the file was locked; `false` if the system offers no locks.
    pub locked: bool,
    /// What the user should know, the same in every language: git does not ignore the file, tracks it, or gave no
    /// answer; the keys are in `.env.local` since git tracks `.env`; other accounts can read the file, or its
    /// directory's owner cannot; a line was added to `.gitignore` although git did not answer; an earlier commit may
    /// still track the file; a repository above was ignored, since another account planted it; a nearer file has the
    /// variable without a value; or a byte order mark hides the first variable of the file from some readers.
    pub note: Option<String>,
}

/// Saves one secret key, or a sandbox and a live key, in the `.env` of the directory: the sandbox key as
/// `AUTUMN_SECRET_KEY`, the live key as `AUTUMN_PROD_SECRET_KEY`.
///
/// The rest of the file stays byte for byte the same. Both keys are written in one atomic step: every reader sees the old
/// or the new file, also after a crash. Only the owner can read a new file (0600).
///
/// # Errors
/// - `invalid_argument`: no key, two of one environment, or `directory`; `wrong_key_kind`: a publishable key.
/// - `env_file_tracked`: git tracks the file, and `allow_tracked` is not set.
/// - `env_file_unprotected`: git may track the file, since it did not answer, and `allow_tracked` is not set.
/// - `file_untrusted`, `not_a_file`, `link_refused`, `file_unreadable`: the file must not be edited.
/// - `file_unwritable`, `disk_full`, `env_file_not_replaceable`, `file_locked`: the file could not be written.
/// - `cancelled`: `cancel` was set before the call began to write.
///
/// On any error, the files are unchanged.
///
/// ```
/// # let project = tempfile::tempdir().unwrap();
/// use libatmn::{ApiKey, SaveOptions, save_keys};
///
/// let keys = [ApiKey::parse("am_sk_test_0123456789ab")?, ApiKey::parse("am_sk_live_0123456789ab")?];
/// let options = SaveOptions { directory: Some(project.path().into()), ..Default::default() };
/// let saved = save_keys(&keys, &options)?;
/// assert!(saved.created);
/// assert_eq!(
///     std::fs::read_to_string(saved.path).unwrap(),
///     "AUTUMN_SECRET_KEY=am_sk_test_0123456789ab\nAUTUMN_PROD_SECRET_KEY=am_sk_live_0123456789ab\n"
/// );
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn save_keys(keys: &[ApiKey], options: &SaveOptions) -> Result<SaveResult> {
    let entries: Vec<KeyEntry> =
        in_order(keys)?.into_iter().map(|key| KeyEntry { variable: key.environment().variable(), key }).collect();
    let host = Host::or_current(options.host.as_ref());
    let directory = existing_directory(options.directory.as_deref(), &host)?;
    let variables: Vec<&str> = entries.iter().map(|entry| entry.variable).collect();
    save_in(&host, &file_to_write(&directory, options.file, &variables), &entries, options, &|_, _, _| Ok(true))
}

/// A key and the variable to save it in.
#[derive(Clone, Copy)]
pub(crate) struct KeyEntry<'a> {
    pub(crate) variable: &'static str,
    pub(crate) key: &'a ApiKey,
}

/// Whether a key may be written into its variable of a file, as the file is right before the edit. An error leaves the
/// whole file as it is.
pub(crate) type MayWrite<'a> = &'a dyn Fn(&Path, &Document, &'static str) -> Result<bool>;

/// Saves keys in a file whose directory exists, or in `.env.local` where version control allows only that.
///
/// # Errors
/// As [`save_keys`], and those of `may_write`.
pub(crate) fn save_in(
    host: &Host,
    file: &Path,
    entries: &[KeyEntry<'_>],
    options: &SaveOptions,
    may_write: MayWrite<'_>,
) -> Result<SaveResult> {
    let error = match save_in_file(host, file, entries, options, may_write) {
        Err(error) => error,
        saved => return saved,
    };
    let Some(local) = untracked_instead(host, file, &error, options) else {
        return Err(with_private_file(error, host, file, &options.cancel));
    };
    let saved = save_in_file(host, &local, entries, options, may_write)?;
    let (tracked, path) = (shown(file), shown(&saved.path));
    let chosen =
        format!("Git tracks {tracked}, so the keys are in {path}, which git ignores and which takes precedence.");
    let note = [Some(chosen), saved.note].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(SaveResult { note: Some(note), ..saved })
}

fn save_in_file(
    host: &Host,
    file: &Path,
    entries: &[KeyEntry<'_>],
    options: &SaveOptions,
    may_write: MayWrite<'_>,
) -> Result<SaveResult> {
    let target = located(file)?;
    let lock = Lock::write(host, &target.path, &options.cancel)?;
    let status = TrackingStatus::of(&target.path, host, &options.cancel)?;
    let may_ignore = options.gitignore == Gitignore::Add;
    let (mut ignoring, mut written) = (None, Vec::new());
    let Before { document, existed } = edit(&target, |before| {
        if !options.allow_tracked {
            status.allow_writing(&target.path, before.existed)?;
        }
        if may_ignore && ignoring.is_none() && status.needs_ignoring(before.existed) {
            ignoring = Some(status.ignore(&target.path, before.existed, host, &options.cancel)?);
        }
        written.clear();
        for entry in entries {
            if may_write(file, &before.document, entry.variable)? {
                written.push(*entry);
            }
        }
        Ok(with_keys(&before.document, &written))
    })?;
    let entries = written.as_slice();
    let added = ignoring.map(Ignoring::keep).is_some();
    let nearer = nearer_locations(host, file, entries)?;
    let git = if added && status.git == Git::NotIgnored { Git::Added } else { status.git };
    let unasked = (added && git == Git::Unknown).then(|| status.added_note(&target.path));
    let unanswered = unasked.or_else(|| status.listed_note(&target.path, existed));
    let notes = [
        unanswered.or_else(|| exposed_note(git, &target.path)),
        status.planted_note(),
        emptied_note(&nearer),
        byte_order_mark_note(&document, entries, &target.path),
        target.access_note(!existed),
    ];
    let note = notes.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(SaveResult {
        created: !existed,
        git,
        replaced: replaced(&document, entries, &target.path),
        shadowed_by: nearer.into_iter().filter(decides).collect(),
        locked: lock.is_some(),
        note: (!note.is_empty()).then_some(note),
        path: target.path,
    })
}

/// Checks whether keys can be saved, before the user is asked to log in. Returns the file that a save would write.
///
/// # Errors
/// As [`save_keys`], as far as this is known without writing.
pub(crate) fn check_target(host: &Host, file: &Path, options: &SaveOptions) -> Result<PathBuf> {
    match check_file(host, file, options) {
        Err(error) => match untracked_instead(host, file, &error, options) {
            Some(local) => check_file(host, &local, options).map(|()| local),
            None => Err(with_private_file(error, host, file, &options.cancel)),
        },
        Ok(()) => Ok(file.to_path_buf()),
    }
}

fn check_file(host: &Host, file: &Path, options: &SaveOptions) -> Result<()> {
    let target = located(file)?;
    // The rehearsal uses the temporary names of a save. If another process saves now, its save shows what is possible.
    let lock = Lock::try_write(host, &target.path);
    let is_alone = !matches!(lock, LockResult::Busy);
    let found = target.read()?;
    parsed(&target, found.bytes.clone())?;
    if is_alone {
        target.check_writable()?;
    }
    let status = TrackingStatus::of(&target.path, host, &options.cancel)?;
    if !options.allow_tracked {
        status.allow_writing(&target.path, found.exists())?;
    }
    if is_alone && options.gitignore == Gitignore::Add && status.needs_ignoring(found.exists()) {
        status.check_ignoring(&target.path, found.exists())?;
    }
    Ok(())
}

/// The file to write. Symbolic links are followed inside the work tree or the directory, and outside of it to a file whose
/// name contains `.env`.
pub(crate) fn located(file: &Path) -> Result<Target> {
    let directory = folder(file);
    let project = repository_root(directory).unwrap_or(directory).to_path_buf();
    Target::locate(file, Visibility::Private, |real| {
        let named = real.file_name().is_some_and(|name| name.to_string_lossy().contains(ENV_FILE));
        named || real.starts_with(&project)
    })
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

pub(crate) fn existing_directory(given: Option<&Path>, host: &Host) -> Result<PathBuf> {
    starting_directory(given, host)?.ok_or_else(|| {
        Error::invalid("directory", "The working directory no longer exists.").with_hint("Change to another directory.")
    })
}

/// Reads the file as a document in which keys can be edited.
pub(crate) fn readable(target: &Target) -> Result<Document> {
    parsed(target, target.read()?.bytes)
}

fn parsed(target: &Target, bytes: SecretBytes) -> Result<Document> {
    let document = Document::parse(bytes);
    let (reason, hint) = if document.is_utf16() {
        ("is UTF-16 text, which readers of .env files do not support", SAVE_AS_UTF8)
    } else if document.is_binary() {
        ("contains a NUL byte, so it is not a .env file", DECRYPT)
    } else {
        return Ok(document);
    };
    Err(Error::new(ErrorCode::FileUnreadable, format!("{} {reason}.", shown(&target.path)))
        .with_hint(hint)
        .with("path", target.path.to_string_lossy()))
}

/// The file right before the edit.
pub(crate) struct Before {
    pub(crate) document: Document,
    pub(crate) existed: bool,
}

/// Edits the file in one step, or leaves it alone if nothing changes. If another program writes at the same time, `change`
/// runs again, and the last run counts.
pub(crate) fn edit(target: &Target, mut change: impl FnMut(&Before) -> Result<Document>) -> Result<Before> {
    target.update(|found| {
        let before = Before { document: parsed(target, found.bytes.clone())?, existed: found.exists() };
        let after = change(&before)?;
        Ok(((after.secret_bytes() != &found.bytes).then(|| after.secret_bytes().clone()), before))
    })
}

/// The location of a text that an edit removes or replaces, for the result; `None` if the line has no value.
pub(crate) fn removed_location(variable: &'static str, path: &Path, line: &HeldLine) -> Option<Location> {
    let masked = match &line.held {
        Held::Key(key) => Some(key.to_string()),
        Held::Other(_) => None,
        Held::Nothing => return None,
    };
    let location = Location::new(Origin::EnvFile, Some(variable), Some(path.to_path_buf()));
    Some(Location { line: Some(line.line), outcome: Outcome::Removed, masked, ..location })
}

/// The keys in the order of a new file: sandbox, then live.
fn in_order(keys: &[ApiKey]) -> Result<Vec<&ApiKey>> {
    if let Some(key) = keys.iter().find(|key| key.kind() == Kind::Publishable) {
        return Err(Error::new(
            ErrorCode::WrongKeyKind,
            format!("{key} is a publishable key; only secret keys (am_sk_…) can be saved."),
        )
        .with_hint("Copy the key that starts with `am_sk_` from the dashboard."));
    }
    let of = |environment| keys.iter().filter(move |key| key.environment() == environment);
    let mut ordered: Vec<&ApiKey> = of(Environment::Sandbox).chain(of(Environment::Live)).collect();
    ordered.dedup();
    match ordered.as_slice() {
        [] => Err(Error::invalid("keys", "`keys` must contain a key.")),
        [_] => Ok(ordered),
        [sandbox, live] if sandbox.environment() != live.environment() => Ok(ordered),
        _ => Err(Error::invalid("keys", "`keys` must not contain two keys of the same environment.")
            .with_hint("Save one sandbox key and one live key.")),
    }
}

fn with_keys(document: &Document, entries: &[KeyEntry<'_>]) -> Document {
    let pairs: Vec<(&str, &str)> = entries.iter().map(|entry| (entry.variable, entry.key.reveal())).collect();
    if let Some(edited) = document.set_plainly(&pairs) {
        return edited;
    }
    let set = |document: &Document, entry: &KeyEntry<'_>| document.set(entry.variable, entry.key.reveal());
    let [first, rest @ ..] = entries else { return document.clone() };
    rest.iter().fold(set(document, first), |document, entry| set(&document, entry))
}

fn replaced(before: &Document, entries: &[KeyEntry<'_>], path: &Path) -> Vec<Location> {
    let of = |entry: &KeyEntry<'_>| {
        let is_same = |held: &Held| matches!(held, Held::Key(key) if key == entry.key);
        let old = before.held(entry.variable).filter(|old| !is_same(&old.held));
        old.filter_map(|old| removed_location(entry.variable, path, &old)).collect::<Vec<_>>()
    };
    entries.iter().flat_map(of).collect()
}

/// The locations that come before the saved keys and do not hold them.
fn nearer_locations(host: &Host, file: &Path, entries: &[KeyEntry<'_>]) -> Result<Vec<Location>> {
    let mut found = Vec::new();
    for KeyEntry { variable, key } in entries {
        let options = ResolveOptions {
            environment: Some(key.environment()),
            directory: Some(folder(file).to_path_buf()),
            boundary: Boundary::Directory(folder(file).to_path_buf()),
            ..ResolveOptions::default()
        };
        let own = |location: &Location| location.path.as_deref() == Some(file) && location.variable == Some(variable);
        // Within the file, only a live key in AUTUMN_SECRET_KEY can be shadowed by another variable.
        let first_in_file = *variable == key.environment().variable();
        let locations = if first_in_file {
            evaluate_locations_before(host, &options, file)?
        } else {
            evaluate_locations(host, &options)?
        };
        let nearer = locations.into_iter().take_while(|(location, _)| !own(location));
        let other = nearer.filter(|(_, held)| held.as_ref().is_none_or(|held| held.reveal() != key.reveal()));
        found.extend(other.map(|(location, _)| location));
    }
    Ok(found)
}

/// Whether a location decides which key is active.
fn decides(location: &Location) -> bool {
    matches!(location.outcome, Outcome::Used | Outcome::Refused | Outcome::Shadowed)
}
