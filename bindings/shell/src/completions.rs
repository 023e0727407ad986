//! `atmn completions`

mod values;

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::{Cli, CompletionsArguments};
use crate::output::Output;

pub(crate) fn run(arguments: &CompletionsArguments, output: &Output) -> ExitCode {
    output.bytes(script(arguments.shell).as_bytes())
}

/// The script for a shell: what clap generates, and the values that clap leaves out.
#[must_use]
pub fn script(shell: Shell) -> String {
    // A shell completes the command `atmn`, also when this call has another name.
    let mut command = for_completion(Cli::command().bin_name("atmn"));
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "atmn", &mut script);
    values::add(shell, &command, String::from_utf8_lossy(&script).into_owned())
}

/// The definition of the command line without what its users need not know: completion generators also list hidden
/// options.
fn for_completion(mut command: clap::Command) -> clap::Command {
    // Arguments of subcommands are built late, see `Deferred`.
    command.build();
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, without_hidden))
}

/// clap cannot remove an argument, so a new command gets the visible ones.
fn without_hidden(command: clap::Command) -> clap::Command {
    if !command.get_arguments().any(clap::Arg::is_hide_set) {
        return command;
    }
    let name: &'static str = command.get_name().to_owned().leak();
    // Help and version are among the arguments that are copied.
    let mut visible = clap::Command::new(name).disable_help_flag(true).disable_version_flag(true);
    if let Some(path) = command.get_bin_name() {
        visible = visible.bin_name(path.to_owned());
    }
    if let Some(about) = command.get_about() {
        visible = visible.about(about.clone());
    }
    visible.args(command.get_arguments().filter(|argument| !argument.is_hide_set()).cloned())
}
