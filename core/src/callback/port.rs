//! Binds the callback port: on both address families, exclusively, and listening from the start.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

use socket2::{Domain, Protocol, Socket, Type};

use super::peer::AcceptedPeers;
use super::server::CallbackServer;
use crate::config::CALLBACK_BACKLOG;
use crate::error::{Error, ErrorCode, Result, system_code};
use crate::hint::Hint;
use crate::secret::Secret;

/// A bound callback port. Browsers can connect already; they get no response before [`CallbackPort::serve`].
#[derive(Debug)]
pub(crate) struct CallbackPort {
    port: u16,
    sockets: Vec<TcpListener>,
}

impl CallbackPort {
    /// Binds the first port that is free on 127.0.0.1 and on `::1`. A machine without `::1` is fine; a port that
    /// another program holds in either family is skipped, since a browser may connect to either.
    ///
    /// # Errors
    /// `ports_in_use`, with the context `ports` and `reasons`, if every port is taken. `system_limit` with the system's
    /// error, if one could not be opened for another reason, such as too many open files.
    pub(crate) fn bind(ports: RangeInclusive<u16>) -> Result<Self> {
        let mut failures = Vec::new();
        for port in ports.clone() {
            // Every error moves on to the next port: Windows reports a reserved range as "access denied".
            match both_families(port) {
                Ok(bound) => return Ok(bound),
                Err(error) => failures.push((port, error)),
            }
        }
        match failures.iter().position(|(_, error)| !is_taken(error)) {
            None => Err(ports_in_use(&ports, &failures)),
            Some(index) => {
                let (port, error) = failures.swap_remove(index);
                Err(cannot_listen(port, error))
            }
        }
    }

    /// The port number, as in the redirect URI.
    #[must_use]
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Starts to serve. Only the callback with this state, from one of these accounts, ends the login. Call it inside a
    /// tokio runtime with I/O and time.
    ///
    /// # Errors
    /// `system_limit`, if the runtime cannot watch the sockets.
    pub(crate) fn serve(self, state: Secret, accepted: AcceptedPeers) -> Result<CallbackServer> {
        let port = self.port;
        let adopt = |socket| tokio::net::TcpListener::from_std(socket);
        let sockets = self.sockets.into_iter().map(adopt).collect::<io::Result<Vec<_>>>();
        Ok(CallbackServer::new(port, sockets.map_err(|error| cannot_listen(port, error))?, state, accepted))
    }
}

/// Whether a login could use this port now.
pub(crate) fn is_port_free(port: u16) -> bool {
    both_families(port).is_ok()
}

fn both_families(port: u16) -> io::Result<CallbackPort> {
    let first = listen(IpAddr::V4(Ipv4Addr::LOCALHOST), port)?;
    let port = first.local_addr()?.port();
    let sockets = match listen(IpAddr::V6(Ipv6Addr::LOCALHOST), port) {
        Ok(second) => vec![first, second],
        Err(error) if is_without_ipv6(&error) => vec![first],
        Err(error) => return Err(error),
    };
    Ok(CallbackPort { port, sockets })
}

fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let address = SocketAddr::new(address, port);
    // socket2 creates sockets that child processes do not inherit.
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    set_exclusive_address_use(&socket)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    // Two programs can bind at the same moment; only one of them can listen.
    socket.listen(CALLBACK_BACKLOG)?;
    Ok(socket.into())
}

/// On Unix, `SO_REUSEADDR` allows binding a port in TIME_WAIT, as the previous login leaves it; it never allows binding
/// a port on which another program listens.
#[cfg(unix)]
fn set_exclusive_address_use(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// On Windows, any program with `SO_REUSEADDR` can bind a port that is in use, unless its first holder set
/// `SO_EXCLUSIVEADDRUSE`. Neither the standard library nor socket2 can set that option.
#[cfg(windows)]
#[allow(unsafe_code)] // the only unsafe call of the core
fn set_exclusive_address_use(socket: &Socket) -> io::Result<()> {
    use std::os::windows::io::AsRawSocket as _;
    use windows_sys::Win32::Networking::WinSock::{SO_EXCLUSIVEADDRUSE, SOCKET, SOL_SOCKET, setsockopt};

    let raw = SOCKET::try_from(socket.as_raw_socket()).map_err(io::Error::other)?;
    let yes: [u8; 4] = 1_i32.to_ne_bytes();
    // SAFETY: `socket` is borrowed, so it is open throughout the call. The option is a BOOL: four bytes are read, and
    // `yes` has four.
    let result = unsafe { setsockopt(raw, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, yes.as_ptr(), 4) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Whether the machine has no `::1`, as opposed to a program that holds the port there.
fn is_without_ipv6(error: &io::Error) -> bool {
    // "Address family not supported" has no `ErrorKind` on every system: Linux 97, macOS and BSD 47, Windows 10047.
    let family = if cfg!(target_os = "linux") { 97 } else { 47 };
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || error.raw_os_error().is_some_and(|number| number == family || number == 10_047)
}

/// Whether another program holds the port, or the system reserves it, as opposed to a failure of this process.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn ports_in_use(ports: &RangeInclusive<u16>, failures: &[(u16, io::Error)]) -> Error {
    let range = format!("{}–{}", ports.start(), ports.end());
    let reasons = failures.iter().map(|(port, error)| format!("{port}: {error}")).collect::<Vec<_>>().join("; ");
    let denied = failures.iter().any(|(_, error)| error.kind() == io::ErrorKind::PermissionDenied);
    Error::new(ErrorCode::PortsInUse, format!("None of the callback ports {range} can be used."))
        .with_hint(Hint::FreePort { reserved: cfg!(windows) && denied })
        .with("ports", range)
        .with("reasons", reasons)
        .with_option("system_code", failures.first().and_then(|(_, error)| system_code(error)))
}

fn cannot_listen(port: u16, error: io::Error) -> Error {
    Error::system_limit(format!("Could not open the callback port {port}"), error).with("ports", port.to_string())
}
