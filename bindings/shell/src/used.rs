//! The global options that commands refuse if they have no effect. The help, the man pages and the completions offer only
//! what is accepted. Every command accepts the other ones, so that a script can set them once.

/// The options among them that a command uses.
#[derive(Default)]
pub(crate) struct Used {
    pub(crate) prod: bool,
    pub(crate) directory: bool,
}

/// The command without the global options that it refuses in every form. They are hidden, and a usage error names them.
pub(crate) fn without_refused(command: clap::Command) -> clap::Command {
    let Used { prod, directory } = offered(command.get_name());
    let is_script = command.get_name() == "completions";
    let is_refused = move |id: &str| match id {
        "json" => is_script,
        "prod" => !prod,
        "dir" => !directory,
        _ => false,
    };
    command.mut_args(|argument| if is_refused(argument.get_id().as_str()) { argument.hide(true) } else { argument })
}

/// The options that a command uses in at least one of its forms.
fn offered(command: &str) -> Used {
    match command {
        "login" | "save" | "doctor" => Used { prod: false, directory: true },
        "key" | "api" | "env" | "logout" | "run" => Used { prod: true, directory: true },
        _ => Used::default(),
    }
}
