//! The sockets of a server, and how it starts and stops.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::connection::{self, ServerContext};
use crate::options::Options;
use crate::store::Store;

/// Attempts to find a free port for port 0, because a port that is free in IPv4 can be in use in IPv6.
const PORT_TRIES: u32 = 16;

/// A server that has bound its port and does not serve yet. Connections wait in the queue of the operating system.
pub struct LocalAutumn {
    listeners: Vec<TcpListener>,
    shared: ServerContext,
}

impl LocalAutumn {
    /// Binds the port on 127.0.0.1 and `::1`, or only on 127.0.0.1 if the machine has no IPv6.
    ///
    /// # Errors
    /// The port is in use or forbidden in one of the address families, or the operating system provides no randomness.
    pub fn bind(options: Options) -> io::Result<Self> {
        let tries = if options.port == 0 { PORT_TRIES } else { 1 };
        let mut bound = bind_both(options.port);
        for _ in 1..tries {
            bound = bound.or_else(|_| bind_both(0));
        }
        let (port, listeners) = bound?;
        let store = Store::new(port, options.controls).map_err(io::Error::other)?;
        Ok(Self { listeners, shared: ServerContext { port, store, options } })
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// The base URL, `http://localhost:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.shared.port)
    }

    /// A handle on the state of the server.
    #[must_use]
    pub fn store(&self) -> Store {
        self.shared.store.clone()
    }

    /// Serves until `shutdown` is ready, then closes every connection. It needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// The runtime does not accept the sockets.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let mut families = JoinSet::new();
        for listener in self.listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            families.spawn(connection::accept(listener, self.shared.clone()));
        }
        shutdown.await;
        families.shutdown().await;
        Ok(())
    }

    /// Serves on a new thread until the returned handle is dropped.
    ///
    /// # Errors
    /// The operating system provides no thread, or the runtime cannot start.
    pub fn spawn(self) -> io::Result<Running> {
        let (port, store) = (self.port(), self.store());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let serve = move || {
            runtime.block_on(self.serve(async {
                // The sender never sends; dropping it ends the wait.
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

/// Whether the machine has no `::1`, or no IPv6 at all (EAFNOSUPPORT, WSAEAFNOSUPPORT).
fn has_no_ipv6(error: &io::Error) -> bool {
    const NO_FAMILY: &[i32] = &[97, 47, 10047];
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.raw_os_error().is_some_and(|code| NO_FAMILY.contains(&code))
}

/// A server that runs on a thread. Dropping it stops the server and frees the port.
pub struct Running {
    port: u16,
    store: Store,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The base URL, `http://localhost:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// A handle on the state of the server.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        // The server has stopped, so its error no longer matters.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
