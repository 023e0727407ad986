//! Results that the protocol writes differently from `atmn --json`.

use libatmn::__internal::json;
use libatmn::{ApiKey, ApiResponse, Attempt, Credential, Error, ErrorClass, Event, refusal};
use serde_json::{Value, json};

pub(crate) fn attempt(attempt: &Attempt) -> Value {
    json!({
        "url": attempt.url(),
        "port": attempt.port(),
        "hint": attempt.hint(),
        "deadline": json::milliseconds(attempt.deadline()),
    })
}

pub(crate) fn response(response: &ApiResponse) -> Value {
    let ApiResponse { status, headers, body } = response;
    let kind = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value);
    json!({ "status": status, "content_type": kind, "body": String::from_utf8_lossy(body) })
}

pub(crate) fn principal(credential: &Credential) -> Value {
    let key = credential.key();
    json!({
        "kind": credential.kind_name(),
        "environment": key.map(|key| key.environment().name()),
        "key": key.map(ApiKey::reveal),
    })
}

pub(crate) fn event(event: &Event) -> Value {
    let Event { code: _, message: _, context: _, held_until: _ } = event;
    json::event(event)
}

pub(crate) fn error(error: &Error) -> Value {
    let (mut failure, class) = (json::failure(error), error.class());
    let has_class = matches!(class, ErrorClass::Argument | ErrorClass::Answer | ErrorClass::Refusal);
    failure["class"] = has_class.then(|| class.name()).into();
    failure["response"] = error.response.as_deref().map(response).into();
    failure
}

/// An error of `authenticate`, with its HTTP answer.
pub(crate) fn refused(refused: &Error) -> Value {
    let mut answer = error(refused);
    if let Some(refusal) = refusal(refused) {
        answer["status"] = libatmn::Refusal::STATUS.into();
        answer["body"] = serde_json::from_str(&refusal.body()).unwrap_or_default();
    }
    answer
}
