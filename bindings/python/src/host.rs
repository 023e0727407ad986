//! The environment variables and the working directory as Python sees them: `os.environ`, which tests patch, and not the
//! environment of the process, which another thread may change as soon as the GIL is released.
//!
//! Python reads them in its own code (`libatmn._host`), since `os.environ` is written in Python: a daemon thread that
//! Python ends there must have no Rust frame on its stack.

use std::ffi::OsString;

use libatmn::Host;
use pyo3::prelude::{PyAny, PyErr, PyResult};
use pyo3::{Borrowed, FromPyObject};

/// The variables, the working directory unless it was deleted, and the home directory if no variable names it.
type Parts = (Vec<(OsString, OsString)>, Option<OsString>, Option<OsString>);

/// The host of a call.
pub(crate) struct HostArgument(pub(crate) Host);

impl FromPyObject<'_, '_> for HostArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let (variables, working_directory, home): Parts = object.extract()?;
        let host = Host::new(variables, working_directory.map(Into::into));
        Ok(Self(match home {
            Some(home) => host.with_home_directory(home.into()),
            None => host,
        }))
    }
}
