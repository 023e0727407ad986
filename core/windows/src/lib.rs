//! What Windows offers through unsafe calls only, behind safe ones: so libatmn itself can forbid unsafe code.
#![cfg(windows)]
#![allow(unsafe_code)] // that is what this crate is for: one function for each thing, no logic

use std::io;
use std::os::windows::io::{AsRawSocket, AsSocket};

use windows_sys::Win32::Networking::WinSock::{SO_EXCLUSIVEADDRUSE, SOCKET, SOL_SOCKET, setsockopt};

/// Lets nobody else bind to the address of a socket, not on all addresses and not with `SO_REUSEADDR` either. To be
/// called before the socket is bound.
///
/// # Errors
/// What the system says, for example that the socket is bound already.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
/// libatmn_windows::share_nothing(&socket)?;
/// socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
/// # Ok(())
/// # }
/// ```
pub fn share_nothing(socket: &impl AsSocket) -> io::Result<()> {
    let borrowed = socket.as_socket();
    let socket = SOCKET::try_from(borrowed.as_raw_socket()).map_err(io::Error::other)?;
    let yes: [u8; 4] = 1_i32.to_ne_bytes();
    // SAFETY: the socket is borrowed, so it is open throughout the call. The option is a BOOL: four bytes are read, and
    // `yes` has four.
    let result = unsafe { setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, yes.as_ptr(), 4) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
