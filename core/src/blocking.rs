//! The operations for callers without async. Each call blocks its thread and passes events to the listener there.
//!
//! Each call has its own runtime, and a [`Client`] has one for all its calls. A login attempt and an [`Operation`] each have
//! a thread, which ends with them. No thread outlives a call, except that of a name lookup which the system has not
//! completed.

mod attempt;
mod checks;
mod client;
mod operation;
mod ready;

use std::future::Future;

use tokio::runtime::{Builder, Handle, Runtime};

pub use attempt::{Attempt, AttemptTimer};
#[doc(hidden)]
pub use checks::{each_check, has_browser, open_browser, own_page};
pub use client::Client;
pub use operation::Operation;

use crate::cancel::Cancel;
use crate::config::THREAD_STACK;
use crate::diagnose::{DiagnoseOptions, Diagnosis};
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::hint::Hint;
use crate::login::{self, BeginLoginResult, CompleteOptions, LoginOptions, LoginResult};
use crate::standard_streams::reserve_standard_streams;
use crate::threads::block_signals;
use crate::whoami::{self, Identity, WhoamiOptions};

/// [`crate::login()`], blocking.
///
/// # Errors
/// As [`crate::login()`]; `invalid_argument` inside an async runtime, whose threads must not block.
pub fn login(options: &LoginOptions, listener: Option<Listener<'_>>, cancel: &Cancel) -> Result<LoginResult> {
    block_on(login::login(options, listener, cancel))
}

/// [`start_login`](crate::start_login), with a thread for the rest: binds a port, creates the URL, and returns at once.
/// Setting `cancel` cancels the attempt.
///
/// # Errors
/// As [`start_login`](crate::start_login); `system_limit` if no thread or file descriptor is left.
///
/// ```no_run
/// use std::time::Duration;
///
/// let mut attempt = libatmn::blocking::start_login(&libatmn::LoginOptions::default(), &libatmn::Cancel::new())?;
/// println!("Log in at {}", attempt.url());
/// let result = loop {
///     if let Some(result) = attempt.poll(Duration::from_millis(50), None)? {
///         break result;
///     }
///     // Other work of the program, such as redrawing a window.
/// };
/// # let _ = result;
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn start_login(options: &LoginOptions, cancel: &Cancel) -> Result<Attempt> {
    Attempt::start(options, cancel)
}

/// [`begin_login`](crate::begin_login), blocking.
///
/// # Errors
/// As [`begin_login`](crate::begin_login); `invalid_argument` inside an async runtime.
pub fn begin_login(options: &LoginOptions, cancel: &Cancel) -> Result<BeginLoginResult> {
    block_on(login::begin_login(options, cancel))
}

/// [`complete_login`](crate::complete_login), blocking.
///
/// # Errors
/// As [`complete_login`](crate::complete_login); `invalid_argument` inside an async runtime.
pub fn complete_login(
    text: &str,
    options: &CompleteOptions,
    listener: Option<Listener<'_>>,
    cancel: &Cancel,
) -> Result<LoginResult> {
    block_on(login::complete_login(text, options, listener, cancel))
}

/// [`crate::whoami()`], blocking.
///
/// # Errors
/// As [`crate::whoami()`]; `cancelled`; `invalid_argument` inside an async runtime.
pub fn whoami(options: &WhoamiOptions, cancel: &Cancel) -> Result<Identity> {
    block_on(cancel.run(whoami::whoami(options)))
}

/// [`crate::diagnose()`], blocking.
///
/// # Errors
/// As [`crate::diagnose()`]; `cancelled`; `invalid_argument` inside an async runtime.
pub fn diagnose(options: &DiagnoseOptions, cancel: &Cancel) -> Result<Diagnosis> {
    let mut checks = Vec::new();
    each_check(options, &mut |check| checks.push(check), cancel)?;
    Ok(Diagnosis { checks })
}

/// Runs a future to completion on a new runtime.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    check_thread()?;
    let _streams = reserve_standard_streams();
    let runtime = runtime()?;
    let result = runtime.block_on(work);
    // Does not wait for a name lookup, which cannot be cancelled.
    runtime.shutdown_background();
    result
}

/// A runtime on the caller's thread. Only name lookups have threads of their own.
fn builder() -> Builder {
    let mut builder = Builder::new_current_thread();
    builder.enable_io().enable_time().thread_stack_size(THREAD_STACK).on_thread_start(block_signals);
    builder
}

fn runtime() -> Result<Runtime> {
    check_thread_lives()?;
    builder().build().map_err(no_runtime)
}

/// Checks that this thread may block.
fn check_thread() -> Result<()> {
    check_thread_lives()?;
    match Handle::try_current() {
        Err(_) => Ok(()),
        Ok(_) => {
            Err(Error::invalid("runtime", "A thread that runs async code or a callback must not wait for a call.")
                .with_hint(Hint::WaitElsewhere))
        }
    }
}

/// Checks that this thread can use the network. At its end, and in the exit handlers of a C program, tokio has no state for
/// it.
fn check_thread_lives() -> Result<()> {
    match Handle::try_current() {
        Err(error) if error.is_thread_local_destroyed() => {
            Err(Error::invalid("runtime", "A thread that is ending cannot use the network."))
        }
        _ => Ok(()),
    }
}

fn no_runtime(error: std::io::Error) -> Error {
    Error::system_limit("Could not start the network runtime", error)
}
