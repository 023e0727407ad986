//! Text arguments.

use libatmn::Secret;
use pyo3::exceptions::{PyTypeError, PyUnicodeError};
use pyo3::prelude::{PyAny, PyErr, PyResult};
use pyo3::types::{PyAnyMethods, PyString, PyStringMethods, PyTypeMethods};
use pyo3::{Borrowed, FromPyObject};

/// A text. It may be a secret, so it is wiped when it is dropped.
pub(crate) struct Text(pub(crate) Secret);

impl FromPyObject<'_, '_> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let Ok(text) = object.cast::<PyString>() else {
            // Name the type alone: the value may hold a key.
            let name = object.get_type().name()?.to_cow()?.into_owned();
            return Err(PyTypeError::new_err(format!("must be a str, not {name}")));
        };
        let text = text.to_cow().map_err(|_| not_utf8())?;
        Ok(Self(Secret::from(text.into_owned())))
    }
}

impl Text {
    pub(crate) fn into_string(self) -> String {
        self.0.reveal().to_owned()
    }
}

/// The error for a text with lone surrogates, without the text, which may be a secret.
pub(crate) fn not_utf8() -> PyErr {
    PyUnicodeError::new_err("the text cannot be encoded as UTF-8")
}
