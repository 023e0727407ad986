//! `atmn logout`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::{LogoutOptions, Result, logout};

use crate::cli::{Global, LogoutArguments};
use crate::output::Output;

pub(crate) fn run(arguments: &LogoutArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let options = LogoutOptions {
        directory: global.dir.clone(),
        file: arguments.file,
        server: global.server(),
        ..LogoutOptions::default()
    };
    let result = logout(&options)?;
    if output.json {
        return Ok(output.data_json(&json::logout_result(&result)));
    }
    if result.removed.is_empty() {
        output.message(&format!("No keys to remove in {}.", result.path.display()));
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
