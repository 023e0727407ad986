//! The rules of a client for requests that another HTTP library sends: retries, and a new key after a 401.

use std::time::{Duration, SystemTime};

use super::messages::{has_response, is_rejection, jitter, not_repeated, repeated, retrying};
use super::organization::ReplacementKey;
use super::retry::{AttemptResult, Schedule};
use super::{ApiRequest, Client};
use crate::api;
use crate::cancel::Cancel;
use crate::error::{ErrorCode, Result};
use crate::event::{Event, Listener};
use crate::host::Host;
use crate::key::ApiKey;
use crate::login::EventSink;
use crate::resolve::{ResolvedKey, resolve_on};
use crate::response::{ApiResponse, retry_after};

/// The result of one try, as another library reports it.
#[derive(Clone, Debug)]
pub enum OtherResult {
    /// The server responded.
    Responded {
        /// The status.
        status: u16,
        /// The header `Retry-After`.
        retry_after: Option<String>,
        /// The header `Date`.
        date: Option<String>,
    },
    /// There was no response.
    Failed {
        /// What failed, as `request` names it.
        code: ErrorCode,
        /// A sentence about it.
        message: String,
    },
}

/// The tries of one request so far.
#[derive(Clone, Debug)]
pub struct OtherTries {
    /// The method, in upper case.
    pub method: String,
    /// Whether the request has an idempotency key.
    pub has_idempotency_key: bool,
    /// How many tries were made.
    pub tries: u32,
    /// The time since the first one began.
    pub elapsed: Duration,
    /// The maximum number of retries.
    pub retries: u32,
}

/// The pause before the next try, and its event; `None` if there is no further try.
#[must_use]
pub fn pause_of_other(request: &OtherTries, result: &OtherResult) -> Option<(Duration, Event)> {
    let OtherTries { method, has_idempotency_key, tries, elapsed, retries } = request;
    let (outcome, reason) = match result {
        OtherResult::Responded { status, retry_after: text, date } => {
            let after = text.as_deref().and_then(|text| retry_after(text, date.as_deref(), SystemTime::now()));
            let reason = format!("The server responded with {status}.");
            (AttemptResult::Responded { status: *status, after }, reason)
        }
        OtherResult::Failed { code, message } => (AttemptResult::Failed(*code), message.clone()),
    };
    let schedule = Schedule::new(method, *has_idempotency_key, Duration::ZERO, *retries);
    let pause = schedule.pause(outcome, *tries, *elapsed, jitter())?;
    Some((pause, retrying(&reason, *tries, schedule.tries, pause)))
}

impl Client {
    /// How many times a request is retried at most, unless it says otherwise.
    #[doc(hidden)]
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.0.options.retries
    }

    /// The key that replaces the one of a request that another library sent. `None` if the caller should return the
    /// response: it does not reject the key, or no login is allowed, or none would help. The host is as in [`ApiRequest`].
    ///
    /// # Errors
    /// As [`Client::request`] after a rejected key, `request_not_repeated` included, also if the server responds with 401 to
    /// the login.
    #[doc(hidden)]
    pub async fn key_after_rejection(
        &self,
        method: &str,
        rejected: &ApiKey,
        response: &ApiResponse,
        host: Option<&Host>,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<Option<ResolvedKey>> {
        let rejection = api::failure(self.server(), response, &[rejected.reveal()]);
        if !is_rejection(rejected, &rejection) {
            return Ok(None);
        }
        let has_listener = listener.is_some();
        let host = self.host_of_call(host);
        let mut events = EventSink::new(listener, cancel.inner());
        let found = resolve_on(&host, &self.0.options.resolve)?;
        let rejected = ResolvedKey { key: rejected.clone(), ..found };
        let answer = rejection.response.clone();
        let replacement = match self.renewed(&host, &rejected, Some(rejection), has_listener, &mut events).await {
            // No login is allowed, or the location of the key is one that a login cannot change.
            Err(error) if answer.is_some_and(|answer| has_response(&error, &answer)) => return Ok(None),
            result => result?,
        };
        let ReplacementKey { found: renewed, same_organization } = replacement;
        // A method of another library need not be one that `request` allows; it is not safe then.
        if !same_organization && !ApiRequest::new(method, "/").is_safe().unwrap_or_default() {
            return Err(not_repeated(method, &renewed));
        }
        events.emit(&repeated(&renewed));
        Ok(Some(renewed))
    }
}
