//! Printing to stderr, which must not hold up a call without a limit.

#[cfg(unix)]
pub(crate) use unix::print;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::AsFd as _;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    /// How long stderr may take nothing: a pipe that is full, or a terminal that the user has stopped.
    const PRINT_LIMIT: Duration = Duration::from_secs(10);

    /// Writes a text, and fails with `ETIMEDOUT` after the limit. The standard library reports success if stderr is
    /// closed.
    pub(crate) fn print(text: &str) -> io::Result<()> {
        let until = Instant::now() + PRINT_LIMIT;
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            wait_until_writable(until)?;
            // A pipe that poll(2) calls writable takes so much at once, also if it blocks.
            let part = rest.get(..libc::PIPE_BUF).unwrap_or(rest);
            match rustix::io::write(io::stderr().as_fd(), part) {
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(Errno::AGAIN | Errno::INTR) if Instant::now() < until => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Also returns if stderr is closed or broken, which only writing can tell.
    fn wait_until_writable(until: Instant) -> io::Result<()> {
        let stderr = io::stderr();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec::try_from(left).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&stderr, PollFlags::OUT)], Some(&left)) {
                Ok(0) => return Err(Errno::TIMEDOUT.into()),
                Err(Errno::INTR) => {}
                other => return other.map(drop).map_err(Into::into),
            }
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    std::io::stderr().write_all(text.as_bytes())
}
