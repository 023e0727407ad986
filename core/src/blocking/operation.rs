//! An operation on its own thread. Its events and its result wait in a queue until the caller polls.

use std::collections::VecDeque;
use std::fmt;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::check_thread;
use super::ready::Ready;
use crate::cancel::Cancel;
use crate::config::{CANCEL_POLL_INTERVAL, POLL_LIMIT, THREAD_STACK};
use crate::error::{Error, NoThread, Result};
use crate::event::{Event, Listener};
use crate::standard_streams::reserve_standard_streams;
use crate::threads::spawn;

/// An operation on its own thread. On Unix it has a file descriptor for event loops ([`AsFd`](std::os::fd::AsFd)),
/// which is readable as long as [`Operation::poll`] would pass an event or the result; do not read from it.
///
/// Dropping it cancels the operation and waits for its thread. In the child of a fork, the operation belongs to the
/// parent: every poll is an error, and dropping it does nothing.
pub struct Operation<T> {
    subject: Subject,
    cancel: Cancel,
    /// A listener has cancelled the operation, so no listener receives further events.
    is_refused: bool,
    queue: Arc<Queue>,
    /// Taken with the result.
    thread: Option<JoinHandle<Result<T>>>,
    /// The process of the thread.
    process: u32,
}

/// What errors call the operation: the name of the argument, and the word for the user.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) argument: &'static str,
    pub(super) word: &'static str,
}

impl<T> fmt::Debug for Operation<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Operation").field("has_ended", &self.thread.is_none()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Operation<T> {
    /// Starts the work on a new thread. After an event for which `holds` is true, it continues when the caller has received
    /// the event, has cancelled the operation, or has let the time of the event pass: calls of a client share a runtime, which
    /// the work that waits keeps from the others.
    pub(super) fn start(
        subject: Subject,
        cancel: Cancel,
        holds: fn(&Event) -> bool,
        work: impl FnOnce(Listener<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Self> {
        let queue = Arc::new(Queue::new()?);
        let sender = Sender { queue: Arc::clone(&queue), holds, cancel: cancel.clone() };
        let thread = Builder::new().name("atmn".to_owned()).stack_size(THREAD_STACK);
        let work = move || {
            let _streams = reserve_standard_streams();
            work(&mut |event| sender.send(event))
        };
        let thread = spawn(thread, work).map_err(|error| NoThread(error).into_error())?;
        Ok(Self { subject, cancel, is_refused: false, queue, thread: Some(thread), process: std::process::id() })
    }
}

impl<T> Operation<T> {
    /// Cancels the operation, as [`Cancel::cancel`] does.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// The flag that cancels this operation alone, for other threads and signal handlers.
    #[must_use]
    pub fn cancel_flag(&self) -> Cancel {
        self.cancel.clone()
    }

    /// Waits until the operation has ended.
    ///
    /// # Errors
    /// Those of the operation; `invalid_argument` if it has already ended, in the child of a fork, and inside an async
    /// runtime.
    pub fn wait(&mut self, mut listener: Option<Listener<'_>>) -> Result<T> {
        loop {
            let mut on_event =
                |event: &Event| listener.as_mut().map_or(ControlFlow::Continue(()), |listener| listener(event));
            if let Some(result) = self.poll(POLL_LIMIT, Some(&mut on_event))? {
                return Ok(result);
            }
        }
    }

    /// Passes the events of the operation to the listener for at most `longest`, and returns the result, or `None` if it
    /// has not ended by then. Zero only looks. The listener runs on this thread; without one, events are dropped.
    ///
    /// # Errors
    /// As [`Operation::wait`].
    pub fn poll(&mut self, longest: Duration, mut listener: Option<Listener<'_>>) -> Result<Option<T>> {
        check_thread()?;
        self.check_process()?;
        if self.thread.is_none() {
            return Err(self.misuse("has already ended"));
        }
        let until = Instant::now() + longest.min(POLL_LIMIT);
        loop {
            let (events, has_ended) = self.queue.take(until);
            for event in events {
                let listener = listener.as_mut().filter(|_| !self.is_refused);
                if listener.is_some_and(|listener| listener(&event).is_break()) {
                    self.is_refused = true;
                    self.cancel();
                }
            }
            self.queue.release();
            if has_ended {
                return self.result().map(Some);
            }
            if Instant::now() >= until {
                return Ok(None);
            }
        }
    }

    /// The progress of this operation, for other threads.
    pub(super) fn progress(&self) -> Progress {
        Progress { queue: Arc::clone(&self.queue), process: self.process }
    }

    /// The result of the thread, which has nothing left to do.
    fn result(&mut self) -> Result<T> {
        self.queue.lock().is_finished = true;
        let Some(thread) = self.thread.take() else { return Err(Cancel::error()) };
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn check_process(&self) -> Result<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        Err(self.misuse("belongs to the parent process"))
    }

    fn misuse(&self, reason: &str) -> Error {
        let Subject { argument, word } = self.subject;
        Error::invalid(argument, format!("This {word} {reason}."))
    }
}

impl<T> Drop for Operation<T> {
    fn drop(&mut self) {
        let thread = self.thread.take();
        if self.process != std::process::id() {
            // A child has no such thread, and its copies of the locks may be held forever.
            std::mem::forget(thread);
            return;
        }
        if let Some(thread) = thread {
            self.cancel.cancel();
            self.queue.abandon();
            let _ = thread.join();
        }
    }
}

#[cfg(unix)]
impl<T> std::os::fd::AsFd for Operation<T> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.queue.ready.as_fd()
    }
}

/// How far an operation is, for any thread, also while another thread polls the operation.
#[derive(Clone)]
pub(super) struct Progress {
    queue: Arc<Queue>,
    /// The process of the thread of the operation.
    process: u32,
}

impl Progress {
    /// Whether [`Operation::poll`] would pass an event or the result now.
    pub(super) fn is_ready(&self) -> bool {
        self.is_here() && self.queue.lock().is_ready()
    }

    /// Whether a result is still to come, in this process.
    pub(super) fn is_running(&self) -> bool {
        self.is_here() && !self.queue.lock().is_finished
    }

    /// Whether this is not the child of a fork, whose copy of the lock may be held forever.
    fn is_here(&self) -> bool {
        self.process == std::process::id()
    }
}

/// Events and the end of an operation, from its thread to the caller.
struct Queue {
    state: Mutex<OperationState>,
    changed: Condvar,
    ready: Ready,
}

#[derive(Default)]
struct OperationState {
    events: VecDeque<Event>,
    has_ended: bool,
    /// The thread waits until the caller has received its last event.
    is_held: bool,
    /// The caller receives no more events.
    is_abandoned: bool,
    /// `ready` is set.
    is_signalled: bool,
    /// The caller has received the result.
    is_finished: bool,
}

impl OperationState {
    /// Whether a poll would pass an event or the result.
    fn is_ready(&self) -> bool {
        self.is_signalled && !self.is_finished
    }
}

impl Queue {
    fn new() -> Result<Self> {
        Ok(Self { state: Mutex::default(), changed: Condvar::new(), ready: Ready::new().map_err(no_descriptor)? })
    }

    fn lock(&self) -> MutexGuard<'_, OperationState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state for the caller, and wakes it.
    fn report(&self, change: impl FnOnce(&mut OperationState)) -> MutexGuard<'_, OperationState> {
        let mut state = self.lock();
        change(&mut state);
        if !state.is_signalled {
            state.is_signalled = true;
            self.ready.set();
        }
        self.changed.notify_all();
        state
    }

    /// Takes all events, and whether there is a result; waits for one of the two.
    fn take(&self, until: Instant) -> (VecDeque<Event>, bool) {
        let mut state = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if state.is_signalled || left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.is_signalled {
            state.is_signalled = false;
            self.ready.clear();
        }
        (std::mem::take(&mut state.events), state.has_ended)
    }

    /// Lets the thread continue after the events that the caller has received.
    fn release(&self) {
        let mut state = self.lock();
        if state.events.is_empty() && state.is_held {
            state.is_held = false;
            self.changed.notify_all();
        }
    }

    fn abandon(&self) {
        self.lock().is_abandoned = true;
        self.changed.notify_all();
    }
}

/// The end of the thread. Dropping it reports that the operation has ended, also if it panicked.
struct Sender {
    queue: Arc<Queue>,
    holds: fn(&Event) -> bool,
    cancel: Cancel,
}

impl Sender {
    fn send(&self, event: &Event) -> ControlFlow<()> {
        let is_held = (self.holds)(event);
        let is_over = || {
            let is_late = event.held_until.is_some_and(|until| Instant::now() >= until);
            is_late || self.cancel.is_cancelled()
        };
        let mut state = self.queue.report(|state| {
            state.events.push_back(event.clone());
            state.is_held = is_held;
        });
        while state.is_held && !state.is_abandoned && !is_over() {
            let waited = self.queue.changed.wait_timeout(state, CANCEL_POLL_INTERVAL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.is_held = false;
        if state.is_abandoned { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        drop(self.queue.report(|state| state.has_ended = true));
    }
}

fn no_descriptor(error: std::io::Error) -> Error {
    Error::system_limit("Could not open a descriptor for event loops", error)
}
