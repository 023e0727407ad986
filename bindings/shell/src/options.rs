//! Global options that a command does not use are refused: a script that passes one expects an effect.

use libatmn::{Error, Result};

use crate::cli::{Cli, Command, Deferred};

/// The global options that a command uses.
#[derive(Default)]
struct Used {
    prod: bool,
    local: bool,
    headless: bool,
    directory: bool,
}

/// Refuses the first global option without an effect.
pub(crate) fn check(cli: &Cli) -> Result<()> {
    let (name, used, global) = (name(&cli.command), used(&cli.command), &cli.global);
    let given = [
        ("--prod", global.is_prod(), used.prod),
        ("--local", global.server().is_some(), used.local),
        ("--headless", global.headless, used.headless),
        ("--dir", global.dir.is_some(), used.directory),
    ];
    if matches!(&cli.command, Command::Login(Deferred(login)) if login.qr && global.json) {
        return Err(Error::invalid("--qr", "`--qr` has no effect with `--json`.").with_hint("Remove one of them."));
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
        Command::Key(Deferred(key)) if key.check && !key.verify => "key --check` without `--verify",
        Command::Key(Deferred(key)) if key.check => "key --check",
        Command::Save(Deferred(save)) if !save.verify => "save` without `--verify",
        other => other.name(),
    }
}

fn used(command: &Command) -> Used {
    let none = Used::default();
    match command {
        Command::Login(Deferred(login)) if login.complete => Used { headless: true, ..none },
        Command::Login(_) => Used { local: true, headless: true, directory: true, ..none },
        Command::Key(Deferred(key)) if key.check => Used { local: key.verify, headless: true, ..none },
        Command::Save(Deferred(save)) => Used { local: save.verify, headless: true, directory: true, ..none },
        Command::Logout(_) => Used { prod: true, local: true, directory: true, ..none },
        Command::Key(_) | Command::Run(_) => Used { prod: true, directory: true, ..none },
        Command::Env(_) => Used { prod: true, local: true, directory: true, ..none },
        Command::Api(_) => Used { prod: true, local: true, headless: true, directory: true },
        Command::Open(_) => Used { local: true, ..none },
        Command::Doctor(_) => Used { local: true, directory: true, ..none },
        Command::Completions(_) | Command::Serve(_) => none,
    }
}

fn hint(option: &str, command: &str) -> String {
    match (option, command) {
        ("--prod", "login" | "login --complete") => {
            "Remove it: a login saves both keys; `--sandbox-only` saves one.".to_owned()
        }
        ("--prod", "save" | "save` without `--verify") => {
            "Remove it: `atmn save` saves each key in its own variable.".to_owned()
        }
        ("--local" | "--dir", "login --complete") => {
            "Remove it: the server and the directory are those of `atmn login --begin`.".to_owned()
        }
        ("--local", "key") => "Remove it. To ask that server about a key, run `atmn key --check --verify`.".to_owned(),
        ("--local", "key --check` without `--verify" | "save` without `--verify") => {
            "Remove it, or add `--verify` to ask that server about the key.".to_owned()
        }
        ("--local", "serve") => "Remove it: `atmn serve` is the server that `--local` means.".to_owned(),
        _ => "Remove the option.".to_owned(),
    }
}
