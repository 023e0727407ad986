//! Ending a call from elsewhere: another thread, a signal handler, a button.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use crate::error::{Error, ErrorCode, Result};

/// How long a cancel may wait to be noticed.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// A flag that ends calls. Clones share it, and it stays set.
///
/// Cancelling stores the flag and does nothing else, so it may be done by any thread and in any signal handler. Whoever
/// waits notices within 50 milliseconds.
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
    /// Whose end is this one's end too.
    parent: Option<Box<Cancel>>,
}

impl Cancel {
    /// A flag that is not set. Needs no runtime.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag for one call: it is set with this one, and setting it leaves this one alone.
    pub(crate) fn child(&self) -> Self {
        Self { flag: Arc::default(), parent: Some(Box::new(self.clone())) }
    }

    /// Ends every call that looks at this flag.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Release);
    }

    /// Whether the flag is set.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flag.load(Ordering::Acquire) || self.parent.as_ref().is_some_and(|parent| parent.is_cancelled())
    }

    /// Waits until the flag is set. Needs a tokio runtime with time.
    pub async fn cancelled(&self) {
        // A flag that wakes somebody could not be set in a signal handler.
        while !self.is_cancelled() {
            tokio::time::sleep(TICK).await;
        }
    }

    /// Waits for an operation, or drops it as soon as the flag is set; the flag wins where both are ready. Needs a
    /// tokio runtime with time.
    ///
    /// # Errors
    /// `cancelled`, or what the operation fails with.
    pub async fn run<T>(&self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        let mut cancelled = pin!(self.cancelled());
        let mut operation = pin!(operation);
        poll_fn(|context| {
            if self.is_cancelled() {
                return Poll::Ready(Err(Self::error()));
            }
            match operation.as_mut().poll(context) {
                Poll::Ready(result) => Poll::Ready(result),
                // Asked last: an operation that needs no clock gets by without one.
                Poll::Pending => cancelled.as_mut().poll(context).map(|()| Err(Self::error())),
            }
        })
        .await
    }

    /// What a cancelled call fails with.
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
    fn another_thread_ends_a_wait_within_a_few_ticks() {
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
    fn a_cancelled_operation_does_not_begin() {
        let cancel = Cancel::new();
        cancel.cancel();
        let result: Result<()> = block_on(cancel.run(async { unreachable!("it was polled") }));
        assert_eq!(result.unwrap_err().code, ErrorCode::Cancelled);
        let left_alone = block_on(Cancel::new().run(async { Ok(7) }));
        assert_eq!(left_alone.unwrap(), 7);
    }

    #[test]
    fn a_child_ends_with_its_parent_and_alone() {
        let parent = Cancel::new();
        let (one, other) = (parent.child(), parent.child());
        one.cancel();
        assert!(one.is_cancelled() && !parent.is_cancelled() && !other.is_cancelled());
        parent.cancel();
        assert!(other.is_cancelled() && other.child().is_cancelled());
    }

    #[test]
    fn it_can_be_shared_by_all_threads() {
        fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
        shared(&Cancel::new());
    }
}
