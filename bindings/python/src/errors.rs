//! The core's errors as exceptions. Their classes are written in Python; the package loads them when it is asked.

use std::error::Error as StdError;

use libatmn::__internal::panics::catch_panic;
use libatmn::{Caller, Error, ErrorClass, Language, Result};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::{PyAnyMethods, PyErr, PyResult};
use pyo3::types::{IntoPyDict, PyDict, PyDictMethods};
use pyo3::{Bound, Py, PyAny, Python};

/// Runs a piece of the core without the interpreter. A defect in it is an exception like any other.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(|| catch_panic(work).flatten()).map_err(|error| raised(py, error))
}

/// The exception for an error.
pub(crate) fn raised(py: Python<'_>, error: Error) -> PyErr {
    exception(py, error).map_or_else(|failed| failed, PyErr::from_value)
}

fn exception(py: Python<'_>, error: Error) -> PyResult<Bound<'_, PyAny>> {
    let class = py.import("libatmn")?.getattr(named(error.class()))?;
    let Error { code, message, hint, context, cause } = error.for_caller(&Caller::new(Language::Python));
    let parts = PyDict::new(py);
    parts.set_item("hint", hint.map(|hint| hint.to_string()))?;
    parts.set_item("context", context.into_py_dict(py)?)?;
    let exception = class.call((code.name(), message), Some(&parts))?;
    if let Some(cause) = cause {
        exception.setattr("__cause__", reason(py, &*cause))?;
    }
    Ok(exception)
}

/// The reason behind an error: what the system says is Python's own exception for it.
fn reason(py: Python<'_>, cause: &(dyn StdError + 'static)) -> Py<PyAny> {
    let number = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
    let error = match number {
        Some(number) => PyErr::from(std::io::Error::from_raw_os_error(number)),
        None => PyRuntimeError::new_err(cause.to_string()),
    };
    let error = error.into_value(py);
    if let Some(deeper) = cause.source() {
        // It is an exception, so it has a cause to set.
        let _ = error.bind(py).setattr("__cause__", reason(py, deeper));
    }
    error.into_any()
}

/// The name of the exception.
fn named(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Argument => "InvalidArgument",
        ErrorClass::Call => "AtmnError",
        ErrorClass::Deadline => "LoginTimeout",
        ErrorClass::Login => "LoginError",
        ErrorClass::Key => "ApiKeyError",
        ErrorClass::File => "FileError",
        ErrorClass::Request => "RequestError",
        ErrorClass::Answer => "ApiError",
        ErrorClass::Refusal => "AuthenticationError",
    }
}
