//! A call that waits for the network, the user or a file. A worker thread does the work. Python waits in its own code, on
//! a descriptor that the worker makes readable, and then fetches what there is.
//!
//! Nothing here waits or calls back into Python: CPython before 3.14 ends daemon threads at exit wherever they ask for the
//! GIL, and must find no Rust frame on their stacks. The worker never enters Python, which is unsafe during shutdown. One
//! case is left: before Python 3.12, making an object here may start a garbage collection, which runs `__del__` of the
//! program.
//!
//! The worker waits for Python at the last event before the server creates keys: the listener can still refuse them. Calls
//! of a client share a runtime; if it runs on the thread that waits, the other calls pause.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use libatmn::__internal::panics::catch_panic;
use libatmn::__internal::threads::spawn;
use libatmn::{Cancel, Error, Event, EventCode, Listener, LoginOptions, Result};
use pyo3::Python;
use pyo3::prelude::{Bound, Py, PyAny, PyResult, pyclass, pymethods};

use crate::errors::{no_thread, to_pyerr};
use crate::events;
use crate::results::ToPython;
use crate::wakeup::{Descriptor, Wakeup};

/// A call in progress. Dropping it cancels it.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Call {
    stop: Box<dyn Fn() + Send + Sync>,
    shared: Arc<Shared>,
    listening: Listening,
    /// The process that has the worker thread. A forked child has neither the thread nor a usable lock.
    process: u32,
}

/// How the events of a call reach a listener.
#[derive(Clone, Copy)]
pub(crate) struct Listening {
    pub(crate) has_listener: bool,
    /// The time limit of the login, for which the caller waits for its listener after the result.
    pub(crate) login_timeout: Duration,
}

impl Listening {
    /// For calls without events.
    pub(crate) fn never() -> Self {
        Self { has_listener: false, login_timeout: LoginOptions::default().login_timeout }
    }
}

struct Shared {
    state: Mutex<CallState>,
    /// Notified when the worker may continue.
    released: Condvar,
    /// Set while there are events, and permanently once the worker has finished.
    wakeup: Wakeup,
}

#[derive(Default)]
struct CallState {
    events: VecDeque<Event>,
    outcome: Option<PendingResult>,
    /// The event that the listener has to handle before the worker continues.
    held: Option<EventCode>,
    /// The listener has no say any more.
    is_cancelled: bool,
    /// The worker has finished.
    ended: bool,
}

/// The work of the thread.
type Job = Box<dyn FnOnce() + Send>;

/// The result, converted into a Python object by the thread that fetches it.
type PendingResult = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

impl CallState {
    /// Whether there is something to fetch.
    fn is_ready(&self) -> bool {
        self.ended || !self.events.is_empty()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, CallState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and sets or clears the descriptor with it.
    fn change<T>(&self, change: impl FnOnce(&mut CallState) -> T) -> T {
        let mut state = self.lock();
        let before = state.is_ready();
        let changed = change(&mut state);
        match (before, state.is_ready()) {
            (false, true) => self.wakeup.set(),
            (true, false) => self.wakeup.clear(),
            (true, true) | (false, false) => {}
        }
        changed
    }

    /// Lets the worker continue.
    fn release(&self, change: impl FnOnce(&mut CallState)) {
        let mut state = self.lock();
        change(&mut state);
        state.held = None;
        self.released.notify_all();
    }

    /// Waits until the worker may continue, which is then too late if its time is up.
    fn wait_until_released(&self, until: Instant) {
        let mut state = self.lock();
        while state.held.is_some() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.held = None;
                return;
            }
            state = self.released.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The worker's end of a call.
struct EventQueue {
    shared: Arc<Shared>,
    has_listener: bool,
}

impl EventQueue {
    /// Queues an event, and waits for the listener where the core says so.
    fn send(&self, event: &Event) {
        let held = event.held_until.filter(|_| self.has_listener);
        self.shared.change(|state| {
            state.events.push_back(event.clone());
            state.held = held.filter(|_| !state.is_cancelled).map(|_| event.code);
        });
        if let Some(until) = held {
            self.shared.wait_until_released(until);
        }
    }
}

impl Call {
    /// Begins the work; `stop` ends it early.
    pub(crate) fn begin<T: ToPython + Send + 'static>(
        listening: Listening,
        stop: impl Fn() + Send + Sync + 'static,
        work: impl FnOnce(Listener<'_>) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        Self::begin_on(spawn, listening, stop, work)
    }

    /// [`Call::begin`] on a thread that `start` starts.
    pub(crate) fn begin_on<T: ToPython + Send + 'static>(
        start: impl FnOnce(Builder, Job) -> std::io::Result<JoinHandle<()>>,
        listening: Listening,
        stop: impl Fn() + Send + Sync + 'static,
        work: impl FnOnce(Listener<'_>) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        let wakeup = Wakeup::new().map_err(no_thread)?;
        let shared = Arc::new(Shared { state: Mutex::default(), released: Condvar::new(), wakeup });
        let call = Self { stop: Box::new(stop), shared: Arc::clone(&shared), listening, process: std::process::id() };
        let run = move || {
            let events = EventQueue { shared: Arc::clone(&shared), has_listener: listening.has_listener };
            let mut listener = |event: &Event| {
                events.send(event);
                ControlFlow::Continue(())
            };
            let result = catch_panic(|| work(&mut listener)).flatten();
            let outcome: PendingResult = Box::new(move |py| match result {
                Ok(value) => value.to_python(py).map(Bound::unbind),
                Err(error) => Err(to_pyerr(py, error)),
            });
            shared.change(|state| (state.outcome, state.ended) = (Some(outcome), true));
        };
        start(Builder::new().name("libatmn".into()), Box::new(run)).map_err(no_thread)?;
        Ok(call)
    }

    /// [`Call::begin`] for work that takes a [`Cancel`], and the listener if there is one.
    pub(crate) fn listened<T: ToPython + Send + 'static>(
        listening: Listening,
        work: impl FnOnce(Option<Listener<'_>>, &Cancel) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        // Python runs its signal handlers in ordinary code.
        let cancel = Cancel::without_signals();
        let flag = cancel.clone();
        let work = move |listener: Listener<'_>| work(listening.has_listener.then_some(listener), &flag);
        Self::begin(listening, move || cancel.cancel(), work)
    }

    /// [`Call::begin`] for work without events that takes a [`Cancel`].
    pub(crate) fn cancellable<T: ToPython + Send + 'static>(
        work: impl FnOnce(&Cancel) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        Self::listened(Listening::never(), move |_, cancel| work(cancel))
    }

    /// [`Call::begin`] for work on files, which cannot be cancelled.
    pub(crate) fn of<T: ToPython + Send + 'static>(
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        Self::begin(Listening::never(), || (), move |_| work())
    }
}

#[pymethods]
impl Call {
    /// The descriptor that is readable while there are events or a result to fetch. It belongs to the call.
    fn fileno(&self, py: Python<'_>) -> PyResult<Descriptor> {
        self.check_process(py)?;
        Ok(self.shared.wakeup.descriptor())
    }

    /// The events since the last call, in order.
    fn take_events(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        self.check_process(py)?;
        let events = self.shared.change(|state| std::mem::take(&mut state.events));
        events.into_iter().map(|event| event.to_python(py).map(Bound::unbind)).collect()
    }

    /// The result, once; `None` while the worker runs or there are events to take.
    fn take_result(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.check_process(py)?;
        let outcome = {
            let mut state = self.shared.lock();
            if !state.ended || !state.events.is_empty() {
                return Ok(None);
            }
            state.outcome.take()
        };
        match outcome {
            Some(outcome) => outcome(py).map(Some),
            None => Err(to_pyerr(py, Error::invalid("attempt", "The login has already ended."))),
        }
    }

    /// Lets the worker continue if it waits at this event: the listener has handled it, or cannot before the login ends.
    fn release(&self, event: &events::Event) {
        if self.is_after_fork() {
            return;
        }
        let held = self.shared.lock().held;
        if held.is_some_and(|held| held.name() == event.code) {
            self.shared.release(|_| ());
        }
    }

    /// Asks the worker to end. It may take a moment.
    fn cancel(&self) {
        if !self.is_after_fork() {
            (self.stop)();
            self.shared.release(|state| state.is_cancelled = true);
        }
    }

    /// The time limit of the login, in seconds.
    #[getter]
    fn login_timeout(&self) -> f64 {
        self.listening.login_timeout.as_secs_f64()
    }

    /// Whether the worker has finished and everything that it held, such as a port, is free.
    #[getter]
    fn ended(&self) -> bool {
        self.is_after_fork() || self.shared.lock().ended
    }
}

impl Call {
    fn is_after_fork(&self) -> bool {
        self.process != std::process::id()
    }

    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_after_fork() {
            let message = "The call belongs to the process that this one was forked from.";
            return Err(to_pyerr(py, Error::invalid("attempt", message)));
        }
        Ok(())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel();
    }
}
