//! A file descriptor that tells a thread of Python, or an event loop, that a call has something to fetch.

use std::io::{self, Read, Write};

/// The two ends: a pipe on Unix, and a socket pair on Windows, where `select` accepts only sockets.
#[cfg(unix)]
type Ends = (io::PipeReader, io::PipeWriter);
#[cfg(windows)]
type Ends = (std::net::TcpStream, std::net::TcpStream);

/// The number that Python's `select` takes.
#[cfg(unix)]
pub(crate) type Descriptor = std::os::fd::RawFd;
#[cfg(windows)]
pub(crate) type Descriptor = std::os::windows::io::RawSocket;

/// A descriptor that is readable while it is set. One byte is in it then, so that neither end can block. The owner calls
/// `set` and `clear` in turn, under its own lock.
pub(crate) struct Wakeup(Ends);

impl Wakeup {
    pub(crate) fn new() -> io::Result<Self> {
        ends().map(Self)
    }

    pub(crate) fn set(&self) {
        // Both ends are open as long as `self` exists, so this cannot fail and sends no SIGPIPE.
        let _ = (&self.0.1).write_all(&[0]);
    }

    pub(crate) fn clear(&self) {
        let _ = (&self.0.0).read_exact(&mut [0]);
    }

    #[cfg(unix)]
    pub(crate) fn descriptor(&self) -> Descriptor {
        std::os::fd::AsRawFd::as_raw_fd(&self.0.0)
    }

    #[cfg(windows)]
    pub(crate) fn descriptor(&self) -> Descriptor {
        std::os::windows::io::AsRawSocket::as_raw_socket(&self.0.0)
    }
}

#[cfg(unix)]
fn ends() -> io::Result<Ends> {
    io::pipe()
}

#[cfg(windows)]
fn ends() -> io::Result<Ends> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let writer = std::net::TcpStream::connect(listener.local_addr()?)?;
    writer.set_nodelay(true)?;
    let own = writer.local_addr()?;
    loop {
        // Another program may connect first.
        let (reader, peer) = listener.accept()?;
        if peer == own {
            return Ok((reader, writer));
        }
    }
}
