//! Wakes the calls that wait for a flag, from any thread and from a signal handler.

#[cfg(unix)]
pub(super) use pipe::Wake;

#[cfg(unix)]
mod pipe {
    use std::io::{PipeReader, PipeWriter, Write, pipe};
    use std::os::fd::{AsFd, BorrowedFd};

    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// A pipe that is readable from the moment at which the flag is set. Nothing reads it, so that all calls see it.
    #[derive(Debug)]
    pub(in super::super) struct Wake {
        reader: PipeReader,
        writer: PipeWriter,
        /// The child of a fork shares the pipe with its parent, but not the flag.
        process: u32,
    }

    impl Wake {
        pub(in super::super) fn new() -> Option<Self> {
            let (reader, writer) = pipe().ok()?;
            Some(Self { reader, writer, process: std::process::id() })
        }

        /// Called once, so that the pipe is never full. Async-signal-safe.
        pub(in super::super) fn notify(&self) {
            if self.process == std::process::id() {
                let _ = (&self.writer).write(&[1]);
            }
        }

        /// The descriptor that is readable after [`Wake::notify`]; `None` in the child of a fork.
        pub(in super::super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
            (self.process == std::process::id()).then(|| self.reader.as_fd())
        }

        /// Waits for [`Wake::notify`]; returns at once if the flag is set, or if waiting is impossible.
        pub(in super::super) async fn notified_unless(&self, is_set: impl Fn() -> bool) {
            if is_set() || self.process != std::process::id() {
                return;
            }
            // A copy, because a runtime accepts each descriptor only once.
            let Ok(reader) = self.reader.try_clone() else { return };
            if let Ok(reader) = AsyncFd::with_interest(reader, Interest::READABLE) {
                let _ = reader.readable().await;
            }
        }
    }
}

#[cfg(not(unix))]
pub(super) use tick::Wake;

#[cfg(not(unix))]
mod tick {
    /// Never made: calls check the flag at intervals.
    #[derive(Debug)]
    pub(in super::super) enum Wake {}

    impl Wake {
        pub(in super::super) fn new() -> Option<Self> {
            None
        }

        pub(in super::super) fn notify(&self) {
            match *self {}
        }

        pub(in super::super) async fn notified_unless(&self, _: impl Fn() -> bool) {
            match *self {}
        }
    }
}
