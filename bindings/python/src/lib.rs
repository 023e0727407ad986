//! The native half of libatmn for Python: it converts arguments and results, and hands over to the core. The public
//! half, `python/libatmn`, is written in Python.
//!
//! No call holds the interpreter while it works, and what waits does so on a thread of its own, see `call`.

// What Python passes is converted into values of our own.
#![allow(clippy::needless_pass_by_value)]

mod authenticate;
mod arguments;
mod attempt;
mod call;
mod client;
mod errors;
mod key;
mod operations;
mod results;

use pyo3::pymodule;

/// Nothing in here is shared but what its own lock guards, so it works without the interpreter's.
#[pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::{Bound, PyModule, PyModuleMethods, PyResult};

    // Classes that only functions of ours make are not listed: each is made when the first of its objects is.
    #[pymodule_export]
    use super::arguments::{login_options, resolve_options};
    #[pymodule_export]
    use super::attempt::start_login;
    #[pymodule_export]
    use super::authenticate::{read_credential, refusal_body, refusal_event, refused};
    #[pymodule_export]
    use super::client::client;
    #[pymodule_export]
    use super::key::ApiKey;
    #[pymodule_export]
    use super::operations::{
        begin_login, classify_key, complete_login, explain_key, login, logout, resolve_key, save_keys, whoami,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // From the start, since what converts arguments may have defects too.
        libatmn::__internal::panics::install_panic_hook();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
