//! Our one HTTP client: to one server, with every limit that a server which is not trusted calls for.
//!
//! Nothing else knows which library does the work. Redirects are not followed, nothing is sent twice, and no error
//! shows more of a request than the server's address.

mod exchange;
mod failure;
mod proxy;
mod trust;

use std::ffi::OsString;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock, TryLockError};
use std::time::Duration;

use url::Url;

use crate::config::{CONNECT_TIMEOUT, IDLE_CONNECTION_TIMEOUT, REQUEST_TIMEOUT, SMALL_RESPONSE_LIMIT, USER_AGENT};
use crate::error::{Error, Result};
use crate::server::Server;

/// Looks up a variable of the process environment.
type Variables = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// A request to the server. `Debug` shows method and path; headers, query and body may be secret.
#[derive(Clone)]
pub struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    timeout: Duration,
    limit: usize,
}

impl Request {
    /// A request without a body. The target is a path, with or without a query, from its first slash on.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: REQUEST_TIMEOUT,
            limit: SMALL_RESPONSE_LIMIT,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds `Authorization: Bearer` (RFC 6750, 2.1).
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sets the body; its `content-type` is a header like others.
    #[must_use]
    pub fn body(self, body: Vec<u8>) -> Self {
        Self { body, ..self }
    }

    /// How long everything may take, from the name's lookup to the last byte.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How large the answer may be, in bytes after decompression.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        formatter.debug_struct("Request").field("method", &self.method).field("path", &path).finish_non_exhaustive()
    }
}

/// An answer, whatever its status. `Debug` shows the status and the size; header and body may hold tokens.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values, in the order of their arrival.
    pub headers: Vec<(String, String)>,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// The first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The way to one server. It is made without touching network, files or variables; all that is read with the first
/// request. Clones share its connections.
#[derive(Clone)]
pub struct Http {
    server: Server,
    variables: Arc<Variables>,
    line: Arc<RwLock<Option<Line>>>,
}

/// What the first request sets up.
#[derive(Clone)]
struct Line {
    /// The process it belongs to; connections do not survive a fork.
    process: u32,
    client: reqwest::Client,
    base: Url,
    /// The variable that named the proxy in use.
    proxy: Option<&'static str>,
}

impl Http {
    /// The way to a server, with proxy and roots as the process environment says.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self::with_variables(server, |name| std::env::var_os(name))
    }

    /// The same with variables of the caller's, since tests cannot change those of their process.
    #[must_use]
    pub fn with_variables(
        server: Server,
        variables: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
    ) -> Self {
        Self { server, variables: Arc::new(variables), line: Arc::default() }
    }

    /// The server at the other end.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Sends a request, once, and reads the whole answer. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// - `resolve_failed`, `connect_failed`, `tls_failed`, `proxy_failed`: the request did not arrive.
    /// - `connection_lost`, `request_timed_out`, `response_too_large`, `response_unreadable`: it may have arrived.
    /// - `invalid_argument`: nobody could send it.
    pub async fn send(&self, request: Request) -> Result<Response> {
        check_runtime()?;
        exchange::exchange(&self.line()?, request).await
    }

    /// The client, made with the first request of the process. A fork in the midst of another thread's first request
    /// leaves the lock held for ever, so nobody waits for it.
    fn line(&self) -> Result<Line> {
        let process = std::process::id();
        match self.line.try_read() {
            Ok(line) => {
                if let Some(line) = line.as_ref().filter(|line| line.process == process) {
                    return Ok(line.clone());
                }
            }
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => {}
        }
        let line = Line::open(&self.server, &*self.variables)?;
        if let Ok(mut slot) = self.line.try_write().or_else(|refused| match refused {
            TryLockError::Poisoned(poisoned) => Ok(PoisonError::into_inner(poisoned)),
            TryLockError::WouldBlock => Err(()),
        }) {
            // The parent's connections are still in use over there; to drop them would say goodbye in its name.
            std::mem::forget(slot.replace(line.clone()).filter(|old| old.process != process));
        }
        Ok(line)
    }
}

/// Whether there is a runtime to wait on.
///
/// # Errors
/// `invalid_argument`: there is none.
pub(crate) fn check_runtime() -> Result<()> {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::invalid("runtime", "Network calls need a tokio runtime, and there is none.")
            .with_hint("Call from a tokio runtime, or use the module `blocking`.")),
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Http({})", self.server)
    }
}

impl Line {
    fn open(server: &Server, variables: &Variables) -> Result<Self> {
        let base = server.base()?;
        let chosen = proxy::choose(&base, variables)?;
        let is_tls = base.scheme() == "https";
        // Plain http goes to this machine only, and needs no roots.
        let tls = if is_tls { trust::roots_of(variables)? } else { trust::no_roots()? };
        let loopback: [SocketAddr; 2] = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(is_tls)
            // Whatever the system's resolver says (RFC 6761, 6.3): a token must not leave this machine in the clear.
            .resolve_to_addrs("localhost", &loopback)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_CONNECTION_TIMEOUT);
        let proxy = chosen.as_ref().map(|chosen| chosen.variable);
        if let Some(chosen) = chosen {
            builder = builder.proxy(chosen.proxy);
        }
        let client = builder.build().map_err(|error| failure::unusable_client(&error))?;
        Ok(Self { process: std::process::id(), client, base, proxy })
    }
}
