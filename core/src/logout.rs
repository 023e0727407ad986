//! Taking the keys out of `.env`, and saying what still authenticates.

use std::path::PathBuf;

use crate::error::Result;
use crate::key::Environment;
use crate::locations::Location;
use crate::resolve::{ResolveOptions, evaluate_locations};
use crate::save::{Before, edit, env_file, existing_directory, key_location};
use crate::secure_file::Lock;
use crate::server::Server;

/// Where to log out.
#[derive(Clone, Debug, Default)]
pub struct LogoutOptions {
    /// The directory whose `.env` is edited; the working directory by default.
    pub directory: Option<PathBuf>,
    /// The server whose dashboard is named in the result; unless set, the one that `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
}

/// What was taken out, and what is left.
#[derive(Clone, Debug)]
pub struct LogoutResult {
    /// The file looked at; where `.env` is a link, the file behind it.
    pub path: PathBuf,
    /// The keys taken out, masked; empty if there were none.
    pub removed: Vec<Location>,
    /// Every place that still holds a key, from the nearest on.
    pub remaining: Vec<Location>,
    /// Ready to print: keys are not revoked, and where to do that.
    pub note: String,
    /// No other process could interfere; `false` where the system offers no locks.
    pub locked: bool,
}

const VARIABLES: [&str; 2] = [Environment::Sandbox.variable(), Environment::Live.variable()];

/// Removes both keys from the `.env` of the directory, and of that directory only. Nothing to remove is success.
///
/// # Errors
/// - `invalid_argument`: `server`, `directory`.
/// - `file_untrusted`, `not_a_file`, `link_refused`, `file_unreadable`: what stands there is not ours to edit.
/// - `file_unwritable`, `disk_full`, `env_file_not_replaceable`, `file_locked`: it could not be written.
///
/// On any failure, the file is as it was.
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
    let server = Server::choose(options.server.as_ref())?;
    let directory = existing_directory(options.directory.as_deref())?;
    let target = env_file(&directory)?;
    let lock = Lock::write(&target.path)?;
    let [sandbox, live] = VARIABLES;
    let Before { document, .. } = edit(&target, |before| Ok(before.document.remove(sandbox).remove(live)))?;
    let removed = VARIABLES.iter().flat_map(|variable| {
        let old = document.assignments(variable);
        old.filter_map(|old| key_location(variable, &target.path, old.line, &old.value)).collect::<Vec<_>>()
    });
    Ok(LogoutResult {
        removed: removed.collect(),
        remaining: remaining(directory)?,
        note: note(&server),
        locked: lock.is_some(),
        path: target.path,
    })
}

/// Every place that holds a key, also one that no resolution would hand out: the server would still take it.
fn remaining(directory: PathBuf) -> Result<Vec<Location>> {
    let mut options = ResolveOptions { directory: Some(directory), ..ResolveOptions::default() };
    let mut locations: Vec<Location> = Vec::new();
    for environment in [None, Some(Environment::Live)] {
        options.environment = environment;
        for (location, _) in evaluate_locations(&options)? {
            // One place can answer both questions.
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

fn note(server: &Server) -> String {
    let whereabouts =
        server.dashboard().map_or_else(|| "the dashboard".to_owned(), |url| format!("the dashboard, {url}"));
    format!("The keys themselves stay valid. To revoke them, delete them in {whereabouts}.")
}
