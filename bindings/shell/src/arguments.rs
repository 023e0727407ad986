//! The arguments of the process, with words that users of similar commands type.

use std::ffi::OsString;

use crate::program;

/// The arguments as the definition of the command line knows them: `auth login` is `login`, `auth token` is `key`,
/// `help login` is `login --help`, and `version` is `--version`. Options can be before each word.
pub(crate) fn of_process() -> Vec<OsString> {
    let name = OsString::from(program::name());
    known(std::iter::once(name).chain(program::arguments().iter().cloned()).collect())
}

fn known(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let Some(first) = next_word(&arguments, 1) else { return arguments };
    let second = next_word(&arguments, first + 1);
    let word = |at: Option<usize>| at.and_then(|at| arguments[at].to_str());
    match (word(Some(first)), word(second)) {
        (Some("auth"), Some("login" | "logout" | "status" | "whoami")) => _ = arguments.remove(first),
        (Some("auth"), Some("token")) => drop(arguments.splice(first..=second.unwrap_or(first), ["key".into()])),
        (Some("auth"), None) if arguments.iter().any(|argument| argument == "--help" || argument == "-h") => {
            arguments.remove(first);
        }
        (Some("version"), None) => arguments[first] = "--version".into(),
        (Some("help"), None) => arguments[first] = "--help".into(),
        (Some("help"), Some(_)) => {
            arguments.remove(first);
            arguments.push("--help".into());
            return known(arguments);
        }
        _ => {}
    }
    arguments
}

/// The place of the next argument that is no global option and no value of one.
fn next_word(arguments: &[OsString], from: usize) -> Option<usize> {
    let is_value = |at: usize| arguments.get(at - 1).is_some_and(|before| before == "--dir");
    let is_option = |at: usize| arguments[at].to_string_lossy().starts_with('-');
    (from..arguments.len()).find(|at| !is_option(*at) && !is_value(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_of_other_commands_are_translated() {
        for (typed, known_as) in [
            ("atmn auth login --force", "atmn login --force"),
            ("atmn help login", "atmn login --help"),
            ("atmn help", "atmn --help"),
            ("atmn version", "atmn --version"),
            ("atmn auth", "atmn auth"),
            ("atmn auth nonsense", "atmn auth nonsense"),
            ("atmn auth --help", "atmn --help"),
            ("atmn auth login --help", "atmn login --help"),
            ("atmn -p auth status --json", "atmn -p status --json"),
            ("atmn --dir auth login", "atmn --dir auth login"),
            ("atmn --dir auth auth token", "atmn --dir auth key"),
            ("atmn help auth login", "atmn login --help"),
            ("atmn help auth", "atmn --help"),
            ("atmn --json version", "atmn --json --version"),
            ("atmn run help", "atmn run help"),
            ("atmn login auth", "atmn login auth"),
        ] {
            let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(known(words(typed)), words(known_as), "{typed}");
        }
    }
}
