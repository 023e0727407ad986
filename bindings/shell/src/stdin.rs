//! Text from stdin: keys, and the callback URL of a login in two steps.

use std::io::{self, IsTerminal, Read};

use libatmn::{Error, ErrorCode, Result, Secret};

use crate::cli::Global;
use crate::hidden;
use crate::output::Output;

/// Reads stdin: in a terminal up to Enter, after a prompt that says what to paste, and elsewhere to its end.
///
/// # Errors
/// `invalid_argument`: this would ask the user, which `--headless` forbids. Others: stdin cannot be read.
pub(crate) fn read(global: &Global, output: &Output, prompt: &str) -> Result<Secret> {
    let is_terminal = io::stdin().is_terminal();
    if is_terminal && global.headless {
        return Err(Error::invalid("--headless", "`--headless` never prompts, and stdin is a terminal.")
            .with_hint("Pass the text through a pipe, or from a file with `<FILE`."));
    }
    let bytes = if is_terminal { hidden::read(|| output.required_message(prompt)) } else { read_pipe() };
    let bytes = bytes.map_err(|error| Error::new(ErrorCode::FileUnreadable, "Cannot read stdin.").with_cause(error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Secret::from(text)),
        Err(_) => Err(Error::new(ErrorCode::NotUtf8, "The text on stdin is not UTF-8.")
            .with_hint("Save the text as UTF-8, then try again. Older versions of PowerShell write UTF-16.")),
    }
}

fn read_pipe() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(hidden::LIMIT as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
