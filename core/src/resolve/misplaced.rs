//! Keys under names that libatmn does not read, such as in `.dev.vars`. An error that no key was found names them.

use std::path::Path;

use super::sources::{Search, variables};
use crate::config::{ENV_FILE, MISNAMED_FILE, MISPLACED_FILE_LIMIT, MISPLACED_FILES, MISPLACED_VARIABLE};
use crate::dotenv::{Document, Value};
use crate::hint::Hint;
use crate::host::Host;
use crate::key::{ApiKey, Environment, Kind};
use crate::locations::{Location, Origin, Outcome, shown};
use crate::secure_file::read;

/// A key that would be found under another name.
pub(super) struct Misplaced {
    pub(super) location: Location,
    /// How to give it that name.
    pub(super) hint: Hint,
}

/// Every such key, in the process environment and in the directories that were searched. Nothing of their text is kept.
pub(super) fn misplaced(search: &Search<'_>, host: &Host, wanted: Option<Environment>) -> Vec<Misplaced> {
    let of_process = in_process(host, wanted).into_iter();
    of_process.chain(search.files().flat_map(|file| around(&file, wanted))).collect()
}

fn in_process(host: &Host, wanted: Option<Environment>) -> Option<Misplaced> {
    let text = host.var(MISPLACED_VARIABLE)?.to_str()?;
    fits(text, wanted).then(|| renamed(Location::new(Origin::Process, Some(MISPLACED_VARIABLE), None), wanted))
}

/// The keys of a searched file under another name, and, for a `.env`, those of the files beside it.
fn around(file: &Path, wanted: Option<Environment>) -> Vec<Misplaced> {
    let own = in_file(file, &[MISPLACED_VARIABLE], wanted);
    let mut found: Vec<Misplaced> = own.into_iter().map(|location| renamed(location, wanted)).collect();
    if file.ends_with(ENV_FILE) {
        let names = [variables(wanted), &[MISPLACED_VARIABLE]].concat();
        for name in MISPLACED_FILES {
            let beside = in_file(&file.with_file_name(name), &names, wanted);
            found.extend(beside.map(|location| in_other_file(location, name, file)));
        }
    }
    found
}

/// The first key in a trusted file, which is usually absent.
fn in_file(path: &Path, names: &[&'static str], wanted: Option<Environment>) -> Option<Location> {
    let document = Document::parse(read(path, MISPLACED_FILE_LIMIT).ok()?);
    names.iter().copied().find_map(|name| {
        let assignment = document.read(name)?;
        let Value::Text(text) = assignment.value else { return None };
        let location = Location::new(Origin::EnvFile, Some(name), Some(path.to_path_buf()));
        fits(text.reveal(), wanted).then_some(Location { line: Some(assignment.line), ..location })
    })
}

/// Whether a text is the secret key that the caller asked for.
fn fits(text: &str, wanted: Option<Environment>) -> bool {
    let is_wanted = |key: &ApiKey| wanted.is_none_or(|wanted| wanted == key.environment());
    ApiKey::parse(text).is_ok_and(|key| key.kind() == Kind::Secret && is_wanted(&key))
}

fn renamed(location: Location, wanted: Option<Environment>) -> Misplaced {
    let (name, variable) = (location.description(), variables(wanted).first().copied().unwrap_or_default());
    let hint = Hint::from(format!("Rename {name} to {variable}."));
    skipped(location, "is under a name that libatmn does not read", hint)
}

/// `own` is the `.env` beside the file. If it exists, renaming the file would replace it.
fn in_other_file(location: Location, name: &str, own: &Path) -> Misplaced {
    let path = location.path.as_deref().map(shown).unwrap_or_default();
    let is_free = name == MISNAMED_FILE && own.symlink_metadata().is_err();
    let way = if is_free { "Rename" } else { "Copy the key from" };
    let hint = Hint::from(format!("{way} {path} to {ENV_FILE}: libatmn does not read {name}."));
    skipped(location, "is in a file that libatmn does not read", hint)
}

fn skipped(location: Location, reason: &str, hint: Hint) -> Misplaced {
    Misplaced { location: Location { outcome: Outcome::Skipped, reason: Some(reason.to_owned()), ..location }, hint }
}
