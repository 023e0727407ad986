//! What callers pass, checked and turned into the core's options.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use libatmn::{Boundary, Environment, Error, ErrorCode, Gitignore, Secret, Server};
use pyo3::prelude::{PyAny, PyAnyMethods, PyErr, PyResult, pyclass, pyfunction};
use pyo3::types::{PyString, PyStringMethods};
use pyo3::{Borrowed, FromPyObject, Python};

use crate::errors::raised;
use crate::key::KeyArgument;

/// A text. It may be a secret, so it is wiped when it is dropped.
pub(crate) struct Text(pub(crate) Secret);

impl FromPyObject<'_, '_> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        // Lone surrogates. Python's own error would carry the text.
        let not_utf8 = |_| raised(object.py(), Error::new(ErrorCode::NotUtf8, "The text cannot be written as UTF-8."));
        Ok(Self(Secret::from(object.cast::<PyString>()?.to_cow().map_err(not_utf8)?.into_owned())))
    }
}

/// A path as `os.fsdecode` takes it: `str`, `bytes` or `os.PathLike`.
pub(crate) struct PathArgument(pub(crate) PathBuf);

impl FromPyObject<'_, '_> for PathArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let decoded = object.py().import("os")?.getattr("fsdecode")?.call1((object,))?;
        Ok(Self(decoded.extract::<OsString>()?.into()))
    }
}

/// A time span in seconds, where one was given.
pub(crate) fn duration(
    py: Python<'_>,
    option: &'static str,
    given: Option<f64>,
    default: Duration,
) -> PyResult<Duration> {
    let duration = given.map(Duration::try_from_secs_f64).transpose().map_err(|_| Error::no_time(option));
    duration.map(|duration| duration.unwrap_or(default)).map_err(|error| raised(py, error))
}

/// A number of bytes, where one was given.
pub(crate) fn size(py: Python<'_>, option: &'static str, given: Option<i64>, default: usize) -> PyResult<usize> {
    let size = given.map(usize::try_from).transpose().map_err(|_| Error::no_size(option));
    size.map(|size| size.unwrap_or(default)).map_err(|error| raised(py, error))
}

/// A word, where one was given, as the core reads it: `Environment::parse` and its like.
pub(crate) fn word<T>(
    py: Python<'_>,
    given: Option<Text>,
    parse: fn(&str) -> libatmn::Result<T>,
) -> PyResult<Option<T>> {
    given.map(|text| parse(text.0.reveal())).transpose().map_err(|error| raised(py, error))
}

/// A directory, where one was given.
pub(crate) fn path(given: Option<PathArgument>) -> Option<PathBuf> {
    given.map(|path| path.0)
}

/// How to look for a key.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct ResolveOptions(pub(crate) libatmn::ResolveOptions);

#[pyfunction]
#[pyo3(signature = (*, key, environment, directory, boundary))]
pub(crate) fn resolve_options(
    py: Python<'_>,
    key: Option<KeyArgument>,
    environment: Option<Text>,
    directory: Option<PathArgument>,
    boundary: Option<PathArgument>,
) -> PyResult<ResolveOptions> {
    Ok(ResolveOptions(libatmn::ResolveOptions {
        key: key.map(KeyArgument::secret),
        environment: word(py, environment, Environment::parse)?,
        directory: path(directory),
        boundary: path(boundary).map(Boundary::parse).unwrap_or_default(),
    }))
}

/// How to log in.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct LoginOptions(pub(crate) libatmn::LoginOptions);

#[pyfunction]
#[pyo3(signature = (
    *, server, directory, login_timeout, open_browser, force, sandbox_only, allow_tracked, gitignore, organization
))]
#[allow(clippy::too_many_arguments)] // all of them by name
pub(crate) fn login_options(
    py: Python<'_>,
    server: Option<Text>,
    directory: Option<PathArgument>,
    login_timeout: Option<f64>,
    open_browser: bool,
    force: bool,
    sandbox_only: bool,
    allow_tracked: bool,
    gitignore: Option<Text>,
    organization: Option<Text>,
) -> PyResult<LoginOptions> {
    let defaults = libatmn::LoginOptions::default();
    Ok(LoginOptions(libatmn::LoginOptions {
        server: word(py, server, Server::parse)?,
        directory: path(directory),
        login_timeout: duration(py, "login_timeout", login_timeout, defaults.login_timeout)?,
        open_browser,
        force,
        sandbox_only,
        allow_tracked,
        gitignore: word(py, gitignore, Gitignore::parse)?.unwrap_or(defaults.gitignore),
        organization: organization.map(|name| name.0.reveal().to_owned()),
        ports: defaults.ports,
    }))
}
