//! The sockets and the life of a server.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use libatmn::Event;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::connection::{self, Site};
use crate::faults::LoggedRequest;
use crate::store::Store;

/// Free ports tried where any would do: the one that IPv4 gave may be taken in IPv6.
const PORT_TRIES: u32 = 16;

/// Called with every request once it is answered, on the server's thread.
type OnRequest = Arc<dyn Fn(&LoggedRequest) + Send + Sync>;
/// Called with every refusal of the API, on the server's thread.
type OnEvent = Arc<dyn Fn(&Event) + Send + Sync>;

/// How a server is to be.
#[derive(Clone)]
pub struct Options {
    /// The port on 127.0.0.1 and `::1`; 0 for any that is free. 8080 unless set.
    pub port: u16,
    /// Opens the control routes under `/_test/`, faults and the request log. For tests only: they show whole keys.
    pub controls: bool,
    /// How long a request's head and its body may each take to arrive. Ten seconds unless set.
    pub request_timeout: Duration,
    /// Hears of every request; its `Display` is a line to print, keys masked.
    pub on_request: Option<OnRequest>,
    /// Hears of every refused request (`request_refused`).
    pub on_event: Option<OnEvent>,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 8080, controls: false, request_timeout: Duration::from_secs(10), on_request: None, on_event: None }
    }
}

/// A server that has its port and waits to serve; connections queue up meanwhile.
pub struct Server {
    listeners: Vec<TcpListener>,
    site: Site,
}

impl Server {
    /// Takes the port in both address families, or in neither; a machine without IPv6 is served on IPv4.
    ///
    /// # Errors
    /// The port is taken, in either family, or may not be used; or the system has no randomness for the keys.
    pub fn bind(options: Options) -> io::Result<Self> {
        let tries = if options.port == 0 { PORT_TRIES } else { 1 };
        let mut bound = bind_both(options.port);
        for _ in 1..tries {
            bound = bound.or_else(|_| bind_both(0));
        }
        let (port, listeners) = bound?;
        let store = Store::new(port, options.controls).map_err(io::Error::other)?;
        Ok(Self { listeners, site: Site { port, store, options } })
    }

    /// The port taken.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.site.port
    }

    /// The base address, `http://localhost:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.site.port)
    }

    /// A handle on what the server knows.
    #[must_use]
    pub fn store(&self) -> Store {
        self.site.store.clone()
    }

    /// Serves until `shutdown` is ready, then closes every connection at once. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// The sockets cannot be handed to the runtime.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let mut families = JoinSet::new();
        for listener in self.listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            families.spawn(connection::accept(listener, self.site.clone()));
        }
        shutdown.await;
        families.shutdown().await;
        Ok(())
    }

    /// Serves on a thread of its own, until the handle is dropped.
    ///
    /// # Errors
    /// The system gives no thread or no runtime.
    pub fn spawn(self) -> io::Result<Running> {
        let (port, store) = (self.port(), self.store());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let serve = move || {
            runtime.block_on(self.serve(async {
                // The sender says nothing; it only goes away.
                let _ = stopped.await;
            }))
        };
        let thread = std::thread::Builder::new().name("local-autumn".to_owned()).spawn(serve)?;
        Ok(Running { port, store, stop: Some(stop), thread: Some(thread) })
    }
}

fn bind_both(port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let port = first.local_addr()?.port();
    let mut listeners = vec![first];
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
        Ok(second) => listeners.push(second),
        Err(error) if has_no_ipv6(&error) => {}
        Err(error) => return Err(error),
    }
    listeners.iter().try_for_each(|listener| listener.set_nonblocking(true))?;
    Ok((port, listeners))
}

/// No `::1` to bind to, or no such address family at all (EAFNOSUPPORT, WSAEAFNOSUPPORT).
fn has_no_ipv6(error: &io::Error) -> bool {
    const NO_FAMILY: [i32; 3] = [97, 47, 10047];
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.raw_os_error().is_some_and(|code| NO_FAMILY.contains(&code))
}

/// A server at work on its own thread. Dropping it stops it and frees the port.
pub struct Running {
    port: u16,
    store: Store,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// The port taken.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The base address, `http://localhost:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// A handle on what the server knows.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        // What it failed with, if it did, concerns nobody any more.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
