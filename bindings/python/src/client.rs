//! Calls of the API.

use std::sync::Arc;

use libatmn::{ApiRequest, Reauth, Server, blocking};
use pyo3::Python;
use pyo3::prelude::{PyResult, pyclass, pyfunction, pymethods};

use crate::arguments::{ResolveOptions, Text, duration, size, word};
use crate::call::Call;
use crate::errors::{detached, raised};
use crate::key::KeyArgument;

/// A client of one server. Threads share it, and a fork starts afresh with it.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Client(Arc<blocking::Client>);

#[pyfunction]
#[pyo3(signature = (
    options, *, server, timeout, response_limit, reauth, organization, login_timeout, open_browser
))]
#[allow(clippy::too_many_arguments)] // all of them by name
pub(crate) fn client(
    py: Python<'_>,
    options: &ResolveOptions,
    server: Option<Text>,
    timeout: Option<f64>,
    response_limit: Option<i64>,
    reauth: Option<Text>,
    organization: Option<Text>,
    login_timeout: Option<f64>,
    open_browser: bool,
) -> PyResult<Client> {
    let defaults = libatmn::ClientOptions::default();
    let options = libatmn::ClientOptions {
        server: word(py, server, Server::parse)?,
        resolve: options.0.clone(),
        timeout: duration(py, "timeout", timeout, defaults.timeout)?,
        response_limit: size(py, "response_limit", response_limit, defaults.response_limit)?,
        reauth: word(py, reauth, Reauth::parse)?.unwrap_or(defaults.reauth),
        organization: organization.map(|name| name.0.reveal().to_owned()),
        login_timeout: duration(py, "login_timeout", login_timeout, defaults.login_timeout)?,
        open_browser,
        ports: defaults.ports,
    };
    detached(py, || blocking::Client::new(options)).map(|client| Client(Arc::new(client)))
}

#[pymethods]
impl Client {
    #[pyo3(signature = (method, path, *, query, headers, body, content_type, idempotency_key, attended))]
    #[allow(clippy::too_many_arguments)] // most of them by name
    fn request(
        &self,
        method: Text,
        path: Text,
        query: Vec<(Text, Text)>,
        headers: Vec<(Text, Text)>,
        body: Option<Vec<u8>>,
        content_type: Option<Text>,
        idempotency_key: Option<Text>,
        attended: bool,
    ) -> PyResult<Call> {
        let text = |text: Text| text.0.reveal().to_owned();
        let pairs =
            |pairs: Vec<(Text, Text)>| pairs.into_iter().map(|(name, value)| (text(name), text(value))).collect();
        let request = ApiRequest {
            method: text(method),
            path: text(path),
            query: pairs(query),
            headers: pairs(headers),
            body,
            content_type: content_type.map(text),
            idempotency_key: idempotency_key.map(text),
        };
        let client = Arc::clone(&self.0);
        Call::cancellable(move |listener, cancel| client.request(&request, attended.then_some(listener), cancel))
    }

    fn reauthenticate(&self, py: Python<'_>, rejected: KeyArgument, attended: bool) -> PyResult<Call> {
        let rejected = rejected.key().map_err(|error| raised(py, error))?;
        let client = Arc::clone(&self.0);
        Call::cancellable(move |listener, cancel| {
            client.reauthenticate(&rejected, attended.then_some(listener), cancel)
        })
    }

    fn submit(&self, py: Python<'_>, text: Text) -> PyResult<()> {
        detached(py, || self.0.submit(text.0.reveal()))
    }
}
