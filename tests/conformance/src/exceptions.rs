//! Cases that a binding cannot run, each with the reason. A binding must answer every other case.

use crate::case::Case;

struct Exception {
    binding: &'static str,
    reason: &'static str,
    matches: fn(&Case) -> bool,
}

/// Matches every binding.
const ANY: &str = "";

const EXCEPTIONS: &[Exception] = &[
    Exception {
        binding: ANY,
        reason: "only the core's own tests run it, with a simulated clock",
        matches: |case| case.core_only,
    },
    Exception {
        binding: "core",
        reason: "a Rust text cannot hold bytes that are not Unicode",
        matches: |case| case.text("text_hex").is_some(),
    },
    Exception { binding: "c", reason: "a C text ends at its first NUL", matches: |case| case.has_text(has_nul) },
    Exception {
        binding: "node",
        reason: "a JavaScript text cannot hold bytes that are not Unicode",
        matches: |case| case.text("text_hex").or(case.text("directory_hex")).is_some(),
    },
    Exception {
        binding: "python",
        reason: "a Python text cannot hold bytes that are not Unicode",
        matches: |case| case.text("text_hex").is_some(),
    },
    Exception {
        binding: "shell",
        reason: "the command has no such operation",
        matches: |case| {
            matches!(case.op(), "start_login" | "reauthenticate" | "authenticate" | "find_key" | "server_info")
        },
    },
    Exception {
        binding: "shell",
        reason: "no option takes a key: every user of the machine can read a command's arguments",
        matches: |case| case.text("key").is_some(),
    },
    Exception {
        binding: "shell",
        reason: "the command always asks for one environment",
        matches: |case| {
            let asks = matches!(case.op(), "resolve_key" | "explain_key" | "whoami" | "request");
            asks && case.text("environment").is_none()
        },
    },
    Exception {
        binding: "shell",
        reason: "the command removes the keys of both environments, or with `--prod` the live ones",
        matches: |case| case.op() == "logout" && case.text("environment") == Some("sandbox"),
    },
    Exception {
        binding: "shell",
        reason: "the command has no option for the boundary",
        matches: |case| case.text("boundary").is_some(),
    },
    Exception {
        binding: "shell",
        reason: "clap reports unknown values and numbers as usage errors",
        matches: |case| unknown_word(case) || negative_time(case) || case.text("directory") == Some(""),
    },
    Exception {
        binding: "shell",
        reason: "the command always has a listener",
        matches: |case| {
            let logs_in = matches!(case.op(), "login" | "complete_login") || case.text("reauth") == Some("always");
            logs_in && !case.request.contains_key("listener")
        },
    },
    Exception {
        binding: "shell",
        reason: "the command prints the body of every response",
        matches: |case| case.request.contains_key("any_status"),
    },
    Exception {
        binding: "shell",
        reason: "times are whole seconds, and some limits have no option",
        matches: |case| {
            let number = |name: &str| case.request.get(name).and_then(|number| number.as_i64());
            matches!(case.op(), "whoami" | "diagnose") && number("timeout_ms").is_some()
                || number("timeout_ms").or(number("request_timeout_ms")).is_some_and(|time| time % 1000 != 0)
                || number("login_timeout_ms").or(number("response_limit")).is_some()
        },
    },
    Exception {
        binding: "shell",
        reason: "`--header` sets the content type of a body",
        matches: |case| case.text("content_type").is_some_and(|kind| kind.contains('\n')),
    },
    Exception {
        binding: "shell",
        reason: "keys are words on stdin, and lose the blanks, quotes and marks that pasting adds around them",
        matches: |case| {
            let keys = case.request.get("keys").and_then(|keys| keys.as_array());
            let no_word = |key: &str| key.is_empty() || key.contains(char::is_whitespace);
            keys.is_some_and(|keys| keys.is_empty() || keys.iter().filter_map(|key| key.as_str()).any(no_word))
                || case.op() == "classify_key" && case.text("text").is_some_and(is_wrapped)
        },
    },
    Exception {
        binding: "shell",
        reason: "arguments and variables end at their first NUL, and an empty ATMN_BACKEND_URL counts as unset",
        matches: |case| {
            let arguments = ["server", "directory", "organization", "method", "path"];
            arguments.iter().filter_map(|name| case.text(name)).any(has_nul) || case.text("server") == Some("")
        },
    },
];

/// The reason why this binding cannot run the case, if there is one.
pub(crate) fn exemption(binding: &str, case: &Case) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .find(|one| (one.binding == binding || one.binding == ANY) && (one.matches)(case))
        .map(|one| one.reason)
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

/// Whether the case has an unknown value of an enumeration.
fn unknown_word(case: &Case) -> bool {
    let words: [(&str, &[&str]); 5] = [
        ("environment", &["sandbox", "live"]),
        ("file", &[".env", ".env.local"]),
        ("gitignore", &["add", "never"]),
        ("accepts", &["any", "publishable_only"]),
        ("reauth", &["never", "auto", "always"]),
    ];
    words.iter().any(|(name, known)| case.text(name).is_some_and(|word| !known.contains(&word)))
}

fn negative_time(case: &Case) -> bool {
    case.request.values().any(|value| value.as_i64().is_some_and(|number| number < 0))
}

/// Whether a text is no key, but has one in it as people paste it. The core tests which texts those are.
fn is_wrapped(text: &str) -> bool {
    let pasted = libatmn::__internal::key::pasted_keys(text);
    libatmn::classify_key(text).is_none() && pasted.is_ok_and(|found| found.keys.len() == 1 && found.skipped == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exception_matches_a_case() {
        let cases = crate::load::all();
        for one in EXCEPTIONS {
            assert!(cases.iter().any(one.matches), "{}: {}: it exempts no case", one.binding, one.reason);
        }
    }
}
