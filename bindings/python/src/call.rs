//! A call that waits. A thread of its own does the work, so that the thread of Python that waits for it can look at
//! signals, hear events, and leave. That thread never enters Python: an interpreter that ends would not bear it.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libatmn::__internal::panics::catch_panic;
use libatmn::{Cancel, Error, Event, Listener, Result};
use pyo3::Python;
use pyo3::prelude::{Bound, Py, PyAny, PyAnyMethods, PyResult, pyclass, pymethods};

use crate::arguments::duration;
use crate::errors::raised;
use crate::results::Shown;

/// A call under way. Dropping it cancels it.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Call {
    stop: Box<dyn Fn() + Send + Sync>,
    shared: Arc<Shared>,
    /// The process that the thread lives in; a fork does not take it along, nor free what it has locked.
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
    /// Nothing more will come.
    ended: bool,
}

/// The result, to be turned into an object of Python by whoever fetches it.
type Outcome = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// What was there at one moment.
struct Fetched {
    events: VecDeque<Event>,
    outcome: Option<Outcome>,
    /// Somebody has fetched the outcome before.
    over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something and tells everybody who waits for it.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        drop(state);
        self.changed.notify_all();
    }

    /// Waits until there is something to fetch, or the time is over.
    fn wait(&self, longest: Duration) -> Fetched {
        let until = Instant::now() + longest;
        let mut state = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if !state.events.is_empty() || state.ended || left.is_zero() {
                let (events, outcome) = (std::mem::take(&mut state.events), state.outcome.take());
                return Fetched { events, over: state.ended && outcome.is_none(), outcome };
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Call {
    /// Begins the work; `stop` is what ends it early.
    pub(crate) fn begin<T: Shown + Send + 'static>(
        stop: impl Fn() + Send + Sync + 'static,
        work: impl FnOnce(Listener<'_>) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        let call = Self { stop: Box::new(stop), shared: Arc::default(), process: std::process::id() };
        let shared = Arc::clone(&call.shared);
        let run = move || {
            let mut hear = |event: &Event| {
                shared.change(|state| state.events.push_back(event.clone()));
                ControlFlow::Continue(())
            };
            let result = catch_panic(|| work(&mut hear)).flatten();
            let outcome: Outcome = Box::new(move |py| match result {
                Ok(value) => value.shown(py).map(Bound::unbind),
                Err(error) => Err(raised(py, error)),
            });
            shared.change(|state| (state.outcome, state.ended) = (Some(outcome), true));
        };
        std::thread::Builder::new().name("libatmn".into()).spawn(run)?;
        Ok(call)
    }

    /// [`Call::begin`] for work that looks at a flag.
    pub(crate) fn cancellable<T: Shown + Send + 'static>(
        work: impl FnOnce(Listener<'_>, &Cancel) -> Result<T> + Send + 'static,
    ) -> PyResult<Self> {
        let cancel = Cancel::new();
        let flag = cancel.clone();
        Self::begin(move || cancel.cancel(), move |listener| work(listener, &flag))
    }
}

#[pymethods]
impl Call {
    /// Waits for at most so many seconds, hands the events that came to `on_event`, then gives the result, if it is
    /// there. Callers repeat it: only between two steps does Python look at its signals.
    fn step(&self, py: Python<'_>, seconds: f64, on_event: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Py<PyAny>>> {
        let longest = duration(py, "timeout", Some(seconds), Duration::ZERO)?;
        if self.is_elsewhere() {
            let message = "This call belongs to the process that this one was forked from.";
            return Err(raised(py, Error::invalid("attempt", message)));
        }
        let Fetched { events, outcome, over } = py.detach(|| self.shared.wait(longest));
        if let Some(on_event) = on_event {
            for event in events {
                on_event.call1((event.shown(py)?,))?;
            }
        }
        py.check_signals()?;
        match outcome {
            Some(outcome) => outcome(py).map(Some),
            None if over => Err(raised(py, Error::invalid("attempt", "This login has ended already."))),
            None => Ok(None),
        }
    }

    /// Waits until nothing more will come, for at most so many seconds; tells whether that is so.
    fn join(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let longest = duration(py, "timeout", Some(seconds), Duration::ZERO)?;
        let ended = py.detach(|| {
            if self.is_elsewhere() {
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

    /// Ends the call. It may still be there for a moment.
    fn cancel(&self) {
        (self.stop)();
    }

    /// Whether everything that it held, such as a port, is free.
    #[getter]
    fn ended(&self) -> bool {
        self.is_elsewhere() || self.shared.lock().ended
    }
}

impl Call {
    fn is_elsewhere(&self) -> bool {
        self.process != std::process::id()
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        (self.stop)();
    }
}
