//! A login attempt that callers without async wait for, in one call or in steps.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Runtime;

use super::runtime;
use crate::cancel::TICK;
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::login::{self, AttemptHandle, LoginResult};

/// The longest single poll; [`Attempt::wait`] polls as often as it needs.
const MAX_POLL: Duration = Duration::from_secs(3600);

/// A login attempt. Wait for it in one call or poll it. Dropping it frees its port.
pub struct Attempt {
    url: String,
    port: u16,
    hint: Option<String>,
    deadline: SystemTime,
    handle: AttemptHandle,
    state: AttemptState,
}

enum AttemptState {
    Started(Box<login::Attempt>),
    Running(RunningAttempt),
    Finished,
}

/// An attempt on its runtime.
struct RunningAttempt {
    // Declared first, so that it is dropped before the runtime that drives it.
    future: Pin<Box<dyn Future<Output = Result<LoginResult>> + Send>>,
    events: Arc<EventQueue>,
    runtime: Option<Runtime>,
}

/// Events that the caller has not received yet.
#[derive(Default)]
struct EventQueue(Mutex<VecDeque<Event>>);

impl EventQueue {
    fn push(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn drain(&self) -> VecDeque<Event> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Attempt {
    pub(super) fn new(attempt: login::Attempt) -> Self {
        Self {
            url: attempt.url().to_owned(),
            port: attempt.port(),
            hint: attempt.hint().map(str::to_owned),
            deadline: attempt.deadline(),
            handle: attempt.handle(),
            state: AttemptState::Started(Box::new(attempt)),
        }
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

    /// Waits until the login has ended. If the keys in the file still work, they are the result, unless `force` is set.
    ///
    /// # Errors
    /// As [`crate::login()`]; `invalid_argument` if the attempt has already ended.
    pub fn wait(&mut self, mut listener: Option<Listener<'_>>) -> Result<LoginResult> {
        loop {
            let mut on_event =
                |event: &Event| listener.as_mut().map_or(ControlFlow::Continue(()), |listener| listener(event));
            if let Some(result) = self.poll(MAX_POLL, Some(&mut on_event))? {
                return Ok(result);
            }
        }
    }

    /// Runs the login for at most `longest`; `None` if it has not ended by then.
    ///
    /// # Errors
    /// As [`Attempt::wait`].
    pub fn poll(&mut self, longest: Duration, mut listener: Option<Listener<'_>>) -> Result<Option<LoginResult>> {
        let handle = self.handle();
        let running = self.running()?;
        let until = Instant::now() + longest.min(MAX_POLL);
        loop {
            let result = running.step(until);
            for event in running.events.drain() {
                if listener.as_mut().is_some_and(|listener| listener(&event).is_break()) {
                    handle.cancel();
                }
            }
            if let Some(result) = result {
                self.state = AttemptState::Finished;
                return result.map(Some);
            }
            if Instant::now() >= until {
                return Ok(None);
            }
        }
    }

    /// The running attempt, which the first call starts.
    fn running(&mut self) -> Result<&mut RunningAttempt> {
        if matches!(self.state, AttemptState::Started(_)) {
            // An error leaves the attempt as it is, so that another thread can wait for it.
            let runtime = runtime()?;
            self.start(runtime);
        }
        match &mut self.state {
            AttemptState::Running(running) => Ok(running),
            AttemptState::Started(_) | AttemptState::Finished => {
                Err(Error::invalid("attempt", "This login has already ended."))
            }
        }
    }

    fn start(&mut self, runtime: Runtime) {
        let state = std::mem::replace(&mut self.state, AttemptState::Finished);
        self.state = match state {
            AttemptState::Started(attempt) => AttemptState::Running(RunningAttempt::new(*attempt, runtime)),
            other => other,
        };
    }
}

impl RunningAttempt {
    fn new(attempt: login::Attempt, runtime: Runtime) -> Self {
        let events = Arc::<EventQueue>::default();
        let queue = Arc::clone(&events);
        let future = Box::pin(async move {
            let mut listener = |event: &Event| {
                queue.push(event.clone());
                ControlFlow::Continue(())
            };
            attempt.wait(Some(&mut listener)).await
        });
        Self { future, events, runtime: Some(runtime) }
    }

    /// Runs until the login ends, an event arrives or a tick has passed. Returning at the first event lets the caller
    /// handle it before the login continues.
    fn step(&mut self, until: Instant) -> Option<Result<LoginResult>> {
        let longest = until.saturating_duration_since(Instant::now()).min(TICK);
        let (future, events) = (&mut self.future, &self.events);
        let progress = poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if events.is_empty() => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        });
        let step = async {
            // Lets the runtime check its sockets even if `longest` is zero.
            tokio::task::yield_now().await;
            tokio::time::timeout(longest, progress).await.ok().flatten()
        };
        self.runtime.as_ref().and_then(|runtime| runtime.block_on(step))
    }
}

impl Drop for RunningAttempt {
    fn drop(&mut self) {
        // Does not wait for a name lookup, which cannot be cancelled.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
