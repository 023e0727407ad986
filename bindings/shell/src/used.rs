//! The global options that commands use. The help, the man pages and the completions offer no others.

/// The global options that a command uses.
#[derive(Default)]
pub(crate) struct Used {
    pub(crate) prod: bool,
    pub(crate) local: bool,
    pub(crate) headless: bool,
    pub(crate) directory: bool,
}

/// The command without the global options that it refuses in every form. They are hidden, and a usage error names them.
pub(crate) fn without_refused(command: clap::Command) -> clap::Command {
    let Used { prod, local, headless, directory } = offered(command.get_name());
    let is_script = command.get_name() == "completions";
    let is_refused = move |id: &str| match id {
        "json" => is_script,
        "prod" => !prod,
        "local" => !local,
        "headless" => !headless,
        "dir" => !directory,
        _ => false,
    };
    command.mut_args(|argument| if is_refused(argument.get_id().as_str()) { argument.hide(true) } else { argument })
}

/// The options that a command uses in at least one of its forms.
fn offered(command: &str) -> Used {
    let none = Used::default();
    match command {
        "login" | "save" => Used { local: true, headless: true, directory: true, ..none },
        "key" | "api" => Used { prod: true, local: true, headless: true, directory: true },
        "env" | "logout" => Used { prod: true, local: true, directory: true, ..none },
        "run" => Used { prod: true, directory: true, ..none },
        "open" => Used { local: true, ..none },
        "doctor" => Used { local: true, directory: true, ..none },
        _ => none,
    }
}
