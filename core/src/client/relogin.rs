//! What a flight does: waits until nobody else on this machine logs in for the same file, looks again, and only then
//! sends the person to log in.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::Inner;
use super::shared_login::SharedLogin;
use crate::cancel::{Cancel, TICK};
use crate::config::SHOWN_LIMIT;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::key::ApiKey;
use crate::locations::{Location, shown};
use crate::login::{Attempt, Destination, LoginOptions, LoginResult};
use crate::resolve::ResolvedKey;
use crate::save::located;
use crate::secure_file::{Lock, LockResult};
use crate::text::sanitize;

/// A new key for a rejected one, in its place.
pub(super) struct Relogin {
    pub(super) client: Arc<Inner>,
    pub(super) rejected: ApiKey,
    /// The file and the variable that hold it.
    pub(super) location: Location,
}

impl Relogin {
    pub(super) async fn run(self, flight: Arc<SharedLogin>) -> Result<ResolvedKey> {
        let (Some(variable), Some(file)) = (self.location.variable, self.location.path.as_deref()) else {
            return Err(Error::invalid("key", "This key stands in no file, so a login cannot replace it."));
        };
        let mut lock = self.turn(file, &flight).await?;
        if let Some(found) = self.client.re_resolve(&self.rejected, flight.cancel()).await? {
            return Ok(found);
        }
        let destination = Destination::in_place_of(self.rejected.environment(), variable, file)?;
        let attempt = Attempt::start(&self.options(), destination, flight.cancel().clone())?;
        flight.open(attempt.handle());
        let hear = Arc::clone(&flight);
        let mut listener = move |event: &Event| {
            hear.hear(event.clone());
            std::ops::ControlFlow::Continue(())
        };
        let result = attempt.wait(Some(&mut listener)).await;
        if let (Some(lock), Err(error)) = (&mut lock, &result) {
            leave_word(lock, error);
        }
        self.conclude(result?, flight.cancel()).await
    }

    fn options(&self) -> LoginOptions {
        let options = &self.client.options;
        LoginOptions {
            server: Some(self.client.server().clone()),
            login_timeout: options.login_timeout,
            open_browser: options.open_browser,
            organization: self.client.expected(),
            ports: options.ports.clone(),
            ..LoginOptions::default()
        }
    }

    /// Our turn to log in: the lock, unless there are none here.
    async fn turn(&self, file: &Path, flight: &SharedLogin) -> Result<Option<Lock>> {
        let (target, began) = (located(file)?.path, Instant::now());
        let mut waited = false;
        loop {
            match Lock::login(&target) {
                LockResult::Held(mut lock) => {
                    if let Some(error) = waited.then(|| read_word(&lock.message())).flatten() {
                        return Err(error);
                    }
                    lock.leave_message("");
                    return Ok(Some(lock));
                }
                LockResult::Impossible => {
                    flight.hear(unlocked());
                    return Ok(None);
                }
                LockResult::Busy if flight.cancel().is_cancelled() => return Err(Cancel::error()),
                LockResult::Busy if began.elapsed() >= self.client.options.login_timeout => {
                    return Err(too_late(&target));
                }
                LockResult::Busy => {}
            }
            if !std::mem::replace(&mut waited, true) {
                flight.hear(elsewhere(&target));
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Resolves once more: what counts is the key in force.
    async fn conclude(&self, done: LoginResult, cancel: &Cancel) -> Result<ResolvedKey> {
        let new = done.keys.iter().find(|key| key.environment() == self.rejected.environment());
        if let Some(new) = new {
            self.client.remember(done.organization.clone(), new);
        }
        self.client.re_resolve(&self.rejected, cancel).await?.ok_or_else(|| {
            let message = format!("New keys were saved, but the rejected one is still in force ({}).", self.location);
            Error::new(ErrorCode::Unauthorized, message).with_hint(Hint::ExplainKey)
        })
    }
}

/// Tells those who wait for the lock why there is no new key. Whoever only left strands nobody: the next one logs in.
fn leave_word(lock: &mut Lock, error: &Error) {
    if error.code != ErrorCode::Cancelled {
        lock.leave_message(&json!({ "code": error.code.name(), "message": error.message }).to_string());
    }
}

/// The failure of the login that was waited for.
fn read_word(word: &str) -> Option<Error> {
    let word: Value = serde_json::from_str(word).ok()?;
    let text = |name: &str| word.get(name)?.as_str();
    let code = ErrorCode::ALL.iter().find(|code| Some(code.name()) == text("code"))?;
    let message = sanitize(text("message")?, SHOWN_LIMIT);
    Some(
        Error::new(*code, format!("Another program logged in for the same key, and failed: {message}"))
            .with_hint(Hint::LogInAgain),
    )
}

fn too_late(file: &Path) -> Error {
    Error::new(ErrorCode::TimedOut, "Another program's login for the same key did not end before the deadline.")
        .with_hint("Finish or cancel that login, then try again.")
        .with("path", file.to_string_lossy())
}

fn elsewhere(file: &Path) -> Event {
    let path = shown(file);
    let message = format!("Another program is logging in for the key in {path}; its result will be used.");
    Event::new(EventCode::LoginWaiting, message).with("path", path)
}

fn unlocked() -> Event {
    Event::new(EventCode::Hint, "Logins cannot be locked on this machine; do not log in from two programs at once.")
}
