//! Removes the keys from `.env` and `.env.local`, and lists the locations that still have one.

mod notes;

use std::path::{Path, PathBuf};

use crate::cancel::Cancel;
use crate::dotenv::Held;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::known_keys;
use crate::locations::{Location, Origin, shown};
use crate::resolve::{ResolveOptions, evaluate_locations};
use crate::save::{
    Before, EnvFile, OwnFiles, VARIABLES, edit, existing_directory, located, readable, removed_location,
};
use crate::secure_file::{Lock, Target, is_fifo};
use crate::server::Server;

/// Options of a logout.
#[derive(Clone, Debug, Default)]
pub struct LogoutOptions {
    /// The directory of the file; by default the working directory.
    pub directory: Option<PathBuf>,
    /// The only file to edit. By default each of `.env.local` and `.env` that has a key; beside a `.env.local`, a `.env`
    /// that git tracks is left, and so is one for which git does not answer.
    pub file: Option<EnvFile>,
    /// The environment whose keys are removed, from either variable; by default both.
    pub environment: Option<Environment>,
    /// The server whose dashboard the result names; by default `ATMN_BACKEND_URL`, then the cloud.
    pub server: Option<Server>,
    /// The environment variables and the working directory; by default those of the process.
    pub host: Option<Host>,
    /// Cancels the call while it waits for a lock or for git. By default it cannot be cancelled.
    pub cancel: Cancel,
}

/// The result of a logout.
#[derive(Clone, Debug)]
pub struct LogoutResult {
    /// The file, or of two files the `.env.local`; if it is a symbolic link, its target.
    pub path: PathBuf,
    /// The removed keys, masked, each with its file; empty if there were none.
    pub removed: Vec<Location>,
    /// Every location that still has a key, in order of precedence. Of these, a file is edited by a logout that names it, or
    /// its directory.
    pub remaining: Vec<Location>,
    /// A note for the user, the same in every language: where to revoke the keys, which stay valid, or that there were none;
    /// what was left, such as the reference of a secret manager or a `.env` of a team, and why; which edited file git
    /// tracks; and which file could not be searched.
    pub note: String,
    /// Whether each edited file was locked; `false` if the system offers no locks.
    pub locked: bool,
}

/// Whether a logout removes this: a key of the environment, or any key.
fn goes(environment: Option<Environment>) -> impl Fn(&Held) -> bool {
    move |held| matches!(held, Held::Key(key) if environment.is_none_or(|wanted| wanted == key.environment()))
}

/// Removes the keys, or those of one environment, from the `.env.local` and `.env` of the directory, so that
/// [`resolve_key`](crate::resolve_key) finds none there, or only from the file that the caller names. Beside a
/// `.env.local`, a `.env` that git tracks is left. A malformed value that contains a key is removed, too; a value without a
/// key stays, and a file without keys is not written. It succeeds if there is no key.
///
/// # Errors
/// - `invalid_argument`: `server`, `directory`.
/// - `file_untrusted`, `not_a_file`, `link_refused`, `file_unreadable`: the file must not be edited.
/// - `file_unwritable`, `disk_full`, `env_file_not_replaceable`, `file_locked`: the file could not be written.
/// - `cancelled`: `cancel` was set before the call began to write.
///
/// On any error, the files are unchanged, unless the error says that the first of two was edited.
///
/// ```
/// # let project = tempfile::tempdir().unwrap();
/// use libatmn::{LogoutOptions, logout};
///
/// let file = project.path().join(".env");
/// std::fs::write(&file, "# mine\nAUTUMN_SECRET_KEY=am_sk_test_0123456789ab\nPORT=80\n").unwrap();
/// let options = LogoutOptions { directory: Some(project.path().into()), ..Default::default() };
/// assert_eq!(logout(&options)?.removed.len(), 1);
/// assert_eq!(std::fs::read_to_string(file).unwrap(), "# mine\nPORT=80\n");
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn logout(options: &LogoutOptions) -> Result<LogoutResult> {
    let host = Host::or_current(options.host.as_ref());
    let server = Server::choose(options.server.as_ref(), &host)?;
    let directory = existing_directory(options.directory.as_deref(), &host)?;
    let goes = goes(options.environment);
    let OwnFiles { targets, left } =
        OwnFiles::find(&host, &directory, options.file, &goes, &options.cancel).map_err(at_path)?;
    let tracked = notes::tracked(&host, &targets, &goes, &options.cancel)?;
    let locks = locked(&host, &targets, &options.cancel)?;
    let removed = clear_all(&host, &targets, &goes)?;
    let Remaining { locations, unsearched } = Remaining::of(&host, &directory)?;
    let path = targets.into_iter().next().map(|target| target.path).unwrap_or_default();
    let searched = searched(&directory, options.file, left.is_some());
    let left = left.iter().filter_map(|reason| notes::left(&directory, reason, &goes));
    let notes: Vec<String> = std::iter::once(notes::revoke(&server, removed.len(), &path))
        .chain(left)
        .chain(tracked)
        .chain(notes::other_texts(&searched, options.environment))
        .chain(unsearched.iter().map(|location| format!("Could not look for keys in {location}.")))
        .collect();
    Ok(LogoutResult {
        note: notes.join(" "),
        removed,
        remaining: locations,
        locked: locks.iter().all(Option::is_some),
        path,
    })
}

/// The files that a logout looks into, without a `.env` that was left to a team.
fn searched(directory: &Path, named: Option<EnvFile>, is_left: bool) -> Vec<PathBuf> {
    let files = match named {
        Some(file) => vec![file],
        None if is_left => vec![EnvFile::EnvLocal],
        None => vec![EnvFile::EnvLocal, EnvFile::Env],
    };
    files.into_iter().map(|file| directory.join(file.name())).collect()
}

/// Locks the files, in an order that does not depend on the links that led to them.
fn locked(host: &Host, targets: &[Target], cancel: &Cancel) -> Result<Vec<Option<Lock>>> {
    let mut paths: Vec<&Path> = targets.iter().map(|target| target.path.as_path()).collect();
    paths.sort_unstable();
    paths.into_iter().map(|path| Lock::write(host, path, cancel)).collect()
}

/// Removes the keys from all files. If the second one cannot be written, neither is edited, as far as this is known.
fn clear_all(host: &Host, targets: &[Target], goes: &impl Fn(&Held) -> bool) -> Result<Vec<Location>> {
    if targets.len() > 1 {
        targets.iter().try_for_each(Target::check_writable)?;
    }
    let mut removed = Vec::new();
    for target in targets {
        removed.extend(clear(host, target, goes).map_err(|error| incomplete(error, &removed))?);
    }
    Ok(removed)
}

/// Removes the keys from one file, and forgets them.
fn clear(host: &Host, target: &Target, goes: impl Fn(&Held) -> bool) -> Result<Vec<Location>> {
    let Before { document, .. } = edit(target, |before| Ok(before.document.remove_held(VARIABLES, &goes)))
        .map_err(|error| with_way_out(error, &target.path))?;
    let (mut removed, mut keys): (Vec<Location>, Vec<ApiKey>) = (Vec::new(), Vec::new());
    for variable in VARIABLES {
        for line in document.held(variable).filter(|line| goes(&line.held)) {
            removed.extend(removed_location(variable, &target.path, &line));
            keys.extend(if let Held::Key(key) = line.held { Some(key) } else { None });
        }
    }
    known_keys::forget(host, &keys);
    Ok(removed)
}

/// The hint of an error for a file that a logout cannot edit, but the user can.
fn with_way_out(error: Error, path: &Path) -> Error {
    match way_out(&error, path) {
        Some(way_out) => error.with_hint(way_out),
        None => error,
    }
}

/// [`with_way_out`] for an error that names its file.
fn at_path(error: Error) -> Error {
    match error.context.get("path").map(PathBuf::from) {
        Some(path) => with_way_out(error, &path),
        None => error,
    }
}

/// How the user removes a key from a file that a logout cannot edit, as one sentence; `None` if it can.
#[must_use]
pub fn obstacle(path: &Path) -> Option<String> {
    let error = located(path).and_then(|target| readable(&target)).err()?;
    Some(way_out(&error, path).unwrap_or(error.message))
}

fn way_out(error: &Error, path: &Path) -> Option<String> {
    match error.code {
        ErrorCode::NotAFile if is_fifo(path) => {
            Some(format!("A secret manager provides {}: remove the key there.", shown(path)))
        }
        ErrorCode::LinkRefused => {
            let real = dunce::canonicalize(path).ok()?;
            Some(format!("{} is a link: remove the key from {} with an editor.", shown(path), shown(&real)))
        }
        _ => None,
    }
}

/// The error of the second file, which names the first.
fn incomplete(error: Error, removed: &[Location]) -> Error {
    let Some(path) = removed.first().and_then(|location| location.path.as_deref()) else { return error };
    let failure = error.message.trim_end_matches('.');
    let message = format!("{failure}; the keys in {} were already removed.", shown(path));
    Error { message, ..error }
}

/// What is left after a logout.
struct Remaining {
    /// Every location with a key, including keys that [`resolve_key`](crate::resolve_key) refuses: the server may accept
    /// them.
    locations: Vec<Location>,
    /// The files of the directory that could not be read or are not trusted, so that no key was found there.
    unsearched: Vec<Location>,
}

impl Remaining {
    fn of(host: &Host, directory: &Path) -> Result<Self> {
        let mut options = ResolveOptions { directory: Some(directory.to_path_buf()), ..ResolveOptions::default() };
        let (mut locations, mut unsearched): (Vec<Location>, Vec<Location>) = (Vec::new(), Vec::new());
        // Without an environment, resolution looks at AUTUMN_SECRET_KEY only; for live keys at AUTUMN_PROD_SECRET_KEY too.
        for environment in [None, Some(Environment::Live)] {
            options.environment = environment;
            for (location, _) in evaluate_locations(host, &options)? {
                let list = match &location {
                    location if location.masked.is_some() => &mut locations,
                    location if is_unsearched(location, directory) => &mut unsearched,
                    _ => continue,
                };
                // A location can occur for both environments.
                let place = |location: &Location| (location.origin, location.variable, location.path.clone());
                if !list.iter().any(|known| place(known) == place(&location)) {
                    list.push(location);
                }
            }
        }
        Ok(Self { locations, unsearched })
    }
}

/// Whether a location is a file of the directory that could not be searched. A directory or a broken link has no keys.
fn is_unsearched(location: &Location, directory: &Path) -> bool {
    let is_own = |path: &&Path| path.parent() == Some(directory) && path.exists() && !path.is_dir();
    let path = location.path.as_deref().filter(is_own);
    location.origin == Origin::EnvFile && location.variable.is_none() && location.reason.is_some() && path.is_some()
}
