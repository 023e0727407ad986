//! The sentences in the note of a logout.

use std::path::{Path, PathBuf};

use crate::cancel::Cancel;
use crate::config::ENV_FILE;
use crate::dotenv::Held;
use crate::error::Result;
use crate::git::Git;
use crate::host::Host;
use crate::key::Environment;
use crate::locations::shown;
use crate::save::{VARIABLES, has_key, located, readable};
use crate::secure_file::Target;
use crate::server::Server;
use crate::version_control::TrackingStatus;

/// Where the keys can be revoked, or that there were none.
pub(super) fn revoke(server: &Server, removed: usize, path: &Path) -> String {
    let at = match server.certain_dashboard() {
        Some(url) => format!("in the dashboard, {url}"),
        None => format!("on {server}"),
    };
    match removed {
        0 => format!("There is no key to remove in {}. Keys are revoked {at}.", shown(path)),
        1 => format!("The key stays valid until you revoke it {at}."),
        _ => format!("The keys stay valid until you revoke them {at}."),
    }
}

/// Why a `.env` with keys was not edited.
pub(super) fn left(directory: &Path, reason: &str, goes: impl Fn(&Held) -> bool) -> Option<String> {
    let own = directory.join(ENV_FILE);
    let has_key = located(&own).is_ok_and(|target| has_key(&target, goes));
    has_key.then(|| format!("{} was left as it is, since it {reason}.", shown(&own)))
}

/// Which of the files whose keys are removed version control tracks.
pub(super) fn tracked(
    host: &Host,
    targets: &[Target],
    goes: impl Fn(&Held) -> bool,
    cancel: &Cancel,
) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for target in targets.iter().filter(|target| has_key(target, &goes)) {
        let status = TrackingStatus::of(&target.path, host, cancel)?;
        if status.git == Git::Tracked {
            let (path, command) = (shown(&target.path), status.command());
            notes.push(format!("{path} is tracked by {command}: commit the change. Earlier commits keep the key."));
        }
    }
    Ok(notes)
}

/// The values of the variables that are not keys, such as the reference of a secret manager. They stay.
pub(super) fn other_texts(files: &[PathBuf], environment: Option<Environment>) -> Vec<String> {
    let mut targets: Vec<Target> = Vec::new();
    for target in files.iter().filter_map(|file| located(file).ok()) {
        if targets.iter().all(|known| known.path != target.path) {
            targets.push(target);
        }
    }
    let is_asked_for = |variable: &&str| environment.is_none_or(|environment| environment.variable() == *variable);
    let mut notes = Vec::new();
    for target in targets {
        let Ok(document) = readable(&target) else { continue };
        for variable in VARIABLES.iter().copied().filter(is_asked_for) {
            notes.extend(document.held(variable).filter_map(|line| {
                let Held::Other(flaw) = line.held else { return None };
                let reason = flaw.map_or_else(|| "is not an Autumn API key".to_owned(), |flaw| flaw.reason);
                Some(format!("{variable} in {}, line {}, was left: it {reason}.", shown(&target.path), line.line))
            }));
        }
    }
    notes
}
