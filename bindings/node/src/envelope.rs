//! The envelope in which every answer goes to JavaScript: `{type, content}` as JSON text, where `type` is `value`,
//! `failure` or `event`. JavaScript parses one text in half the time that Node-API needs for passing each field. Both
//! names are always there, so a property on `Object.prototype` cannot replace a missing one.

use libatmn::__internal::panics::catch_panic;
use libatmn::{Event, Result};
use serde_json::{Value, json};

use crate::convert;

/// Runs a function that does not wait and returns its envelope; a panic becomes a failure.
pub(crate) fn answer(work: impl FnOnce() -> Result<Value>) -> String {
    result(catch_panic(work).flatten())
}

/// The envelope of a result.
pub(crate) fn result(result: Result<Value>) -> String {
    match result {
        Ok(value) => envelope("value", value),
        Err(error) => envelope("failure", convert::failure(&error)),
    }
}

/// The envelope of an event. `holds` says whether the call waits until the listener has handled it.
pub(crate) fn event(event: &Event) -> String {
    let mut content = convert::event(event);
    content["holds"] = event.held_until.is_some().into();
    envelope("event", content)
}

fn envelope(kind: &str, content: Value) -> String {
    json!({ "type": kind, "content": content }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_becomes_a_failure_without_the_panic_message() {
        let answer = answer(|| unreachable!("am_sk_test_planted"));
        assert!(answer.contains(r#""code":"panic""#) && answer.contains(r#""type":"failure""#), "{answer}");
        assert!(!answer.contains("planted"));
    }

    /// Each function with a `#[napi…]` attribute, together with that attribute.
    fn exported(source: &str) -> Vec<(String, &str)> {
        let mut lines = source.lines().map(str::trim);
        let mut found = Vec::new();
        while let Some(first) = lines.by_ref().find(|line| line.starts_with("#[napi]") || line.starts_with("#[napi(")) {
            let mut attribute = first.to_owned();
            while !attribute.ends_with(']') {
                attribute += lines.next().unwrap();
            }
            // Comments and further attributes may follow.
            let item =
                lines.by_ref().find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#["));
            found.extend(item.filter(|item| item.contains("fn ")).map(|item| (attribute, item)));
        }
        found
    }

    /// A panic that leaves an exported function ends the process. The compiler does not know that the attribute needs
    /// `catch_unwind`, so this test reads the sources.
    #[test]
    fn every_exported_function_catches_panics() {
        let text = "#[napi]\n/// Text.\n#[must_use]\npub fn a() {}\n#[napi(object)]\npub struct B;\n#[napi(\nts\n)]\nasync fn c()";
        let expected = [("#[napi]".to_owned(), "pub fn a() {}"), ("#[napi(ts)]".to_owned(), "async fn c()")];
        assert_eq!(exported(text), expected);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            for (attribute, function) in exported(&std::fs::read_to_string(entry.unwrap().path()).unwrap()) {
                assert!(attribute.contains("catch_unwind"), "{function}");
                count += 1;
            }
        }
        assert!(count >= 20, "found only {count} exported functions");
    }
}
