//! The `atmn` command, which `python -m libatmn` runs.

use std::ffi::OsString;

use atmn_cli::CommandLine;
use pyo3::prelude::{PyAny, PyResult, pyfunction};
use pyo3::{Bound, IntoPyObjectExt as _, Python};

use crate::call::{Call, Listening};
use crate::results::ToPython;

/// The stack of a main thread.
const STACK: usize = 8 * 1024 * 1024;

/// An exit code.
struct ExitStatus(u8);

impl ToPython for ExitStatus {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        self.0.into_bound_py_any(py)
    }
}

/// Runs the command under a name, with the arguments after it; the result is the exit code. It runs on its own thread, which
/// takes signals as the main thread of the command does, and passes their mask on to programs that it starts.
#[pyfunction]
pub(crate) fn command(name: String, arguments: Vec<OsString>) -> PyResult<Call> {
    let start = |thread: std::thread::Builder, run| thread.stack_size(STACK).spawn(run);
    Call::begin_on(
        start,
        Listening::never(),
        || (),
        move |_| Ok(ExitStatus(atmn_cli::call(CommandLine { name, arguments }))),
    )
}
