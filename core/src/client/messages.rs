//! The events of a call, and the errors about keys that must not be used.

use std::sync::Arc;
use std::time::Duration;

use super::retry::AttemptResult;
use crate::api::{ExpectedOrganization, Organization};
use crate::config::RETRY_LIMIT;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::key::{ApiKey, Kind};
use crate::resolve::{ResolvedKey, with_location};
use crate::response::ApiResponse;
use crate::text::quoted;

/// Whether the server rejected a secret key. A new key would not help where the server could not check the key or
/// received none, or against a 403.
pub(super) fn is_rejection(key: &ApiKey, error: &Error) -> bool {
    let rejected = matches!(error.code, ErrorCode::Unauthorized | ErrorCode::InvalidSecretKey);
    rejected && key.kind() == Kind::Secret && error.context.get("status").is_some_and(|status| status == "401")
}

/// Whether an error has this very response, and not the one to a request of a login, which is no answer to the caller.
pub(super) fn has_response(error: &Error, response: &Arc<ApiResponse>) -> bool {
    error.response.as_ref().is_some_and(|own| Arc::ptr_eq(own, response))
}

/// The result of a try, as the retry schedule needs it.
pub(super) fn attempt_result(result: &Result<ApiResponse>) -> AttemptResult {
    match result {
        Ok(response) => AttemptResult::Responded { status: response.status, after: response.retry_after() },
        Err(error) => AttemptResult::Failed(error.code),
    }
}

/// A random number from 0 to 1. Without a random source it is 1, which gives the longest pause.
pub(super) fn jitter() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}

/// Why a try has no usable result, as a sentence.
pub(super) fn failed_try(result: &Result<ApiResponse>) -> String {
    match result {
        Ok(response) => format!("The server responded with {}.", response.status),
        Err(error) => error.message.clone(),
    }
}

/// `tries` tries were made, of at most `all`.
pub(super) fn retrying(reason: &str, tries: u32, all: u32, pause: Duration) -> Event {
    // Rounded up: a pause of 24 ms is not one of 0.0 seconds.
    let seconds = (pause.as_secs_f64() * 10.0).ceil() / 10.0;
    let next = tries + 1;
    let message = format!("{reason} Trying again in {seconds:.1} seconds (try {next} of {all}).");
    Event::new(EventCode::Retrying, message)
        .with("attempt", next.to_string())
        .with("pause_ms", pause.as_millis().to_string())
}

/// The error of the last try, where the time for further ones was over.
pub(super) fn out_of_time(error: Error, tries: u32, all: u32) -> Error {
    let seconds = RETRY_LIMIT.as_secs();
    error.and_hint(format!("Only {tries} of {all} tries were made, because each must begin within {seconds} seconds."))
}

pub(super) fn key_rejected(rejected: &ResolvedKey) -> Event {
    let ResolvedKey { key, source, skipped: _ } = rejected;
    Event::new(EventCode::KeyRejected, format!("The server rejected the key {key} ({source})."))
        .with("key", key.to_string())
        .with("location", source.to_string())
}

pub(super) fn repeated(renewed: &ResolvedKey) -> Event {
    let ResolvedKey { key, source, skipped: _ } = renewed;
    Event::new(EventCode::RequestRepeated, format!("Repeating the request with the key {key} ({source})."))
        .with("key", key.to_string())
        .with("location", source.to_string())
}

/// The error for a response that exceeds the caller's own limit. It says how to receive such a response; others are unchanged.
pub(super) fn larger_than_limit(error: Error) -> Error {
    match error.code {
        ErrorCode::ResponseTooLarge => error.with_hint(Hint::IncreaseLimit { option: "response_limit" }),
        _ => error,
    }
}

/// The error if the new key is rejected too.
pub(super) fn rejected_again(error: Error) -> Error {
    error.with_hint("The server also rejected the new key, so logging in again will not help. Check that the key belongs to this server.")
}

/// The error if a key of the other environment, or a publishable one, has replaced the rejected key.
pub(super) fn wrong_replacement(rejected: &ApiKey, found: &ResolvedKey) -> Error {
    let (old, new) = (rejected.environment().name(), found.key.environment().name());
    let message = format!("The rejected {old} key was replaced with a {new} key ({}).", found.source);
    Error::new(ErrorCode::WrongEnvironment, message)
        .with_hint("The request was not retried. Run it again to use this key.")
        .with("environment", new)
}

/// The event if a caller gets a key whose organization could not be compared with that of the rejected key.
pub(super) fn organization_unknown(renewed: &ResolvedKey) -> Event {
    let ResolvedKey { key, source, skipped: _ } = renewed;
    let message = format!(
        "The rejected key was replaced by {key} ({source}). The organization of the rejected key is not known; check \
         that the new key belongs to the same one before you repeat a request that changes something."
    );
    Event::new(EventCode::Hint, message)
}

/// The error if a request could reach an organization that was not meant.
pub(super) fn not_repeated(method: &str, renewed: &ResolvedKey) -> Error {
    let ResolvedKey { key, source, skipped: _ } = renewed;
    let message = format!(
        "The rejected key was replaced by {key} ({source}). The {method} request was not repeated, since the organization \
         of the rejected key is not known."
    );
    let error = Error::new(ErrorCode::RequestNotRepeated, message)
        .with_hint(Hint::CheckOrganization)
        .with("env", key.environment().name());
    with_location(error, source)
}

/// The error if the new key belongs to another organization.
pub(super) fn organization_changed(
    found: &ResolvedKey,
    organization: &Organization,
    expected: &ExpectedOrganization,
) -> Error {
    let Organization { name, slug, id: _ } = organization;
    let message = format!(
        "The new key ({}) belongs to {} ({}), not to the expected organization {expected}.",
        found.source,
        quoted(name),
        quoted(slug)
    );
    Error::new(ErrorCode::OrganizationChanged, message)
        .with_hint(
            Hint::from("The request was not retried. Run it again to use this key.")
                .and(Hint::ChooseOrganization { expected: expected.to_string() }),
        )
        .with("organization", slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_is_rounded_up() {
        let message = |milliseconds| retrying("It failed.", 1, 4, Duration::from_millis(milliseconds)).message;
        assert_eq!(message(24), "It failed. Trying again in 0.1 seconds (try 2 of 4).");
        assert_eq!(message(1_500), "It failed. Trying again in 1.5 seconds (try 2 of 4).");
    }
}
