//! A file descriptor that is readable while the caller has something to do.

#[cfg(unix)]
pub(super) use socket::Ready;

#[cfg(unix)]
mod socket {
    use std::io::{Read, Result, Write};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;

    /// A pair of sockets that do not block: a program that reads from the descriptor, although it must not, stops nothing.
    pub(in super::super) struct Ready {
        receiver: UnixStream,
        sender: UnixStream,
    }

    impl Ready {
        pub(in super::super) fn new() -> Result<Self> {
            let (receiver, sender) = UnixStream::pair()?;
            receiver.set_nonblocking(true)?;
            sender.set_nonblocking(true)?;
            Ok(Self { receiver, sender })
        }

        pub(in super::super) fn set(&self) {
            let _ = (&self.sender).write(&[1]);
        }

        pub(in super::super) fn clear(&self) {
            let _ = (&self.receiver).read(&mut [0; 8]);
        }

        pub(in super::super) fn as_fd(&self) -> BorrowedFd<'_> {
            self.receiver.as_fd()
        }
    }
}

#[cfg(not(unix))]
pub(super) use nothing::Ready;

/// Event loops on Windows wait for handles, not for descriptors.
#[cfg(not(unix))]
mod nothing {
    pub(in super::super) struct Ready;

    impl Ready {
        pub(in super::super) fn new() -> std::io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) fn set(&self) {}

        pub(in super::super) fn clear(&self) {}
    }
}
