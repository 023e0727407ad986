//! What callers pass, checked and turned into the core's options.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use libatmn::{Accepts, Boundary, Environment, Error, ErrorCode, Gitignore, Reauth, Secret, Server};
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
pub(crate) fn duration(py: Python<'_>, option: &str, given: Option<f64>, default: Duration) -> PyResult<Duration> {
    let wrong = |_| Error::invalid(option, "A time is a number of seconds, from 0 on.");
    let duration = given.map(Duration::try_from_secs_f64).transpose().map_err(wrong);
    duration.map(|duration| duration.unwrap_or(default)).map_err(|error| raised(py, error))
}

/// A number of bytes, where one was given.
pub(crate) fn size(py: Python<'_>, option: &str, given: Option<i64>, default: usize) -> PyResult<usize> {
    let wrong = |_| Error::invalid(option, "A size is a number of bytes, from 0 on.");
    let size = given.map(usize::try_from).transpose().map_err(wrong);
    size.map(|size| size.unwrap_or(default)).map_err(|error| raised(py, error))
}

/// The text behind a name such as `"sandbox"`; another one is `invalid_argument`.
fn named<T: Copy>(object: Borrowed<'_, '_, PyAny>, option: &str, names: &[(&str, T)]) -> PyResult<T> {
    let text: Text = object.extract()?;
    let found = names.iter().find(|(name, _)| *name == text.0.reveal());
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = names.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        raised(object.py(), Error::invalid(option, format!("The {option} must be {}.", names.join(" or "))))
    })
}

/// `"sandbox"` or `"live"`.
pub(crate) struct EnvironmentArgument(Environment);

impl FromPyObject<'_, '_> for EnvironmentArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let names = [Environment::Sandbox, Environment::Live].map(|environment| (environment.name(), environment));
        named(object, "environment", &names).map(Self)
    }
}

/// `"add"` or `"never"`.
pub(crate) struct GitignoreArgument(pub(crate) Gitignore);

impl FromPyObject<'_, '_> for GitignoreArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        named(object, "gitignore", &[("add", Gitignore::Add), ("never", Gitignore::Never)]).map(Self)
    }
}

/// `"any"` or `"publishable_only"`.
pub(crate) struct AcceptsArgument(pub(crate) Accepts);

impl FromPyObject<'_, '_> for AcceptsArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let names = [("any", Accepts::Any), ("publishable_only", Accepts::PublishableOnly)];
        named(object, "accepts", &names).map(Self)
    }
}

/// `"never"`, `"auto"` or `"always"`.
pub(crate) struct ReauthArgument(pub(crate) Reauth);

impl FromPyObject<'_, '_> for ReauthArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let names = [Reauth::Never, Reauth::Auto, Reauth::Always].map(|reauth| (reauth.name(), reauth));
        named(object, "reauth", &names).map(Self)
    }
}

/// `"filesystem"`, `"repository"`, or a directory.
pub(crate) struct BoundaryArgument(Boundary);

impl FromPyObject<'_, '_> for BoundaryArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let PathArgument(path) = object.extract()?;
        Ok(Self(match path.to_str() {
            Some("filesystem") => Boundary::Filesystem,
            Some("repository") => Boundary::Repository,
            Some(_) | None => Boundary::Directory(path),
        }))
    }
}

/// The server in force: the one given, else the environment's, else the cloud.
pub(crate) fn server(py: Python<'_>, given: Option<Text>) -> PyResult<Server> {
    Server::choose(given.as_ref().map(|text| text.0.reveal())).map_err(|error| raised(py, error))
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
    key: Option<KeyArgument>,
    environment: Option<EnvironmentArgument>,
    directory: Option<PathArgument>,
    boundary: Option<BoundaryArgument>,
) -> ResolveOptions {
    ResolveOptions(libatmn::ResolveOptions {
        key: key.map(KeyArgument::secret),
        environment: environment.map(|environment| environment.0),
        directory: path(directory),
        boundary: boundary.map(|boundary| boundary.0).unwrap_or_default(),
    })
}

/// How to log in.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct LoginOptions(pub(crate) libatmn::LoginOptions);

#[pyfunction]
#[pyo3(signature = (
    *, server, directory, timeout, open_browser, force, sandbox_only, allow_tracked, gitignore, organization
))]
#[allow(clippy::too_many_arguments)] // all of them by name
pub(crate) fn login_options(
    py: Python<'_>,
    server: Option<Text>,
    directory: Option<PathArgument>,
    timeout: Option<f64>,
    open_browser: bool,
    force: bool,
    sandbox_only: bool,
    allow_tracked: bool,
    gitignore: Option<GitignoreArgument>,
    organization: Option<Text>,
) -> PyResult<LoginOptions> {
    let defaults = libatmn::LoginOptions::default();
    Ok(LoginOptions(libatmn::LoginOptions {
        server: self::server(py, server)?,
        directory: path(directory),
        timeout: duration(py, "timeout", timeout, defaults.timeout)?,
        open_browser,
        force,
        sandbox_only,
        allow_tracked,
        gitignore: gitignore.map(|gitignore| gitignore.0).unwrap_or_default(),
        organization: organization.map(|name| name.0.reveal().to_owned()),
        ports: defaults.ports,
    }))
}
