//! Finding the key in force.

use libatmn::{ResolvedKey, explain_key, resolve_key};

use crate::error::{atmn_code, atmn_error};
use crate::guard;
use crate::key::atmn_key;
use crate::location::{atmn_location, atmn_locations};
use crate::options::{self, atmn_options};

/// A key, and how it was found.
pub struct atmn_resolved_key {
    key: atmn_key,
    source: atmn_location,
    skipped: atmn_locations,
}

impl From<&ResolvedKey> for atmn_resolved_key {
    fn from(found: &ResolvedKey) -> Self {
        let ResolvedKey { key, source, skipped } = found;
        Self { key: key.into(), source: source.into(), skipped: skipped.as_slice().into() }
    }
}

/// Finds the key in force: the option "key", the process variable, the file named by `<VARIABLE>_FILE`, then
/// `.env.local` and `.env` in the directory and each of its parents. The nearest place that has the variable wins; an
/// empty value counts as absent. Nothing is asked of the network.
///
/// Asked for the sandbox or for no environment, the variable is `AUTUMN_SECRET_KEY`; for the live environment it is
/// `AUTUMN_PROD_SECRET_KEY`, then `AUTUMN_SECRET_KEY` if that holds a live key. A key of another environment than the
/// one asked for is never handed out.
///
/// ```c
/// atmn_resolved_key *found = NULL;
/// atmn_error *error = NULL;
/// if (atmn_resolve_key(NULL, &found, &error) == ATMN_OK) {
///     const atmn_key *key = atmn_resolved_key_key(found);
///     printf("%s from %s\n", atmn_key_masked(key), atmn_location_text(atmn_resolved_key_source(found)));
/// } else {
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// }
/// atmn_resolved_key_free(found);
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_KEY_NOT_FOUND`; `ATMN_MALFORMED_KEY`, `ATMN_WRONG_KEY_KIND`, `ATMN_WRONG_ENVIRONMENT` where the nearest
/// place holds something else (context "variable", "path", "line"); `ATMN_KEY_FILE_UNREADABLE`; `ATMN_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolve_key(
    options: *const atmn_options,
    out: *mut *mut atmn_resolved_key,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let options = options::read(options, atmn_options::resolve)?;
        resolve_key(&options).map(|found| (&found).into())
    })
}

/// The key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_key(resolved: *const atmn_resolved_key) -> *const atmn_key {
    guard::get(resolved, |resolved| &raw const resolved.key)
}

/// The place it came from.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_source(resolved: *const atmn_resolved_key) -> *const atmn_location {
    guard::get(resolved, |resolved| &raw const resolved.source)
}

/// Places that were passed over although they may hold a key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_skipped(resolved: *const atmn_resolved_key) -> *const atmn_locations {
    guard::get(resolved, |resolved| &raw const resolved.skipped)
}

/// Frees a resolved key, and overwrites its text.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_free(resolved: *mut atmn_resolved_key) {
    guard::end(resolved);
}

/// Lists every place that `atmn_resolve_key` would look at, in its order, with what became of it. Free the list with
/// `atmn_locations_free`.
///
/// Codes: `ATMN_INVALID_ARGUMENT`; whatever is wrong with a place is said by the place.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_explain_key(
    options: *const atmn_options,
    out: *mut *mut atmn_locations,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let options = options::read(options, atmn_options::resolve)?;
        explain_key(&options).map(|locations| locations.as_slice().into())
    })
}
