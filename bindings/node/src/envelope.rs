//! The envelope: `{value}` or `{failure}`, and never an exception.

use libatmn::Result;
use libatmn::defect::caught;
use serde_json::{Value, json};

use crate::plain;

/// Runs what cannot wait, and packs what comes of it. Every exported function passes through here, or through `call`;
/// what surrounds them is guarded by `catch_unwind`.
pub(crate) fn sealed(work: impl FnOnce() -> Result<Value>) -> Value {
    seal(caught(work).flatten())
}

/// The same as JSON text: JavaScript reads that in half of the time that handing over each of its parts takes.
pub(crate) fn sealed_text(work: impl FnOnce() -> Result<Value>) -> String {
    sealed(work).to_string()
}

/// Packs a result.
pub(crate) fn seal(result: Result<Value>) -> Value {
    match result {
        Ok(value) => json!({ "value": value }),
        Err(error) => json!({ "failure": plain::failure(&error) }),
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

    /// A panic that left an exported function would end the process.
    #[test]
    fn every_exported_function_is_guarded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let mut exported = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for pair in lines.windows(2).filter(|pair| pair[0].starts_with("#[napi") && pair[1].starts_with("pub fn")) {
                assert!(pair[0].contains("catch_unwind"), "{}", pair[1]);
                exported += 1;
            }
        }
        assert!(exported >= 20, "only {exported} found: does this test still read the code?");
    }
}
