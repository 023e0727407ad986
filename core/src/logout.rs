//! Removes the keys from `.env`, and lists the locations that still have one.

use std::path::{Path, PathBuf};

use crate::cancel::Cancel;
use crate::dotenv::{Document, Value};
use crate::error::Result;
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::known_keys;
use crate::locations::{Location, shown};
use crate::resolve::{ResolveOptions, evaluate_locations};
use crate::save::{Before, EnvFile, edit, existing_directory, located, own_file, removed_location};
use crate::secure_file::Lock;
use crate::server::Server;

/// Options of a logout.
#[derive(Clone, Debug, Default)]
pub struct LogoutOptions {
    /// The directory of the `.env` file; by default the working directory.
    pub directory: Option<PathBuf>,
    /// The file to edit. By default `.env`; `.env.local` if it exists and git tracks `.env`.
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
    /// The file; if `.env` is a symbolic link, its target.
    pub path: PathBuf,
    /// The removed keys, masked; empty if there were none.
    pub removed: Vec<Location>,
    /// Every location that still has a key, in order of precedence. Of these, a file is edited by a logout that names it, or
    /// its directory.
    pub remaining: Vec<Location>,
    /// A note for the user, the same in every language: where to revoke the keys, which stay valid, or that there were none.
    pub note: String,
    /// Whether the file was locked; `false` if the system offers no locks.
    pub locked: bool,
}

const VARIABLES: &[&str] = &[Environment::Sandbox.variable(), Environment::Live.variable()];

/// The variables to remove.
fn variables(environment: Option<Environment>) -> Vec<&'static str> {
    environment.map_or_else(|| VARIABLES.to_vec(), |environment| vec![environment.variable()])
}

/// Removes both keys, or that of one environment, from the `.env` of the directory, or from its `.env.local` where git
/// tracks `.env` or the caller names it, and from no other file. It succeeds if there is no key.
///
/// # Errors
/// - `invalid_argument`: `server`, `directory`.
/// - `file_untrusted`, `not_a_file`, `link_refused`, `file_unreadable`: the file must not be edited.
/// - `file_unwritable`, `disk_full`, `env_file_not_replaceable`, `file_locked`: the file could not be written.
/// - `cancelled`: `cancel` was set before the call began to write.
///
/// On any error, the file is unchanged.
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
    let target = located(&own_file(&host, &directory, options.file, &options.cancel))?;
    let variables = variables(options.environment);
    let lock = Lock::write(&host, &target.path, &options.cancel)?;
    let Before { document, .. } = edit(&target, |before| Ok(before.document.remove(&variables)))?;
    known_keys::forget(&host, &keys_of(&document, &variables));
    let removed: Vec<Location> = variables
        .iter()
        .copied()
        .flat_map(|variable| {
            let old = document.assignments(variable);
            old.filter_map(|old| removed_location(variable, &target.path, old.line, &old.value)).collect::<Vec<_>>()
        })
        .collect();
    Ok(LogoutResult {
        note: note(&server, removed.len(), &target.path),
        removed,
        remaining: remaining(&host, directory)?,
        locked: lock.is_some(),
        path: target.path,
    })
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

fn note(server: &Server, removed: usize, path: &Path) -> String {
    let url = server.dashboard().map(|url| format!(", {url}")).unwrap_or_default();
    match removed {
        0 => format!("There is no key to remove in {}. To revoke keys, use the dashboard{url}.", shown(path)),
        1 => format!("The key stays valid until you revoke it in the dashboard{url}."),
        _ => format!("The keys stay valid until you revoke them in the dashboard{url}."),
    }
}
