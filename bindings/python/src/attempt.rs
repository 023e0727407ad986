//! A login under way, as other threads see it; the wait for it is a [`Call`].

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use libatmn::{AttemptHandle, Cancel, Error, blocking};
use pyo3::Python;
use pyo3::prelude::{PyResult, pyclass, pyfunction, pymethods};

use crate::arguments::{LoginOptions, Text};
use crate::call::Call;
use crate::errors::{detached, raised};

/// A callback port and an address. Nothing moves before `begin`.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Attempt {
    url: String,
    port: u16,
    hint: Option<String>,
    deadline: SystemTime,
    handle: AttemptHandle,
    state: Mutex<State>,
}

enum State {
    Inert(Box<blocking::Attempt>),
    Moving,
    Cancelled,
}

#[pyfunction]
pub(crate) fn start_login(py: Python<'_>, options: &LoginOptions) -> PyResult<Attempt> {
    let attempt = detached(py, || blocking::start_login(&options.0))?;
    Ok(Attempt {
        url: attempt.url().to_owned(),
        port: attempt.port(),
        hint: attempt.hint().map(str::to_owned),
        deadline: attempt.deadline(),
        handle: attempt.handle(),
        state: Mutex::new(State::Inert(Box::new(attempt))),
    })
}

#[pymethods]
impl Attempt {
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    #[getter]
    fn port(&self) -> u16 {
        self.port
    }

    #[getter]
    fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    #[getter]
    fn deadline(&self) -> SystemTime {
        self.deadline
    }

    fn submit(&self, py: Python<'_>, text: Text) -> PyResult<()> {
        detached(py, || self.handle.submit(text.0.reveal()))
    }

    /// Frees the port at once if nothing moves yet, else within a moment.
    fn cancel(&self) {
        self.handle.cancel();
        self.change(State::Cancelled);
    }

    /// Lets the login move: the browser opens, and the callback is answered.
    fn begin(&self, py: Python<'_>) -> PyResult<Call> {
        let mut attempt = match self.change(State::Moving) {
            State::Inert(attempt) => attempt,
            State::Moving => {
                return Err(raised(py, Error::invalid("attempt", "This login is under way already.")));
            }
            State::Cancelled => {
                self.change(State::Cancelled);
                return Err(raised(py, Cancel::error()));
            }
        };
        let handle = self.handle.clone();
        Call::begin(move || handle.cancel(), move |listener| attempt.wait(Some(listener)))
    }
}

impl Attempt {
    fn change(&self, state: State) -> State {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state)
    }
}
