//! A login in progress, which every thread may submit to or cancel. Waiting for it is a [`Call`].

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use libatmn::{AttemptHandle, Cancel, Error, blocking};
use pyo3::Python;
use pyo3::prelude::{PyResult, pyclass, pyfunction, pymethods};

use crate::argument::Argument;
use crate::arguments::LoginOptions;
use crate::call::{Call, Listening};
use crate::errors::{caller, to_pyerr, with_large_stack, without_gil};
use crate::text::Text;

/// A callback port and a login URL. No browser opens and no callback is answered before `begin`.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Attempt {
    url: String,
    port: u16,
    hint: Option<String>,
    deadline: SystemTime,
    login_timeout: Duration,
    handle: AttemptHandle,
    state: Mutex<AttemptStage>,
}

enum AttemptStage {
    Ready(Box<blocking::Attempt>),
    Started,
    Cancelled,
}

#[pyfunction]
pub(crate) fn start_login(py: Python<'_>, options: &LoginOptions) -> PyResult<Attempt> {
    let options = options.0.clone();
    let login_timeout = options.login_timeout;
    let attempt = with_large_stack(py, move || blocking::start_login(&options, &Cancel::without_signals()))?;
    Ok(Attempt {
        url: attempt.url().to_owned(),
        port: attempt.port(),
        hint: attempt.hint().map(str::to_owned),
        deadline: attempt.deadline(),
        login_timeout,
        handle: attempt.handle(),
        state: Mutex::new(AttemptStage::Ready(Box::new(attempt))),
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

    fn submit(&self, py: Python<'_>, text: Argument<Text>) -> PyResult<()> {
        let text = text.named(py, "text")?;
        without_gil(py, || self.handle.submit(text.0.reveal()))
    }

    /// Submits a line that the user pasted while the login waits, and returns whether it needs no more lines. An event
    /// answers one that is refused.
    fn submit_line(&self, py: Python<'_>, line: Argument<Text>) -> PyResult<bool> {
        let line = line.named(py, "line")?;
        without_gil(py, || Ok(self.handle.submit_line(line.0.reveal(), &caller())))
    }

    /// Frees the port: at once before `begin`, afterwards within a moment.
    fn cancel(&self, py: Python<'_>) {
        self.handle.cancel();
        // Dropping an attempt waits for its thread.
        py.detach(|| drop(self.change(AttemptStage::Cancelled)));
    }

    /// Opens the browser and begins to answer callbacks.
    fn begin(&self, py: Python<'_>, has_listener: bool) -> PyResult<Call> {
        let mut attempt = match self.change(AttemptStage::Started) {
            AttemptStage::Ready(attempt) => attempt,
            AttemptStage::Started => {
                return Err(to_pyerr(py, Error::invalid("attempt", "The login has already started.")));
            }
            AttemptStage::Cancelled => {
                self.change(AttemptStage::Cancelled);
                return Err(to_pyerr(py, Cancel::error()));
            }
        };
        let handle = self.handle.clone();
        let listening = Listening { has_listener, login_timeout: self.login_timeout };
        Call::begin(listening, move || handle.cancel(), move |listener| attempt.wait(Some(listener)))
    }
}

impl Attempt {
    fn change(&self, state: AttemptStage) -> AttemptStage {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state)
    }
}
