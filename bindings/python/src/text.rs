//! Text arguments.

use libatmn::{Error, ErrorCode, Secret};
use pyo3::prelude::{PyAny, PyErr, PyResult};
use pyo3::types::{PyString, PyStringMethods};
use pyo3::{Borrowed, FromPyObject, Python};

use crate::errors::to_pyerr;

/// A text. It may be a secret, so it is wiped when it is dropped.
pub(crate) struct Text(pub(crate) Secret);

impl FromPyObject<'_, '_> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let text = object.cast::<PyString>()?;
        let text = text.to_cow().map_err(|_| not_utf8(object.py()))?;
        Ok(Self(Secret::from(text.into_owned())))
    }
}

/// The error for a text with lone surrogates. Python's own error would carry the text, which may be a secret.
pub(crate) fn not_utf8(py: Python<'_>) -> PyErr {
    to_pyerr(py, Error::new(ErrorCode::NotUtf8, "The text cannot be encoded as UTF-8."))
}
