//! The HTTP client: for one server, with every limit that an untrusted server requires.
//!
//! Only this module uses the HTTP library. It follows no redirects, sends nothing twice, and no error shows more of a
//! request than the server's URL.

mod failure;
mod lookup;
mod proxy;
mod send;
mod trust;

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use url::Url;

use crate::config::{CONNECT_TIMEOUT, IDLE_CONNECTION_TIMEOUT, REQUEST_TIMEOUT, SMALL_RESPONSE_LIMIT, USER_AGENT};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::per_process::PerProcess;
use crate::response::ApiResponse;
use crate::server::Server;
pub(crate) use send::{check_header, encoded_length};
use trust::Roots;

/// A request to the server. `Debug` shows method and path; headers, query and body may be secret.
#[derive(Clone)]
pub struct OutgoingRequest {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    timeout: Duration,
    limit: usize,
}

impl OutgoingRequest {
    /// A request without a body. The target is a path that starts with `/`, with or without a query.
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

    /// Sets the body. The caller adds its `content-type` header.
    #[must_use]
    pub fn body(self, body: Vec<u8>) -> Self {
        Self { body, ..self }
    }

    /// Sets the time limit of the whole request, from the name lookup to the last byte of the response.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets the largest accepted response, in bytes after decompression.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        formatter
            .debug_struct("OutgoingRequest")
            .field("method", &self.method)
            .field("path", &path)
            .finish_non_exhaustive()
    }
}

/// The HTTP client for one server. Creating it touches neither network nor files; the first request sets up the
/// transport. Clones share its connections.
#[derive(Clone)]
pub struct Http {
    server: Server,
    host: Host,
    connect_timeout: Duration,
    transport: Arc<PerProcess<Transport>>,
    bundled_roots: Arc<BundledRoots>,
}

/// Whether the bundled root certificates are in use, and whether the user has been told.
#[derive(Debug, Default)]
struct BundledRoots {
    are_used: AtomicBool,
    was_told: AtomicBool,
}

/// What the user must know about the root certificates.
const BUNDLED_ROOTS: &str =
    "This system has no root certificates, so libatmn uses its own copy of Mozilla's. Install `ca-certificates`.";

/// Whether calls use the bundled root certificates, because this system has none and no variable replaces them.
///
/// # Errors
/// `tls_failed`: a file that a variable names contains no readable certificate.
pub(crate) fn uses_bundled_roots(host: &Host) -> Result<bool> {
    trust::roots_of(host).map(|roots| roots.are_bundled)
}

/// The connection pool, set up by the first request.
#[derive(Clone)]
struct Transport {
    client: reqwest::Client,
    base: Url,
    connect_timeout: Duration,
    /// The environment variable that names the proxy in use.
    proxy: Option<&'static str>,
    /// Whether the system has no root certificates.
    are_roots_bundled: bool,
}

impl Http {
    /// A client for a server, with the proxy and the root certificates that the host's variables name.
    #[must_use]
    pub fn new(server: Server, host: &Host) -> Self {
        Self {
            server,
            host: host.clone(),
            connect_timeout: CONNECT_TIMEOUT,
            transport: Arc::default(),
            bundled_roots: Arc::default(),
        }
    }

    /// A client for the same server that shares no connections, and that gives up a connection earlier.
    pub(crate) fn connecting_within(&self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, transport: Arc::default(), ..self.clone() }
    }

    /// What the user must know about the connections that were set up. Clones of a client return it once.
    #[must_use]
    pub(crate) fn take_notice(&self) -> Option<&'static str> {
        let BundledRoots { are_used, was_told } = &*self.bundled_roots;
        (are_used.load(Ordering::Relaxed) && !was_told.swap(true, Ordering::Relaxed)).then_some(BUNDLED_ROOTS)
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Sends a request once and reads the whole response. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// - `resolve_failed`, `connect_failed`, `tls_failed`, `proxy_failed`: the request did not arrive.
    /// - `connection_lost`, `request_timed_out`, `response_too_large`, `response_unreadable`: it may have arrived.
    /// - `invalid_argument`: the request cannot be sent.
    pub async fn send(&self, request: OutgoingRequest) -> Result<ApiResponse> {
        check_runtime()?;
        let transport = self.transport.get_or_try_init(|_| Transport::open(self))?;
        send::send(&transport, request).await
    }
}

/// Checks that the calling thread runs in a tokio runtime.
///
/// # Errors
/// `invalid_argument`: there is no runtime.
pub(crate) fn check_runtime() -> Result<()> {
    match tokio::runtime::Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::invalid("runtime", "Network calls need a tokio runtime.")
            .with_hint("Call from a tokio runtime, or use the module `blocking`.")),
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Http({})", self.server)
    }
}

impl Transport {
    fn open(Http { server, host, connect_timeout, bundled_roots, transport: _ }: &Http) -> Result<Self> {
        let base = server.base()?;
        let chosen = proxy::choose(&base, host)?;
        let is_tls = base.scheme() == "https";
        // Plain http is for this machine only, and needs no root certificates.
        let Roots { config: tls, are_bundled } = if is_tls { trust::roots_of(host)? } else { trust::no_roots()? };
        bundled_roots.are_used.fetch_or(are_bundled, Ordering::Relaxed);
        let loopback: [SocketAddr; 2] = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(is_tls)
            // Ignores the system's resolver (RFC 6761, 6.3): a token must not leave this machine unencrypted.
            .resolve_to_addrs("localhost", &loopback)
            .dns_resolver(lookup::SystemLookup)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .user_agent(USER_AGENT)
            .connect_timeout(*connect_timeout)
            .pool_idle_timeout(IDLE_CONNECTION_TIMEOUT);
        let proxy = chosen.as_ref().map(|chosen| chosen.variable);
        if let Some(chosen) = chosen {
            builder = builder.proxy(chosen.proxy);
        }
        let client = builder.build().map_err(|error| failure::unusable_client(&error))?;
        Ok(Self { client, base, connect_timeout: *connect_timeout, proxy, are_roots_bundled: are_bundled })
    }
}
