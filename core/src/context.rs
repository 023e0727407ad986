//! The values in the context of events and errors. The page of events and errors, the types of every language and the
//! tests are made from these tables.

use std::collections::BTreeMap;

use serde_json::Value;

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
    /// Which errors have it, in words; `None` if only events do.
    pub errors: Option<&'static str>,
}

const fn text(name: &'static str, meaning: &'static str, errors: Option<&'static str>) -> ContextValue {
    ContextValue { name, is_number: false, meaning, errors }
}

const fn number(name: &'static str, meaning: &'static str, errors: Option<&'static str>) -> ContextValue {
    ContextValue { name, is_number: true, meaning, errors }
}

const ANSWERS: Option<&str> = Some("responses that are not 2xx");
const REQUESTS: Option<&str> = Some("requests of a client or `whoami` that failed");
const KEYS: Option<&str> = Some("errors about a key that was found, its rejection included");

/// Every name, in alphabetical order.
#[rustfmt::skip]
pub const CONTEXT_VALUES: &[ContextValue] = &[
    text("api_code", "The server's own code.", Some("responses that are not 2xx; `login_denied`, `exchange_refused`")),
    number("attempt", "Which try of the request comes next; the first one is 1.", None),
    text("code", "The code of the refusal.", None),
    number("deadline", "When the login ends, in milliseconds since 1970.", None),
    text("env", "The environment of the key: `sandbox` or `live`.", Some("requests with a key; the codes 500 to 599")),
    text("environment", "The environment of the key that was found.", Some("`wrong_environment`")),
    text("key", "The key, masked.", None),
    text("keys_may_exist", "`true` if the server may hold new keys that were not saved.", Some("logins that failed late")),
    number("limit", "The largest accepted response, in bytes.", Some("`response_too_large`")),
    number("line", "The line of the key in its file.", KEYS),
    text("location", "Where the key was found, in words; of an internal error, its place in the source.", Some("`panic`")),
    text("method", "The method of the request.", REQUESTS),
    text("missing_scopes", "The scopes that the key lacks, with spaces between them.", Some("403 `insufficient_scopes`")),
    text("option", "The argument or option, by its name in the caller's language.", Some("`invalid_argument`, `null_argument`, `not_utf8`")),
    text("organization", "The short name of the organization that was chosen.", Some("`organization_changed`")),
    text("origin", "Where the key was found: one of the origins below.", KEYS),
    text("path", "The path of the file or, of a refused request, of the URL.", Some("errors about files and directories")),
    number("pause_ms", "The pause before the next try, in milliseconds.", None),
    number("port", "The callback port.", None),
    text("ports", "The callback ports, such as `31448-31452`.", Some("`ports_in_use`, `system_limit`")),
    text("program", "The program that was started as the browser.", None),
    text("reason", "Why version control gave no answer.", Some("`env_file_unprotected`")),
    text("reasons", "Why each port could not be opened.", Some("`ports_in_use`")),
    text("request_id", "The id of the request in the server's log.", ANSWERS),
    number("retry_after", "How many seconds the server asks to wait.", ANSWERS),
    text("searched", "The locations without a key.", Some("`key_not_found`")),
    text("server", "The base URL of the server.", Some("responses that are not 2xx, and connections that failed")),
    text("skipped", "The locations that were skipped, with the reasons.", Some("`key_not_found`")),
    number("status", "The HTTP status of the response, or to respond with.", Some("responses; the codes 500 to 599")),
    text("system_code", "The system's code, such as `ECONNREFUSED`.", Some("errors that the system caused")),
    number("uid", "The account that sent a request to the callback port.", None),
    text("url", "The login URL; of an error, the URL of the request without its query.", REQUESTS),
    text("variable", "The environment variable.", Some("errors about a variable, or a key from one")),
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
        EventCode::LoginUrl => (&["url", "port", "deadline"], &[]),
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
            assert!(value.errors.is_some() || used.contains(&value.name), "nothing has {}", value.name);
        }
    }

    #[test]
    fn only_numbers_of_the_table_become_numbers() {
        assert_eq!(context_value("port", "31448"), 31448);
        assert_eq!(context_value("path", "7"), "7");
        assert_eq!(context_value("port", "many"), "many");
    }
}
