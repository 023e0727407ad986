//! Logging in step by step.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::{Mutex, MutexGuard, TryLockError};

use libatmn::{AttemptHandle, Error, ErrorCode, Result, blocking};

use crate::call::{ffi_object, ffi_status};
use crate::error::{atmn_code, atmn_error};
use crate::event::EventCallback;
use crate::login::atmn_login_result;
use crate::null::{required, required_out};
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned, as_ref, into_raw};
use crate::read_options::read;
use crate::text::{self, to_c_string};
use crate::time::{duration, unix_milliseconds};

/// A login in progress. It owns the callback port.
pub struct atmn_attempt {
    url: CString,
    port: u16,
    hint: Option<CString>,
    deadline_ms: i64,
    handle: AttemptHandle,
    callback: EventCallback,
    attempt: Mutex<blocking::Attempt>,
}

impl Handle for atmn_attempt {
    type Ownership = Owned;
}

impl atmn_attempt {
    fn new(attempt: blocking::Attempt, callback: EventCallback) -> Self {
        Self {
            url: to_c_string(attempt.url()),
            port: attempt.port(),
            hint: attempt.hint().map(to_c_string),
            deadline_ms: unix_milliseconds(attempt.deadline()),
            handle: attempt.handle(),
            callback,
            attempt: Mutex::new(attempt),
        }
    }

    /// Locks the attempt. It is busy while another thread waits for it, and inside its own event callback.
    fn lock(&self) -> Result<MutexGuard<'_, blocking::Attempt>> {
        match self.attempt.try_lock() {
            Ok(attempt) => Ok(attempt),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(ErrorCode::Busy, "Another call is already waiting for this login."))
            }
        }
    }
}

/// Starts a login for a program that shows the URL itself: binds a callback port and makes the URL. It asks git, which
/// can take two seconds. `atmn_attempt_wait` and `atmn_attempt_poll` do the rest: they open the browser, or
/// return the keys in the file if these still work and the option "force" is not set. The time of the option
/// "login_timeout_ms" starts here. Free the attempt with `atmn_attempt_free`.
///
/// ```c
/// atmn_attempt *attempt = NULL;
/// atmn_login_result *result = NULL;
/// atmn_error *error = NULL;
/// if (atmn_start_login(NULL, &attempt, &error) == ATMN_OK) {
///     printf("Log in at %s\n", atmn_attempt_url(attempt));
///     while (atmn_attempt_poll(attempt, 200, &result, &error) == ATMN_OK && result == NULL)
///         putchar('.'); // or draw the window
/// }
/// if (error != NULL)
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// atmn_login_result_free(result);
/// atmn_attempt_free(attempt);
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_PORTS_IN_USE`; `ATMN_INVALID_ARGUMENT`; as `atmn_save_keys`, if the keys could not be saved.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_start_login(
    options: *const atmn_options,
    out: *mut *mut atmn_attempt,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let (login, callback) = read(options, |options| Ok((options.login()?, options.callback)))?;
        blocking::start_login(&login).map(|attempt| atmn_attempt::new(attempt, callback))
    })
}

/// Returns the URL where the user logs in. Show it to this user only.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_url(attempt: *const atmn_attempt) -> *const c_char {
    object::get(attempt, |attempt| attempt.url.as_ptr())
}

/// Returns the callback port.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_port(attempt: *const atmn_attempt) -> u16 {
    object::get(attempt, |attempt| attempt.port)
}

/// Returns advice for the system on which the program runs, such as an `ssh -L` command, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_hint(attempt: *const atmn_attempt) -> *const c_char {
    object::get(attempt, |attempt| text::as_ptr(attempt.hint.as_ref()))
}

/// Returns when the login times out, in milliseconds since 1970.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_deadline_ms(attempt: *const atmn_attempt) -> i64 {
    object::get(attempt, |attempt| attempt.deadline_ms)
}

/// Submits text that the user pasted: the callback URL, its query, or the code alone. Text that is refused changes
/// nothing, and the login continues. Any thread may call this, and so may the event callback.
///
/// Codes: `ATMN_STATE_MISMATCH`: the text belongs to another login; `ATMN_INVALID_ARGUMENT`: it is not a callback URL
/// or code, or it is a key; `ATMN_NULL_ARGUMENT`, `ATMN_NOT_UTF8`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_submit(
    attempt: *mut atmn_attempt,
    text: *const c_char,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_status(error, || {
        let attempt = required(attempt, "attempt")?;
        attempt.handle.submit(text::required(text, "text")?)
    })
}

/// Cancels the login, as `atmn_canceller_cancel` does: any thread, any signal handler and the event callback may call
/// it. The port is free when the call that waits has returned.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_cancel(attempt: *mut atmn_attempt) {
    // Without catching panics, which is not safe in a signal handler: storing a flag cannot panic.
    if let Some(attempt) = as_ref(attempt) {
        attempt.handle.cancel();
    }
}

/// Waits until the login ends.
///
/// Codes: as `atmn_login`; `ATMN_BUSY`: another call is waiting for it; `ATMN_INVALID_ARGUMENT`: it ended in an earlier
/// call.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_wait(
    attempt: *mut atmn_attempt,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let attempt = required(attempt, "attempt")?;
        let mut locked = attempt.lock()?;
        let result = attempt.callback.listen(|listener| locked.wait(listener))?;
        Ok((&result).into())
    })
}

/// Lets the login proceed for about `max_ms` milliseconds; 0 does what can be done now. While the login is running, it
/// returns `ATMN_OK` and stores NULL in `*out`. The last step saves the keys and can take longer: up to two seconds for
/// git and ten seconds for a file that another process has locked.
///
/// Codes: as `atmn_attempt_wait`; also `ATMN_INVALID_ARGUMENT`: `max_ms` is negative. Unlike in poll(2), -1 does not
/// wait without a limit; call `atmn_attempt_wait` for that.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_poll(
    attempt: *mut atmn_attempt,
    max_ms: i64,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_status(error, || {
        let out = required_out(out, "out")?;
        let attempt = required(attempt, "attempt")?;
        let longest = duration(max_ms, "max_ms")?;
        let mut locked = attempt.lock()?;
        let result = attempt.callback.listen(|listener| locked.poll(longest, listener))?;
        out.write(result.map_or(ptr::null_mut(), |result| into_raw((&result).into())));
        Ok(())
    })
}

/// Frees an attempt and its port. Do not call it while another thread uses the attempt, or in its event callback.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_free(attempt: *mut atmn_attempt) {
    object::free(attempt);
}
