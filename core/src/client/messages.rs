//! What is told of a call: events, and the errors of keys that must not be used.

use std::time::Duration;

use super::retry::{Happened, retry_after};
use crate::api::Organization;
use crate::config::RETRY_TRIES;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::http::Response;
use crate::key::{ApiKey, Kind};
use crate::resolve::ResolvedKey;

/// Whether the server said that a secret key is worth nothing. That it could not check the key, or saw none, is not
/// cured by another key; nor is 403.
pub(super) fn is_rejection(key: &ApiKey, error: &Error) -> bool {
    let rejected = matches!(error.code, ErrorCode::Unauthorized | ErrorCode::InvalidSecretKey);
    rejected && key.kind() == Kind::Secret && error.context.get("status").is_some_and(|status| status == "401")
}

/// What became of a try, as the schedule sees it.
pub(super) fn happened(result: &Result<Response>) -> Happened {
    match result {
        Ok(response) => {
            let now = std::time::SystemTime::now();
            let after = response.header("retry-after").and_then(|text| retry_after(text, response.header("date"), now));
            Happened::Answered { status: response.status, after }
        }
        Err(error) => Happened::Failed(error.code),
    }
}

/// A number from 0 to 1; where there is no randomness, the longest pause is taken.
pub(super) fn chance() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}

pub(super) fn retrying(result: &Result<Response>, tries: u32, pause: Duration) -> Event {
    let reason = match result {
        Ok(response) => format!("The server answered {}.", response.status),
        Err(error) => error.message.clone(),
    };
    let seconds = pause.as_secs_f64();
    let next = tries + 1;
    let message = format!("{reason} Trying again in {seconds:.1} seconds ({next} of {RETRY_TRIES}).");
    Event::new(EventCode::Retrying, message)
        .with("attempt", next.to_string())
        .with("pause_ms", pause.as_millis().to_string())
}

pub(super) fn key_rejected(rejected: &ResolvedKey) -> Event {
    let ResolvedKey { key, source, skipped: _ } = rejected;
    Event::new(EventCode::KeyRejected, format!("The server rejected the key {key} ({source})."))
        .with("key", key.to_string())
        .with("location", source.to_string())
}

pub(super) fn repeated(renewed: &ResolvedKey) -> Event {
    let ResolvedKey { key, source, skipped: _ } = renewed;
    Event::new(EventCode::RequestRepeated, format!("The request is made again with the key {key} ({source})."))
        .with("key", key.to_string())
        .with("location", source.to_string())
}

/// The key that took the place of a rejected one is rejected too.
pub(super) fn rejected_again(error: Error) -> Error {
    error.with_hint("The server also rejected the new key, so logging in again will not help. Check that the key belongs to this server.")
}

/// A key of the other environment, or a publishable one, stands where the rejected key stood.
pub(super) fn exchanged(rejected: &ApiKey, found: &ResolvedKey) -> Error {
    let (old, new) = (rejected.environment().name(), found.key.environment().name());
    let message = format!("The rejected key was a {old} key, and now there is a {new} key ({}).", found.source);
    Error::new(ErrorCode::WrongEnvironment, message)
        .with_hint("The request was not retried. Run it again to use this key.")
        .with("environment", new)
}

/// The key that took the place of a rejected one belongs to others.
pub(super) fn moved(found: &ResolvedKey, whose: &Organization, expected: &str) -> Error {
    let Organization { name, slug, id: _ } = whose;
    let message = format!("The new key ({}) belongs to {name} ({slug}), and {expected} was expected.", found.source);
    Error::new(ErrorCode::OrganizationChanged, message)
        .with_hint(
            Hint::from("The request was not retried. Run it again to use this key.").and(Hint::ChooseOrganization),
        )
        .with("organization", slug)
}
