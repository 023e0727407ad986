//! `ApiKey`, which shows itself masked wherever Python prints things.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::{Bound, Py, PyAny, PyAnyMethods, PyErr, PyResult, pyclass, pymethods};
use pyo3::types::{PyString, PyStringMethods, PyTypeMethods};
use pyo3::{Borrowed, FromPyObject, PyRef, Python};

use crate::arguments::Text;
use crate::errors::raised;

/// An Autumn API key; any other text is ``malformed_key``.
///
/// It shows itself masked everywhere, in ``str()``, ``repr()`` and ``format()``; the text comes from :meth:`reveal`
/// only. The mask is not Latin-1, so that a masked key put into a header fails at once. Keys cannot be pickled.
///
/// >>> from libatmn import ApiKey
/// >>> key = ApiKey("am_sk_test_0123456789abcdef")
/// >>> key, key.kind, key.environment
/// (ApiKey('am_sk_test_…cdef'), 'secret', 'sandbox')
/// >>> key.reveal()
/// 'am_sk_test_0123456789abcdef'
#[pyclass(frozen, module = "libatmn")]
pub(crate) struct ApiKey(pub(crate) libatmn::ApiKey);

#[pymethods]
impl ApiKey {
    #[new]
    fn new(py: Python<'_>, text: Text) -> PyResult<Self> {
        libatmn::ApiKey::parse(text.0.reveal()).map(Self).map_err(|error| raised(py, error))
    }

    /// What it may do: ``secret`` everything, ``publishable`` four endpoints.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind().name()
    }

    /// Which data it reaches.
    #[getter]
    fn environment(&self) -> &'static str {
        self.0.environment().name()
    }

    /// The secret text. Whoever calls this takes over the duty not to print it.
    fn reveal(&self) -> &str {
        self.0.reveal()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("ApiKey('{}')", self.0)
    }

    fn __format__<'py>(&self, py: Python<'py>, spec: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
        PyString::new(py, &self.0.to_string()).call_method1("__format__", (spec,))
    }

    /// A pickle is a file in clear text.
    fn __reduce_ex__(&self, _protocol: i32) -> PyResult<()> {
        Err(PyTypeError::new_err("an ApiKey cannot be pickled; pass on where it is found, or reveal() it knowingly"))
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }
}

/// A key given as such or as text. Texts are checked by the core, whichever operation they are for.
pub(crate) enum KeyArgument {
    Key(libatmn::ApiKey),
    Text(libatmn::Secret),
}

impl KeyArgument {
    pub(crate) fn secret(self) -> libatmn::Secret {
        match self {
            Self::Key(key) => libatmn::Secret::from(key.reveal()),
            Self::Text(text) => text,
        }
    }

    pub(crate) fn key(self) -> libatmn::Result<libatmn::ApiKey> {
        match self {
            Self::Key(key) => Ok(key),
            Self::Text(text) => libatmn::ApiKey::parse(text.reveal()),
        }
    }
}

impl FromPyObject<'_, '_> for KeyArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(key) = object.extract::<PyRef<'_, ApiKey>>() {
            return Ok(Self::Key(key.0.clone()));
        }
        if !object.is_instance_of::<PyString>() {
            // The type alone: whatever it is, it may hold a key.
            let name = object.get_type().name()?.to_cow()?.into_owned();
            return Err(PyTypeError::new_err(format!("a key must be an ApiKey or a str, not {name}")));
        }
        object.extract::<Text>().map(|text| Self::Text(text.0))
    }
}
