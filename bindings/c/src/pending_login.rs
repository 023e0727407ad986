//! Logging in with two processes.

use std::ffi::{CString, c_char};

use libatmn::{PendingLogin, begin_login, blocking};

use crate::attempt::point_in_time;
use crate::canceller::{atmn_canceller, flag};
use crate::error::{atmn_code, atmn_error};
use crate::guard;
use crate::login::atmn_login_result;
use crate::options::{self, atmn_options, listening};
use crate::text::{owned, required};

/// A login that waits to be completed.
pub struct atmn_pending_login {
    url: CString,
    deadline_ms: i64,
    note: CString,
}

impl From<&PendingLogin> for atmn_pending_login {
    fn from(pending: &PendingLogin) -> Self {
        let PendingLogin { url, deadline, note } = pending;
        Self { url: owned(url), deadline_ms: point_in_time(*deadline), note: owned(note) }
    }
}

/// Makes the address for a login that `atmn_complete_login` finishes, within ten minutes and perhaps in another process.
/// What that needs is kept in a private file; no port is taken, and no browser opens. Free it with
/// `atmn_pending_login_free`; the login goes on waiting.
///
/// Codes: `ATMN_FILE_UNWRITABLE`: there is no private directory; as `atmn_start_login`, except for ports.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_begin_login(
    options: *const atmn_options,
    out: *mut *mut atmn_pending_login,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let options = options::read(options, atmn_options::login)?;
        begin_login(&options).map(|pending| (&pending).into())
    })
}

/// The address to log in at; for the person alone.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_url(pending: *const atmn_pending_login) -> *const c_char {
    guard::get(pending, |pending| pending.url.as_ptr())
}

/// Until when it can be completed, in milliseconds since 1970.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_deadline_ms(pending: *const atmn_pending_login) -> i64 {
    guard::get(pending, |pending| pending.deadline_ms)
}

/// Ready to print beside the address: what to do, and what not.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_note(pending: *const atmn_pending_login) -> *const c_char {
    guard::get(pending, |pending| pending.note.as_ptr())
}

/// Frees what `atmn_begin_login` gave.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_free(pending: *mut atmn_pending_login) {
    guard::end(pending);
}

/// Finishes a login that `atmn_begin_login` began: with the address that the browser ended at, its query, or, if exactly
/// one login is waiting, the code alone. Server and directory are those of the beginning; of the options, only
/// "login_timeout_ms" and the callback are read. `canceller` may be NULL.
///
/// Codes: `ATMN_NO_PENDING_LOGIN`: there is none that the text belongs to, or its ten minutes have passed;
/// `ATMN_INVALID_ARGUMENT`, `ATMN_STATE_MISMATCH`: the text is no answer; as `atmn_login`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_complete_login(
    options: *const atmn_options,
    pasted: *const c_char,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let pasted = required(pasted, "pasted")?;
        let (timeout, ear) = options::read(options, |options| Ok((options.login_timeout()?, options.ear())))?;
        let done = listening(ear, |listener| blocking::complete_login(pasted, timeout, listener, &flag(canceller)));
        Ok((&done?).into())
    })
}
