//! The environment variables and the working directory as Python sees them, taken on the thread of the caller while it
//! holds the GIL: `os.environ`, which tests patch, and not the environment of the process, which another thread may change
//! as soon as the GIL is released.

use std::ffi::OsString;
use std::path::PathBuf;

use libatmn::Host;
use pyo3::Python;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::{Bound, PyAny, PyAnyMethods, PyResult};
use pyo3::types::PyModule;

/// The host of a call that may do more than find a key.
pub(crate) fn host(py: Python<'_>) -> PyResult<Option<Host>> {
    let os = py.import("os")?;
    let environ = os.getattr("environ")?;
    // A list, because another thread may change the mapping during the iteration.
    let names = py.import("builtins")?.getattr("list")?.call1((&environ,))?;
    let names = names.extract::<Vec<OsString>>()?;
    let host = of_names(&os, &environ, names)?;
    if environ.contains("HOME")? {
        return Ok(Some(host));
    }
    let home: PathBuf = os.getattr("path")?.call_method1("expanduser", ("~",))?.extract()?;
    Ok(Some(host.with_home_directory(home)))
}

/// The host of a call that finds a key, which is less to copy.
pub(crate) fn host_for_resolution(py: Python<'_>) -> PyResult<Option<Host>> {
    let os = py.import("os")?;
    let environ = os.getattr("environ")?;
    of_names(&os, &environ, Host::RESOLUTION_VARIABLES.map(OsString::from)).map(Some)
}

fn of_names(
    os: &Bound<'_, PyModule>,
    environ: &Bound<'_, PyAny>,
    names: impl IntoIterator<Item = OsString>,
) -> PyResult<Host> {
    let mut variables: Vec<(OsString, OsString)> = Vec::new();
    for name in names {
        let value = environ.call_method1("get", (&name,))?;
        if !value.is_none() {
            variables.push((name, value.extract()?));
        }
    }
    Ok(Host::new(variables, working_directory(os)?))
}

/// The working directory, unless it was deleted.
fn working_directory(os: &Bound<'_, PyModule>) -> PyResult<Option<PathBuf>> {
    match os.call_method0("getcwd") {
        Ok(directory) => directory.extract().map(Some),
        Err(error) if error.is_instance_of::<PyOSError>(os.py()) => Ok(None),
        Err(error) => Err(error),
    }
}
