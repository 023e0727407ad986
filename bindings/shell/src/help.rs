//! The groups of commands, examples, environment variables and exit codes in the help and in the man page.

use crate::program::named_line;
use crate::screen;
use crate::style::{STRONG_LINE, paint};

mod examples;

pub use examples::examples_of;
pub(crate) use examples::with_examples;

/// A heading, and terms with their descriptions.
pub type Section = (&'static str, &'static [(&'static str, &'static str)]);

/// The sections after the options in `atmn --help`.
pub const SECTIONS: &[Section] = &[
    (
        "Examples",
        &[
            ("atmn login", "log in with the browser and save both keys in .env"),
            ("atmn key --explain", "show which key is active, and why"),
            ("atmn run -- npm start", "start a program with the active key"),
            ("atmn api /v1/customers --query limit=10", "call the API"),
            ("atmn save <FILE", "save keys from the dashboard in .env"),
            ("atmn doctor", "find out why a login or a call fails"),
        ],
    ),
    (
        "Environment",
        &[
            ("AUTUMN_SECRET_KEY", "the sandbox key; in a deployment, either key"),
            ("AUTUMN_PROD_SECRET_KEY", "the live key"),
            ("AUTUMN_SECRET_KEY_FILE, AUTUMN_PROD_SECRET_KEY_FILE", "a file that contains the key"),
            ("ATMN_BACKEND_URL", "the API server's URL [default: https://api.useautumn.com]"),
            ("ATMN_DISABLE_AUTH_RECOVERY", "1 disables automatic login after a rejected key"),
            ("ATMN_EXTRA_CA_CERTS", "a PEM file of root certificates to use with the system's"),
            ("SSL_CERT_FILE, SSL_CERT_DIR", "root certificates to use instead of the system's"),
            (
                "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
                "the proxy for requests; never used for URLs on this machine",
            ),
            ("BROWSER", "commands that open URLs, separated by `:`, or `false`"),
            ("XDG_STATE_HOME", "parent of atmn/ (locks, logins) [default: ~/.local/state]"),
        ],
    ),
    (
        "Exit codes",
        &[
            ("0", "success"),
            ("1", "failed"),
            ("2", "usage error"),
            ("4", "login required"),
            ("129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM"),
            ("141", "the program that reads stdout has ended (`| head`)"),
        ],
    ),
];

/// The commands by group, in the words of their own help.
pub(crate) const GROUPS: &[Section] = &[
    (
        "Authentication",
        &[
            ("login", "Log in with the browser and save the keys in .env"),
            ("logout", "Remove the keys from .env and .env.local"),
            ("env", "Show the active key, its organization and where it was found"),
        ],
    ),
    (
        "Keys",
        &[
            ("key", "Print the active key"),
            ("save", "Save keys from stdin in .env"),
            ("run", "Run a program with the active key in its environment"),
        ],
    ),
    (
        "API",
        &[
            ("api", "Call the API with the active key"),
            ("open", "Open the dashboard or the documentation in the browser"),
        ],
    ),
    (
        "Tools",
        &[
            ("doctor", "Check what a login and a call need on this machine"),
            ("serve", "Run a local Autumn server for development"),
            ("completions", "Print a script that completes commands and options in a shell"),
        ],
    ),
];

/// The parts of the help, in the order in which a user needs them.
pub(crate) fn template() -> String {
    let options = paint(STRONG_LINE, "Global options:");
    format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{{before-help}}{options}\n{{options}}{{after-help}}"
    )
}

/// The last line of the short help.
pub(crate) const FURTHER: &str =
    "Run `atmn COMMAND --help` for a command, and `atmn --help` for variables and exit codes.";

/// The column of the descriptions of options, variables and examples.
const COLUMN: usize = 40;
/// The column of the descriptions of commands.
const COMMAND_COLUMN: usize = 15;

/// The commands and the first examples.
pub(crate) fn commands() -> String {
    let groups: Vec<String> = GROUPS.iter().map(|group| section(group, COMMAND_COLUMN)).collect();
    let examples: Vec<String> = SECTIONS.iter().take(1).map(|examples| section(examples, COLUMN)).collect();
    [groups, examples].concat().join("\n").trim_end().to_owned()
}

/// The environment variables and exit codes.
pub(crate) fn details() -> String {
    let sections: Vec<String> = SECTIONS.iter().skip(1).map(|part| section(part, COLUMN)).collect();
    sections.join("\n").trim_end().to_owned()
}

/// The width of the description of a term, below which it has its own lines.
const DESCRIPTION_WIDTH: usize = 20;
/// The indent of a description on its own lines, as clap has it.
const OWN_LINES: usize = 10;

fn section(section: &Section, column: usize) -> String {
    section_for(section, column, screen::help_width())
}

/// A section for a terminal of this width.
fn section_for((heading, terms): &Section, column: usize, width: usize) -> String {
    let line = |(term, description): &(&str, &str)| entry(&named_line(term), description, column, width);
    format!("{}\n{}", paint(STRONG_LINE, &format!("{heading}:")), terms.iter().map(line).collect::<String>())
}

/// A term and its description: beside it, or below it if the term is long or the terminal narrow.
fn entry(term: &str, description: &str, column: usize, width: usize) -> String {
    let is_narrow = column + 2 + DESCRIPTION_WIDTH > width;
    let indent = if is_narrow { OWN_LINES } else { column + 2 };
    let wrapped = |text: &str, indent| screen::wrapped_to(text, indent, width);
    if is_narrow || term.chars().count() + 4 > column {
        let description = wrapped(&format!("{:indent$}{description}", ""), indent);
        return format!("{}\n{description}\n", wrapped(&format!("  {term}"), OWN_LINES));
    }
    format!("{}\n", wrapped(&format!("  {term:column$}{description}"), indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No terminal breaks a line, and a description never begins where a term does.
    #[test]
    fn sections_fit_into_narrow_terminals() {
        for width in [40, 60, 80, 100] {
            for part in GROUPS {
                check_layout(&section_for(part, COMMAND_COLUMN, width), width);
            }
            for part in SECTIONS {
                check_layout(&section_for(part, COLUMN, width), width);
            }
        }
    }

    fn check_layout(section: &str, width: usize) {
        for line in section.lines().skip(1) {
            // A word that is longer than the terminal stays whole.
            let is_one_word = !line.trim().contains(' ');
            assert!(line.chars().count() <= width || is_one_word, "{width}: {line}\n{section}");
            let indent = line.len() - line.trim_start().len();
            assert!(indent == 2 || indent >= OWN_LINES, "{width}: {line}\n{section}");
        }
    }

    #[test]
    fn groups_list_every_command_in_its_own_words() {
        let mut definition = crate::command();
        definition.build();
        let mut known: Vec<(String, String)> = definition
            .get_subcommands()
            .map(|command| {
                (command.get_name().to_owned(), command.get_about().map(ToString::to_string).unwrap_or_default())
            })
            .collect();
        let mut listed: Vec<(String, String)> = GROUPS
            .iter()
            .flat_map(|(_, commands)| *commands)
            .map(|(name, about)| ((*name).to_owned(), (*about).to_owned()))
            .collect();
        known.sort();
        listed.sort();
        assert_eq!(listed, known);
    }
}
