//! A login attempt for callers without async: it runs on its own thread, and the caller waits for it or polls it.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::operation::{Operation, Progress, Subject};
use super::{check_thread_lives, runtime};
use crate::cancel::Cancel;
use crate::child_process;
use crate::error::Result;
use crate::event::{Event, EventCode, Listener};
use crate::login::{self, AttemptHandle, LoginOptions, LoginResult};

/// A login attempt. Wait for it in one call or poll it. On Unix it has a file descriptor for event loops
/// ([`AsFd`](std::os::fd::AsFd)), which is readable as long as [`Attempt::poll`] would pass an event or the result; do not
/// read from it.
///
/// The login runs on its own thread. It continues after the events `login_url` and `callback_received` when the
/// caller has received them, so that no browser opens before the caller knows the URL. Dropping the attempt cancels it,
/// waits for the thread and frees the port.
pub struct Attempt {
    url: String,
    port: u16,
    hint: Option<String>,
    deadline: SystemTime,
    handle: AttemptHandle,
    operation: Operation<LoginResult>,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Attempt {
    pub(super) fn start(options: &LoginOptions, cancel: &Cancel) -> Result<Self> {
        check_thread_lives()?;
        let attempt = login::start_attempt(options, cancel.child())?;
        let handle = attempt.handle();
        Ok(Self {
            url: attempt.url().to_owned(),
            port: attempt.port(),
            hint: attempt.hint().map(str::to_owned),
            deadline: attempt.deadline(),
            operation: run(attempt, handle.cancel_flag().clone())?,
            handle,
        })
    }

    /// The login URL. Show it only to the user who logs in.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The callback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the browser can reach the callback port in this environment; `None` if it can without help.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// When the attempt times out.
    #[must_use]
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }

    /// A handle for other threads, to submit pasted text or to cancel.
    #[must_use]
    pub fn handle(&self) -> AttemptHandle {
        self.handle.clone()
    }

    /// How long an event loop may wait until the next [`Attempt::poll`]; see [`AttemptTimer::timeout`].
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timer().timeout()
    }

    /// The time limit of the next wait, for other threads.
    #[must_use]
    pub fn timer(&self) -> AttemptTimer {
        AttemptTimer { deadline: self.deadline, progress: self.operation.progress() }
    }

    /// Waits until the login has ended. If all keys in the file still work, they are the result, unless `force` is set.
    ///
    /// # Errors
    /// As [`crate::login()`]; `invalid_argument` if the attempt has already ended, in the child of a fork, and inside an
    /// async runtime, whose threads must not block.
    pub fn wait(&mut self, listener: Option<Listener<'_>>) -> Result<LoginResult> {
        self.operation.wait(listener)
    }

    /// Passes the events of the login to the listener for at most `longest`, and returns the result, or `None` if it has
    /// not ended by then. Zero only looks: the login runs on its own thread, which also saves the keys.
    ///
    /// # Errors
    /// As [`Attempt::wait`].
    pub fn poll(&mut self, longest: Duration, listener: Option<Listener<'_>>) -> Result<Option<LoginResult>> {
        self.operation.poll(longest, listener)
    }
}

/// How long an event loop may wait for an [`Attempt`]. Any thread may ask, also while another one polls the attempt.
#[derive(Clone)]
pub struct AttemptTimer {
    deadline: SystemTime,
    progress: Progress,
}

impl fmt::Debug for AttemptTimer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AttemptTimer").field("timeout", &self.timeout()).finish_non_exhaustive()
    }
}

impl AttemptTimer {
    /// How long an event loop may wait until the next [`Attempt::poll`]: zero if it would pass an event or the result now,
    /// otherwise until the deadline; `None` if no deadline is pending, because the attempt has ended, is past its deadline
    /// and finishes, or belongs to the parent process. The descriptor becomes readable in any case.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        if self.progress.is_ready() {
            return Some(Duration::ZERO);
        }
        let left = self.deadline.duration_since(SystemTime::now()).ok()?;
        self.progress.is_running().then_some(left)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // A browser that outlived the login may have ended since. One that ends with the thread is reaped there.
        child_process::reap();
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for Attempt {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.operation.as_fd()
    }
}

/// Runs the attempt on its thread. The port is free when the thread has ended.
fn run(attempt: login::Attempt, cancel: Cancel) -> Result<Operation<LoginResult>> {
    let runtime = runtime()?;
    let subject = Subject { argument: "attempt", word: "login" };
    Operation::start(subject, cancel, holds, move |listener| {
        let result = runtime.block_on(attempt.wait(Some(listener)));
        // Does not wait for a name lookup, which cannot be cancelled.
        runtime.shutdown_background();
        result
    })
}

/// A listener that cancels at one of these events wins: no browser opens, and the server creates no keys.
fn holds(event: &Event) -> bool {
    event.code == EventCode::LoginUrl || event.held_until.is_some()
}
