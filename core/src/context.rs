//! The values in the context of events and errors. The page of events and errors, the types of every language and the
//! tests are made from these tables.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::ErrorCode::{
    ApiError, EnvFileUnprotected, InvalidArgument, KeyNotFound, LoginDenied, NotUtf8, NullArgument,
    OrganizationChanged, Panic, PortsInUse, ResponseTooLarge, SystemLimit, WrongEnvironment,
};
use crate::error::{Error, ErrorClass, ErrorCode};
use crate::event::{Event, EventCode};

/// A name in a context.
#[derive(Clone, Copy, Debug)]
pub struct ContextValue {
    /// The name, the same in all languages.
    pub name: &'static str,
    /// Whether the value is a whole number.
    pub is_number: bool,
    /// What the value is.
    pub meaning: &'static str,
    /// Which errors may have it.
    pub errors: Errors,
}

/// The errors that may have a value.
#[derive(Clone, Copy, Debug)]
pub enum Errors {
    /// None: only events have it.
    None,
    /// Those with one of these codes.
    Codes(&'static [ErrorCode]),
    /// Those of one of these classes, and those with one of these codes.
    Classes(&'static [ErrorClass], &'static [ErrorCode]),
    /// Those that the words describe, of any code.
    Described(&'static str),
}

impl Errors {
    /// Whether an error may have the value. Words describe when, and not which codes.
    #[must_use]
    pub fn include(&self, error: &Error) -> bool {
        match self {
            Self::None => false,
            Self::Codes(codes) => codes.contains(&error.code),
            Self::Classes(classes, codes) => classes.contains(&error.class()) || codes.contains(&error.code),
            Self::Described(_) => true,
        }
    }
}

const fn text(name: &'static str, meaning: &'static str, errors: Errors) -> ContextValue {
    ContextValue { name, is_number: false, meaning, errors }
}

const fn number(name: &'static str, meaning: &'static str, errors: Errors) -> ContextValue {
    ContextValue { name, is_number: true, meaning, errors }
}

const ANSWERS: Errors = Errors::Classes(&[ErrorClass::Answer], &[]);
const REQUESTS: Errors = Errors::Described("requests of a client or `whoami` that failed");
const KEYS: Errors = Errors::Described("errors about a key that was found, its rejection included");

/// Every name, in alphabetical order.
#[rustfmt::skip]
pub const CONTEXT_VALUES: &[ContextValue] = &[
    text("api_code", "The server's own code.", Errors::Classes(&[ErrorClass::Answer], &[LoginDenied])),
    number("attempt", "Which try of the request comes next; the first one is 1.", Errors::None),
    text("code", "The code of the refusal.", Errors::None),
    number("deadline", "When the login ends, in milliseconds since 1970.", Errors::None),
    text("env", "The environment of the key: `sandbox` or `live`.", Errors::Described("requests with a key; the codes 500 to 599")),
    text("environment", "The environment of the key that was found.", Errors::Codes(&[WrongEnvironment])),
    text("key", "The key, masked.", Errors::None),
    text("keys_may_exist", "`true` if the server may hold new keys that were not saved.", Errors::Described("logins that failed late")),
    number("limit", "The largest accepted response, in bytes.", Errors::Codes(&[ResponseTooLarge])),
    number("line", "The line of the key in its file.", KEYS),
    text("location", "Where the key was found, in words; of an internal error, its place in the source.", Errors::Codes(&[Panic])),
    text("method", "The method of the request that failed, which may be one of a login.", REQUESTS),
    text("missing_scopes", "The scopes that the key lacks, with spaces between them.", Errors::Codes(&[ApiError])),
    text("option", "The argument or option, by its name in the caller's language.", Errors::Codes(&[NullArgument, NotUtf8, InvalidArgument])),
    text("organization", "The short name of the organization that was chosen.", Errors::Codes(&[OrganizationChanged])),
    text("origin", "Where the key was found: one of the origins below.", KEYS),
    text("path", "The path of the file or, of a refused request, of the URL.", Errors::Described("errors about files and directories")),
    number("pause_ms", "The pause before the next try, in milliseconds.", Errors::None),
    number("port", "The callback port.", Errors::None),
    text("ports", "The callback ports, such as `31448-31452`.", Errors::Codes(&[SystemLimit, PortsInUse])),
    text("program", "The program that was started as the browser.", Errors::None),
    text("reason", "Why version control gave no answer.", Errors::Codes(&[EnvFileUnprotected])),
    text("reasons", "Why each port could not be opened.", Errors::Codes(&[PortsInUse])),
    text("request_id", "The id of the request in the server's log.", ANSWERS),
    number("retry_after", "How many seconds the server asks to wait.", ANSWERS),
    text("searched", "The locations without a key.", Errors::Codes(&[KeyNotFound])),
    text("server", "The base URL of the server.", Errors::Classes(&[ErrorClass::Answer, ErrorClass::Request], &[SystemLimit])),
    text("skipped", "The locations that were skipped, with the reasons.", Errors::Codes(&[KeyNotFound])),
    number("status", "The HTTP status of the response, or to respond with.", Errors::Classes(&[ErrorClass::Answer, ErrorClass::Refusal, ErrorClass::Request], &[])),
    text("system_code", "The system's code, such as `ECONNREFUSED` or `ENOENT`.", Errors::Described("errors that the system caused")),
    number("uid", "The account that sent a request to the callback port.", Errors::None),
    text("url", "The login URL; of an error, the URL of the request without its query.", REQUESTS),
    text("variable", "The environment variable.", Errors::Described("errors about a variable, or a key from one")),
];

/// The names in the context of one kind of event.
#[derive(Clone, Copy, Debug)]
pub struct EventContext {
    /// Names that each event of this kind has.
    pub always: &'static [&'static str],
    /// Names that it may have.
    pub sometimes: &'static [&'static str],
}

/// The names in the context of an event.
#[must_use]
pub const fn event_context(code: EventCode) -> EventContext {
    let (always, sometimes): (&'static [_], &'static [_]) = match code {
        EventCode::LoginUrl => (&["url", "port", "deadline", "path"], &[]),
        EventCode::BrowserOpened => (&["program"], &[]),
        EventCode::BrowserFailed | EventCode::CallbackReceived | EventCode::KeysReceived => (&[], &[]),
        EventCode::Hint => (&[], &["port", "program", "path", "server", "missing_scopes", "uid"]),
        EventCode::KeysSaved => (&["path"], &[]),
        EventCode::Retrying => (&["attempt", "pause_ms"], &[]),
        EventCode::KeyRejected | EventCode::RequestRepeated => (&["key", "location"], &[]),
        EventCode::LoginWaiting => (&[], &["path"]),
        EventCode::RequestRefused => (&["method", "path", "code", "env"], &[]),
    };
    EventContext { always, sometimes }
}

/// The value of a name in a context: a number where the table says so.
#[must_use]
pub fn context_value(name: &str, value: &str) -> Value {
    let is_number = CONTEXT_VALUES.iter().any(|known| known.name == name && known.is_number);
    match value.parse::<u64>() {
        Ok(number) if is_number => number.into(),
        Ok(_) | Err(_) => value.into(),
    }
}

/// The context of an event, with numbers as numbers.
#[must_use]
pub fn typed_context(context: &BTreeMap<&'static str, String>) -> Value {
    context.iter().map(|(name, value)| ((*name).to_owned(), context_value(name, value))).collect()
}

/// The names in the context of an error that the table does not know, or not of such an error.
#[must_use]
pub fn undocumented(error: &Error) -> Vec<&'static str> {
    let known = |name: &str| CONTEXT_VALUES.iter().find(|value| value.name == name);
    let is_documented = |name: &str| known(name).is_some_and(|value| value.errors.include(error));
    error.context.keys().copied().filter(|name| !is_documented(name)).collect()
}

/// Whether an event has the names of the table.
pub(crate) fn is_documented(event: &Event) -> bool {
    let EventContext { always, sometimes } = event_context(event.code);
    always.iter().all(|name| event.context.contains_key(name))
        && event.context.keys().all(|name| always.contains(name) || sometimes.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_name_the_same_values() {
        assert!(CONTEXT_VALUES.is_sorted_by(|a, b| a.name < b.name));
        let known = |name: &str| CONTEXT_VALUES.iter().any(|value| value.name == name);
        let names = |code: &EventCode| {
            let EventContext { always, sometimes } = event_context(*code);
            [always, sometimes].concat()
        };
        let used: Vec<&str> = EventCode::ALL.iter().flat_map(names).collect();
        assert!(used.iter().all(|name| known(name)), "{used:?}");
        for value in CONTEXT_VALUES {
            assert!(!matches!(value.errors, Errors::None) || used.contains(&value.name), "nothing has {}", value.name);
        }
    }

    #[test]
    fn undocumented_names_depend_on_code_and_class() {
        let error = |code, name| Error::new(code, "It failed.").with(name, "1");
        assert_eq!(undocumented(&error(PortsInUse, "reasons")), [""; 0]);
        assert_eq!(undocumented(&error(KeyNotFound, "reasons")), ["reasons"]);
        assert_eq!(undocumented(&error(KeyNotFound, "deadline")), ["deadline"]);
        assert_eq!(undocumented(&error(KeyNotFound, "unknown")), ["unknown"]);
        let answer = error(ApiError, "status").with("server", "https://api.useautumn.com").with("request_id", "req_1");
        assert_eq!(undocumented(&answer), [""; 0]);
        assert_eq!(undocumented(&error(KeyNotFound, "request_id")), ["request_id"]);
    }

    #[test]
    fn only_numbers_of_the_table_become_numbers() {
        assert_eq!(context_value("port", "31448"), 31448);
        assert_eq!(context_value("path", "7"), "7");
        assert_eq!(context_value("port", "many"), "many");
    }
}
