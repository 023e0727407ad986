//! One login for all who wait for it: it goes on while anybody does, and ends with the last.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::cancel::Cancel;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::key::ApiKey;
use crate::login::{AttemptHandle, Events};
use crate::resolve::ResolvedKey;

/// Longer than a cancelled login needs to save the keys that exist already. Another runtime, which nobody drives any
/// more, is not waited for any longer.
const LEAVING: Duration = Duration::from_secs(60);

/// A login under way because a key was rejected.
pub(super) struct SharedLogin {
    rejected: ApiKey,
    cancel: Cancel,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// All that happened, for whoever comes to sit in the first seat.
    events: Vec<Event>,
    handle: Option<AttemptHandle>,
    seats: BTreeSet<u64>,
    next: u64,
    result: Option<Result<ResolvedKey>>,
}

impl SharedLogin {
    /// Begins the work on the runtime of the caller, who has the first seat.
    pub(super) fn begin<F>(rejected: ApiKey, work: impl FnOnce(Arc<Self>) -> F) -> (Arc<Self>, Seat)
    where
        F: Future<Output = Result<ResolvedKey>> + Send + 'static,
    {
        let flight =
            Arc::new(Self { rejected, cancel: Cancel::new(), state: Mutex::default(), changed: Notify::new() });
        let seat = flight.seat(&mut flight.lock());
        let (work, ending) = (work(Arc::clone(&flight)), Ending(Arc::clone(&flight)));
        tokio::spawn(async move {
            let result = work.await;
            ending.0.end(result);
        });
        (flight, seat)
    }

    /// A seat in a login for this key that is still under way.
    pub(super) fn sit(self: &Arc<Self>, rejected: &ApiKey) -> Option<Seat> {
        let mut state = self.lock();
        let open = state.result.is_none() && !self.cancel.is_cancelled() && self.rejected.reveal() == rejected.reveal();
        open.then(|| self.seat(&mut state))
    }

    fn seat(self: &Arc<Self>, state: &mut State) -> Seat {
        let number = state.next;
        state.next += 1;
        state.seats.insert(number);
        Seat { flight: Arc::clone(self), number }
    }

    /// Whether nobody can come or wait any more.
    pub(super) fn is_over(&self) -> bool {
        self.lock().result.is_some()
    }

    /// Set once nobody waits any more.
    pub(super) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The way to paste an answer, as soon as the person can have one.
    pub(super) fn handle(&self) -> Option<AttemptHandle> {
        self.lock().handle.clone()
    }

    pub(super) fn open(&self, handle: AttemptHandle) {
        self.lock().handle = Some(handle);
    }

    /// Tells whoever listens for all.
    pub(super) fn hear(&self, event: Event) {
        self.lock().events.push(event);
        self.changed.notify_waiters();
    }

    fn end(&self, result: Result<ResolvedKey>) {
        let mut state = self.lock();
        state.result.get_or_insert(result);
        state.handle = None;
        drop(state);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever waits must hear of the end, even if the runtime that did the work is gone.
struct Ending(Arc<SharedLogin>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end(Err(Error::new(ErrorCode::Cancelled, "The login ended with the runtime that it ran on.")));
    }
}

/// One who waits. The first of them hears the login's events; the others hear that it is under way.
pub(super) struct Seat {
    flight: Arc<SharedLogin>,
    number: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.flight.lock();
        state.seats.remove(&self.number);
        // Under the lock, so that nobody sits down in a login that is about to end.
        if state.seats.is_empty() && state.result.is_none() {
            self.flight.cancel.cancel();
        }
        drop(state);
        // Somebody else is the first now.
        self.flight.changed.notify_waiters();
    }
}

impl Seat {
    /// Waits for the login's end.
    ///
    /// # Errors
    /// What the login failed with, the same for all; `cancelled` for one that leaves.
    pub(super) async fn wait(self, events: &mut Events<'_>) -> Result<ResolvedKey> {
        let (flight, mut heard, mut told) = (Arc::clone(&self.flight), 0, false);
        loop {
            let mut changed = pin!(flight.changed.notified());
            changed.as_mut().enable();
            let (news, result) = self.news(&mut heard, &mut told);
            news.iter().for_each(|event| events.say(event));
            if let Some(result) = result {
                return result;
            }
            let waited = events.cancel.run(async {
                changed.await;
                Ok(())
            });
            if let Err(cancelled) = waited.await {
                self.leave().await;
                return Err(cancelled);
            }
        }
    }

    /// What this one has not heard yet, and the end.
    fn news(&self, heard: &mut usize, told: &mut bool) -> (Vec<Event>, Option<Result<ResolvedKey>>) {
        let state = self.flight.lock();
        let result = state.result.clone();
        // Whoever comes to be the first when all is over has missed nothing that can still be used.
        let follows = state.seats.first() == Some(&self.number) && (result.is_none() || *heard > 0);
        if follows {
            let news = state.events.get(*heard..).unwrap_or_default().to_vec();
            *heard = state.events.len();
            return (news, result);
        }
        let is_news = result.is_none() && !std::mem::replace(told, true);
        (is_news.then(elsewhere).into_iter().collect(), result)
    }

    /// The last to leave waits until the port is free.
    async fn leave(self) {
        let flight = Arc::clone(&self.flight);
        drop(self);
        let over = async {
            while flight.cancel.is_cancelled() {
                let mut changed = pin!(flight.changed.notified());
                changed.as_mut().enable();
                if flight.is_over() {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(LEAVING, over).await;
    }
}

fn elsewhere() -> Event {
    Event::new(EventCode::LoginWaiting, "Another call is logging in for the same key; its result will be used.")
}
