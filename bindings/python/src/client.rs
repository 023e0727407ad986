//! API calls.

use std::sync::Arc;

use libatmn::{ApiRequest, Reauth, Server, blocking};
use pyo3::Python;
use pyo3::prelude::{PyResult, pyclass, pyfunction, pymethods};

use crate::arguments::{ResolveOptions, Seconds, Size, duration, size, word};
use crate::call::Call;
use crate::errors::{to_pyerr, without_gil};
use crate::host::HostArgument;
use crate::key::KeyArgument;
use crate::text::Text;

/// A client of one server. Threads may share it. A forked child reconnects.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Client(Arc<blocking::Client>);

#[pyfunction]
#[pyo3(signature = (
    options, *, server=None, timeout=None, response_limit=None, reauth=None, organization=None, login_timeout=None,
    open_browser=true,
))]
#[allow(clippy::too_many_arguments)] // They are passed by name.
pub(crate) fn client(
    py: Python<'_>,
    options: &ResolveOptions,
    server: Option<Text>,
    timeout: Option<Seconds>,
    response_limit: Option<Size>,
    reauth: Option<Text>,
    organization: Option<Text>,
    login_timeout: Option<Seconds>,
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
    without_gil(py, || blocking::Client::new(options)).map(|client| Client(Arc::new(client)))
}

#[pymethods]
impl Client {
    #[pyo3(signature = (
        host, method, path, *, query, headers, body=None, content_type=None, idempotency_key=None, has_listener,
    ))]
    #[allow(clippy::too_many_arguments)] // Most are passed by name.
    fn request(
        &self,
        host: HostArgument,
        method: Text,
        path: Text,
        query: Vec<(Text, Text)>,
        headers: Vec<(Text, Text)>,
        body: Option<Vec<u8>>,
        content_type: Option<Text>,
        idempotency_key: Option<Text>,
        has_listener: bool,
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
            host: Some(host.0),
        };
        let client = Arc::clone(&self.0);
        Call::cancellable(move |listener, cancel| client.request(&request, has_listener.then_some(listener), cancel))
    }

    fn reauthenticate(
        &self,
        py: Python<'_>,
        host: HostArgument,
        rejected: KeyArgument,
        has_listener: bool,
    ) -> PyResult<Call> {
        let rejected = rejected.key().map_err(|error| to_pyerr(py, error))?;
        let client = Arc::clone(&self.0);
        Call::cancellable(move |listener, cancel| {
            client.reauthenticate(&rejected, Some(&host.0), has_listener.then_some(listener), cancel)
        })
    }

    fn submit(&self, py: Python<'_>, text: Text) -> PyResult<()> {
        without_gil(py, || self.0.submit(text.0.reveal()))
    }
}
