//! `ApiKey`, which Python prints masked everywhere.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::{Bound, Py, PyAny, PyAnyMethods, PyErr, PyResult, pyclass, pymethods};
use pyo3::types::{IntoPyDict, PyString, PyStringMethods, PyType, PyTypeMethods};
use pyo3::{Borrowed, FromPyObject, PyRef, Python};

use crate::argument::Argument;
use crate::errors::to_pyerr;
use crate::text::{Text, revealed};

/// An Autumn API key; any other text is ``malformed_key``.
///
/// ``str()``, ``repr()`` and ``format()`` show it masked; :meth:`reveal` returns the text. The mask is not Latin-1, so
/// that an HTTP header cannot hold it by mistake. Keys are equal, and hash alike, if their texts are equal. They cannot be
/// pickled.
///
/// >>> from libatmn import ApiKey
/// >>> key = ApiKey("am_sk_test_0123456789abcdef")
/// >>> key, key.kind, key.environment
/// (ApiKey('am_sk_test_…cdef'), 'secret', 'sandbox')
/// >>> key.reveal()
/// 'am_sk_test_0123456789abcdef'
#[pyclass(frozen, eq, hash, from_py_object, module = "libatmn")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ApiKey(pub(crate) libatmn::ApiKey);

#[pymethods]
impl ApiKey {
    #[new]
    fn new(py: Python<'_>, text: Argument<Text>) -> PyResult<Self> {
        let text = text.named(py, "text")?;
        libatmn::ApiKey::parse(text.0.reveal()).map(Self).map_err(|error| to_pyerr(py, error))
    }

    /// ``secret`` keys may do everything; ``publishable`` keys may call four endpoints.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind().name()
    }

    /// The data that the key gives access to: ``sandbox`` or ``live``.
    #[getter]
    fn environment(&self) -> &'static str {
        self.0.environment().name()
    }

    /// Return the secret text. Do not print or log it.
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

    /// A pickle would hold the secret in clear text.
    fn __reduce_ex__(&self, _protocol: i32) -> PyResult<()> {
        Err(PyTypeError::new_err("an ApiKey cannot be pickled; let the other process call resolve_key()"))
    }

    /// Lets pydantic check a field of this type: it takes a key, or a text that is one. Dumps show it masked.
    #[classmethod]
    fn __get_pydantic_core_schema__<'py>(
        class: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let schemas = class.py().import("pydantic_core.core_schema")?;
        let text = schemas.call_method0("str_schema")?;
        let parsed = schemas.call_method1("no_info_after_validator_function", (class, &text))?;
        let key = schemas.call_method1("is_instance_schema", (class,))?;
        let either = schemas.call_method1("union_schema", (vec![key, parsed.clone()],))?;
        // `str()` masks a key. A dump as Python objects keeps the key, which prints itself masked.
        let masked = schemas.call_method0("to_string_ser_schema")?;
        let options = [("serialization", masked)].into_py_dict(class.py())?;
        schemas.call_method("json_or_python_schema", (parsed, either), Some(&options))
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }
}

/// A key argument: an `ApiKey` or a text. The core checks the text.
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
        let object = revealed(object);
        if let Ok(key) = object.extract::<PyRef<'_, ApiKey>>() {
            return Ok(Self::Key(key.0.clone()));
        }
        if !object.is_instance_of::<PyString>() {
            // Name the type alone: the value may hold a key.
            let name = object.get_type().name()?.to_cow()?.into_owned();
            return Err(PyTypeError::new_err(format!("must be an ApiKey or a str, not {name}")));
        }
        object.extract::<Text>().map(|text| Self::Text(text.0))
    }
}
