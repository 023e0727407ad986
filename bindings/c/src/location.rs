//! Places.

use std::ffi::{CString, c_char};
use std::ptr;

use libatmn::{Location, Origin, Outcome};

use crate::guard;
use crate::text::{Name, lend, name_of, owned, owned_path};

/// What kind of place it is.
pub type atmn_origin = i32;
/// The caller passed the key.
pub const ATMN_ORIGIN_ARGUMENT: atmn_origin = 1;
/// A variable of the process.
pub const ATMN_ORIGIN_PROCESS: atmn_origin = 2;
/// The file that a `…_FILE` variable of the process names.
pub const ATMN_ORIGIN_SECRET_FILE: atmn_origin = 3;
/// A `.env.local` or `.env` file.
pub const ATMN_ORIGIN_ENV_FILE: atmn_origin = 4;

/// What became of a place.
pub type atmn_outcome = i32;
/// Its key is the one in force.
pub const ATMN_OUTCOME_USED: atmn_outcome = 1;
/// It does not have the variable.
pub const ATMN_OUTCOME_ABSENT: atmn_outcome = 2;
/// Its value is empty, which counts as absent.
pub const ATMN_OUTCOME_EMPTY: atmn_outcome = 3;
/// A nearer place was used.
pub const ATMN_OUTCOME_SHADOWED: atmn_outcome = 4;
/// It comes first, and what it holds cannot be used.
pub const ATMN_OUTCOME_REFUSED: atmn_outcome = 5;
/// It was passed over.
pub const ATMN_OUTCOME_SKIPPED: atmn_outcome = 6;
/// Its key was taken out.
pub const ATMN_OUTCOME_REMOVED: atmn_outcome = 7;

/// A place where a key is, was, or could have been. Always lent.
pub struct atmn_location {
    origin: atmn_origin,
    variable: Option<CString>,
    path: Option<CString>,
    line: u32,
    outcome: atmn_outcome,
    masked: Option<CString>,
    reason: Option<CString>,
    text: CString,
}

/// A list of places.
pub struct atmn_locations(Vec<atmn_location>);

impl From<&Location> for atmn_location {
    fn from(location: &Location) -> Self {
        let Location { origin, variable, path, line, outcome, masked, reason } = location;
        Self {
            origin: origin_number(*origin),
            variable: variable.map(owned),
            path: path.as_deref().map(owned_path),
            line: line.unwrap_or_default(),
            outcome: outcome_number(*outcome),
            masked: masked.as_deref().map(owned),
            reason: reason.as_deref().map(owned),
            text: owned(&location.to_string()),
        }
    }
}

impl From<&[Location]> for atmn_locations {
    fn from(locations: &[Location]) -> Self {
        Self(locations.iter().map(atmn_location::from).collect())
    }
}

fn origin_number(origin: Origin) -> atmn_origin {
    match origin {
        Origin::Argument => ATMN_ORIGIN_ARGUMENT,
        Origin::Process => ATMN_ORIGIN_PROCESS,
        Origin::SecretFile => ATMN_ORIGIN_SECRET_FILE,
        Origin::EnvFile => ATMN_ORIGIN_ENV_FILE,
    }
}

fn outcome_number(outcome: Outcome) -> atmn_outcome {
    match outcome {
        Outcome::Used => ATMN_OUTCOME_USED,
        Outcome::Absent => ATMN_OUTCOME_ABSENT,
        Outcome::Empty => ATMN_OUTCOME_EMPTY,
        Outcome::Shadowed => ATMN_OUTCOME_SHADOWED,
        Outcome::Refused => ATMN_OUTCOME_REFUSED,
        Outcome::Skipped => ATMN_OUTCOME_SKIPPED,
        Outcome::Removed => ATMN_OUTCOME_REMOVED,
    }
}

static ORIGINS: [Name; 4] = [
    Name::new(Origin::Argument.name()),
    Name::new(Origin::Process.name()),
    Name::new(Origin::SecretFile.name()),
    Name::new(Origin::EnvFile.name()),
];

static OUTCOMES: [Name; 7] = [
    Name::new(Outcome::Used.name()),
    Name::new(Outcome::Absent.name()),
    Name::new(Outcome::Empty.name()),
    Name::new(Outcome::Shadowed.name()),
    Name::new(Outcome::Refused.name()),
    Name::new(Outcome::Skipped.name()),
    Name::new(Outcome::Removed.name()),
];

/// The name of an origin: "argument", "process", "secret_file", "env_file". Static; "unknown" for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_origin_name(origin: atmn_origin) -> *const c_char {
    name_of(&ORIGINS, origin)
}

/// The name of an outcome: "used", "absent" and so on. Static; "unknown" for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_outcome_name(outcome: atmn_outcome) -> *const c_char {
    name_of(&OUTCOMES, outcome)
}

/// What kind of place it is.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_origin(location: *const atmn_location) -> atmn_origin {
    guard::get(location, |location| location.origin)
}

/// The variable looked for; NULL for an argument, or for a file that could not be read at all.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_variable(location: *const atmn_location) -> *const c_char {
    guard::get(location, |location| lend(location.variable.as_ref()))
}

/// The file, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_path(location: *const atmn_location) -> *const c_char {
    guard::get(location, |location| lend(location.path.as_ref()))
}

/// The line in it, from 1; 0 if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_line(location: *const atmn_location) -> u32 {
    guard::get(location, |location| location.line)
}

/// What became of it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_outcome(location: *const atmn_location) -> atmn_outcome {
    guard::get(location, |location| location.outcome)
}

/// The key it holds, as "am_sk_test_…a1b2", or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_masked(location: *const atmn_location) -> *const c_char {
    guard::get(location, |location| lend(location.masked.as_ref()))
}

/// Why it was refused or skipped, completing "it …", or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_reason(location: *const atmn_location) -> *const c_char {
    guard::get(location, |location| lend(location.reason.as_ref()))
}

/// Ready to print, as part of a sentence: "AUTUMN_SECRET_KEY in /srv/app/.env, line 3".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_text(location: *const atmn_location) -> *const c_char {
    guard::get(location, |location| location.text.as_ptr())
}

/// How many places are in a list.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_locations_count(locations: *const atmn_locations) -> usize {
    guard::get(locations, |locations| locations.0.len())
}

/// A place of a list, counted from 0; NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_locations_get(locations: *const atmn_locations, index: usize) -> *const atmn_location {
    guard::get(locations, |locations| locations.0.get(index).map_or(ptr::null(), ptr::from_ref))
}

/// Frees a list that was given, as by `atmn_explain_key`; not one that is lent.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_locations_free(locations: *mut atmn_locations) {
    guard::end(locations);
}
