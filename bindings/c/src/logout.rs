//! Logging out.

use std::ffi::{CString, c_char};

use libatmn::{LogoutResult, logout};

use crate::error::{atmn_code, atmn_error};
use crate::guard;
use crate::location::atmn_locations;
use crate::options::{self, atmn_options};
use crate::text::{owned, owned_path};

/// What was taken out, and what is left.
pub struct atmn_logout_result {
    path: CString,
    removed: atmn_locations,
    remaining: atmn_locations,
    note: CString,
    locked: bool,
}

impl From<&LogoutResult> for atmn_logout_result {
    fn from(logout_result: &LogoutResult) -> Self {
        let LogoutResult { path, removed, remaining, note, locked } = logout_result;
        Self {
            path: owned_path(path),
            removed: removed.as_slice().into(),
            remaining: remaining.as_slice().into(),
            note: owned(note),
            locked: *locked,
        }
    }
}

/// Removes both keys from the `.env` of the directory, and of that directory only. Nothing to remove is success. The
/// keys themselves stay valid; the note says where to revoke them.
///
/// Codes: as `atmn_save_keys`, except those about keys and git.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout(
    options: *const atmn_options,
    out: *mut *mut atmn_logout_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let options = options::read(options, atmn_options::logout)?;
        logout(&options).map(|logout_result| (&logout_result).into())
    })
}

/// The file looked at; where `.env` is a link, the file behind it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_path(logout_result: *const atmn_logout_result) -> *const c_char {
    guard::get(logout_result, |logout_result| logout_result.path.as_ptr())
}

/// The keys taken out, masked; empty if there were none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_removed(logout_result: *const atmn_logout_result) -> *const atmn_locations {
    guard::get(logout_result, |logout_result| &raw const logout_result.removed)
}

/// Every place that still holds a key, from the nearest on.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_remaining(logout_result: *const atmn_logout_result) -> *const atmn_locations {
    guard::get(logout_result, |logout_result| &raw const logout_result.remaining)
}

/// Ready to print: that keys are not revoked, and where to do that.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_note(logout_result: *const atmn_logout_result) -> *const c_char {
    guard::get(logout_result, |logout_result| logout_result.note.as_ptr())
}

/// 1 if no other process could interfere; 0 where the system offers no locks.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_locked(logout_result: *const atmn_logout_result) -> i32 {
    guard::get(logout_result, |logout_result| logout_result.locked.into())
}

/// Frees what `atmn_logout` gave.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logout_result_free(logout_result: *mut atmn_logout_result) {
    guard::end(logout_result);
}
