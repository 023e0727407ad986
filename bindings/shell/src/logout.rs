//! `atmn logout`

use std::path::Path;
use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::logout::obstacle;
use libatmn::__internal::text::shown;
use libatmn::{EnvFile, Environment, Location, LogoutOptions, LogoutResult, Origin, Outcome, Result, logout};

use crate::cli::{Global, LogoutArguments};
use crate::output::Output;

pub(crate) fn run(arguments: &LogoutArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let options = LogoutOptions {
        directory: global.dir.clone(),
        file: arguments.file,
        environment: global.is_prod().then_some(Environment::Live),
        server: global.server(),
        ..LogoutOptions::default()
    };
    let result = logout(&options)?;
    if output.json {
        return Ok(output.data_json(&json::logout_result(&result)));
    }
    if result.removed.is_empty() {
        output.message(&result.note);
    }
    for location in &result.removed {
        output.done(&format!(
            "Removed {} ({location}).",
            location.masked.as_deref().unwrap_or("a value that is not a key")
        ));
    }
    for location in &result.remaining {
        let key = location.masked.as_deref().unwrap_or_default();
        output.message(&match location.outcome {
            Outcome::Used => format!("Still active: {key} ({location})."),
            // Another key takes precedence, or it is in a variable where it is refused.
            _ => format!("Still there, but not active: {key} ({location})."),
        });
    }
    for file in other_files(&result, global) {
        output.message(&match obstacle(file) {
            Some(obstacle) => obstacle,
            None => {
                format!("There are keys in {}. To remove them, run `{}`.", shown(file), command(file, &result, global))
            }
        });
    }
    if !result.locked {
        output.warning("could not lock the file; avoid saving from two programs at once.");
    }
    if !result.removed.is_empty() {
        output.message(&result.note);
    }
    Ok(ExitCode::SUCCESS)
}

/// The other files with keys that the user asked to remove.
fn other_files<'a>(result: &'a LogoutResult, global: &Global) -> Vec<&'a Path> {
    let is_live = |location: &Location| {
        let masked = location.masked.as_deref().unwrap_or_default();
        masked.starts_with("am_sk_live_") || masked.starts_with("am_pk_live_")
    };
    let mut files = Vec::new();
    for location in result.remaining.iter().filter(|location| location.origin == Origin::EnvFile) {
        let file = location.path.as_deref().filter(|file| *file != result.path && !files.contains(file));
        files.extend(file.filter(|_| !global.is_prod() || is_live(location)));
    }
    files
}

/// The command that removes the keys from this file.
fn command(file: &Path, result: &LogoutResult, global: &Global) -> String {
    let directory = file.parent().unwrap_or(file);
    let is_sibling = Some(directory) == result.path.parent();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut command = String::from(if global.is_prod() { "atmn --prod logout" } else { "atmn logout" });
    if !is_sibling || global.dir.is_some() {
        command.push_str(&format!(" --dir {}", in_shell(directory)));
    }
    if is_sibling || name != EnvFile::Env.name() {
        command.push_str(&format!(" --file {name}"));
    }
    command
}

/// A path as a shell reads it.
fn in_shell(path: &Path) -> String {
    let text = shown(path);
    let is_plain =
        text.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '\\' | ':' | '.' | '_' | '-' | '+' | '@'));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
