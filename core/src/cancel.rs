//! Cancels a call from another thread or from a signal handler.

mod wake;

use std::future::{Future, poll_fn};
use std::iter::successors;
#[cfg(unix)]
use std::os::fd::BorrowedFd;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use tokio::sync::Notify;

use crate::config::CANCEL_POLL_INTERVAL;
use crate::error::{Error, ErrorCode, Result};
use wake::Wake;

/// A flag that cancels calls. Clones share the flag, and it stays set.
///
/// [`Cancel::cancel`] only stores the flag and writes one byte to a pipe, so any thread and any signal handler may call
/// it. The call that waits continues at once; on Windows, and if no file descriptor is left, it checks the flag every 50
/// milliseconds.
///
/// ```
/// let cancel = libatmn::Cancel::new();
/// let button = cancel.clone();
/// std::thread::spawn(move || button.cancel()).join().unwrap();
/// assert!(cancel.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    flag: Arc<Flag>,
    /// A flag that cancels this one too.
    parent: Option<Box<Cancel>>,
}

#[derive(Debug, Default)]
struct Flag {
    is_set: AtomicBool,
    /// Made by the first call that waits; `None` if that failed.
    wake: OnceLock<Option<Wake>>,
    /// Wakes the calls instead, if no signal handler sets the flag.
    notify: Option<Notify>,
}

impl Flag {
    /// Without `notify`, only atomic operations and one write, which are async-signal-safe.
    fn set(&self) {
        let was_set = self.is_set.swap(true, Ordering::SeqCst);
        // Either this thread sees the wake, or the waiting thread sees the flag.
        fence(Ordering::SeqCst);
        if was_set {
            return;
        }
        if let Some(Some(wake)) = self.wake.get() {
            wake.notify();
        }
        if let Some(notify) = &self.notify {
            notify.notify_waiters();
        }
    }

    fn is_set(&self) -> bool {
        self.is_set.load(Ordering::SeqCst)
    }

    #[cfg(unix)]
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.wake.get_or_init(Wake::new).as_ref()?.descriptor()
    }

    async fn wait(&self) {
        if let Some(notify) = &self.notify {
            // Created before the check, so that it misses no notification.
            let notified = notify.notified();
            if !self.is_set() {
                notified.await;
            }
            return;
        }
        if let Some(wake) = self.wake.get_or_init(Wake::new) {
            fence(Ordering::SeqCst);
            wake.notified_unless(|| self.is_set()).await;
        }
        while !self.is_set() {
            tokio::time::sleep(CANCEL_POLL_INTERVAL).await;
        }
    }
}

impl Cancel {
    /// Creates a flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a flag for a program that never cancels in a signal handler. Calls that wait for it hold no file
    /// descriptors, except while they wait for another program, such as git.
    #[doc(hidden)]
    #[must_use]
    pub fn without_signals() -> Self {
        Self { flag: Arc::new(Flag { notify: Some(Notify::new()), ..Flag::default() }), parent: None }
    }

    /// A flag for one call: cancelling the parent cancels the child, but not the reverse. It wakes as its parent does.
    pub(crate) fn child(&self) -> Self {
        let base = if self.flag.notify.is_some() { Self::without_signals() } else { Self::new() };
        Self { parent: Some(Box::new(self.clone())), ..base }
    }

    /// [`Cancel::child`] that no signal handler sets, also if one may set the parent.
    pub(crate) fn inner(&self) -> Self {
        Self { parent: Some(Box::new(self.clone())), ..Self::without_signals() }
    }

    /// Cancels every call that uses this flag.
    pub fn cancel(&self) {
        self.flag.set();
    }

    /// Whether the flag is set.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.flags().any(Flag::is_set)
    }

    /// Checks that the flag is not set.
    ///
    /// # Errors
    /// `cancelled`
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Self::error()) } else { Ok(()) }
    }

    /// Waits until the flag is set. Needs a tokio runtime with I/O and time.
    pub async fn cancelled(&self) {
        let mut waits: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = Vec::new();
        for flag in self.flags() {
            waits.push(Box::pin(flag.wait()));
        }
        poll_fn(|context| {
            let is_ready = waits.iter_mut().any(|wait| wait.as_mut().poll(context).is_ready());
            if is_ready { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Descriptors of which one is readable once the flag is set; `None` if nothing can wake this process. The caller
    /// checks the flag after it has them.
    #[cfg(unix)]
    pub(crate) fn descriptors(&self) -> Option<Vec<BorrowedFd<'_>>> {
        let descriptors = self.flags().map(Flag::descriptor).collect();
        fence(Ordering::SeqCst);
        descriptors
    }

    /// The flag and those of its parents.
    fn flags(&self) -> impl Iterator<Item = &Flag> {
        successors(Some(self), |cancel| cancel.parent.as_deref()).map(|cancel| &*cancel.flag)
    }

    /// Runs an operation and drops it as soon as the flag is set. If both are ready, the flag wins. Needs a tokio runtime
    /// with I/O and time.
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
                // Polled last, so that an operation which is ready at once needs no pipe.
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
    use std::time::{Duration, Instant};

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build().unwrap().block_on(future)
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
        assert!(thread.join().unwrap().elapsed() < Duration::from_secs(60));
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

    /// A runtime polls a future only if something wakes it, so the number of polls is the number of wake-ups. On Windows,
    /// calls check the flag at intervals.
    #[test]
    #[cfg(unix)]
    fn waiting_call_is_woken_only_by_cancel() {
        let (parent, mut polls) = (Cancel::new(), 0);
        let (child, remote) = (parent.child(), parent);
        block_on(async {
            let mut cancelled = pin!(child.cancelled());
            let counted = poll_fn(|context| {
                polls += 1;
                cancelled.as_mut().poll(context)
            });
            let idle = tokio::time::timeout(CANCEL_POLL_INTERVAL * 8, counted);
            assert!(idle.await.is_err(), "it ended without a cancel");
            assert!(polls <= 2, "{polls} wake-ups while nothing happened");
            remote.cancel();
            cancelled.await;
        });
    }

    /// Several calls may wait for one flag in one runtime.
    #[test]
    fn all_waiting_calls_end() {
        for cancel in [Cancel::new(), Cancel::without_signals()] {
            let (remote, child) = (cancel.clone(), cancel.child());
            block_on(async {
                tokio::join!(cancel.cancelled(), child.cancelled(), async {
                    tokio::task::yield_now().await;
                    remote.cancel();
                });
                child.cancelled().await;
            });
            assert_eq!(cancel.check().unwrap_err().code, ErrorCode::Cancelled);
        }
    }

    #[test]
    #[cfg(unix)]
    fn only_a_flag_for_signal_handlers_makes_a_pipe() {
        let (plain, signals) = (Cancel::without_signals(), Cancel::new());
        let child = plain.child();
        for cancel in [&plain, &child, &signals] {
            block_on(async { assert!(tokio::time::timeout(Duration::ZERO, cancel.cancelled()).await.is_err()) });
        }
        let has_pipe = |cancel: &Cancel| cancel.flag.wake.get().is_some();
        assert_eq!([&plain, &child, &signals].map(has_pipe), [false, false, true]);
    }

    #[test]
    fn cancel_is_send_and_sync() {
        fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
        shared(&Cancel::new());
    }
}
