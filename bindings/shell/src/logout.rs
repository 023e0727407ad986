//! `atmn logout`

use std::path::Path;
use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::text::shown;
use libatmn::{EnvFile, Environment, LogoutOptions, LogoutResult, Origin, Result, logout};

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
        output.message(&format!("Still active: {} ({location}).", location.masked.as_deref().unwrap_or_default()));
    }
    if let Some(other) = other_file(&result, global) {
        output.message(&format!(
            "There are keys in {}. To remove them, run `{}`.",
            shown(other),
            command(other, &result, global)
        ));
    }
    if !result.locked {
        output.warning("could not lock the file; avoid saving from two programs at once.");
    }
    if !result.removed.is_empty() {
        output.message(&result.note);
    }
    Ok(ExitCode::SUCCESS)
}

/// The file that the user may want to edit next: the other one of this directory, or that of a parent if there was no key
/// in this directory.
fn other_file<'a>(result: &'a LogoutResult, global: &Global) -> Option<&'a Path> {
    let directory = result.path.parent()?;
    let is_asked_for = |variable: Option<&str>| !global.is_prod() || variable == Some(Environment::Live.variable());
    let files = || {
        let files = result.remaining.iter().filter(|location| location.origin == Origin::EnvFile);
        let files = files.filter(|location| is_asked_for(location.variable));
        files.filter_map(|location| location.path.as_deref()).filter(|path| *path != result.path)
    };
    let sibling = files().find(|path| path.parent() == Some(directory));
    sibling.or_else(|| result.removed.is_empty().then(|| files().next())?)
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
