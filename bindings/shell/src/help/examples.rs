//! Examples of every command, in its help and in its man page.

use super::{COLUMN, Section, section};

/// The examples of a command.
const EXAMPLES: &[(&str, Section)] = &[
    (
        "login",
        (
            "Examples",
            &[
                ("atmn login", "log in and save both keys in .env"),
                ("atmn login --force", "create new keys, also of another organization"),
                ("atmn login --scopes customers:read", "create keys that only read customers"),
                ("atmn login --qr", "show a QR code, to approve with a phone"),
                ("atmn login --begin", "print the login URL and exit, for scripts"),
                ("printf %s 'CALLBACK_URL' | atmn login --complete", "finish that login"),
            ],
        ),
    ),
    (
        "env",
        (
            "Examples",
            &[
                ("atmn env", "show the sandbox key and its organization"),
                ("atmn --prod env --json", "print the same for the live key as JSON"),
            ],
        ),
    ),
    (
        "key",
        (
            "Examples",
            &[
                (
                    "atmn key | sed 's/^/Authorization: Bearer /' | curl -H @- URL",
                    "use the key in another program; a pipe hides the exit code of `atmn`, unless `set -o pipefail`",
                ),
                ("atmn key --explain", "show which key is active, and why"),
                ("atmn key --check --verify <FILE", "ask the server whether a key works"),
            ],
        ),
    ),
    (
        "save",
        (
            "Examples",
            &[
                ("atmn save", "paste one or two keys; they are not shown"),
                ("atmn save --verify <FILE", "save keys that the server accepts"),
                ("atmn save --file .env.local", "save in .env.local"),
            ],
        ),
    ),
    (
        "logout",
        (
            "Examples",
            &[
                ("atmn logout", "remove the keys from .env and .env.local"),
                ("atmn --prod logout", "remove live keys only"),
                ("atmn logout --dir ..", "remove the keys of the parent directory"),
            ],
        ),
    ),
    (
        "run",
        (
            "Examples",
            &[
                ("atmn run -- npm start", "start a program with the sandbox key"),
                ("atmn --prod run -- npm run deploy", "start a program with the live key"),
            ],
        ),
    ),
    (
        "api",
        (
            "Examples",
            &[
                ("atmn api /v1/customers --query limit=10", "list customers"),
                ("atmn api /v1/customers -f id=cus_42 -f name=Ada", "create a customer"),
                ("atmn api POST /v1/customers -d @customer.json", "send a file"),
                ("customers=$(atmn api /v1/customers) || exit", "stop a script if the call fails"),
                (
                    "atmn api /v1/customers --paginate | jq '.list[].id'",
                    "filter all pages; a pipe hides the exit code of `atmn`, unless `set -o pipefail`",
                ),
            ],
        ),
    ),
    (
        "open",
        (
            "Examples",
            &[
                ("atmn open keys", "open the API keys, for example to revoke one"),
                ("atmn open docs --no-browser", "print the URL of the documentation"),
            ],
        ),
    ),
    (
        "doctor",
        (
            "Examples",
            &[
                ("atmn doctor", "check everything"),
                ("atmn doctor --offline --json", "check this machine only, for a program"),
            ],
        ),
    ),
    (
        "completions",
        (
            "Examples",
            &[
                ("source <(atmn completions bash)", "in ~/.bashrc"),
                ("atmn completions zsh >~/.zfunc/_atmn", "with ~/.zfunc in $fpath"),
                ("atmn completions fish >~/.config/fish/completions/atmn.fish", "for fish"),
            ],
        ),
    ),
    (
        "serve",
        (
            "Examples",
            &[
                ("atmn serve", "start a local Autumn on http://localhost:8080"),
                ("atmn --local login", "log in to it, in another terminal"),
                ("atmn serve --port 0", "use any free port, for tests"),
            ],
        ),
    ),
];

/// The examples of a command, as its man page shows them.
#[doc(hidden)]
#[must_use]
pub fn examples_of(command: &str) -> Option<&'static Section> {
    EXAMPLES.iter().find(|(name, _)| *name == command).map(|(_, section)| section)
}

/// The help of a command: what it does, how it is used, examples, options.
pub(crate) fn with_examples(command: clap::Command) -> clap::Command {
    match examples_of(command.get_name()) {
        Some(examples) => command
            .before_help(section(examples, COLUMN).trim_end().to_owned())
            .help_template("{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}"),
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::SECTIONS;
    use super::*;
    use crate::cli::Cli;

    /// The arguments of `atmn` in a line of a shell.
    fn arguments(line: &str) -> Vec<&str> {
        let command = &line[line.find("atmn ").unwrap_or_default()..];
        // The end of a command substitution, a pipe, or a redirection ends the command.
        let command = command.split([')', '|', '<', '>']).next().unwrap_or_default();
        command.split_whitespace().collect()
    }

    #[test]
    fn every_command_has_examples_that_parse() {
        let mut definition = crate::command();
        definition.build();
        for command in definition.get_subcommands() {
            assert!(examples_of(command.get_name()).is_some(), "{}", command.get_name());
            let help = command.clone().render_help().to_string();
            assert!(help.contains("Examples:"), "{help}");
        }
        let all = EXAMPLES.iter().flat_map(|(_, (_, examples))| *examples).chain(SECTIONS[0].1);
        for (line, _) in all {
            let words = arguments(line);
            assert!(Cli::try_parse_from(&words).is_ok(), "{line}: {words:?}");
            // Other users can read arguments.
            assert!(!line.contains("$(atmn key"), "{line}");
            // Zsh refuses patterns that match no file.
            let unquoted: String = line.split('\'').step_by(2).collect();
            assert!(!unquoted.contains(['[', '*', '?']), "{line}");
        }
    }
}
