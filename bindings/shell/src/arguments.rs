//! The arguments of the process, with words that users of similar commands type.

use std::ffi::OsString;

use crate::program;

/// The arguments as the definition of the command line knows them: `auth login` is `login`, `help login` is
/// `login --help`, and `version` is `--version`.
pub(crate) fn of_process() -> Vec<OsString> {
    let name = OsString::from(program::name());
    known(std::iter::once(name).chain(program::arguments().iter().cloned()).collect())
}

fn known(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let word = |at: usize| arguments.get(at).and_then(|argument| argument.to_str());
    match (word(1), word(2), arguments.len()) {
        (Some("auth"), Some("login" | "logout" | "status" | "whoami"), _) => _ = arguments.remove(1),
        (Some("version"), None, _) => arguments[1] = "--version".into(),
        (Some("help"), None, _) => arguments[1] = "--help".into(),
        (Some("help"), Some(_), 3) => {
            arguments.remove(1);
            arguments.push("--help".into());
        }
        _ => {}
    }
    arguments
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
            ("atmn login auth", "atmn login auth"),
        ] {
            let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(known(words(typed)), words(known_as), "{typed}");
        }
    }
}
