//! Logging in with two processes.

use std::ffi::{CString, c_char};

use libatmn::{BeginLoginResult, PendingLogin, blocking};

use crate::call::ffi_object;
use crate::canceller::{atmn_canceller, cancel_flag};
use crate::error::{atmn_code, atmn_error};
use crate::login::atmn_login_result;
use crate::null::as_ptr;
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned};
use crate::read_options::read;
use crate::text::{self, required, to_c_string};
use crate::time::unix_milliseconds;

/// The result of `atmn_begin_login`: a login that waits for `atmn_complete_login`, or kept keys.
pub struct atmn_pending_login {
    url: Option<CString>,
    deadline_ms: i64,
    note: Option<CString>,
    kept: Option<atmn_login_result>,
}

impl Handle for atmn_pending_login {
    type Ownership = Owned;
}

impl From<PendingLogin> for atmn_pending_login {
    fn from(pending: PendingLogin) -> Self {
        let PendingLogin { url, deadline, note } = pending;
        let (url, note) = (Some(to_c_string(&url)), Some(to_c_string(&note)));
        Self { url, deadline_ms: unix_milliseconds(deadline), note, kept: None }
    }
}

impl From<BeginLoginResult> for atmn_pending_login {
    fn from(result: BeginLoginResult) -> Self {
        match result {
            BeginLoginResult::Pending(pending) => pending.into(),
            BeginLoginResult::Kept(kept) => Self { url: None, deadline_ms: 0, note: None, kept: Some((&kept).into()) },
        }
    }
}

/// Makes the URL for a login that `atmn_complete_login` completes within ten minutes, in this process or another one.
/// It stores what that needs in a private file; it names a port that is free now, keeps none, and opens no browser. It
/// keeps each key in the file that the server accepts, unless the option "force" is set; if both are accepted,
/// `atmn_pending_login_kept` returns them and nothing is pending. Free the object with `atmn_pending_login_free`; the
/// login can still be completed. `canceller` may be NULL.
///
/// Codes: `ATMN_FILE_UNWRITABLE`: there is no private directory; as `atmn_login` before a user logs in.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_begin_login(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_pending_login,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let options = read(options, atmn_options::login)?;
        blocking::begin_login(&options, &cancel_flag(canceller)).map(Into::into)
    })
}

/// Returns the URL where the user logs in; NULL if keys were kept. Show it to this user only.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_url(pending_login: *const atmn_pending_login) -> *const c_char {
    object::get(pending_login, |pending_login| text::as_ptr(pending_login.url.as_ref()))
}

/// Returns until when the login can be completed, in milliseconds since 1970; 0 if keys were kept.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_deadline_ms(pending_login: *const atmn_pending_login) -> i64 {
    object::get(pending_login, |pending_login| pending_login.deadline_ms)
}

/// Returns a text to show with the URL: what the user does next; NULL if keys were kept.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_note(pending_login: *const atmn_pending_login) -> *const c_char {
    object::get(pending_login, |pending_login| text::as_ptr(pending_login.note.as_ref()))
}

/// Returns the keys in the file that still work and were kept; NULL if the user must log in. The result belongs to
/// `pending_login`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_kept(pending_login: *const atmn_pending_login) -> *const atmn_login_result {
    object::get(pending_login, |pending_login| as_ptr(pending_login.kept.as_ref()))
}

/// Frees the result of `atmn_begin_login`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_pending_login_free(pending_login: *mut atmn_pending_login) {
    object::free(pending_login);
}

/// Completes a login that `atmn_begin_login` began. `text` is the callback URL from the browser, its query, or,
/// if exactly one login is pending, the code alone. Server and directory are those of `atmn_begin_login`; of the
/// options, only "login_timeout_ms" and the callback are read. `canceller` may be NULL.
///
/// Codes: `ATMN_NO_PENDING_LOGIN`: no login is pending to which the text belongs, its ten minutes have passed, or its
/// directory no longer exists; `ATMN_INVALID_ARGUMENT`, `ATMN_STATE_MISMATCH`: the text is not a callback URL or code;
/// as `atmn_login`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_complete_login(
    options: *const atmn_options,
    text: *const c_char,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let text = required(text, "text")?;
        let (complete, callback) = read(options, |options| Ok((options.complete()?, options.callback)))?;
        let cancel = cancel_flag(canceller);
        let result = callback.listen(|listener| blocking::complete_login(text, &complete, listener, &cancel))?;
        Ok((&result).into())
    })
}
