//! Locations of keys.

use std::ffi::{CString, c_char};

use libatmn::{Location, Origin, Outcome};

use crate::enumeration::{Enumeration, enumeration, name_of};
use crate::object;
use crate::pointer::{Handle, Lent, Owned};
use crate::text::{as_ptr, path_to_c_string, to_c_string};

/// The kind of a location.
pub type atmn_origin = i32;
/// The option "key".
pub const ATMN_ORIGIN_ARGUMENT: atmn_origin = 1;
/// An environment variable of the process.
pub const ATMN_ORIGIN_PROCESS: atmn_origin = 2;
/// The file that a `…_FILE` environment variable of the process names.
pub const ATMN_ORIGIN_SECRET_FILE: atmn_origin = 3;
/// A `.env.local` or `.env` file.
pub const ATMN_ORIGIN_ENV_FILE: atmn_origin = 4;

/// What was found at a location.
pub type atmn_outcome = i32;
/// The active key.
pub const ATMN_OUTCOME_USED: atmn_outcome = 1;
/// The variable is not set there.
pub const ATMN_OUTCOME_ABSENT: atmn_outcome = 2;
/// An empty value, which counts as absent.
pub const ATMN_OUTCOME_EMPTY: atmn_outcome = 3;
/// A value that is not used, because another location takes precedence.
pub const ATMN_OUTCOME_SHADOWED: atmn_outcome = 4;
/// A value that takes precedence and cannot be used, so the search failed.
pub const ATMN_OUTCOME_REFUSED: atmn_outcome = 5;
/// Nothing: the location was skipped, for the reason that it gives.
pub const ATMN_OUTCOME_SKIPPED: atmn_outcome = 6;
/// A key that this call removed.
pub const ATMN_OUTCOME_REMOVED: atmn_outcome = 7;

/// A location where a key is, was, or could be. Always lent.
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

/// A list of locations.
pub struct atmn_locations(Vec<atmn_location>);

impl Handle for atmn_location {
    type Ownership = Lent;
}

impl Handle for atmn_locations {
    type Ownership = Owned;
}

enumeration!(Origin {
    Argument = ATMN_ORIGIN_ARGUMENT,
    Process = ATMN_ORIGIN_PROCESS,
    SecretFile = ATMN_ORIGIN_SECRET_FILE,
    EnvFile = ATMN_ORIGIN_ENV_FILE,
});

enumeration!(Outcome {
    Used = ATMN_OUTCOME_USED,
    Absent = ATMN_OUTCOME_ABSENT,
    Empty = ATMN_OUTCOME_EMPTY,
    Shadowed = ATMN_OUTCOME_SHADOWED,
    Refused = ATMN_OUTCOME_REFUSED,
    Skipped = ATMN_OUTCOME_SKIPPED,
    Removed = ATMN_OUTCOME_REMOVED,
});

impl From<&Location> for atmn_location {
    fn from(location: &Location) -> Self {
        let Location { origin, variable, path, line, outcome, masked, reason } = location;
        Self {
            origin: origin.number(),
            variable: variable.map(to_c_string),
            path: path.as_deref().map(path_to_c_string),
            line: line.unwrap_or_default(),
            outcome: outcome.number(),
            masked: masked.as_deref().map(to_c_string),
            reason: reason.as_deref().map(to_c_string),
            text: to_c_string(&location.to_string()),
        }
    }
}

/// The locations of a result.
pub(crate) fn list(locations: &[Location]) -> Vec<atmn_location> {
    locations.iter().map(atmn_location::from).collect()
}

impl From<Vec<Location>> for atmn_locations {
    fn from(locations: Vec<Location>) -> Self {
        Self(list(&locations))
    }
}

/// Returns the name of an origin: "argument", "process", "secret_file" or "env_file". Static; "unknown" for a number
/// without a name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_origin_name(origin: atmn_origin) -> *const c_char {
    name_of::<Origin>(origin)
}

/// Returns the name of an outcome: "used", "absent", "empty", "shadowed", "refused", "skipped" or "removed". Static;
/// "unknown" for a number without a name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_outcome_name(outcome: atmn_outcome) -> *const c_char {
    name_of::<Outcome>(outcome)
}

/// Returns the kind of the location.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_origin(location: *const atmn_location) -> atmn_origin {
    object::get(location, |location| location.origin)
}

/// Returns the variable that was looked for; NULL for an argument and for a file that could not be read.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_variable(location: *const atmn_location) -> *const c_char {
    object::get(location, |location| as_ptr(location.variable.as_ref()))
}

/// Returns the file, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_path(location: *const atmn_location) -> *const c_char {
    object::get(location, |location| as_ptr(location.path.as_ref()))
}

/// Returns the line in the file, from 1; 0 if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_line(location: *const atmn_location) -> u32 {
    object::get(location, |location| location.line)
}

/// Returns what was found there.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_outcome(location: *const atmn_location) -> atmn_outcome {
    object::get(location, |location| location.outcome)
}

/// Returns the key as it may be shown, "am_sk_test_…a1b2", or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_masked(location: *const atmn_location) -> *const c_char {
    object::get(location, |location| as_ptr(location.masked.as_ref()))
}

/// Returns why the location was refused or skipped, as the end of a sentence that begins with "it", or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_reason(location: *const atmn_location) -> *const c_char {
    object::get(location, |location| as_ptr(location.reason.as_ref()))
}

/// Returns the location as part of a sentence: "AUTUMN_SECRET_KEY in /srv/app/.env, line 3".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_location_text(location: *const atmn_location) -> *const c_char {
    object::get(location, |location| location.text.as_ptr())
}

/// Returns the number of locations in the list.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_locations_count(locations: *const atmn_locations) -> usize {
    object::count(locations, |locations| &locations.0)
}

/// Returns a location in the list.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_locations_get(locations: *const atmn_locations, index: usize) -> *const atmn_location {
    object::item(locations, index, |locations| &locations.0)
}

/// Frees a list of locations.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_locations_free(locations: *mut atmn_locations) {
    object::free(locations);
}
