//! The operations. Each converts its arguments, calls one function of the core, and converts the result.

use libatmn::__internal::text::check_login_command;
use libatmn::{
    ApiKey, CompleteOptions, DiagnoseOptions, EnvFile, Environment, Gitignore, KeyClass, LogoutOptions, SaveOptions,
    Server, ServerInfoOptions, WhoamiOptions, blocking,
};
use pyo3::Python;
use pyo3::prelude::{Bound, PyAny, PyAnyMethods, PyResult, pyfunction};
use pyo3::types::{PyString, PyStringMethods};

use crate::argument::{Argument, optional};
use crate::arguments::{LoginOptions, PathArgument, ResolveOptions, Seconds, duration, login_duration, path, word};
use crate::call::{Call, Listening};
use crate::errors::{set_login_command, to_pyerr, without_gil};
use crate::host::HostArgument;
use crate::key::KeyArgument;
use crate::record::Object;
use crate::results::{FoundKey, ToPython};
use crate::text::{Text, revealed};

#[pyfunction]
#[pyo3(signature = (*, login_command))]
pub(crate) fn configure(py: Python<'_>, login_command: Option<Argument<Text>>) -> PyResult<()> {
    let login_command = optional(py, "login_command", login_command)?.map(Text::into_string);
    if let Some(command) = &login_command {
        check_login_command(command).map_err(|error| to_pyerr(py, error))?;
    }
    set_login_command(login_command);
    Ok(())
}

#[pyfunction]
pub(crate) fn classify_key<'py>(py: Python<'py>, text: Bound<'py, PyAny>) -> Object<'py> {
    let text: Argument<Bound<'py, PyString>> = revealed(text.as_borrowed()).extract()?;
    // A text that is not UTF-8 is not a key.
    let class: Option<KeyClass> = text.named(py, "text")?.to_cow().ok().and_then(|text| libatmn::classify_key(&text));
    class.to_python(py)
}

#[pyfunction]
pub(crate) fn resolve_key<'py>(py: Python<'py>, options: &ResolveOptions) -> Object<'py> {
    without_gil(py, || libatmn::resolve_key(&options.0))?.to_python(py)
}

#[pyfunction]
pub(crate) fn find_key<'py>(py: Python<'py>, options: &ResolveOptions) -> Object<'py> {
    without_gil(py, || libatmn::find_key(&options.0))?.to_python(py)
}

#[pyfunction]
pub(crate) fn explain_key<'py>(py: Python<'py>, options: &ResolveOptions) -> Object<'py> {
    without_gil(py, || libatmn::explain_key(&options.0))?.to_python(py)
}

/// [`resolve_key`] for event loops: a key file that is a FIFO may take two seconds.
#[pyfunction]
pub(crate) fn resolve_key_call(options: &ResolveOptions) -> PyResult<Call> {
    let options = options.0.clone();
    Call::of(move || libatmn::resolve_key(&options))
}

/// [`find_key`] for event loops. The result is a tuple with the key, or an empty one: a call that has ended has a result.
#[pyfunction]
pub(crate) fn find_key_call(options: &ResolveOptions) -> PyResult<Call> {
    let options = options.0.clone();
    Call::of(move || libatmn::find_key(&options).map(FoundKey))
}

/// [`explain_key`] for event loops.
#[pyfunction]
pub(crate) fn explain_key_call(options: &ResolveOptions) -> PyResult<Call> {
    let options = options.0.clone();
    Call::of(move || libatmn::explain_key(&options))
}

#[pyfunction]
#[pyo3(signature = (host, keys, *, directory=None, file=None, allow_tracked=false.into(), gitignore=None))]
pub(crate) fn save_keys(
    py: Python<'_>,
    host: HostArgument,
    keys: Vec<Bound<'_, PyAny>>,
    directory: Option<Argument<PathArgument>>,
    file: Option<Argument<Text>>,
    allow_tracked: Argument<bool>,
    gitignore: Option<Argument<Text>>,
) -> PyResult<Call> {
    let gitignore = word(py, "gitignore", gitignore, Gitignore::parse)?.unwrap_or_default();
    let directory = path(py, "directory", directory)?;
    let allow_tracked = allow_tracked.named(py, "allow_tracked")?;
    let file = word(py, "file", file, EnvFile::parse)?;
    let options =
        SaveOptions { directory, file, allow_tracked, gitignore, host: Some(host.0), ..SaveOptions::default() };
    let mut parsed: Vec<ApiKey> = Vec::new();
    for key in keys {
        let key = key.extract::<Argument<KeyArgument>>()?.named(py, "keys")?;
        parsed.push(key.key().map_err(|error| to_pyerr(py, error))?);
    }
    Call::cancellable(move |cancel| libatmn::save_keys(&parsed, &SaveOptions { cancel: cancel.clone(), ..options }))
}

#[pyfunction]
pub(crate) fn logout(
    py: Python<'_>,
    host: HostArgument,
    directory: Option<Argument<PathArgument>>,
    file: Option<Argument<Text>>,
    environment: Option<Argument<Text>>,
    server: Option<Argument<Text>>,
) -> PyResult<Call> {
    let environment = word(py, "environment", environment, Environment::parse)?;
    let directory = path(py, "directory", directory)?;
    let file = word(py, "file", file, EnvFile::parse)?;
    let server = word(py, "server", server, Server::parse)?;
    Call::cancellable(move |cancel| {
        let options =
            LogoutOptions { directory, file, environment, server, host: Some(host.0), cancel: cancel.clone() };
        libatmn::logout(&options)
    })
}

#[pyfunction]
#[pyo3(signature = (host, *, server=None))]
pub(crate) fn server_info<'py>(py: Python<'py>, host: HostArgument, server: Option<Argument<Text>>) -> Object<'py> {
    let server = word(py, "server", server, Server::parse)?;
    without_gil(py, || libatmn::server_info(&ServerInfoOptions { server, host: Some(host.0) }))?.to_python(py)
}

#[pyfunction]
pub(crate) fn login(options: &LoginOptions, has_listener: bool) -> PyResult<Call> {
    let options = options.0.clone();
    let listening = Listening { has_listener, login_timeout: options.login_timeout };
    Call::listened(listening, move |listener, cancel| blocking::login(&options, listener, cancel))
}

#[pyfunction]
pub(crate) fn begin_login(options: &LoginOptions) -> PyResult<Call> {
    let options = options.0.clone();
    Call::cancellable(move |cancel| blocking::begin_login(&options, cancel))
}

#[pyfunction]
pub(crate) fn complete_login(
    py: Python<'_>,
    host: HostArgument,
    text: Argument<Text>,
    login_timeout: Option<Argument<Seconds>>,
) -> PyResult<Call> {
    let login_timeout = login_duration(py, login_timeout)?;
    let text = text.named(py, "text")?;
    let options = CompleteOptions { login_timeout, host: Some(host.0) };
    let listening = Listening { has_listener: true, login_timeout };
    Call::listened(listening, move |listener, cancel| {
        blocking::complete_login(text.0.reveal(), &options, listener, cancel)
    })
}

#[pyfunction]
#[pyo3(signature = (options, *, server=None, timeout=None))]
pub(crate) fn whoami(
    py: Python<'_>,
    options: &ResolveOptions,
    server: Option<Argument<Text>>,
    timeout: Option<Argument<Seconds>>,
) -> PyResult<Call> {
    let defaults = WhoamiOptions::default();
    let options = WhoamiOptions {
        server: word(py, "server", server, Server::parse)?,
        resolve: options.0.clone(),
        timeout: duration(py, "timeout", timeout, defaults.timeout)?,
    };
    Call::cancellable(move |cancel| blocking::whoami(&options, cancel))
}

#[pyfunction]
#[pyo3(signature = (host, *, directory=None, server=None, offline=false.into(), timeout=None))]
pub(crate) fn diagnose(
    py: Python<'_>,
    host: HostArgument,
    directory: Option<Argument<PathArgument>>,
    server: Option<Argument<Text>>,
    offline: Argument<bool>,
    timeout: Option<Argument<Seconds>>,
) -> PyResult<Call> {
    let defaults = DiagnoseOptions::default();
    let options = DiagnoseOptions {
        directory: path(py, "directory", directory)?,
        server: word(py, "server", server, Server::parse)?,
        offline: offline.named(py, "offline")?,
        timeout: duration(py, "timeout", timeout, defaults.timeout)?,
        host: Some(host.0),
        ports: defaults.ports,
        command: None,
    };
    Call::cancellable(move |cancel| blocking::diagnose(&options, cancel))
}
