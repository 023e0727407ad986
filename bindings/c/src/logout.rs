//! Logging out.

use std::ffi::{CString, c_char};

use libatmn::{LoggedOut, logout};

use crate::error::{atmn_code, atmn_error};
use crate::guard;
use crate::options::{self, atmn_options};
use crate::place::atmn_places;
use crate::text::{owned, owned_path};

/// What was taken out, and what is left.
pub struct atmn_logged_out {
    path: CString,
    removed: atmn_places,
    remaining: atmn_places,
    note: CString,
    locked: bool,
}

impl From<&LoggedOut> for atmn_logged_out {
    fn from(logged_out: &LoggedOut) -> Self {
        let LoggedOut { path, removed, remaining, note, locked } = logged_out;
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
    out: *mut *mut atmn_logged_out,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let options = options::read(options, atmn_options::logout)?;
        logout(&options).map(|logged_out| (&logged_out).into())
    })
}

/// The file looked at; where `.env` is a link, the file behind it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logged_out_path(logged_out: *const atmn_logged_out) -> *const c_char {
    guard::get(logged_out, |logged_out| logged_out.path.as_ptr())
}

/// The keys taken out, masked; empty if there were none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logged_out_removed(logged_out: *const atmn_logged_out) -> *const atmn_places {
    guard::get(logged_out, |logged_out| &raw const logged_out.removed)
}

/// Every place that still holds a key, from the nearest on.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logged_out_remaining(logged_out: *const atmn_logged_out) -> *const atmn_places {
    guard::get(logged_out, |logged_out| &raw const logged_out.remaining)
}

/// Ready to print: that keys are not revoked, and where to do that.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logged_out_note(logged_out: *const atmn_logged_out) -> *const c_char {
    guard::get(logged_out, |logged_out| logged_out.note.as_ptr())
}

/// 1 if no other process could interfere; 0 where the system offers no locks.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logged_out_locked(logged_out: *const atmn_logged_out) -> i32 {
    guard::get(logged_out, |logged_out| logged_out.locked.into())
}

/// Frees what `atmn_logout` gave.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_logged_out_free(logged_out: *mut atmn_logged_out) {
    guard::end(logged_out);
}
