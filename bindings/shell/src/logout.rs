//! `atmn logout`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::{LogoutOptions, Result, logout};

use crate::cli::Global;
use crate::output::Output;

pub(crate) fn run(global: &Global, output: &Output) -> Result<ExitCode> {
    let options = LogoutOptions { directory: global.dir.clone(), server: global.server(), host: None };
    let done = logout(&options)?;
    if output.json {
        return Ok(output.data_json(&json::logout_result(&done)));
    }
    if done.removed.is_empty() {
        output.talk(&format!("There were no keys in {}.", done.path.display()));
    }
    for location in &done.removed {
        output.talk(&format!(
            "Removed {} ({location}).",
            location.masked.as_deref().unwrap_or("a value that was no key")
        ));
    }
    for location in &done.remaining {
        output.talk(&format!("Still there: {} ({location}).", location.masked.as_deref().unwrap_or_default()));
    }
    if !done.locked {
        output.talk("The file could not be locked; do not save from two programs at once.");
    }
    output.talk(&done.note);
    Ok(ExitCode::SUCCESS)
}
