//! The local Autumn of `libatmn.testing`.

use std::sync::{Mutex, PoisonError};

use libatmn::Error;
use local_autumn::{LocalAutumn, Options, Running};
use pyo3::Python;
use pyo3::prelude::{PyResult, pyclass, pyfunction, pymethods};

use crate::errors::to_pyerr;

/// A local Autumn on a thread of this process. It stops when the object is deleted.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct RunningAutumn {
    url: String,
    running: Mutex<Option<Running>>,
    /// The process that has the server's thread. A forked child does not.
    process: u32,
}

/// Starts a local Autumn with its control routes, on a free port.
#[pyfunction]
pub(crate) fn start_autumn(py: Python<'_>) -> PyResult<RunningAutumn> {
    let server = LocalAutumn::bind(Options { port: 0, controls: true, ..Options::default() });
    let running = server.and_then(LocalAutumn::spawn);
    let running =
        running.map_err(|error| to_pyerr(py, Error::system_limit("Could not start a local Autumn", error)))?;
    Ok(RunningAutumn { url: running.url(), running: Mutex::new(Some(running)), process: std::process::id() })
}

#[pymethods]
impl RunningAutumn {
    /// The base URL.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server; its port is free when this returns. It keeps the GIL, which the server's thread never takes.
    fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if self.process == std::process::id() {
            drop(running);
        } else {
            // Waiting for the thread would never end.
            std::mem::forget(running);
        }
    }
}

impl Drop for RunningAutumn {
    fn drop(&mut self) {
        self.stop();
    }
}
