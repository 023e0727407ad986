//! Logging in, step by step.

use std::ffi::{CString, c_char};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::{AttemptHandle, Error, ErrorCode, Result, blocking};

use crate::error::{atmn_code, atmn_error};
use crate::guard::{self, null, required};
use crate::login::atmn_login_result;
use crate::options::{self, atmn_options, listening, milliseconds};
use crate::pointer::{Ear, Slot, give, object};
use crate::text::{self, lend, owned};

/// A login under way. It owns the callback port.
pub struct atmn_attempt {
    url: CString,
    port: u16,
    hint: Option<CString>,
    deadline_ms: i64,
    handle: AttemptHandle,
    ear: Option<Ear>,
    attempt: Mutex<blocking::Attempt>,
}

impl atmn_attempt {
    fn new(attempt: blocking::Attempt, ear: Option<Ear>) -> Self {
        Self {
            url: owned(attempt.url()),
            port: attempt.port(),
            hint: attempt.hint().map(owned),
            deadline_ms: point_in_time(attempt.deadline()),
            handle: attempt.handle(),
            ear,
            attempt: Mutex::new(attempt),
        }
    }

    /// The attempt, unless another call is at it: another thread's, or the one whose callback this is.
    fn alone(&self) -> Result<MutexGuard<'_, blocking::Attempt>> {
        match self.attempt.try_lock() {
            Ok(attempt) => Ok(attempt),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(ErrorCode::Busy, "Another call is waiting for this login already."))
            }
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn point_in_time(time: SystemTime) -> i64 {
    i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// Binds a callback port and creates the login URL, for programs that show it themselves. It returns at once; everything
/// else happens in `atmn_attempt_wait` or `atmn_attempt_poll`, which end with the keys in the file if they still work (see
/// `atmn_options_set_force`). The login timeout counts from here. Free the attempt with `atmn_attempt_free`.
///
/// ```c
/// atmn_attempt *attempt = NULL;
/// atmn_login_result *done = NULL;
/// if (atmn_start_login(NULL, &attempt, NULL) == ATMN_OK) {
///     printf("Log in at %s\n", atmn_attempt_url(attempt));
///     while (atmn_attempt_poll(attempt, 200, &done, NULL) == ATMN_OK && done == NULL)
///         putchar('.'); // or redraw the window
/// }
/// atmn_login_result_free(done);
/// atmn_attempt_free(attempt);
/// ```
///
/// Codes: `ATMN_PORTS_IN_USE`; `ATMN_INVALID_ARGUMENT`; as `atmn_save_keys`, if the keys could not be saved.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_start_login(
    options: *const atmn_options,
    out: *mut *mut atmn_attempt,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let (login, ear) = options::read(options, |options| Ok((options.login()?, options.ear())))?;
        blocking::start_login(&login).map(|attempt| atmn_attempt::new(attempt, ear))
    })
}

/// The address to log in at; for the person alone.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_url(attempt: *const atmn_attempt) -> *const c_char {
    guard::get(attempt, |attempt| attempt.url.as_ptr())
}

/// The callback port.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_port(attempt: *const atmn_attempt) -> u16 {
    guard::get(attempt, |attempt| attempt.port)
}

/// The one piece of advice that fits these surroundings, such as an `ssh -L` line, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_hint(attempt: *const atmn_attempt) -> *const c_char {
    guard::get(attempt, |attempt| lend(attempt.hint.as_ref()))
}

/// When the wait ends, in milliseconds since 1970.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_deadline_ms(attempt: *const atmn_attempt) -> i64 {
    guard::get(attempt, |attempt| attempt.deadline_ms)
}

/// Takes what a person pasted: the address that the browser ended at, its query, or the code alone. Refused text changes
/// nothing, and the wait goes on. Any thread may, and so may the callback.
///
/// Codes: `ATMN_STATE_MISMATCH`: it is the answer to another login; `ATMN_INVALID_ARGUMENT`: it is no answer, or a key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_submit(
    attempt: *mut atmn_attempt,
    pasted: *const c_char,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::done(error, || {
        let attempt = required(attempt, "attempt")?;
        attempt.handle.submit(text::required(pasted, "pasted")?)
    })
}

/// Ends the login, as `atmn_canceller_cancel` does: any thread and any signal handler may, and so may the callback. Its
/// port is free when the wait has returned.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_cancel(attempt: *mut atmn_attempt) {
    // Not through the guard, which a signal handler might interrupt half-way. Storing a flag cannot panic.
    if let Some(attempt) = object(attempt) {
        attempt.handle.cancel();
    }
}

/// Waits until the login has ended.
///
/// Codes: as `atmn_login`; `ATMN_BUSY`: another call is waiting for it; `ATMN_INVALID_ARGUMENT`: it has ended before.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_wait(
    attempt: *mut atmn_attempt,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let attempt = required(attempt, "attempt")?;
        let mut alone = attempt.alone()?;
        let done = listening(attempt.ear, |listener| alone.wait(listener))?;
        Ok((&done).into())
    })
}

/// Lets the login move for at most `max_ms` milliseconds; 0 is a look. `ATMN_OK` with `*out` NULL: it has not ended yet.
///
/// Codes: as `atmn_attempt_wait`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_poll(
    attempt: *mut atmn_attempt,
    max_ms: i64,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::done(error, || {
        let slot = Slot::at(out).ok_or_else(|| null("out"))?;
        let attempt = required(attempt, "attempt")?;
        let longest = milliseconds(Some(max_ms), Duration::ZERO, "max_ms")?;
        let mut alone = attempt.alone()?;
        let done = listening(attempt.ear, |listener| alone.poll(longest, listener))?;
        slot.fill(done.map_or(std::ptr::null_mut(), |done| give((&done).into())));
        Ok(())
    })
}

/// Frees an attempt, and its port. Not while another thread uses it, and not in its callback.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_free(attempt: *mut atmn_attempt) {
    guard::end(attempt);
}
