//! Text arguments.

use libatmn::__internal::key::mask_segments;
use libatmn::Secret;
use pyo3::exceptions::{PyTypeError, PyUnicodeError};
use pyo3::prelude::{Bound, Py, PyAny, PyErr, PyResult, pyclass, pyfunction, pymethods};
use pyo3::types::{PyAnyMethods, PyString, PyStringMethods, PyTypeMethods};
use pyo3::{Borrowed, FromPyObject, PyTraverseError, PyVisit, Python};

/// An argument that may hold a key or a code. Tools that print the variables of a traceback see no more than this.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Concealed(Py<PyAny>);

#[pymethods]
impl Concealed {
    fn reveal(&self, py: Python<'_>) -> Py<PyAny> {
        self.0.clone_ref(py)
    }

    fn __repr__(&self) -> &'static str {
        "<concealed>"
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0)
    }
}

/// Conceals an argument, before anything that may fail. `None` stays.
#[pyfunction]
pub(crate) fn conceal(argument: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    if argument.is_none() || argument.is_instance_of::<Concealed>() {
        return Ok(argument);
    }
    let py = argument.py();
    Ok(Bound::new(py, Concealed(argument.unbind()))?.into_any())
}

/// The name of an argument that does not exist, with keys masked: one may have been passed as a name by mistake.
#[pyfunction]
pub(crate) fn masked_name(name: &Bound<'_, PyString>) -> String {
    mask_segments(&name.to_string_lossy())
}

/// The object that an argument conceals, or the argument itself.
pub(crate) fn revealed<'py>(argument: Borrowed<'_, 'py, PyAny>) -> Bound<'py, PyAny> {
    match argument.cast::<Concealed>() {
        Ok(concealed) => concealed.get().0.bind(argument.py()).clone(),
        Err(_) => argument.to_owned(),
    }
}

/// A text. It may be a secret, so it is wiped when it is dropped.
pub(crate) struct Text(pub(crate) Secret);

impl FromPyObject<'_, '_> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let object = revealed(object);
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
