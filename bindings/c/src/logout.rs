//! Logging out.

use std::ffi::{CString, c_char};

use libatmn::{LogoutResult, logout};

use crate::call::ffi_object;
use crate::canceller::{atmn_canceller, cancel_flag};
use crate::error::{atmn_code, atmn_error};
use crate::location::{atmn_location, list};
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned};
use crate::read_options::read;
use crate::text::{path_to_c_string, to_c_string};

/// The result of logging out.
pub struct atmn_logout_result {
    path: CString,
    removed: Vec<atmn_location>,
    remaining: Vec<atmn_location>,
    note: CString,
    locked: bool,
}

impl Handle for atmn_logout_result {
    type Ownership = Owned;
}

impl From<LogoutResult> for atmn_logout_result {
    fn from(logout_result: LogoutResult) -> Self {
        let LogoutResult { path, removed, remaining, note, locked } = logout_result;
        Self {
            path: path_to_c_string(&path),
            removed: list(&removed),
            remaining: list(&remaining),
            note: to_c_string(&note),
            locked,
        }
    }
}

/// Removes the keys, or those of the environment that `atmn_options_set_environment` names, from the `.env.local` and
/// `.env` files of the directory, or only from the one that `atmn_options_set_file` names. Beside a `.env.local`, a
/// `.env` that git tracks, or may track, is left; a value without a key stays. It succeeds if there is no key. The
/// keys stay valid until they are revoked in the dashboard; the note of the result says where. `canceller` may be
/// NULL.
///
/// Codes: as `atmn_save_keys`, except those about keys and git.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_logout_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let options = read(options, |options| options.logout(cancel_flag(canceller)))?;
        logout(&options).map(Into::into)
    })
}

/// Returns the file, or of two files the `.env.local`. If it is a symbolic link, this is its target.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_path(logout_result: *const atmn_logout_result) -> *const c_char {
    object::get(logout_result, |logout_result| logout_result.path.as_ptr())
}

/// Returns the number of keys that were removed.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_removed_count(logout_result: *const atmn_logout_result) -> usize {
    object::count(logout_result, |logout_result| &logout_result.removed)
}

/// Returns the location of a key that was removed, with its file.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_removed_get(
    logout_result: *const atmn_logout_result,
    index: usize,
) -> *const atmn_location {
    object::item(logout_result, index, |logout_result| &logout_result.removed)
}

/// Returns the number of locations that still hold a key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_remaining_count(logout_result: *const atmn_logout_result) -> usize {
    object::count(logout_result, |logout_result| &logout_result.remaining)
}

/// Returns a location that still holds a key, in the order of precedence.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_remaining_get(
    logout_result: *const atmn_logout_result,
    index: usize,
) -> *const atmn_location {
    object::item(logout_result, index, |logout_result| &logout_result.remaining)
}

/// Returns a text for the user: keys are not revoked, and where to revoke them; what was left, and why; which edited
/// file git tracks; and which file could not be searched.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_note(logout_result: *const atmn_logout_result) -> *const c_char {
    object::get(logout_result, |logout_result| logout_result.note.as_ptr())
}

/// Returns 1 if each edited file was locked against other processes meanwhile; 0 if the file system has no locks.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_locked(logout_result: *const atmn_logout_result) -> i32 {
    object::get(logout_result, |logout_result| logout_result.locked.into())
}

/// Frees the result of `atmn_logout`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_free(logout_result: *mut atmn_logout_result) {
    object::free(logout_result);
}
