//! The core's results as objects of Python. Their classes are written in Python; the package loads each when it is asked.
//!
//! Each conversion takes its struct apart completely, so that a new field stops the build here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use libatmn::{
    ApiKey, ApiResponse, Credential, Event, Identity, KeyClass, Location, LoginResult, LogoutResult, Organization,
    PendingLogin, ResolvedKey, SaveResult,
};
use pyo3::prelude::{Bound, IntoPyObject, Py, PyAny, PyAnyMethods, PyResult};
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyBytes, PyDict, PyDictMethods, PyModule, PyString, PyTuple};
use pyo3::{Python, intern};

use crate::key;

/// Something of the core's that Python gets to see.
pub(crate) trait Shown {
    /// The finished object of Python.
    fn shown(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>>;
}

type Object<'py> = PyResult<Bound<'py, PyAny>>;

/// Makes an object by the names of its fields.
macro_rules! object {
    ($py:ident, $class:literal, $($field:ident: $value:expr),+ $(,)?) => {{
        let fields = PyDict::new($py);
        $(fields.set_item(intern!($py, stringify!($field)), $value)?;)+
        class($py, intern!($py, $class))?.call_method(intern!($py, "_of"), (), Some(&fields))
    }};
}

fn class<'py>(py: Python<'py>, name: &Bound<'py, PyString>) -> Object<'py> {
    static PACKAGE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    PACKAGE.get_or_try_init(py, || py.import("libatmn").map(Bound::unbind))?.bind(py).getattr(name)
}

/// Paths are text with surrogate escapes, as everywhere in Python.
fn path(path: Option<PathBuf>) -> Option<std::ffi::OsString> {
    path.map(PathBuf::into_os_string)
}

fn each<T: Shown>(py: Python<'_>, values: Vec<T>) -> PyResult<Bound<'_, PyTuple>> {
    let shown: Vec<_> = values.into_iter().map(|value| value.shown(py)).collect::<PyResult<_>>()?;
    PyTuple::new(py, shown)
}

impl<T: Shown> Shown for Option<T> {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        self.map_or_else(|| Ok(py.None().into_bound(py)), |value| value.shown(py))
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        each(py, self).map(Bound::into_any)
    }
}

impl Shown for ApiKey {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        key::ApiKey(self).into_pyobject(py).map(Bound::into_any)
    }
}

impl Shown for KeyClass {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { kind, environment } = self;
        object!(py, "KeyClass", kind: kind.name(), environment: environment.name())
    }
}

impl Shown for Location {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let text = self.to_string();
        let Self { origin, variable, path, line, outcome, masked, reason } = self;
        object!(
            py, "Place",
            origin: origin.name(), variable: variable, path: self::path(path), line: line, outcome: outcome.name(),
            masked: masked, reason: reason, text: text,
        )
    }
}

impl Shown for Event {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { code, message, context } = self;
        let context = context.into_py_dict(py)?;
        object!(py, "Event", code: code.name(), message: message, context: context)
    }
}

impl Shown for ResolvedKey {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { key, source, skipped } = self;
        object!(py, "ResolvedKey", key: key.shown(py)?, source: source.shown(py)?, skipped: each(py, skipped)?)
    }
}

impl Shown for SaveResult {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { path, created, git, replaced, shadowed_by, locked } = self;
        object!(
            py, "Saved",
            path: path.into_os_string(), created: created, git: git.name(), replaced: each(py, replaced)?,
            shadowed_by: each(py, shadowed_by)?, locked: locked,
        )
    }
}

impl Shown for LogoutResult {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { path, removed, remaining, note, locked } = self;
        object!(
            py, "LogoutResult",
            path: path.into_os_string(), removed: each(py, removed)?, remaining: each(py, remaining)?, note: note,
            locked: locked,
        )
    }
}

impl Shown for Organization {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { id, name, slug } = self;
        object!(py, "Organization", id: id, name: name, slug: slug)
    }
}

impl Shown for LoginResult {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { organization, environments, keys, saved } = self;
        let environments = PyTuple::new(py, environments.iter().map(|environment| environment.name()))?;
        object!(
            py, "LoginResult",
            organization: organization.shown(py)?, environments: environments, keys: each(py, keys)?,
            saved: saved.shown(py)?,
        )
    }
}

impl Shown for PendingLogin {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { url, deadline, note } = self;
        object!(py, "PendingLogin", url: url, deadline: deadline, note: note)
    }
}

impl Shown for Identity {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { organization, server, key, source, skipped } = self;
        object!(
            py, "Identity",
            organization: organization.shown(py)?, server: server.api(), key: key.shown(py)?,
            source: source.shown(py)?, skipped: each(py, skipped)?,
        )
    }
}

impl Shown for ApiResponse {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let Self { status, headers, body } = self;
        let mut joined = BTreeMap::<String, String>::new();
        for (name, value) in headers {
            // Several of a name belong together (RFC 9110, 5.3).
            joined.entry(name).and_modify(|all| *all += &format!(", {value}")).or_insert(value);
        }
        object!(py, "Response", status: status, headers: joined.into_py_dict(py)?, body: PyBytes::new(py, &body))
    }
}

impl Shown for Credential {
    fn shown(self, py: Python<'_>) -> Object<'_> {
        let kind = self.kind_name();
        let key = match self {
            Self::Key(key) => Some(key),
            Self::Dashboard => None,
        };
        let environment = key.as_ref().map(|key| key.environment().name());
        object!(py, "Credential", kind: kind, environment: environment, key: key.shown(py)?)
    }
}
