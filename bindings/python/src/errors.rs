//! The core's errors as exceptions. Their classes are written in Python, in `libatmn._errors`.

use std::error::Error as _;
use std::io::ErrorKind;
use std::sync::{Mutex, PoisonError};

use libatmn::__internal::panics::catch_panic;
use libatmn::__internal::threads::spawn;
use libatmn::{ApiResponse, Caller, Error, ErrorClass, ErrorCode, Language, Result};
use pyo3::exceptions::{PyOSError, PyRuntimeError};
use pyo3::prelude::{PyAnyMethods, PyErr, PyResult, pyfunction};
use pyo3::types::{IntoPyDict, PyBytes};
use pyo3::{Bound, Py, PyAny, Python};

/// The host program's own login command, which hints name.
static LOGIN_COMMAND: Mutex<Option<String>> = Mutex::new(None);

/// Sets the command that hints name for logging in.
pub(crate) fn set_login_command(login_command: Option<String>) {
    *LOGIN_COMMAND.lock().unwrap_or_else(PoisonError::into_inner) = login_command;
}

/// Runs a piece of the core while other Python threads run. A panic in it becomes an exception.
pub(crate) fn without_gil<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(|| catch_panic(work).flatten()).map_err(|error| to_pyerr(py, error))
}

/// [`without_gil`] on a thread with a large stack, for work that sets up TLS: the thread of the caller may have 32 KiB.
pub(crate) fn with_large_stack<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<T> {
    without_gil(py, || {
        let thread = spawn(std::thread::Builder::new().name("libatmn".into()), || catch_panic(work).flatten());
        let thread = thread.map_err(|error| Error::system_limit(NO_THREAD, error))?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

const NO_THREAD: &str = "Could not start a thread";

/// The exception for a thread that could not be started, or for its descriptors.
pub(crate) fn no_thread(error: std::io::Error) -> PyErr {
    Python::attach(|py| to_pyerr(py, Error::system_limit(NO_THREAD, error)))
}

/// The caller for whom errors and hints are worded.
pub(crate) fn caller() -> Caller {
    let login_command = LOGIN_COMMAND.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Caller { login_command, ..Caller::new(Language::Python) }
}

/// The exception for a descriptor that the system did not give to Python's own code; `number` is the system's code.
#[pyfunction]
pub(crate) fn system_limit<'py>(py: Python<'py>, what: &str, number: i32) -> PyResult<Bound<'py, PyAny>> {
    exception(py, Error::system_limit(what, std::io::Error::from_raw_os_error(number)))
}

/// The exception for an error.
pub(crate) fn to_pyerr(py: Python<'_>, error: Error) -> PyErr {
    exception(py, error).map_or_else(|failed| failed, PyErr::from_value)
}

fn exception(py: Python<'_>, error: Error) -> PyResult<Bound<'_, PyAny>> {
    let class = class(py, class_name(&error))?;
    let caller = caller();
    let Error { code, message, hint, context, cause, response } = error.for_caller(&caller);
    // What `AtmnError.__init__` does; it is written in Python, where a daemon thread may be ended at exit.
    let exception = class.call_method1("__new__", (&class,))?;
    exception.setattr("args", (&message,))?;
    exception.setattr("code", code.name())?;
    exception.setattr("message", message)?;
    exception.setattr("context", context.into_py_dict(py)?)?;
    if let Some(ApiResponse { status, headers, body }) = response.as_deref() {
        // A native class; the package has imported its module.
        let response = py.import("libatmn._native")?.getattr("Response")?;
        exception.setattr("response", response.call1((status, headers, PyBytes::new(py, body)))?)?;
    }
    let hint = hint.map(|hint| hint.render(&caller));
    exception.setattr("hint", &hint)?;
    if let Some(hint) = hint
        && exception.hasattr("add_note")?
    {
        exception.call_method1("add_note", (hint,))?;
    }
    if let Some(cause) = cause {
        if let Some(number) = system_error(&*cause).and_then(std::io::Error::raw_os_error)
            && exception.is_instance_of::<PyOSError>()
        {
            exception.setattr("errno", number)?;
        }
        exception.setattr("__cause__", cause_exception(py, &*cause))?;
    }
    Ok(exception)
}

/// A class of `libatmn._errors`. The package imports that module first, so this finds it and runs no Python code.
fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("libatmn._errors")?.getattr(name)
}

/// The `OSError` that Python has for a number, with `errno` and `strerror`.
fn os_error(py: Python<'_>, number: i32) -> PyErr {
    let text = py.import("os").and_then(|os| os.call_method1("strerror", (number,)));
    match text {
        Ok(text) => PyOSError::new_err((number, text.unbind())),
        Err(error) => error,
    }
}

/// The exception for the cause of an error. A system error becomes the `OSError` that Python has for its number.
fn cause_exception(py: Python<'_>, cause: &(dyn std::error::Error + 'static)) -> Py<PyAny> {
    let number = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
    let error = match number {
        Some(number) => os_error(py, number),
        None => PyRuntimeError::new_err(cause.to_string()),
    };
    let error = error.into_value(py);
    if let Some(deeper) = cause.source() {
        // Setting the cause of an exception to an exception cannot fail.
        let _ = error.bind(py).setattr("__cause__", cause_exception(py, deeper));
    }
    error.into_any()
}

/// The name of the exception class.
fn class_name(error: &Error) -> &'static str {
    match error.class() {
        ErrorClass::Argument => "InvalidArgument",
        ErrorClass::Call => "AtmnError",
        ErrorClass::Deadline => "LoginTimeout",
        ErrorClass::Login => "LoginError",
        ErrorClass::Key => "ApiKeyError",
        ErrorClass::File if is_permission_denied(error) => "FilePermissionError",
        ErrorClass::File => "FileError",
        ErrorClass::Request => request_class_name(error.code),
        ErrorClass::Answer if error.code == ErrorCode::LoginNeeded => "LoginNeeded",
        ErrorClass::Answer
            if matches!(
                error.code,
                ErrorCode::ExchangeRefused | ErrorCode::ExchangeUnreadable | ErrorCode::KeysRefused
            ) =>
        {
            "ExchangeError"
        }
        ErrorClass::Answer => "ApiError",
        ErrorClass::Refusal => "AuthenticationError",
    }
}

/// The class of a request that got no response, by what the standard library would raise.
fn request_class_name(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::RequestTimedOut => "RequestTimeout",
        ErrorCode::ConnectFailed | ErrorCode::ConnectionLost => "ServerConnectionError",
        _ => "RequestError",
    }
}

/// Whether the system error says that access was refused.
fn is_permission_denied(error: &Error) -> bool {
    let system = error.source().and_then(system_error);
    system.is_some_and(|system| system.kind() == ErrorKind::PermissionDenied)
}

/// The system error among a cause and its causes.
fn system_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a std::io::Error> {
    let mut current = Some(cause);
    while let Some(cause) = current {
        let system = cause.downcast_ref::<std::io::Error>();
        if let Some(system) = system.filter(|system| system.raw_os_error().is_some()) {
            return Some(system);
        }
        current = cause.source();
    }
    None
}
