//! API calls.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libatmn::{ApiRequest, ApiResponse, Error, Reauth, Server, blocking};
use pyo3::Python;
use pyo3::prelude::{Bound, PyAny, PyResult, pyclass, pyfunction, pymethods};
use pyo3::types::PyTuple;

use crate::argument::{Argument, optional};
use crate::arguments::{
    RequestBody, ResolveOptions, Seconds, Size, duration, login_duration, number_of_retries, size, word,
};
use crate::call::{Call, Listening};
use crate::errors::{to_pyerr, with_large_stack, without_gil};
use crate::host::HostArgument;
use crate::key::KeyArgument;
use crate::results::ToPython;
use crate::text::Text;

/// A client of one server. Threads may share it. A forked child reconnects.
#[pyclass(frozen, module = "libatmn._native")]
pub(crate) struct Client {
    /// None once it is closed.
    client: Mutex<Option<Arc<blocking::Client>>>,
    login_timeout: Duration,
}

#[pyfunction]
#[pyo3(signature = (
    options, *, server=None, timeout=None, retries=None, response_limit=None, reauth=None, organization=None, login_timeout=None,
    open_browser=true.into(),
))]
#[allow(clippy::too_many_arguments)] // They are passed by name.
pub(crate) fn client(
    py: Python<'_>,
    options: &ResolveOptions,
    server: Option<Argument<Text>>,
    timeout: Option<Argument<Seconds>>,
    retries: Option<Argument<Size>>,
    response_limit: Option<Argument<Size>>,
    reauth: Option<Argument<Text>>,
    organization: Option<Argument<Text>>,
    login_timeout: Option<Argument<Seconds>>,
    open_browser: Argument<bool>,
) -> PyResult<Client> {
    let defaults = libatmn::ClientOptions::default();
    let options = libatmn::ClientOptions {
        server: word(py, "server", server, Server::parse)?,
        resolve: options.0.clone(),
        timeout: duration(py, "timeout", timeout, defaults.timeout)?,
        retries: number_of_retries(py, retries)?.unwrap_or(defaults.retries),
        response_limit: size(py, "response_limit", response_limit, defaults.response_limit)?,
        reauth: word(py, "reauth", reauth, Reauth::parse)?.unwrap_or(defaults.reauth),
        organization: optional(py, "organization", organization)?.map(Text::into_string),
        login_timeout: login_duration(py, login_timeout)?,
        open_browser: open_browser.named(py, "open_browser")?,
        ports: defaults.ports,
    };
    let login_timeout = options.login_timeout;
    let client = with_large_stack(py, || blocking::Client::new(options))?;
    Ok(Client { client: Mutex::new(Some(Arc::new(client))), login_timeout })
}

#[pymethods]
impl Client {
    #[pyo3(signature = (
        host, method, path, *, query, headers, body=None, content_type=None, idempotency_key=None, timeout=None,
        retries=None, raise_for_status=None, has_listener,
    ))]
    #[allow(clippy::too_many_arguments)] // Most are passed by name.
    fn request(
        &self,
        py: Python<'_>,
        host: HostArgument,
        method: Argument<Text>,
        path: Argument<Text>,
        query: Argument<Pairs>,
        headers: Argument<Pairs>,
        body: Option<Argument<RequestBody>>,
        content_type: Option<Argument<Text>>,
        idempotency_key: Option<Argument<Text>>,
        timeout: Option<Argument<Seconds>>,
        retries: Option<Argument<Size>>,
        raise_for_status: Option<Argument<bool>>,
        has_listener: bool,
    ) -> PyResult<Call> {
        let request = ApiRequest {
            method: method.named(py, "method")?.into_string(),
            path: path.named(py, "path")?.into_string(),
            query: texts(query.named(py, "query")?),
            headers: texts(headers.named(py, "headers")?),
            body: optional(py, "body", body)?.map(|body| body.0),
            content_type: optional(py, "content_type", content_type)?.map(Text::into_string),
            idempotency_key: optional(py, "idempotency_key", idempotency_key)?.map(Text::into_string),
            timeout: timeout.map(|given| duration(py, "timeout", Some(given), Duration::ZERO)).transpose()?,
            retries: number_of_retries(py, retries)?,
            any_status: !optional(py, "raise_for_status", raise_for_status)?.unwrap_or(true),
            host: Some(host.0),
        };
        let client = self.open(py)?;
        Call::listened(self.listening(has_listener), move |listener, cancel| client.request(&request, listener, cancel))
    }

    fn reauthenticate(
        &self,
        py: Python<'_>,
        host: HostArgument,
        rejected: Argument<KeyArgument>,
        has_listener: bool,
    ) -> PyResult<Call> {
        let rejected = rejected.named(py, "rejected")?.key().map_err(|error| to_pyerr(py, error))?;
        let client = self.open(py)?;
        Call::listened(self.listening(has_listener), move |listener, cancel| {
            client.reauthenticate(&rejected, Some(&host.0), listener, cancel)
        })
    }

    /// The key for a request that another library sent, in a tuple, which is empty if the caller should return the
    /// response. A call cannot return `None`.
    fn key_after_rejection(
        &self,
        py: Python<'_>,
        host: HostArgument,
        method: Text,
        rejected: KeyArgument,
        answer: (u16, Vec<u8>),
        has_listener: bool,
    ) -> PyResult<Call> {
        let (status, body) = answer;
        let (method, rejected) = (method.into_string(), rejected.key().map_err(|error| to_pyerr(py, error))?);
        let response = ApiResponse { status, headers: Vec::new(), body };
        let client = self.open(py)?;
        Call::listened(self.listening(has_listener), move |listener, cancel| {
            let found = client.key_after_rejection(&method, &rejected, &response, Some(&host.0), listener, cancel)?;
            Ok(AtMostOne(found))
        })
    }

    fn submit(&self, py: Python<'_>, text: Argument<Text>) -> PyResult<()> {
        let (text, client) = (text.named(py, "text")?, self.open(py)?);
        without_gil(py, || client.submit(text.0.reveal()))
    }

    /// The base URL of the server.
    fn server(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.open(py)?.server().api().to_owned())
    }

    /// Refuses a closed client.
    fn check_open(&self, py: Python<'_>) -> PyResult<()> {
        self.open(py).map(drop)
    }

    /// Calls that still run keep the connections open until they have ended.
    fn close(&self, py: Python<'_>) {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(client));
    }
}

/// An optional key as a tuple.
struct AtMostOne(Option<libatmn::ResolvedKey>);

impl ToPython for AtMostOne {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let keys = self.0.into_iter().map(|key| key.to_python(py)).collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(py, keys).map(Bound::into_any)
    }
}

/// Names and values.
type Pairs = Vec<(Text, Text)>;

fn texts(pairs: Pairs) -> Vec<(String, String)> {
    pairs.into_iter().map(|(name, value)| (name.into_string(), value.into_string())).collect()
}

impl Client {
    fn listening(&self, has_listener: bool) -> Listening {
        Listening { has_listener, login_timeout: self.login_timeout }
    }

    fn open(&self, py: Python<'_>) -> PyResult<Arc<blocking::Client>> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        client.ok_or_else(|| {
            let error = Error::invalid("client", "The client is closed.");
            to_pyerr(py, error.with_hint("Create another client, or make the call before `close()`."))
        })
    }
}
