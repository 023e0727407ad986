//! Usage errors: what clap reports, in the form of every other error of the command.

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use libatmn::{Error, ErrorCode};

use crate::cli::Cli;
use crate::program;

/// The error for a command line that clap refused.
pub(crate) fn error(refused: &clap::Error) -> Error {
    if refused.context().any(|(_, value)| is_key(&value.to_string())) {
        return key_argument();
    }
    if let Some(hint) = other_program(&text(refused, ContextKind::InvalidSubcommand)) {
        return Error::new(ErrorCode::InvalidArgument, message(refused)).with_hint(hint);
    }
    let hint = match suggestion(refused) {
        Some(suggestion) => format!("Did you mean `{suggestion}`? Run `{}` for help.", help_command()),
        None => format!("Run `{}` for help.", help_command()),
    };
    Error::new(ErrorCode::InvalidArgument, message(refused)).with_hint(hint)
}

/// The error for a key among the arguments. Other programs can read arguments, and shells keep them.
pub(crate) fn key_argument() -> Error {
    let message = "A key must not be a command-line argument, because other programs can read it; pass it on stdin.";
    Error::new(ErrorCode::InvalidArgument, message)
        .with_hint("Run `atmn save` and paste the key, or run `atmn save <FILE`. Your shell may have kept the argument in its history.")
}

fn message(refused: &clap::Error) -> String {
    let argument = text(refused, ContextKind::InvalidArg);
    let value = text(refused, ContextKind::InvalidValue);
    match refused.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("The command `{}` does not exist.", text(refused, ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("The argument `{argument}` does not exist."),
        ErrorKind::InvalidValue if value.is_empty() => format!("The option `{argument}` needs a value."),
        ErrorKind::InvalidValue => format!("The value `{value}` of `{argument}` is invalid."),
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(refused).map(|source| format!(": {source}")).unwrap_or_default();
            format!("The value `{value}` of `{argument}` is invalid{reason}.")
        }
        ErrorKind::ArgumentConflict => {
            let other = text(refused, ContextKind::PriorArg);
            if other == argument || other.is_empty() {
                format!("The option `{argument}` can be used only once.")
            } else {
                format!("The option `{argument}` cannot be used with `{other}`.")
            }
        }
        ErrorKind::MissingRequiredArgument => format!("The required argument `{argument}` is missing."),
        ErrorKind::InvalidUtf8 => "An argument is not UTF-8.".to_owned(),
        // The remaining kinds name no value that the user typed.
        kind => format!("The command line is invalid: {kind}."),
    }
}

/// The way to a command that users of Autumn's npm package, or of similar programs, know.
fn other_program(command: &str) -> Option<String> {
    match command {
        "push" | "pull" | "init" | "preview" | "nuke" | "customers" | "products" | "features" => {
            Some(format!("It is a command of Autumn's npm package. Run `npx atmn {command}`."))
        }
        "auth" => {
            Some("Run `atmn login`, `atmn logout`, `atmn env` (the status), or `atmn key` (the token).".to_owned())
        }
        "dashboard" => Some("Run `atmn open` to open the dashboard, or `npx atmn dashboard`.".to_owned()),
        "docs" => Some("Run `atmn open docs`.".to_owned()),
        "keys" => Some("Run `atmn key` to print the active key, or `atmn open keys`.".to_owned()),
        _ => None,
    }
}

/// A part of clap's error. Several arguments are listed.
fn text(refused: &clap::Error, kind: ContextKind) -> String {
    match refused.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("`, `"),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}

/// Whether a text contains a key or a token.
pub(crate) fn is_key(text: &str) -> bool {
    ["am_sk_", "am_pk_", "am_oauth_", "am_jwt_"].iter().any(|prefix| text.contains(prefix))
}

fn suggestion(refused: &clap::Error) -> Option<String> {
    let kinds = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    // clap sorts suggestions by similarity; the last one is the most similar.
    let best = |kind| match refused.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.last().cloned(),
        _ => None,
    };
    kinds.into_iter().find_map(best)
}

/// `atmn --help`, or the help of the command that was typed.
fn help_command() -> String {
    let definition = Cli::command();
    let typed =
        program::arguments().iter().find(|word| definition.get_subcommands().any(|known| known.get_name() == *word));
    typed.map_or_else(|| "atmn --help".to_owned(), |command| format!("atmn {} --help", command.display()))
}
