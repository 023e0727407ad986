//! Cancels a call from another thread or from a signal handler.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use crate::error::{Error, ErrorCode, Result};

/// The interval at which waiting calls check the flag.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// A flag that cancels calls. Clones share the flag, and it stays set.
///
/// [`Cancel::cancel`] only stores the flag, so any thread and any signal handler may call it. A waiting call checks the
/// flag every 50 milliseconds.
///
/// ```
/// let cancel = libatmn::Cancel::new();
/// let button = cancel.clone();
/// std::thread::spawn(move || button.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    /// A flag that cancels this one too.
    parent: Option<Box<Cancel>>,
}

impl Cancel {
    /// Creates a flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag for one call: cancelling the parent cancels the child, but not the reverse.
    pub(crate) fn child(&self) -> Self {
        Self { flag: Arc::default(), parent: Some(Box::new(self.clone())) }
    }

    /// Cancels every call that uses this flag.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Release);
    }

    /// Whether the flag is set.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::Acquire) || self.parent.as_ref().is_some_and(|parent| parent.is_cancelled())
    }

    /// Waits until the flag is set. Needs a tokio runtime with time enabled.
    pub async fn cancelled(&self) {
        // Waking a task is not async-signal-safe, so the flag is polled.
        while !self.is_cancelled() {
            tokio::time::sleep(TICK).await;
        }
    }

    /// Runs an operation and drops it as soon as the flag is set. If both are ready, the flag wins. Needs a tokio runtime
    /// with time enabled.
    ///
    /// # Errors
    /// `cancelled`, or the error of the operation.
    pub async fn run<T>(&self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        let mut cancelled = pin!(self.cancelled());
        let mut operation = pin!(operation);
        poll_fn(|context| {
            if self.is_cancelled() {
                return Poll::Ready(Err(Self::error()));
            }
            match operation.as_mut().poll(context) {
                Poll::Ready(result) => Poll::Ready(result),
                // Polled last, so that an operation which is ready at once needs no timer.
                Poll::Pending => cancelled.as_mut().poll(context).map(|()| Err(Self::error())),
            }
        })
        .await
    }

    /// The error of a cancelled call.
    #[must_use]
    pub fn error() -> Error {
        Error::new(ErrorCode::Cancelled, "The call was cancelled.")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn run_ends_when_another_thread_cancels() {
        let cancel = Cancel::new();
        let remote = cancel.clone();
        let (began, begun) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            begun.recv().unwrap();
            remote.cancel();
            Instant::now()
        });
        let result: Result<()> = block_on(cancel.run(async {
            began.send(()).unwrap();
            std::future::pending().await
        }));
        assert_eq!(result.unwrap_err().code, ErrorCode::Cancelled);
        assert!(thread.join().unwrap().elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn run_does_not_poll_after_cancel() {
        let cancel = Cancel::new();
        cancel.cancel();
        let result: Result<()> = block_on(cancel.run(async { unreachable!("it was polled") }));
        assert_eq!(result.unwrap_err().code, ErrorCode::Cancelled);
        let left_alone = block_on(Cancel::new().run(async { Ok(7) }));
        assert_eq!(left_alone.unwrap(), 7);
    }

    #[test]
    fn child_is_cancelled_with_its_parent_and_alone() {
        let parent = Cancel::new();
        let (one, other) = (parent.child(), parent.child());
        one.cancel();
        assert!(one.is_cancelled() && !parent.is_cancelled() && !other.is_cancelled());
        parent.cancel();
        assert!(other.is_cancelled() && other.child().is_cancelled());
    }

    #[test]
    fn cancel_is_send_and_sync() {
        fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
        shared(&Cancel::new());
    }
}
