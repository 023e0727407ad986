//! Logging in step by step.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use libatmn::__internal::panics::catch_panic;
use libatmn::{AttemptHandle, Error, ErrorCode, Result, blocking};

use crate::call::{ffi_object, ffi_status};
use crate::canceller::{atmn_canceller, started_flag};
use crate::descriptor::fd;
use crate::error::{atmn_code, atmn_error};
use crate::event::{EventCallback, PrintFailure};
use crate::login::atmn_login_result;
use crate::null::{required, required_out};
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned, as_ref, into_raw};
use crate::read_options::read;
use crate::text::{self, to_c_string};
use crate::time::{longest_wait, unix_milliseconds};

/// A login in progress. It owns the callback port.
pub struct atmn_attempt {
    url: CString,
    port: u16,
    hint: Option<CString>,
    deadline_ms: i64,
    handle: AttemptHandle,
    callback: EventCallback,
    print_failure: PrintFailure,
    /// The descriptor for event loops; -1 on Windows.
    fd: i32,
    /// Apart from the attempt, so that it does not keep `atmn_attempt_poll` of another thread busy.
    timer: blocking::AttemptTimer,
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
            print_failure: PrintFailure::default(),
            fd: fd(&attempt),
            timer: attempt.timer(),
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

/// Starts a login for a program that shows the URL itself or has an event loop: binds a callback port, makes the URL,
/// and returns at once. The rest runs on a thread of the attempt: it checks that keys could be saved, which asks git,
/// and which keys in the file still work (if both do, they are the result, unless the option "force" is set). After
/// `ATMN_EVENT_LOGIN_URL` it continues when `atmn_attempt_poll` or `atmn_attempt_wait` has delivered the event, even if
/// there is no event callback. Only then it opens the browser. `ATMN_EVENT_CALLBACK_RECEIVED` holds it in the same way,
/// before the server creates keys.
///
/// Setting `canceller` (may be NULL) cancels the attempt, as `atmn_attempt_cancel` does. The time of the option
/// "login_timeout_ms" starts here. Free the attempt with `atmn_attempt_free`.
///
/// ```c
/// atmn_attempt *attempt = NULL;
/// atmn_login_result *result = NULL;
/// atmn_error *error = NULL;
/// if (atmn_start_login(NULL, NULL, &attempt, &error) == ATMN_OK) {
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
/// Codes: `ATMN_PORTS_IN_USE`; `ATMN_INVALID_ARGUMENT`; `ATMN_SYSTEM_LIMIT`: no thread or file descriptor is left.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_start_login(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_attempt,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let (login, callback) = read(options, |options| Ok((options.login()?, options.callback)))?;
        let attempt = blocking::start_login(&login, &started_flag(canceller))?;
        Ok(atmn_attempt::new(attempt, callback))
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
/// or code, or it is a key; `ATMN_NO_PENDING_LOGIN`: the login has ended; `ATMN_NULL_ARGUMENT`, `ATMN_NOT_UTF8`.
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

/// Returns a file descriptor for poll(2), epoll, kqueue, libuv or GLib. It is readable as long as `atmn_attempt_poll`
/// would deliver an event or the result, so call `atmn_attempt_poll` with 0 then. It becomes readable at the deadline,
/// too. Do not read from it or close it; it is valid until `atmn_attempt_free`, so remove it from the event loop
/// before. Returns -1 on Windows, whose event loops wait for other things: use a timer there.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_fd(attempt: *const atmn_attempt) -> i32 {
    as_ref(attempt).map_or(-1, |attempt| attempt.fd)
}

/// Returns how long an event loop may wait for `atmn_attempt_fd` at most, in milliseconds, as poll(2) takes it: 0 if
/// `atmn_attempt_poll` would deliver an event or the result now; otherwise the time until the deadline; -1 if no
/// deadline is pending: the login has ended, is past its deadline and finishes, or belongs to the parent process. Any
/// thread may call this, also while another call is waiting for the login. On Windows, where there is no descriptor, it
/// returns at most 50, and never -1.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_timeout_ms(attempt: *const atmn_attempt) -> i32 {
    let timeout = || as_ref(attempt)?.timer.timeout();
    timeout_ms(catch_panic(timeout).ok().flatten())
}

/// Rounded up, so that the deadline has passed when the time has.
fn timeout_ms(timeout: Option<Duration>) -> i32 {
    let milliseconds = |timeout: Duration| i32::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
    if cfg!(windows) { timeout.map_or(50, milliseconds).min(50) } else { timeout.map_or(-1, milliseconds) }
}

/// Cancels the login, as `atmn_canceller_cancel` does: any thread, any signal handler and the event callback may call
/// it. The port is free when the call that waits has returned `ATMN_CANCELLED`. If the server has already sent the
/// keys, the login saves them first and then succeeds, which can take two seconds for git and ten for a lock.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_cancel(attempt: *mut atmn_attempt) {
    // Without catching panics, which is not safe in a signal handler: storing a flag and writing a byte cannot panic.
    if let Some(attempt) = as_ref(attempt) {
        attempt.handle.cancel();
    }
}

/// Waits until the login ends.
///
/// Codes: as `atmn_login`; `ATMN_BUSY`: another call is waiting for it; `ATMN_INVALID_ARGUMENT`: it ended in an earlier
/// call, or this is the child of a fork, to which the login does not belong.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_wait(
    attempt: *mut atmn_attempt,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let attempt = required(attempt, "attempt")?;
        let mut locked = attempt.lock()?;
        let result = attempt.callback.listen_again(&attempt.print_failure, |listener| locked.wait(listener))?;
        Ok((&result).into())
    })
}

/// Waits for the login for at most `max_ms` milliseconds, and calls the event callback for each event meanwhile; 0 only
/// looks. While the login is running, it returns `ATMN_OK` and stores NULL in `*out`. The login runs on its own thread,
/// so that slow steps, such as git or a file that another process has locked, do not delay this call.
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
        let longest = longest_wait(max_ms)?;
        let mut locked = attempt.lock()?;
        let result =
            attempt.callback.listen_again(&attempt.print_failure, |listener| locked.poll(longest, listener))?;
        out.write(result.map_or(ptr::null_mut(), |result| into_raw((&result).into())));
        Ok(())
    })
}

/// Cancels the login if it runs, waits for its thread, and frees the attempt and its port. Do not call it while another
/// thread uses the attempt, or in its event callback. In the child of a fork it does not touch the parent's login.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_attempt_free(attempt: *mut atmn_attempt) {
    object::free(attempt);
}
