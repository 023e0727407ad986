//! Controls a login attempt from other threads: pasted text and cancellation.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::paste::PastedLines;
use crate::callback::AuthorizationResponse;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Caller;
use crate::secret::Secret;

/// Controls a login attempt from other threads. Clones belong to the same attempt.
#[derive(Clone)]
pub struct AttemptHandle {
    cancel: Cancel,
    pasted: Arc<PastedResponses>,
    state: Secret,
}

/// What was submitted, in order.
#[derive(Default)]
struct PastedResponses {
    lines: PastedLines,
    responses: Mutex<VecDeque<AuthorizationResponse>>,
    /// The answers to lines that were refused.
    refusals: Mutex<Vec<Event>>,
    submitted: Notify,
    /// Whether the attempt has ended.
    is_ended: AtomicBool,
}

impl fmt::Debug for AttemptHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AttemptHandle").finish_non_exhaustive()
    }
}

impl AttemptHandle {
    pub(super) fn new(cancel: Cancel, state: Secret) -> Self {
        Self { cancel, pasted: Arc::default(), state }
    }

    /// Ends submitting when the result is dropped.
    pub(super) fn end_on_drop(&self) -> EndOfSubmitting {
        EndOfSubmitting(Arc::clone(&self.pasted))
    }

    /// Waits for what [`AttemptHandle::take_pasted`] and [`AttemptHandle::take_refusals`] return.
    pub(super) async fn submitted(&self) {
        self.pasted.submitted.notified().await;
    }

    /// Submits text that the user pasted: the callback URL, its query, or only the code. After an error the attempt keeps
    /// waiting. A URL that a terminal passes on in several lines can be submitted line by line: each but the last is an
    /// error.
    ///
    /// # Errors
    /// `state_mismatch`: the text belongs to another login; `invalid_argument`: it is not a callback URL, or it is a key;
    /// `no_pending_login`: the attempt has ended.
    pub fn submit(&self, text: &str) -> Result<()> {
        if self.is_ended() {
            return Err(ended());
        }
        let response = self.pasted.lines.response(text, &self.state)?;
        let mut pasted = self.pasted.responses.lock().unwrap_or_else(PoisonError::into_inner);
        pasted.push_back(response);
        drop(pasted);
        self.pasted.submitted.notify_one();
        Ok(())
    }

    /// Submits a line that the user typed or pasted while the attempt waits, for bindings that read a terminal. A blank line is
    /// ignored. The event `hint` answers a line that is refused, in the words of the caller, and the attempt keeps waiting.
    /// Returns whether no other line is needed: the line was accepted, or the attempt has ended.
    #[doc(hidden)]
    #[must_use]
    pub fn submit_line(&self, line: &str, caller: &Caller) -> bool {
        if line.trim().is_empty() || self.is_ended() {
            return self.is_ended();
        }
        let Err(error) = self.submit(line) else { return true };
        let mut refusals = self.pasted.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.push(refusal(error, caller));
        drop(refusals);
        self.pasted.submitted.notify_one();
        false
    }

    /// Cancels the attempt, as [`Cancel::cancel`] does. Its port is free within a second, and no keys are saved unless the
    /// server has sent them already; those are saved first, and the attempt succeeds.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    fn is_ended(&self) -> bool {
        self.pasted.is_ended.load(Ordering::Acquire)
    }

    pub(crate) fn cancel_flag(&self) -> &Cancel {
        &self.cancel
    }

    pub(super) fn take_refusals(&self) -> Vec<Event> {
        std::mem::take(&mut *self.pasted.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn take_pasted(&self) -> Option<AuthorizationResponse> {
        self.pasted.responses.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Refuses pasted text from its drop on.
pub(super) struct EndOfSubmitting(Arc<PastedResponses>);

impl Drop for EndOfSubmitting {
    fn drop(&mut self) {
        self.0.is_ended.store(true, Ordering::Release);
    }
}

/// The error of text for a login that has ended.
#[must_use]
pub fn ended() -> Error {
    Error::new(ErrorCode::NoPendingLogin, "This login has ended, so it needs no text.")
        .with_hint("Start another login if you need one.")
}

/// The answer to a line that was refused.
fn refusal(error: Error, caller: &Caller) -> Event {
    let Error { message, hint, .. } = error.for_caller(caller);
    let hint = hint.map(|hint| format!(" {hint}")).unwrap_or_default();
    Event::new(EventCode::Hint, format!("{message}{hint} Still waiting."))
}
