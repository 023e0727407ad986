//! An argument of Python. Its errors name it, also before Python 3.11, where pyo3 cannot add a note.

use libatmn::{Error, ErrorCode};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyUnicodeError};
use pyo3::prelude::{Bound, PyAny, PyAnyMethods, PyErr, PyResult};
use pyo3::{Borrowed, FromPyObject, Python};

use crate::errors::to_pyerr;
use crate::text::revealed;

/// A converted argument, which may be concealed. The value is available only to code that names the argument.
pub(crate) struct Argument<T>(PyResult<T>);

impl<'py, T: for<'a> FromPyObject<'a, 'py>> FromPyObject<'_, 'py> for Argument<T> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(revealed(object).extract::<T>().map_err(Into::into)))
    }
}

impl<T> From<T> for Argument<T> {
    fn from(value: T) -> Self {
        Self(Ok(value))
    }
}

impl<T> Argument<T> {
    /// The value, or the error that names the argument.
    pub(crate) fn named(self, py: Python<'_>, name: &str) -> PyResult<T> {
        self.0.map_err(|error| with_name(py, error, name))
    }
}

/// The field of a result class. Every failure is a `TypeError`, to which pyo3 adds the name of the argument.
pub(crate) fn field<'py, T: for<'a> FromPyObject<'a, 'py>>(object: &Bound<'py, PyAny>) -> PyResult<T> {
    object.extract::<T>().map_err(Into::into).map_err(|error: PyErr| {
        let py = object.py();
        if error.is_instance_of::<PyTypeError>(py) {
            error
        } else if error.is_instance_of::<PyUnicodeError>(py) {
            // Python's own error would carry the text, which may be a secret.
            PyTypeError::new_err("the text cannot be encoded as UTF-8")
        } else {
            PyTypeError::new_err("the value is out of range")
        }
    })
}

/// The value of an argument that may be `None`.
pub(crate) fn optional<T>(py: Python<'_>, name: &str, given: Option<Argument<T>>) -> PyResult<Option<T>> {
    given.map(|given| given.named(py, name)).transpose()
}

fn with_name(py: Python<'_>, error: PyErr, name: &str) -> PyErr {
    if error.is_instance_of::<PyTypeError>(py) {
        let message = error.value(py).to_string();
        let joint = if message.starts_with("must ") { " " } else { ": " };
        return PyTypeError::new_err(format!("{name}{joint}{message}"));
    }
    if error.is_instance_of::<PyUnicodeError>(py) {
        // Python's own error would carry the text, which may be a secret.
        let message = format!("`{name}` cannot be encoded as UTF-8.");
        return to_pyerr(py, Error::new(ErrorCode::NotUtf8, message).with("option", name));
    }
    if error.is_instance_of::<PyOverflowError>(py) {
        return to_pyerr(py, Error::invalid(name, format!("`{name}` is out of range.")));
    }
    error
}
