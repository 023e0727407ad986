//! Subinterpreters. Classes and exceptions of this module are static, so only one interpreter of the process can use it;
//! in another one, `isinstance` and `except` would fail. CPython itself refuses only isolated subinterpreters.

use pyo3::exceptions::PyImportError;
use pyo3::prelude::{Py, PyModule, PyResult};
use pyo3::sync::PyOnceLock;
use pyo3::{Bound, Python};

/// The module `builtins` of the interpreter that imported this module first. Each interpreter has its own, which is kept
/// here, so that no later one is at the same place in memory.
static OWNER: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

/// Refuses to be imported by a second interpreter.
pub(crate) fn claim(py: Python<'_>) -> PyResult<()> {
    let builtins = py.import("builtins")?;
    let owner = OWNER.get_or_init(py, || Bound::clone(&builtins).unbind());
    if owner.is(&builtins) {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "libatmn supports one interpreter in a process, and another one has already imported it. Import libatmn in one \
         interpreter only; with mod_wsgi, set `WSGIApplicationGroup %{GLOBAL}`.",
    ))
}
