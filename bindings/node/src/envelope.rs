//! The envelope: `{value}` or `{failure}`, and never an exception.

use libatmn::__internal::panics::catch_panic;
use libatmn::Result;
use serde_json::{Value, json};

use crate::convert;

/// Runs what cannot wait, and packs what comes of it. Every exported function passes through here, or through `call`;
/// what surrounds them is guarded by `catch_unwind`.
pub(crate) fn sealed(work: impl FnOnce() -> Result<Value>) -> Value {
    seal(catch_panic(work).flatten())
}

/// The same as JSON text: JavaScript reads that in half of the time that handing over each of its parts takes.
pub(crate) fn sealed_text(work: impl FnOnce() -> Result<Value>) -> String {
    sealed(work).to_string()
}

/// Packs a result.
pub(crate) fn seal(result: Result<Value>) -> Value {
    match result {
        Ok(value) => json!({ "value": value }),
        Err(error) => json!({ "failure": convert::failure(&error) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_that_says_nothing_of_what_panicked() {
        let sealed = sealed(|| unreachable!("am_sk_test_planted"));
        assert_eq!(sealed["failure"]["code"], "panic");
        assert!(!sealed.to_string().contains("planted"));
    }

    /// Each `#[napi…]` that stands above a function, with that function; what else has one is data.
    fn attributed(text: &str) -> Vec<(String, &str)> {
        let mut lines = text.lines().map(str::trim);
        let mut found = Vec::new();
        while let Some(first) = lines.by_ref().find(|line| line.starts_with("#[napi]") || line.starts_with("#[napi(")) {
            let mut attribute = first.to_owned();
            while !attribute.ends_with(']') {
                attribute += lines.next().unwrap();
            }
            // Comments and further attributes may stand between.
            let item =
                lines.by_ref().find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#["));
            found.extend(item.filter(|item| item.contains("fn ")).map(|item| (attribute, item)));
        }
        found
    }

    #[test]
    fn what_stands_between_hides_no_function() {
        let text = "#[napi]\n/// Says.\n#[must_use]\npub fn a() {}\n#[napi(object)]\npub struct B;\n#[napi(\nts\n)]\nasync fn c()";
        let expected = [("#[napi]".to_owned(), "pub fn a() {}"), ("#[napi(ts)]".to_owned(), "async fn c()")];
        assert_eq!(attributed(text), expected);
    }

    /// A panic that left an exported function would end the process.
    #[test]
    fn every_exported_function_is_guarded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let mut exported = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            for (attribute, function) in attributed(&std::fs::read_to_string(entry.unwrap().path()).unwrap()) {
                assert!(attribute.contains("catch_unwind"), "{function}");
                exported += 1;
            }
        }
        assert!(exported >= 20, "only {exported} found: does this test still read the code?");
    }
}
