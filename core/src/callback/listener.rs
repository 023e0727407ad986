//! Taking a port: both address families or neither, for us alone, listening at once.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

use socket2::{Domain, Protocol, Socket, Type};

use super::server::Server;
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::secret::Secret;

/// Connections that wait until they are accepted; systems lower it to their own limit.
const BACKLOG: i32 = 256;

/// A callback port that is ours. Browsers can connect already; nobody is answered before [`Listener::serve`].
#[derive(Debug)]
pub struct Listener {
    port: u16,
    sockets: Vec<TcpListener>,
}

impl Listener {
    /// Takes the first port that is free on 127.0.0.1 and on `::1`. A machine without `::1` is fine; a port that
    /// somebody else holds in either family is not ours, for a browser may go to either.
    ///
    /// # Errors
    /// `ports_in_use`, with the context `ports` and `reasons`.
    pub fn bind(ports: RangeInclusive<u16>) -> Result<Self> {
        let mut failures = Vec::new();
        for port in ports.clone() {
            // Any reason moves on: "in use" as well as "denied", which is how Windows says that it keeps a range.
            match both_families(port) {
                Ok(listener) => return Ok(listener),
                Err(error) => failures.push((port, error)),
            }
        }
        Err(ports_in_use(&ports, &failures))
    }

    /// The port, as it stands in the redirect address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Begins to answer; only the callback with this state counts. To be called inside a tokio runtime with I/O and
    /// time.
    ///
    /// # Errors
    /// `ports_in_use`, if the system cannot watch the sockets.
    pub fn serve(self, state: Secret) -> Result<Server> {
        let port = self.port;
        let adopt = |socket| tokio::net::TcpListener::from_std(socket);
        let sockets = self.sockets.into_iter().map(adopt).collect::<io::Result<Vec<_>>>();
        Ok(Server::new(port, sockets.map_err(|error| unavailable(port, error))?, state))
    }
}

fn both_families(port: u16) -> io::Result<Listener> {
    let first = listen(IpAddr::V4(Ipv4Addr::LOCALHOST), port)?;
    let port = first.local_addr()?.port();
    let sockets = match listen(IpAddr::V6(Ipv6Addr::LOCALHOST), port) {
        Ok(second) => vec![first, second],
        Err(error) if is_without_ipv6(&error) => vec![first],
        Err(error) => return Err(error),
    };
    Ok(Listener { port, sockets })
}

fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let address = SocketAddr::new(address, port);
    // socket2 makes sockets that no child process inherits.
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    share_nothing(&socket)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    // Two programs can bind at the same moment; only one of them can listen.
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// On Unix a port in TIME_WAIT, left by the login before, can be taken again; one that somebody listens on cannot.
#[cfg(unix)]
fn share_nothing(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// On Windows a port can be taken by anybody who sets SO_REUSEADDR, unless its first holder forbids that.
#[cfg(windows)]
fn share_nothing(socket: &Socket) -> io::Result<()> {
    libatmn_windows::share_nothing(socket)
}

/// Whether the machine has no `::1`, as opposed to somebody else having the port there.
fn is_without_ipv6(error: &io::Error) -> bool {
    // "Address family not supported" has no kind of its own everywhere: Linux 97, macOS and BSD 47, Windows 10047.
    let family = if cfg!(target_os = "linux") { 97 } else { 47 };
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || error.raw_os_error().is_some_and(|number| number == family || number == 10_047)
}

fn ports_in_use(ports: &RangeInclusive<u16>, failures: &[(u16, io::Error)]) -> Error {
    let range = format!("{}–{}", ports.start(), ports.end());
    let reasons = failures.iter().map(|(port, error)| format!("{port}: {error}")).collect::<Vec<_>>().join("; ");
    let denied = failures.iter().any(|(_, error)| error.kind() == io::ErrorKind::PermissionDenied);
    Error::new(ErrorCode::PortsInUse, format!("None of the callback ports {range} can be used."))
        .with_hint(Hint::FreePort { reserved: cfg!(windows) && denied })
        .with("ports", range)
        .with("reasons", reasons)
}

fn unavailable(port: u16, error: io::Error) -> Error {
    Error::new(ErrorCode::PortsInUse, format!("The callback port {port} cannot be served."))
        .with_hint(Hint::FreePort { reserved: false })
        .with("ports", port.to_string())
        .with("reasons", error.to_string())
        .with_cause(error)
}
