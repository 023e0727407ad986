//! Finding the active key.

use libatmn::{ResolvedKey, explain_key, find_key, resolve_key};

use crate::call::{ffi_object, ffi_optional_object};
use crate::error::{atmn_code, atmn_error};
use crate::key::atmn_key;
use crate::location::{atmn_location, atmn_locations, list};
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned};
use crate::read_options::read;

/// A key and the location it came from.
pub struct atmn_resolved_key {
    key: atmn_key,
    source: atmn_location,
    skipped: Vec<atmn_location>,
}

impl Handle for atmn_resolved_key {
    type Ownership = Owned;
}

impl From<ResolvedKey> for atmn_resolved_key {
    fn from(resolved: ResolvedKey) -> Self {
        let ResolvedKey { key, source, skipped } = resolved;
        Self { key: (&key).into(), source: (&source).into(), skipped: list(&skipped) }
    }
}

/// Finds the active key. The first location that has the variable is used; an empty value counts as absent. In order:
/// the option "key", the environment variable of the process, the file that `<VARIABLE>_FILE` names, then `.env.local`
/// and `.env` in the directory and in each of its parents. It makes no network calls.
///
/// For the sandbox, or if no environment is set, the variable is `AUTUMN_SECRET_KEY`. For the live environment it is
/// `AUTUMN_PROD_SECRET_KEY`, then `AUTUMN_SECRET_KEY` if that holds a live key. A key of another environment than the
/// one that is set is never returned.
///
/// ```c
/// atmn_resolved_key *resolved = NULL;
/// atmn_error *error = NULL;
/// if (atmn_resolve_key(NULL, &resolved, &error) == ATMN_OK) {
///     const atmn_key *key = atmn_resolved_key_key(resolved);
///     printf("%s from %s\n", atmn_key_masked(key), atmn_location_text(atmn_resolved_key_source(resolved)));
/// } else {
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// }
/// atmn_resolved_key_free(resolved);
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_KEY_NOT_FOUND`; `ATMN_MALFORMED_KEY`, `ATMN_WRONG_KEY_KIND`, `ATMN_WRONG_ENVIRONMENT`: the first
/// location holds something else (context "variable", "path", "line"); `ATMN_KEY_FILE_UNREADABLE`;
/// `ATMN_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolve_key(
    options: *const atmn_options,
    out: *mut *mut atmn_resolved_key,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let options = read(options, atmn_options::resolve)?;
        resolve_key(&options).map(Into::into)
    })
}

/// Finds the active key, as `atmn_resolve_key` does, for programs that can do without one: if no location has a key,
/// the call succeeds and stores NULL.
///
/// ```c
/// atmn_resolved_key *resolved = NULL;
/// if (atmn_find_key(NULL, &resolved, NULL) == ATMN_OK && resolved == NULL)
///     puts("No key; billing is off.");
/// atmn_resolved_key_free(resolved);
/// ```
///
/// Codes: as `atmn_resolve_key`, without `ATMN_KEY_NOT_FOUND`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_find_key(
    options: *const atmn_options,
    out: *mut *mut atmn_resolved_key,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_optional_object(out, error, || {
        let options = read(options, atmn_options::resolve)?;
        Ok(find_key(&options)?.map(Into::into))
    })
}

/// Returns the key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_key(resolved_key: *const atmn_resolved_key) -> *const atmn_key {
    object::get(resolved_key, |resolved_key| &raw const resolved_key.key)
}

/// Returns the location of the key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_source(resolved_key: *const atmn_resolved_key) -> *const atmn_location {
    object::get(resolved_key, |resolved_key| &raw const resolved_key.source)
}

/// Returns the number of locations that were skipped although they may hold a key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_skipped_count(resolved_key: *const atmn_resolved_key) -> usize {
    object::count(resolved_key, |resolved_key| &resolved_key.skipped)
}

/// Returns a location that was skipped.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_skipped_get(
    resolved_key: *const atmn_resolved_key,
    index: usize,
) -> *const atmn_location {
    object::item(resolved_key, index, |resolved_key| &resolved_key.skipped)
}

/// Frees a resolved key, and overwrites its text.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_resolved_key_free(resolved_key: *mut atmn_resolved_key) {
    object::free(resolved_key);
}

/// Lists every location where `atmn_resolve_key` would look, in its order, with what was found there. A location that
/// cannot be used is listed and is not an error. Free the list with `atmn_locations_free`.
///
/// Codes: `ATMN_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_explain_key(
    options: *const atmn_options,
    out: *mut *mut atmn_locations,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let options = read(options, atmn_options::resolve)?;
        explain_key(&options).map(Into::into)
    })
}
