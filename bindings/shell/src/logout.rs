//! `atmn logout`

use std::path::Path;
use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::text::shown;
use libatmn::{Environment, LogoutOptions, LogoutResult, Origin, Result, logout};

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
        output.message(&format!("No keys to remove in {}.", shown(&result.path)));
    }
    if let Some(parent) = parent_with_keys(&result) {
        output.message(&format!(
            "There are keys in {}. To remove them, run `atmn logout --dir {}`.",
            shown(parent),
            in_shell(parent.parent().unwrap_or(parent))
        ));
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
    if !result.locked {
        output.warning("could not lock the file; avoid saving from two programs at once.");
    }
    output.message(&result.note);
    Ok(ExitCode::SUCCESS)
}

/// The file of a parent directory whose keys are still active, if the directory itself had none.
fn parent_with_keys(result: &LogoutResult) -> Option<&Path> {
    let directory = result.path.parent()?;
    let files = result.remaining.iter().filter(|location| location.origin == Origin::EnvFile);
    let mut parents = files.filter_map(|location| location.path.as_deref());
    result.removed.is_empty().then(|| parents.find(|path| path.parent() != Some(directory)))?
}

/// A path as a shell reads it.
fn in_shell(path: &Path) -> String {
    let text = shown(path);
    let is_plain =
        text.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '\\' | ':' | '.' | '_' | '-' | '+' | '@'));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
