//! The rules for incoming requests that carry a key. Python calls `verify` between `read_credential` and `refused`.

use libatmn::{Accepts, Credential, Error, ErrorCode, IncomingRequest, Refusal, Verdict};
use pyo3::prelude::{Bound, PyErr, PyResult, pyfunction};
use pyo3::types::{PyDict, PyDictMethods};
use pyo3::{PyRef, Python};

use crate::argument::Argument;
use crate::arguments::word;
use crate::errors::{to_pyerr, without_gil};
use crate::key::ApiKey;
use crate::record::Object;
use crate::results::ToPython;
use crate::text::Text;

#[pyfunction]
pub(crate) fn read_credential<'py>(
    py: Python<'py>,
    method: &str,
    path: &str,
    authorization: Option<&str>,
    client_type: Option<&str>,
    accepts: Option<Argument<Text>>,
) -> Object<'py> {
    let accepts = word(py, "accepts", accepts, Accepts::parse)?.unwrap_or_default();
    let request = IncomingRequest { method, path, authorization, client_type, accepts };
    without_gil(py, || libatmn::read_credential(&request))?.to_python(py)
}

/// The exception for a credential that is unknown, or that could not be checked.
#[pyfunction]
pub(crate) fn refused<'py>(py: Python<'py>, key: Option<PyRef<'py, ApiKey>>, unknown: bool) -> Object<'py> {
    let credential = key.map_or(Credential::Dashboard, |key| Credential::Key(key.0.clone()));
    let verdict =
        if unknown { Verdict::Unknown } else { Verdict::<()>::CannotTell("see the exception's cause".into()) };
    match libatmn::conclude(&credential, verdict) {
        // Python sets the exception that `verify` raised as the cause.
        Err(error) => Ok(to_pyerr(py, Error { cause: None, ..error }).into_value(py).into_bound(py).into_any()),
        Ok(()) => Ok(py.None().into_bound(py)),
    }
}

/// The response body `{message, code, env}` for one of the eight refusal codes.
#[pyfunction]
pub(crate) fn refusal_body<'py>(py: Python<'py>, code: &str, env: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
    let Refusal { code, message, environment } = refusal(py, code, env)?;
    let body = PyDict::new(py);
    body.set_item("message", message)?;
    body.set_item("code", code.name())?;
    body.set_item("env", environment.name())?;
    Ok(body)
}

/// The event about a refusal, for security logs.
#[pyfunction]
pub(crate) fn refusal_event<'py>(
    py: Python<'py>,
    code: &str,
    env: Option<&str>,
    method: &str,
    path: &str,
) -> Object<'py> {
    let request = IncomingRequest { method, path, ..IncomingRequest::default() };
    refusal(py, code, env)?.event(&request).to_python(py)
}

fn refusal(py: Python<'_>, code: &str, env: Option<&str>) -> Result<Refusal, PyErr> {
    let known = ErrorCode::ALL.iter().find(|known| known.name() == code);
    let error = Error::new(known.copied().unwrap_or(ErrorCode::InvalidArgument), "").with_option("env", env);
    libatmn::refusal(&error)
        .ok_or_else(|| to_pyerr(py, Error::invalid("code", "The code is not one of the refusal codes.")))
}
