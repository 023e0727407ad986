//! A call that waits for the network, the user or a file. A worker thread does the work. Python waits in its own code, on
//! a descriptor that the worker makes readable, and then fetches what there is.
//!
//! Nothing here waits or calls back into Python: CPython before 3.14 ends daemon threads at exit wherever they ask for the
//! GIL, and must find no Rust frame on their stacks. The worker never enters Python, which is unsafe during shutdown. One
//! case is left: before Python 3.12, making an object here may start a garbage collection, which runs `__del__` of the
//! program.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use libatmn::__internal::panics::catch_panic;
use libatmn::__internal::threads::spawn;
use libatmn::{Cancel, Error, Event, Listener, Result};
use pyo3::Python;
use pyo3::prelude::{Bound, Py, PyAny, PyResult, pyclass, pymethods};

use crate::errors::{no_thread, to_pyerr};
use crate::results::ToPython;
use crate::wakeup::{Descriptor, Wakeup};

/// A call in progress. Dropping it cancels it.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Call {
    stop: Box<dyn Fn() + Send + Sync>,
    shared: Arc<Shared>,
    /// The process that has the worker thread. A forked child has neither the thread nor a usable lock.
    process: u32,
}

struct Shared {
    state: Mutex<CallState>,
    /// Set while there are events, and permanently once the worker has finished.
    wakeup: Wakeup,
}

#[derive(Default)]
struct CallState {
    events: VecDeque<Event>,
    outcome: Option<PendingResult>,
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
}

impl Call {
    /// Begins the work; `stop` ends it early.
    pub(crate) fn begin<T: ToPython + Send + 'static>(
        stop: impl Fn() + Send + Sync + 'static,
        work: impl FnOnce(Listener<'_>) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        Self::begin_on(spawn, stop, work)
    }

    /// [`Call::begin`] on a thread that `start` starts.
    pub(crate) fn begin_on<T: ToPython + Send + 'static>(
        start: impl FnOnce(Builder, Job) -> std::io::Result<JoinHandle<()>>,
        stop: impl Fn() + Send + Sync + 'static,
        work: impl FnOnce(Listener<'_>) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        let wakeup = Wakeup::new().map_err(no_thread)?;
        let shared = Arc::new(Shared { state: Mutex::default(), wakeup });
        let call = Self { stop: Box::new(stop), shared: Arc::clone(&shared), process: std::process::id() };
        let run = move || {
            let mut on_event = |event: &Event| {
                shared.change(|state| state.events.push_back(event.clone()));
                ControlFlow::Continue(())
            };
            let result = catch_panic(|| work(&mut on_event)).flatten();
            let outcome: PendingResult = Box::new(move |py| match result {
                Ok(value) => value.to_python(py).map(Bound::unbind),
                Err(error) => Err(to_pyerr(py, error)),
            });
            shared.change(|state| (state.outcome, state.ended) = (Some(outcome), true));
        };
        start(Builder::new().name("libatmn".into()), Box::new(run)).map_err(no_thread)?;
        Ok(call)
    }

    /// [`Call::begin`] for work that takes a [`Cancel`].
    pub(crate) fn cancellable<T: ToPython + Send + 'static>(
        work: impl FnOnce(Listener<'_>, &Cancel) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        // Python runs its signal handlers in ordinary code.
        let cancel = Cancel::without_signals();
        let flag = cancel.clone();
        Self::begin(move || cancel.cancel(), move |listener| work(listener, &flag))
    }

    /// [`Call::begin`] for work on files, which cannot be cancelled.
    pub(crate) fn of<T: ToPython + Send + 'static>(
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        Self::begin(|| (), move |_| work())
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

    /// Asks the worker to end. It may take a moment.
    fn cancel(&self) {
        if !self.is_after_fork() {
            (self.stop)();
        }
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
