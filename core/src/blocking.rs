//! The journeys for callers without async: they wait on the calling thread, and hear events there.
//!
//! Each call has a runtime of its own that ends with it, and a [`Client`] has one for all its calls; no thread stays
//! behind, except a name lookup that the system has not returned.

mod client;

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::runtime::{Builder, Handle, Runtime};

pub use client::Client;

use crate::cancel::{Cancel, TICK};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, Listener};
use crate::login::{self, AttemptHandle, LoginOptions, LoginResult};
use crate::whoami::{self, Identity, WhoamiOptions};

/// Longest step of a login; one that waits takes as many as it needs.
const LONGEST: Duration = Duration::from_secs(3600);

/// [`crate::login()`], waiting.
///
/// # Errors
/// As [`crate::login()`]; `invalid_argument` inside an async runtime, whose thread must not wait.
pub fn login(options: &LoginOptions, listener: Option<Listener<'_>>, cancel: &Cancel) -> Result<LoginResult> {
    wait(login::login(options, listener, cancel))
}

/// [`start_login`](crate::start_login): takes a port and makes the address; nothing moves yet.
///
/// # Errors
/// As [`start_login`](crate::start_login).
///
/// ```no_run
/// use std::time::Duration;
///
/// let mut attempt = libatmn::blocking::start_login(&libatmn::LoginOptions::default())?;
/// println!("Log in at {}", attempt.url());
/// let done = loop {
///     if let Some(done) = attempt.poll(Duration::from_millis(50), None)? {
///         break done;
///     }
///     // Whatever else the program does meanwhile.
/// };
/// # let _ = done;
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn start_login(options: &LoginOptions) -> Result<Attempt> {
    let attempt = login::start_login(options)?;
    Ok(Attempt {
        url: attempt.url().to_owned(),
        port: attempt.port(),
        hint: attempt.hint().map(str::to_owned),
        deadline: attempt.deadline(),
        handle: attempt.handle(),
        state: State::Inert(Box::new(attempt)),
    })
}

/// The keys of the file, if they still work and [`login`] would keep them; for the command, which otherwise goes on with
/// [`start_login`], which always logs in.
///
/// # Errors
/// As [`crate::login()`], before anybody is asked to log in; `invalid_argument` inside an async runtime.
#[doc(hidden)]
pub fn kept_login(options: &LoginOptions, cancel: &Cancel) -> Result<Option<LoginResult>> {
    wait(cancel.run(login::kept_login(options)))
}

/// [`complete_login`](crate::complete_login), waiting.
///
/// # Errors
/// As [`complete_login`](crate::complete_login); `invalid_argument` inside an async runtime.
pub fn complete_login(
    text: &str,
    timeout: Duration,
    listener: Option<Listener<'_>>,
    cancel: &Cancel,
) -> Result<LoginResult> {
    wait(login::complete_login(text, timeout, listener, cancel))
}

/// [`crate::whoami()`], waiting.
///
/// # Errors
/// As [`crate::whoami()`]; `cancelled`; `invalid_argument` inside an async runtime.
pub fn whoami(options: &WhoamiOptions, cancel: &Cancel) -> Result<Identity> {
    wait(cancel.run(whoami::whoami(options)))
}

/// A login under way, to be waited for in one call or in steps. Dropping it frees its port.
pub struct Attempt {
    url: String,
    port: u16,
    hint: Option<String>,
    deadline: SystemTime,
    handle: AttemptHandle,
    state: State,
}

enum State {
    Inert(Box<login::Attempt>),
    Running(Running),
    Done,
}

struct Running {
    // Dropped before the runtime that drives it.
    future: Pin<Box<dyn Future<Output = Result<LoginResult>> + Send>>,
    events: Arc<Mutex<VecDeque<Event>>>,
    runtime: Option<Runtime>,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Attempt {
    /// The address to log in at; for the person alone.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The callback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The one piece of advice that fits these surroundings.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// When the wait ends.
    #[must_use]
    pub fn deadline(&self) -> SystemTime {
        self.deadline
    }

    /// For other threads: paste an answer, or cancel.
    #[must_use]
    pub fn handle(&self) -> AttemptHandle {
        self.handle.clone()
    }

    /// Waits until the login has ended.
    ///
    /// # Errors
    /// As [`crate::login()`]; `invalid_argument` if it has ended before.
    pub fn wait(&mut self, mut listener: Option<Listener<'_>>) -> Result<LoginResult> {
        loop {
            let mut hear =
                |event: &Event| listener.as_mut().map_or(ControlFlow::Continue(()), |listener| listener(event));
            if let Some(done) = self.poll(LONGEST, Some(&mut hear))? {
                return Ok(done);
            }
        }
    }

    /// Lets the login move for at most `longest`; nothing if it has not ended then.
    ///
    /// # Errors
    /// As [`Attempt::wait`].
    pub fn poll(&mut self, longest: Duration, mut listener: Option<Listener<'_>>) -> Result<Option<LoginResult>> {
        let handle = self.handle();
        let running = self.running()?;
        let until = std::time::Instant::now() + longest.min(LONGEST);
        loop {
            let result = running.turn(until);
            for event in running.heard() {
                if listener.as_mut().is_some_and(|listener| listener(&event).is_break()) {
                    handle.cancel();
                }
            }
            match result {
                Some(result) => {
                    self.state = State::Done;
                    return result.map(Some);
                }
                None if std::time::Instant::now() >= until => return Ok(None),
                None => {}
            }
        }
    }

    fn running(&mut self) -> Result<&mut Running> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Inert(attempt) => match runtime() {
                Ok(runtime) => self.state = State::Running(Running::begin(*attempt, runtime)),
                // Nothing has begun, so it can be tried again elsewhere.
                Err(error) => {
                    self.state = State::Inert(attempt);
                    return Err(error);
                }
            },
            other => self.state = other,
        }
        match &mut self.state {
            State::Running(running) => Ok(running),
            State::Inert(_) | State::Done => Err(Error::invalid("attempt", "This login has ended already.")),
        }
    }
}

impl Running {
    fn begin(attempt: login::Attempt, runtime: Runtime) -> Self {
        let events = Arc::<Mutex<VecDeque<Event>>>::default();
        let queue = Arc::clone(&events);
        let future = Box::pin(async move {
            let mut listener = |event: &Event| {
                queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(event.clone());
                ControlFlow::Continue(())
            };
            attempt.wait(Some(&mut listener)).await
        });
        Self { future, events, runtime: Some(runtime) }
    }

    /// Ends with the first event, so that it is heard before anything else happens.
    fn turn(&mut self, until: std::time::Instant) -> Option<Result<LoginResult>> {
        let longest = until.saturating_duration_since(std::time::Instant::now()).min(TICK);
        let (future, events) = (&mut self.future, &self.events);
        let step = poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if events.lock().unwrap_or_else(PoisonError::into_inner).is_empty() => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        });
        let turn = async {
            // Lets the runtime look at its sockets even if there is no time to wait for them.
            tokio::task::yield_now().await;
            tokio::time::timeout(longest, step).await.ok().flatten()
        };
        self.runtime.as_ref().and_then(|runtime| runtime.block_on(turn))
    }

    fn heard(&self) -> VecDeque<Event> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A name lookup cannot be called back; nobody waits for it.
        self.runtime.take().map(Runtime::shutdown_background).unwrap_or_default();
    }
}

fn wait<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = runtime()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

fn runtime() -> Result<Runtime> {
    check_thread()?;
    Builder::new_current_thread().enable_io().enable_time().build().map_err(no_room)
}

/// Whether this thread may wait.
fn check_thread() -> Result<()> {
    match Handle::try_current() {
        Err(_) => Ok(()),
        Ok(_) => Err(Error::invalid("runtime", "A thread of an async runtime must not wait.")
            .with_hint("Call the async function of the same name.")),
    }
}

fn no_room(error: std::io::Error) -> Error {
    Error::new(ErrorCode::ConnectFailed, "The system has no room for a network call.")
        .with_hint("Too many files may be open.")
        .with_cause(error)
}
