//! The arguments of Python, converted into the core's options.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::{Boundary, EnvFile, Environment, Error, Gitignore, Server};
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::{PyAny, PyAnyMethods, PyErr, PyResult, pyclass, pyfunction};
use pyo3::types::{PyBytes, PyBytesMethods, PyFloat, PyInt, PyString, PyTypeMethods};
use pyo3::{Borrowed, FromPyObject, Python};

use crate::argument::{Argument, optional};
use crate::errors::to_pyerr;
use crate::host::HostArgument;
use crate::key::KeyArgument;
use crate::text::{Text, not_utf8};

/// The error for an argument of a wrong type. It names the type alone: the value may hold a key.
fn wrong_type(object: Borrowed<'_, '_, PyAny>, wanted: &str) -> PyErr {
    match object.get_type().name() {
        Ok(name) => PyTypeError::new_err(format!("must be {wanted}, not {name}")),
        Err(error) => error,
    }
}

/// The bytes of a request.
pub(crate) struct RequestBody(pub(crate) Vec<u8>);

impl FromPyObject<'_, '_> for RequestBody {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let bytes = object.cast_exact::<PyBytes>().map_err(|_| wrong_type(object, "bytes"))?;
        Ok(Self(bytes.as_bytes().to_vec()))
    }
}

/// A path as a `str`. Python converts other types in its own code; see `libatmn._arguments`.
pub(crate) struct PathArgument(pub(crate) PathBuf);

impl FromPyObject<'_, '_> for PathArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if !object.is_instance_of::<PyString>() {
            return Err(wrong_type(object, "a str, bytes or os.PathLike object"));
        }
        Ok(Self(object.extract::<OsString>().map_err(|_| not_utf8())?.into()))
    }
}

/// A number of seconds. An integer too large for a float is an infinite time, which the range check refuses. Python converts
/// other types in its own code; see `libatmn._arguments`.
pub(crate) struct Seconds(pub(crate) f64);

impl FromPyObject<'_, '_> for Seconds {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if !object.is_exact_instance_of::<PyFloat>() && !object.is_exact_instance_of::<PyInt>() {
            return Err(wrong_type(object, "a number"));
        }
        match object.extract::<f64>() {
            Err(error) if error.is_instance_of::<PyOverflowError>(object.py()) => Ok(Self(f64::INFINITY)),
            seconds => seconds.map(Self),
        }
    }
}

/// A number of bytes; none for an integer that this machine cannot count to, or a negative one.
pub(crate) struct Size(Option<usize>);

impl FromPyObject<'_, '_> for Size {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if !object.is_exact_instance_of::<PyInt>() {
            return Err(wrong_type(object, "an int"));
        }
        match object.extract::<usize>() {
            Err(error) if error.is_instance_of::<PyOverflowError>(object.py()) => Ok(Self(None)),
            size => size.map(|size| Self(Some(size))),
        }
    }
}

/// A duration in seconds, or its default.
pub(crate) fn duration(
    py: Python<'_>,
    option: &'static str,
    given: Option<Argument<Seconds>>,
    default: Duration,
) -> PyResult<Duration> {
    let Some(Seconds(seconds)) = optional(py, option, given)? else { return Ok(default) };
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| to_pyerr(py, Error::out_of_range(option, "greater than zero and less than 2**64")))
}

/// The seconds from 1970 to the end of the year 9999, after which Python has no `datetime`.
const END_OF_TIME: Duration = Duration::from_secs(253_402_300_800);

/// The time limit of a login, whose end is a `datetime`.
pub(crate) fn login_duration(py: Python<'_>, given: Option<Argument<Seconds>>) -> PyResult<Duration> {
    let option = "login_timeout";
    let limit = duration(py, option, given, libatmn::LoginOptions::default().login_timeout)?;
    let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().checked_add(limit);
    // One day less, for other time zones.
    if end.is_none_or(|end| end > END_OF_TIME - Duration::from_secs(24 * 60 * 60)) {
        let range = "greater than zero, and the login must end before the year 10000";
        return Err(to_pyerr(py, Error::out_of_range(option, range)));
    }
    Ok(limit)
}

/// A number of bytes, or its default.
pub(crate) fn size(
    py: Python<'_>,
    option: &'static str,
    given: Option<Argument<Size>>,
    default: usize,
) -> PyResult<usize> {
    let Some(Size(size)) = optional(py, option, given)? else { return Ok(default) };
    size.ok_or_else(|| {
        let range = format_args!("a whole number from 1 to {}", usize::MAX);
        to_pyerr(py, Error::out_of_range(option, range))
    })
}

/// A number of retries.
pub(crate) fn number_of_retries(py: Python<'_>, given: Option<Argument<Size>>) -> PyResult<Option<u32>> {
    let Some(Size(number)) = optional(py, "retries", given)? else { return Ok(None) };
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or_else(|| {
        let range = format_args!("a whole number from 0 to {}", u32::MAX);
        to_pyerr(py, Error::out_of_range("retries", range))
    })
}

/// A word of an enumeration, parsed by the core: `Environment::parse` and its kind.
pub(crate) fn word<T>(
    py: Python<'_>,
    option: &str,
    given: Option<Argument<Text>>,
    parse: fn(&str) -> libatmn::Result<T>,
) -> PyResult<Option<T>> {
    let text = optional(py, option, given)?;
    text.map(|text| parse(text.0.reveal())).transpose().map_err(|error| to_pyerr(py, error))
}

/// A path.
pub(crate) fn path(py: Python<'_>, option: &str, given: Option<Argument<PathArgument>>) -> PyResult<Option<PathBuf>> {
    Ok(optional(py, option, given)?.map(|path| path.0))
}

/// The core's options for finding a key, with the host of the call.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct ResolveOptions(pub(crate) libatmn::ResolveOptions);

#[pyfunction]
#[pyo3(signature = (host, *, key=None, environment=None, directory=None, boundary=None))]
pub(crate) fn resolve_options(
    py: Python<'_>,
    host: HostArgument,
    key: Option<Argument<KeyArgument>>,
    environment: Option<Argument<Text>>,
    directory: Option<Argument<PathArgument>>,
    boundary: Option<Argument<PathArgument>>,
) -> PyResult<ResolveOptions> {
    Ok(ResolveOptions(libatmn::ResolveOptions {
        key: optional(py, "key", key)?.map(KeyArgument::secret),
        environment: word(py, "environment", environment, Environment::parse)?,
        directory: path(py, "directory", directory)?,
        boundary: path(py, "boundary", boundary)?.map(Boundary::parse).unwrap_or_default(),
        host: Some(host.0),
    }))
}

/// The core's options for logging in, with the host of the call.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct LoginOptions(pub(crate) libatmn::LoginOptions);

#[pyfunction]
#[pyo3(signature = (
    host, *, server=None, directory=None, file=None, login_timeout=None, open_browser=true.into(), force=false.into(),
    sandbox_only=false.into(), allow_tracked=false.into(), gitignore=None, organization=None, scopes=None,
    reads_lines=false,
))]
#[allow(clippy::too_many_arguments)] // They are passed by name.
pub(crate) fn login_options(
    py: Python<'_>,
    host: HostArgument,
    server: Option<Argument<Text>>,
    directory: Option<Argument<PathArgument>>,
    file: Option<Argument<Text>>,
    login_timeout: Option<Argument<Seconds>>,
    open_browser: Argument<bool>,
    force: Argument<bool>,
    sandbox_only: Argument<bool>,
    allow_tracked: Argument<bool>,
    gitignore: Option<Argument<Text>>,
    organization: Option<Argument<Text>>,
    scopes: Option<Argument<Vec<Text>>>,
    reads_lines: bool,
) -> PyResult<LoginOptions> {
    let defaults = libatmn::LoginOptions::default();
    Ok(LoginOptions(libatmn::LoginOptions {
        server: word(py, "server", server, Server::parse)?,
        directory: path(py, "directory", directory)?,
        file: word(py, "file", file, EnvFile::parse)?,
        login_timeout: login_duration(py, login_timeout)?,
        open_browser: open_browser.named(py, "open_browser")?,
        force: force.named(py, "force")?,
        sandbox_only: sandbox_only.named(py, "sandbox_only")?,
        allow_tracked: allow_tracked.named(py, "allow_tracked")?,
        gitignore: word(py, "gitignore", gitignore, Gitignore::parse)?.unwrap_or(defaults.gitignore),
        organization: optional(py, "organization", organization)?.map(Text::into_string),
        scopes: optional(py, "scopes", scopes)?.map(|scopes| scopes.into_iter().map(Text::into_string).collect()),
        host: Some(if reads_lines { host.0.reading_lines() } else { host.0 }),
        ports: defaults.ports,
    }))
}
