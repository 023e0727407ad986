//! What a face cannot be asked, each with its reason. Whatever is not listed here must be answered.

use crate::case::Case;

struct Exception {
    face: &'static str,
    reason: &'static str,
    excuses: fn(&Case) -> bool,
}

/// In place of a face's name.
const ANY: &str = "";

const EXCEPTIONS: &[Exception] = &[
    Exception {
        face: ANY,
        reason: "the core's own test plays it, on a clock of its own",
        excuses: |case| case.impractical,
    },
    Exception {
        face: "core",
        reason: "a Rust text cannot hold bytes that are no Unicode",
        excuses: |case| case.text("text_hex").is_some(),
    },
    Exception { face: "c", reason: "a C text ends at its first NUL", excuses: |case| case.has_text(has_nul) },
    Exception {
        face: "node",
        reason: "a JavaScript text cannot hold bytes that are no Unicode",
        excuses: |case| case.text("text_hex").or(case.text("directory_hex")).is_some(),
    },
    Exception {
        face: "python",
        reason: "a Python text cannot hold bytes that are no Unicode",
        excuses: |case| case.text("text_hex").is_some(),
    },
    Exception {
        face: "shell",
        reason: "the command has no such operation",
        excuses: |case| matches!(case.op(), "start_login" | "reauthenticate" | "authenticate"),
    },
    Exception {
        face: "shell",
        reason: "a key is no option: every user of the machine sees a command's arguments",
        excuses: |case| case.text("key").is_some(),
    },
    Exception {
        face: "shell",
        reason: "the command always asks for one environment",
        excuses: |case| {
            let asks = matches!(case.op(), "resolve_key" | "explain_key" | "whoami" | "request");
            asks && case.text("environment").is_none()
        },
    },
    Exception {
        face: "shell",
        reason: "the walk to the root has no option",
        excuses: |case| case.text("boundary").is_some(),
    },
    Exception {
        face: "shell",
        reason: "clap answers wrong words and numbers itself, as a wrong use",
        excuses: |case| unknown_word(case) || negative_time(case) || case.text("directory") == Some(""),
    },
    Exception {
        face: "shell",
        reason: "a terminal always has a listener",
        excuses: |case| {
            let logs_in = matches!(case.op(), "login" | "complete_login") || case.text("reauth") == Some("always");
            logs_in && !case.request.contains_key("attended")
        },
    },
    Exception {
        face: "shell",
        reason: "times are whole seconds, and what a person would not wait for or count is no option",
        excuses: |case| {
            let number = |name: &str| case.request.get(name).and_then(|number| number.as_i64());
            case.op() == "whoami" && number("timeout_ms").is_some()
                || number("timeout_ms").is_some_and(|time| time % 1000 != 0)
                || number("login_timeout_ms").or(number("response_limit")).is_some()
        },
    },
    Exception {
        face: "shell",
        reason: "the kind of a body is one of its headers",
        excuses: |case| case.text("content_type").is_some_and(|kind| kind.contains('\n')),
    },
    Exception {
        face: "shell",
        reason: "keys are words on stdin, of which there is one at least; a line end behind a text is the terminal's",
        excuses: |case| {
            let keys = case.request.get("keys").and_then(|keys| keys.as_array());
            let no_word = |key: &str| key.is_empty() || key.contains(char::is_whitespace);
            keys.is_some_and(|keys| keys.is_empty() || keys.iter().filter_map(|key| key.as_str()).any(no_word))
                || case.op() == "classify_key" && case.text("text").is_some_and(|text| text.ends_with(['\r', '\n']))
        },
    },
    Exception {
        face: "shell",
        reason: "arguments and variables end at their first NUL, and an empty ATMN_BACKEND_URL is none",
        excuses: |case| {
            let arguments = ["server", "directory", "organization", "method", "path"];
            arguments.iter().filter_map(|name| case.text(name)).any(has_nul) || case.text("server") == Some("")
        },
    },
];

/// Why this face is not asked this, if it is not.
pub(crate) fn excuse(face: &str, case: &Case) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|one| (one.face == face || one.face == ANY) && (one.excuses)(case)).map(|one| one.reason)
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

/// A word that is no value of its enumeration.
fn unknown_word(case: &Case) -> bool {
    let words: [(&str, &[&str]); 4] = [
        ("environment", &["sandbox", "live"]),
        ("gitignore", &["add", "never"]),
        ("accepts", &["any", "publishable_only"]),
        ("reauth", &["never", "auto", "always"]),
    ];
    words.iter().any(|(name, known)| case.text(name).is_some_and(|word| !known.contains(&word)))
}

fn negative_time(case: &Case) -> bool {
    case.request.values().any(|value| value.as_i64().is_some_and(|number| number < 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exception_is_used() {
        let cases = crate::load::all();
        for one in EXCEPTIONS {
            assert!(cases.iter().any(one.excuses), "{}: {}: nothing is excused by it", one.face, one.reason);
        }
    }
}
