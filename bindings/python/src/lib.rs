//! The native half of libatmn for Python: it converts arguments and results and calls the core. The public half,
//! `python/libatmn`, is written in Python.
//!
//! No call holds the GIL while it works. Calls that wait for the network, the user or a lock run on their own thread; see
//! `call`.

#![forbid(unsafe_code)]
// A call takes the environment as a `Host`.
#![warn(clippy::disallowed_methods)]
// pyo3 converts Python's arguments into owned values.
#![allow(clippy::needless_pass_by_value)]

// Each module imports only from those above it.
mod interpreter;
mod errors;
mod argument;
mod text;
mod host;
mod record;
mod key;
mod arguments;
#[allow(unused_parens)] // The default of a record's field is one token tree.
mod location;
#[allow(unused_parens)]
mod results;
#[allow(unused_parens)]
mod events;
mod wakeup;
mod call;
mod attempt;
mod authenticate;
mod client;
mod command;
mod testing;
mod operations;

use pyo3::pymodule;

/// Everything that threads share has its own lock, so the module does not need the GIL.
#[pymodule(gil_used = false)]
mod _native {
    use pyo3::prelude::{Bound, PyModule, PyModuleMethods, PyResult};
    use pyo3::types::PyTuple;

    // Private classes such as `Call` are not exported: Python creates each with its first object.
    #[pymodule_export]
    use super::arguments::{login_options, resolve_options};
    #[pymodule_export]
    use super::attempt::start_login;
    #[pymodule_export]
    use super::authenticate::{read_credential, refusal_body, refusal_event, refused};
    #[pymodule_export]
    use super::client::client;
    #[pymodule_export]
    use super::command::command;
    #[pymodule_export]
    use super::errors::system_limit;
    #[pymodule_export]
    use super::events::{
        BrowserFailedEvent, BrowserOpenedEvent, CallbackReceivedEvent, Event, HintEvent, KeyRejectedEvent,
        KeysReceivedEvent, KeysSavedEvent, LoginUrlEvent, LoginWaitingEvent, RequestRefusedEvent, RequestRepeatedEvent,
        RetryingEvent,
    };
    #[pymodule_export]
    use super::key::ApiKey;
    #[pymodule_export]
    use super::location::Location;
    #[pymodule_export]
    use super::operations::{
        begin_login, classify_key, complete_login, configure, diagnose, explain_key, explain_key_call, find_key,
        find_key_call, login, logout, resolve_key, resolve_key_call, save_keys, server_info, whoami,
    };
    #[pymodule_export]
    use super::testing::start_autumn;
    #[pymodule_export]
    use super::text::{Concealed, conceal, masked_name};

    #[pymodule_export]
    use super::results::{
        Check, Credential, Diagnosis, Identity, KeyClass, LoginResult, LogoutResult, Organization, PendingLogin,
        ResolvedKey, Response, SaveResult, ServerFacts,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::interpreter::claim(module.py())?;
        // Before the first call, since the conversion of arguments may panic too.
        libatmn::__internal::panics::install_panic_hook();
        module.add("CONCURRENT_CALLS", libatmn::__internal::config::CONCURRENT_CALLS)?;
        module.add("RESOLUTION_VARIABLES", PyTuple::new(module.py(), libatmn::Host::RESOLUTION_VARIABLES)?)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
