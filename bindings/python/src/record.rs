//! The one macro behind every result class, and the two field types that Python and Rust spell differently.

use std::hash::{Hash, Hasher};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::{Bound, IntoPyObject, Py, PyAny, PyAnyMethods, PyErr, PyResult};
use pyo3::types::{PyBytes, PyBytesMethods, PyDict, PyDictMethods, PyTuple, PyTypeMethods};
use pyo3::{Borrowed, FromPyObject, Python};

/// Defines a frozen class with a keyword constructor, `==`, `hash`, `repr`, pattern matching, copying and pickling.
///
/// A field with `= value` has a default in the constructor. `hidden` names fields that `repr` leaves out. `secret` is a
/// function that names the fields of a record which must not reach a log or a file: `repr` leaves them out too, and the
/// record cannot be pickled. `methods` adds what one class has beyond the others.
macro_rules! record {
    (
        $(#[$about:meta])*
        $name:ident $([$more:ident])? {
            $( $(#[$document:meta])* $field:ident: $type:ty $(= $default:tt)? ),+ $(,)?
        }
        $(hidden [$($hidden:literal),*])?
        $(secret $secret:expr,)?
        $(methods { $($methods:tt)* })?
    ) => {
        $(#[$about])*
        #[pyo3::pyclass(frozen, eq, hash, get_all, from_py_object, $($more,)? module = "libatmn")]
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub(crate) struct $name {
            $( $(#[$document])* pub(crate) $field: $type ),+
        }

        #[pyo3::pymethods]
        impl $name {
            #[new]
            #[pyo3(signature = ($($field $(= $default)?),+))]
            #[allow(clippy::too_many_arguments)] // one for each field
            fn new($(#[pyo3(from_py_with = $crate::argument::field)] $field: $type),+) -> Self {
                Self { $($field),+ }
            }

            #[classattr]
            fn __match_args__(py: pyo3::Python<'_>) -> pyo3::PyResult<pyo3::Bound<'_, pyo3::types::PyTuple>> {
                pyo3::types::PyTuple::new(py, [$(stringify!($field)),+])
            }

            fn __repr__(slf: &pyo3::Bound<'_, Self>) -> pyo3::PyResult<String> {
                let hidden: &[&str] = &[$($($hidden),*)?];
                $crate::record::repr(slf.as_any(), &[hidden, slf.get().secrets()].concat())
            }

            fn __reduce__<'py>(slf: &pyo3::Bound<'py, Self>) -> $crate::record::Reduced<'py> {
                $crate::record::reduce(slf.as_any(), slf.get().secrets())
            }

            /// Return a copy in which the named fields have other values, as ``copy.replace`` of Python 3.13 does.
            #[pyo3(signature = (**changes))]
            fn __replace__<'py>(
                slf: &pyo3::Bound<'py, Self>,
                changes: Option<&pyo3::Bound<'py, pyo3::types::PyDict>>,
            ) -> pyo3::PyResult<pyo3::Bound<'py, pyo3::PyAny>> {
                $crate::record::replace(slf.as_any(), changes)
            }

            fn __copy__(slf: pyo3::Py<Self>) -> pyo3::Py<Self> {
                slf
            }

            fn __deepcopy__(slf: pyo3::Py<Self>, _memo: &pyo3::Bound<'_, pyo3::PyAny>) -> pyo3::Py<Self> {
                slf
            }

            $($($methods)*)?
        }

        impl $name {
            fn secrets(&self) -> &'static [&'static str] {
                let secrets: &[fn(&Self) -> &'static [&'static str]] = &[$($secret)?];
                secrets.first().map_or(&[], |secrets| secrets(self))
            }
        }
    };
}
pub(crate) use record;

/// A result that is converted, or an exception.
pub(crate) type Object<'py> = PyResult<Bound<'py, PyAny>>;

/// The names and values of a record's fields, in the order of its constructor.
fn fields<'py>(record: &Bound<'py, PyAny>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    let names = record.getattr("__match_args__")?.extract::<Vec<String>>()?;
    names.into_iter().map(|name| record.getattr(&*name).map(|value| (name, value))).collect()
}

/// The text that `repr` gives: the constructor call, without the hidden fields.
pub(crate) fn repr(record: &Bound<'_, PyAny>, hidden: &[&str]) -> PyResult<String> {
    let mut parts = Vec::new();
    for (name, value) in fields(record)? {
        if !hidden.contains(&&*name) {
            parts.push(format!("{name}={}", value.repr()?));
        }
    }
    Ok(format!("{}({})", record.get_type().name()?, parts.join(", ")))
}

/// A new record of the same class with some other values.
pub(crate) fn replace<'py>(record: &Bound<'py, PyAny>, changes: Option<&Bound<'py, PyDict>>) -> Object<'py> {
    let values = PyDict::new(record.py());
    for (name, value) in fields(record)? {
        values.set_item(name, value)?;
    }
    if let Some(changes) = changes {
        values.update(changes.as_mapping())?;
    }
    record.get_type().call((), Some(&values))
}

/// A class and the arguments that its constructor takes.
pub(crate) type Reduced<'py> = PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)>;

/// What pickling stores. An `ApiKey` among the fields refuses to be stored, so that its record does too.
pub(crate) fn reduce<'py>(record: &Bound<'py, PyAny>, secrets: &[&str]) -> Reduced<'py> {
    if let Some(secret) = secrets.first() {
        let class = record.get_type().name()?;
        return Err(PyTypeError::new_err(format!("{class} cannot be pickled: `{secret}` is a secret")));
    }
    let values = fields(record)?.into_iter().map(|(_, value)| value);
    Ok((record.get_type().into_any(), PyTuple::new(record.py(), values.collect::<Vec<_>>())?))
}

/// A list of the core that Python gets as a tuple, so that results stay immutable.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tuple<T>(pub(crate) Vec<T>);

impl<T> Tuple<T> {
    pub(crate) const fn empty() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn of<S: Into<T>>(items: Vec<S>) -> Self {
        Self(items.into_iter().map(Into::into).collect())
    }
}

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for Tuple<T> {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        PyTuple::new(py, self.0)
    }
}

impl<'a, 'py, T: for<'b> FromPyObject<'b, 'py>> FromPyObject<'a, 'py> for Tuple<T> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let items = object.try_iter()?.map(|item| item?.extract::<T>().map_err(Into::into));
        items.collect::<PyResult<_>>().map(Self)
    }
}

/// The headers of a response, in the order of arrival. Python gets a `dict` with joined values.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Headers(Vec<(String, String)>);

impl Headers {
    pub(crate) fn new(headers: Vec<(String, String)>) -> Self {
        Self(headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect())
    }

    /// The values of a header, by its name in any case.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let headers = self.0.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        headers.map(|(_, value)| value.as_str()).collect()
    }
}

impl<'py> IntoPyObject<'py> for Headers {
    type Target = PyDict;
    type Output = Bound<'py, PyDict>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        let joined = PyDict::new(py);
        for (name, _) in &self.0 {
            // Repeated headers are one list (RFC 9110, 5.3).
            joined.set_item(name, self.values(name).join(", "))?;
        }
        Ok(joined)
    }
}

/// From a mapping, or from pairs in which a name may occur twice.
impl<'py> FromPyObject<'_, 'py> for Headers {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let items = if object.hasattr("items")? { object.call_method0("items")? } else { object.to_owned() };
        let pairs = items.try_iter()?.map(|pair| pair?.extract::<(String, String)>());
        pairs.collect::<PyResult<_>>().map(Self::new)
    }
}

/// The body of a response. Each read of the field returns the same object, without a copy.
pub(crate) struct ResponseBody(Py<PyBytes>);

impl ResponseBody {
    pub(crate) fn new(py: Python<'_>, bytes: &[u8]) -> Self {
        Self(PyBytes::new(py, bytes).unbind())
    }

    pub(crate) fn bind<'py>(&self, py: Python<'py>) -> &Bound<'py, PyBytes> {
        self.0.bind(py)
    }
}

impl Default for ResponseBody {
    fn default() -> Self {
        Python::attach(|py| Self::new(py, b""))
    }
}

impl Clone for ResponseBody {
    fn clone(&self) -> Self {
        Self(Python::attach(|py| self.0.clone_ref(py)))
    }
}

impl PartialEq for ResponseBody {
    fn eq(&self, other: &Self) -> bool {
        Python::attach(|py| self.bind(py).as_bytes() == other.bind(py).as_bytes())
    }
}

impl Eq for ResponseBody {}

impl Hash for ResponseBody {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Python::attach(|py| self.bind(py).as_bytes().hash(state));
    }
}

impl<'py> IntoPyObject<'py> for ResponseBody {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(self.0.into_bound(py))
    }
}

impl FromPyObject<'_, '_> for ResponseBody {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        Ok(Self(object.cast::<PyBytes>()?.to_owned().unbind()))
    }
}
