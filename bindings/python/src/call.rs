//! A call that waits for the network or the user. A worker thread does the work, so that the Python thread that waits
//! can handle signals, receive events, and leave. The worker never enters Python, which is unsafe during shutdown.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libatmn::__internal::panics::catch_panic;
use libatmn::{Cancel, Error, Event, Listener, Result};
use pyo3::Python;
use pyo3::prelude::{Bound, Py, PyAny, PyAnyMethods, PyResult, pyclass, pymethods};

use crate::argument::Argument;
use crate::arguments::{Seconds, duration};
use crate::errors::to_pyerr;
use crate::results::ToPython;

/// A call in progress. Dropping it cancels it.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Call {
    stop: Box<dyn Fn() + Send + Sync>,
    shared: Arc<Shared>,
    /// The process that has the worker thread. A forked child has neither the thread nor a usable lock.
    process: u32,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    outcome: Option<Outcome>,
    /// The worker has finished.
    ended: bool,
}

/// The result, converted into a Python object by the thread that fetches it.
type Outcome = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// What one wait returned.
struct Fetched {
    events: VecDeque<Event>,
    outcome: Option<Outcome>,
    /// An earlier wait has fetched the outcome.
    already_fetched: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes every waiting thread.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until there is something to fetch, or the time has passed.
    fn wait(&self, longest: Duration) -> Fetched {
        let until = Instant::now() + longest;
        let mut state = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if !state.events.is_empty() || state.ended || left.is_zero() {
                let (events, outcome) = (std::mem::take(&mut state.events), state.outcome.take());
                return Fetched { events, already_fetched: state.ended && outcome.is_none(), outcome };
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Call {
    /// Begins the work; `stop` ends it early.
    pub(crate) fn begin<T: ToPython + Send + 'static>(
        stop: impl Fn() + Send + Sync + 'static,
        work: impl FnOnce(Listener<'_>) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        let call = Self { stop: Box::new(stop), shared: Arc::default(), process: std::process::id() };
        let shared = Arc::clone(&call.shared);
        let run = move || {
            let mut on_event = |event: &Event| {
                shared.change(|state| state.events.push_back(event.clone()));
                ControlFlow::Continue(())
            };
            let result = catch_panic(|| work(&mut on_event)).flatten();
            let outcome: Outcome = Box::new(move |py| match result {
                Ok(value) => value.to_python(py).map(Bound::unbind),
                Err(error) => Err(to_pyerr(py, error)),
            });
            shared.change(|state| (state.outcome, state.ended) = (Some(outcome), true));
        };
        std::thread::Builder::new().name("libatmn".into()).spawn(run)?;
        Ok(call)
    }

    /// [`Call::begin`] for work that takes a [`Cancel`].
    pub(crate) fn cancellable<T: ToPython + Send + 'static>(
        work: impl FnOnce(Listener<'_>, &Cancel) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        let cancel = Cancel::new();
        let flag = cancel.clone();
        Self::begin(move || cancel.cancel(), move |listener| work(listener, &flag))
    }
}

#[pymethods]
impl Call {
    /// Waits for at most `seconds`, passes new events to `on_event`, then returns the result, or `None` if there is none
    /// yet. Callers repeat it, since Python handles signals only between two steps.
    fn step(
        &self,
        py: Python<'_>,
        seconds: Argument<Seconds>,
        on_event: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let longest = duration(py, "timeout", Some(seconds), Duration::ZERO)?;
        if self.is_after_fork() {
            let message = "The call belongs to the process that this one was forked from.";
            return Err(to_pyerr(py, Error::invalid("attempt", message)));
        }
        let Fetched { events, outcome, already_fetched } = py.detach(|| self.shared.wait(longest));
        if let Some(on_event) = on_event {
            for event in events {
                on_event.call1((event.to_python(py)?,))?;
            }
        }
        py.check_signals()?;
        match outcome {
            Some(outcome) => outcome(py).map(Some),
            None if already_fetched => Err(to_pyerr(py, Error::invalid("attempt", "The login has already ended."))),
            None => Ok(None),
        }
    }

    /// Waits for at most `seconds` until the worker has finished; returns whether it has.
    fn join(&self, py: Python<'_>, seconds: Argument<Seconds>) -> PyResult<bool> {
        let longest = duration(py, "timeout", Some(seconds), Duration::ZERO)?;
        let ended = py.detach(|| {
            if self.is_after_fork() {
                return true;
            }
            let state = self.shared.lock();
            let running = |state: &mut State| !state.ended;
            let waited = self.shared.changed.wait_timeout_while(state, longest, running);
            waited.unwrap_or_else(PoisonError::into_inner).0.ended
        });
        py.check_signals()?;
        Ok(ended)
    }

    /// Asks the worker to end. It may take a moment.
    fn cancel(&self) {
        (self.stop)();
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
}

impl Drop for Call {
    fn drop(&mut self) {
        (self.stop)();
    }
}
