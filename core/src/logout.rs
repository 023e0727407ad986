//! Removes the keys from `.env` and `.env.local`, and lists the locations that still have one.

use std::path::{Path, PathBuf};

use crate::cancel::Cancel;
use crate::config::ENV_FILE;
use crate::dotenv::{Document, Value};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::known_keys;
use crate::locations::{Location, shown};
use crate::resolve::{ResolveOptions, evaluate_locations};
use crate::save::{Before, EnvFile, OwnFiles, VARIABLES, edit, existing_directory, removed_location};
use crate::secure_file::{Lock, Target};
use crate::server::Server;

/// Options of a logout.
#[derive(Clone, Debug, Default)]
pub struct LogoutOptions {
    /// The directory of the file; by default the working directory.
    pub directory: Option<PathBuf>,
    /// The only file to edit. By default each of `.env.local` and `.env` that has a key; beside a `.env.local`, a `.env`
    /// that git tracks is left, and so is one for which git does not answer.
    pub file: Option<EnvFile>,
    /// The environment whose key is removed, from its own variable; by default both.
    pub environment: Option<Environment>,
    /// The server whose dashboard the result names; by default `ATMN_BACKEND_URL`, then the cloud.
    pub server: Option<Server>,
    /// The environment variables and the working directory; by default those of the process.
    pub host: Option<Host>,
    /// Cancels the call while it waits for a lock. By default it cannot be cancelled.
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
    /// and why a `.env` with keys was left.
    pub note: String,
    /// Whether each edited file was locked; `false` if the system offers no locks.
    pub locked: bool,
}

/// The variables to remove.
fn variables(environment: Option<Environment>) -> &'static [&'static str] {
    match environment {
        None => VARIABLES,
        Some(Environment::Sandbox) => &VARIABLES[..1],
        Some(Environment::Live) => &VARIABLES[1..],
    }
}

/// Removes both keys, or that of one environment, from the `.env.local` and `.env` of the directory, so that
/// [`resolve_key`](crate::resolve_key) finds none there, or only from the file that the caller names. Beside a
/// `.env.local`, a `.env` that git tracks is left. It succeeds if there is no key.
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
    let variables = variables(options.environment);
    let OwnFiles { targets, left } = OwnFiles::find(&host, &directory, options.file, variables, &options.cancel)?;
    let locks = locked(&host, &targets, &options.cancel)?;
    if targets.len() > 1 {
        // So that an error leaves both files unchanged.
        targets.iter().try_for_each(Target::check_writable)?;
    }
    let mut removed = Vec::new();
    for target in &targets {
        removed.extend(clear(&host, target, variables).map_err(|error| incomplete(error, &removed))?);
    }
    let path = targets.into_iter().next().map(|target| target.path).unwrap_or_default();
    Ok(LogoutResult {
        note: note(&server, removed.len(), &path, left.map(|reason| (directory.join(ENV_FILE), reason))),
        removed,
        remaining: remaining(&host, directory)?,
        locked: locks.iter().all(Option::is_some),
        path,
    })
}

/// Locks the files, in an order that does not depend on the links that led to them.
fn locked(host: &Host, targets: &[Target], cancel: &Cancel) -> Result<Vec<Option<Lock>>> {
    let mut paths: Vec<&Path> = targets.iter().map(|target| target.path.as_path()).collect();
    paths.sort_unstable();
    paths.into_iter().map(|path| Lock::write(host, path, cancel)).collect()
}

/// Removes the variables from one file, and forgets its keys.
fn clear(host: &Host, target: &Target, variables: &[&'static str]) -> Result<Vec<Location>> {
    let Before { document, .. } = edit(target, |before| Ok(before.document.remove(variables)))?;
    known_keys::forget(host, &keys_of(&document, variables));
    let removed = variables.iter().flat_map(|variable| {
        let old = document.assignments(variable);
        old.filter_map(|old| removed_location(variable, &target.path, old.line, &old.value)).collect::<Vec<_>>()
    });
    Ok(removed.collect())
}

/// The error of the second file, which names the first.
fn incomplete(error: Error, removed: &[Location]) -> Error {
    let Some(path) = removed.first().and_then(|location| location.path.as_deref()) else { return error };
    let failure = error.message.trim_end_matches('.');
    let message = format!("{failure}; the keys in {} were already removed.", shown(path));
    Error { message, ..error }
}

/// The keys of the variables that a logout removes.
fn keys_of(document: &Document, variables: &[&str]) -> Vec<ApiKey> {
    let values = variables.iter().flat_map(|variable| document.assignments(variable).map(|old| old.value));
    let key = |value| match value {
        Value::Text(text) => ApiKey::parse(text.reveal()).ok(),
        Value::Empty | Value::Unusable(_) => None,
    };
    values.filter_map(key).collect()
}

/// Every location with a key, including keys that [`resolve_key`](crate::resolve_key) refuses: the server may accept them.
fn remaining(host: &Host, directory: PathBuf) -> Result<Vec<Location>> {
    let mut options = ResolveOptions { directory: Some(directory), ..ResolveOptions::default() };
    let mut locations: Vec<Location> = Vec::new();
    // Without an environment, resolution looks at AUTUMN_SECRET_KEY only; for live keys at AUTUMN_PROD_SECRET_KEY too.
    for environment in [None, Some(Environment::Live)] {
        options.environment = environment;
        for (location, _) in evaluate_locations(host, &options)? {
            // A location can occur for both environments.
            let known = locations.iter().any(|known| {
                (known.origin, known.variable, &known.path) == (location.origin, location.variable, &location.path)
            });
            if location.masked.is_some() && !known {
                locations.push(location);
            }
        }
    }
    Ok(locations)
}

/// `left` is a file that was not edited, and why.
fn note(server: &Server, removed: usize, path: &Path, left: Option<(PathBuf, String)>) -> String {
    let url = server.dashboard().map(|url| format!(", {url}")).unwrap_or_default();
    let revoke = match removed {
        0 => format!("There is no key to remove in {}. To revoke keys, use the dashboard{url}.", shown(path)),
        1 => format!("The key stays valid until you revoke it in the dashboard{url}."),
        _ => format!("The keys stay valid until you revoke them in the dashboard{url}."),
    };
    match left {
        Some((file, reason)) => format!("{revoke} {} was left as it is, since it {reason}.", shown(&file)),
        None => revoke,
    }
}
