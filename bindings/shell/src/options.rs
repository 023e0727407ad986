//! Global options that would mislead where they have no effect are refused: a script that passes `--prod` or `--dir`
//! expects another key or file. `--headless` and `--local` change neither, so every command accepts them.

use libatmn::{Error, Result};

use crate::cli::{Cli, Command, Deferred};
use crate::used::Used;

/// Refuses the first global option without an effect.
pub(crate) fn check(cli: &Cli) -> Result<()> {
    let (name, used, global) = (name(&cli.command), used(&cli.command), &cli.global);
    let given = [
        ("--prod", global.is_prod(), used.prod),
        ("--local", global.server().is_some(), !has_earlier_server(&cli.command)),
        ("--dir", global.dir.is_some(), used.directory),
    ];
    if matches!(&cli.command, Command::Login(Deferred(login)) if login.qr && global.json) {
        return Err(Error::invalid("--qr", "`--qr` has no effect with `--json`.").with_hint("Remove one of them."));
    }
    if matches!(&cli.command, Command::Completions(_)) && global.json {
        return Err(Error::invalid("--json", "`--json` has no effect here: `atmn completions` prints a script.")
            .with_hint("Remove the option."));
    }
    match given.into_iter().find(|(_, given, used)| *given && !used) {
        None => Ok(()),
        Some((option, ..)) => {
            Err(Error::invalid(option, format!("`{option}` has no effect here: `atmn {name}` does not use it."))
                .with_hint(hint(option, name)))
        }
    }
}

/// The command with the option that decides which global options it uses.
fn name(command: &Command) -> &'static str {
    match command {
        Command::Login(Deferred(login)) if login.complete => "login --complete",
        Command::Key(Deferred(key)) if key.check => "key --check",
        other => other.name(),
    }
}

/// The options that this form of a command uses.
fn used(command: &Command) -> Used {
    let none = Used::default();
    match command {
        Command::Login(Deferred(login)) if login.complete => none,
        Command::Key(Deferred(key)) if key.check => none,
        Command::Login(_) | Command::Save(_) | Command::Doctor(_) => Used { prod: false, directory: true },
        Command::Key(_) | Command::Run(_) | Command::Env(_) | Command::Logout(_) | Command::Api(_) => {
            Used { prod: true, directory: true }
        }
        Command::Open(_) | Command::Completions(_) | Command::Serve(_) => none,
    }
}

/// Whether the server was chosen before: that of the first step of a login, which can be another one.
fn has_earlier_server(command: &Command) -> bool {
    matches!(command, Command::Login(Deferred(login)) if login.complete)
}

fn hint(option: &str, command: &str) -> String {
    match (option, command) {
        ("--prod", "login" | "login --complete") => {
            "Remove it: a login saves both keys; `--sandbox-only` saves one.".to_owned()
        }
        ("--prod", "save") => "Remove it: `atmn save` saves each key in its own variable.".to_owned(),
        ("--local" | "--dir", "login --complete") => {
            "Remove it: the server and the directory are those of the first step, `--begin`.".to_owned()
        }
        _ => "Remove the option.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// Every form of a command that uses other options.
    const FORMS: &[&str] = &[
        "login",
        "login --complete",
        "env",
        "key",
        "key --check",
        "key --check --verify",
        "save",
        "save --verify",
        "logout",
        "run -- true",
        "api /v1/customers",
        "open",
        "doctor",
        "completions bash",
        "serve",
    ];
    const OPTIONS: &[(&str, &str)] =
        &[("prod", "--prod"), ("local", "--local"), ("headless", "--headless"), ("dir", "--dir=x")];

    fn accepts(form: &str, option: &str) -> bool {
        let words = ["atmn", option].into_iter().chain(form.split(' '));
        check(&Cli::try_parse_from(words).unwrap()).is_ok()
    }

    #[test]
    fn commands_offer_exactly_the_options_that_they_use() {
        let mut definition = crate::command();
        definition.build();
        for command in definition.get_subcommands() {
            let name = command.get_name();
            let forms: Vec<_> = FORMS.iter().filter(|form| form.split(' ').next() == Some(name)).collect();
            assert!(!forms.is_empty(), "{name} has no form");
            for (id, option) in OPTIONS {
                // `login --complete` has the server of the first step.
                let accepts_all = matches!(*id, "local" | "headless");
                let own = |form: &&&str| **form != "login --complete" && !accepts(form, option);
                assert!(!(accepts_all && forms.iter().any(own)), "{name} {option}");
                let is_offered =
                    command.get_arguments().any(|argument| argument.get_id() == *id && !argument.is_hide_set());
                assert_eq!(is_offered, forms.iter().any(|form| accepts(form, option)), "{name} {option}");
            }
        }
    }
}
