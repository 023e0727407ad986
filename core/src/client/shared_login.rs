//! One login for all calls that wait for it. It runs while at least one call waits, and is cancelled with the last one.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::sleep;

use super::organization::ReplacementKey;
use crate::cancel::Cancel;
use crate::config::{LEAVE_TIMEOUT, TAKE_OVER_PAUSE};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::key::ApiKey;
use crate::login::{AttemptHandle, EventSink};

/// A login that runs because a key was rejected.
pub(super) struct SharedLogin {
    rejected: ApiKey,
    cancel: Cancel,
    progress: Mutex<LoginProgress>,
    changed: Notify,
}

#[derive(Default)]
struct LoginProgress {
    /// The event history, for the next primary waiter.
    events: Vec<Event>,
    /// The number of events that the listener of a primary waiter has handled without cancelling its call.
    handled: usize,
    handle: Option<AttemptHandle>,
    /// The numbers of the waiters. The lowest is the primary waiter, which gets the events.
    waiters: BTreeSet<u64>,
    next_number: u64,
    result: Option<Result<ReplacementKey>>,
}

impl SharedLogin {
    /// Spawns the work on the caller's runtime. The caller is the first waiter.
    pub(super) fn spawn<F>(rejected: ApiKey, work: impl FnOnce(Arc<Self>) -> F) -> (Arc<Self>, Waiter)
    where
        F: Future<Output = Result<ReplacementKey>> + Send + 'static,
    {
        let login =
            Arc::new(Self { rejected, cancel: Cancel::new(), progress: Mutex::default(), changed: Notify::new() });
        let waiter = login.add_waiter(&mut login.lock());
        let work = work(Arc::clone(&login));
        let guard = FinishGuard(Arc::clone(&login));
        tokio::spawn(async move {
            let result = work.await;
            guard.0.finish(result);
        });
        (login, waiter)
    }

    /// A waiter for this login, if it runs for this key and has not ended.
    pub(super) fn join(self: &Arc<Self>, rejected: &ApiKey) -> Option<Waiter> {
        let mut progress = self.lock();
        let is_open = progress.result.is_none() && !self.cancel.is_cancelled();
        let is_same_key = self.rejected == *rejected;
        (is_open && is_same_key).then(|| self.add_waiter(&mut progress))
    }

    fn add_waiter(self: &Arc<Self>, progress: &mut LoginProgress) -> Waiter {
        let number = progress.next_number;
        progress.next_number += 1;
        progress.waiters.insert(number);
        Waiter { login: Arc::clone(self), number }
    }

    /// Whether the login has a result.
    pub(super) fn is_finished(&self) -> bool {
        self.lock().result.is_some()
    }

    /// The cancel flag, set when the last waiter leaves.
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The handle for pasted text, once the login has a URL.
    pub(super) fn handle(&self) -> Option<AttemptHandle> {
        self.lock().handle.clone()
    }

    pub(super) fn set_handle(&self, handle: AttemptHandle) {
        self.lock().handle = Some(handle);
    }

    /// Passes an event to the primary waiter.
    pub(super) fn on_event(&self, event: Event) {
        self.lock().events.push(event);
        self.changed.notify_waiters();
    }

    /// Waits until the primary waiter has passed on all events so far. One whose call is cancelled by its listener leaves,
    /// and the next one passes them on.
    pub(super) async fn events_handled(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.are_events_handled() {
                return;
            }
            changed.await;
        }
    }

    fn are_events_handled(&self) -> bool {
        let progress = self.lock();
        progress.handled >= progress.events.len()
    }

    fn finish(&self, result: Result<ReplacementKey>) {
        let mut progress = self.lock();
        progress.result.get_or_insert(result);
        progress.handle = None;
        drop(progress);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, LoginProgress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finishes the login when its task is dropped, so that waiters end even if the runtime of the task is gone.
struct FinishGuard(Arc<SharedLogin>);

impl Drop for FinishGuard {
    fn drop(&mut self) {
        self.0.finish(Err(Error::new(ErrorCode::Cancelled, "The login ended with the runtime that it ran on.")));
    }
}

/// One call that waits. The primary waiter gets the login's events; the others get one event that a login is running.
pub(super) struct Waiter {
    login: Arc<SharedLogin>,
    number: u64,
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut progress = self.login.lock();
        progress.waiters.remove(&self.number);
        // Cancels under the lock, so that no call joins a login that is about to end.
        if progress.waiters.is_empty() && progress.result.is_none() {
            self.login.cancel.cancel();
        }
        drop(progress);
        // Another waiter may be the primary one now.
        self.login.changed.notify_waiters();
    }
}

/// What one waiter has passed on to its caller.
#[derive(Default)]
struct Reported {
    /// The number of events of the history.
    events: usize,
    /// Whether the caller knows that another call is logging in.
    waiting: bool,
    /// Whether the waiter has paused before it takes over.
    paused: bool,
}

impl Waiter {
    /// Waits for the result of the login.
    ///
    /// # Errors
    /// The error of the login, the same for all waiters; `cancelled` for a waiter that leaves.
    pub(super) async fn wait(self, events: &mut EventSink<'_>) -> Result<ReplacementKey> {
        let login = Arc::clone(&self.login);
        let mut reported = Reported::default();
        loop {
            let mut changed = pin!(login.changed.notified());
            changed.as_mut().enable();
            // Calls that share one signal are cancelled one after the other, and none of them takes over.
            let takes_over = !reported.paused && self.takes_over(&reported);
            if !takes_over {
                let (news, result) = self.news(&mut reported);
                for event in &news {
                    events.emit(event);
                }
                if let Some(result) = result {
                    return result;
                }
                self.handled(&reported, &events.cancel);
            }
            reported.paused |= takes_over;
            let waited = events.cancel.run(async {
                if takes_over {
                    sleep(TAKE_OVER_PAUSE).await;
                } else {
                    changed.await;
                }
                Ok(())
            });
            if let Err(cancelled) = waited.await {
                self.leave().await;
                return Err(cancelled);
            }
        }
    }

    /// Whether this waiter has become the primary one because another call has left.
    fn takes_over(&self, reported: &Reported) -> bool {
        let progress = self.login.lock();
        let is_primary = progress.waiters.first() == Some(&self.number);
        is_primary && reported.waiting && reported.events == 0 && progress.result.is_none()
    }

    /// The events that this waiter has not reported, and the result if there is one.
    fn news(&self, reported: &mut Reported) -> (Vec<Event>, Option<Result<ReplacementKey>>) {
        let progress = self.login.lock();
        let result = progress.result.clone();
        let is_primary = progress.waiters.first() == Some(&self.number);
        // A waiter that becomes the primary one after the end skips the history, which is of no use any more.
        if is_primary && (result.is_none() || reported.events > 0) {
            let news = progress.events.get(reported.events..).unwrap_or_default().to_vec();
            reported.events = progress.events.len();
            return (news, result);
        }
        if result.is_some() || reported.waiting {
            return (Vec::new(), result);
        }
        reported.waiting = true;
        (vec![login_waiting()], result)
    }

    /// Lets the login continue after the events that the caller has not refused.
    fn handled(&self, reported: &Reported, cancel: &Cancel) {
        let mut progress = self.login.lock();
        if reported.events > progress.handled && !cancel.is_cancelled() {
            progress.handled = reported.events;
            self.login.changed.notify_waiters();
        }
    }

    /// Leaves the login. The last waiter waits until the callback port is free.
    async fn leave(self) {
        let login = Arc::clone(&self.login);
        drop(self);
        let finished = async {
            while login.cancel.is_cancelled() {
                let mut changed = pin!(login.changed.notified());
                changed.as_mut().enable();
                if login.is_finished() {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(LEAVE_TIMEOUT, finished).await;
    }
}

fn login_waiting() -> Event {
    Event::new(EventCode::LoginWaiting, "Another call is logging in for the same key; its result will be used.")
}
