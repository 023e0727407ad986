//! Text from stdin: keys, and the callback URL of a login in two steps.

use std::io::{self, IsTerminal, Read};

use libatmn::{Error, ErrorCode, Result, Secret};

use crate::output::Output;

/// The largest text in bytes. It is far more than any number of keys needs.
const LIMIT: u64 = 1024 * 1024;

/// Reads stdin to its end. In a terminal, the prompt says what to paste.
pub(crate) fn read(output: &Output, prompt: &str) -> Result<Secret> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        output.message(prompt);
    }
    let mut text = String::new();
    match stdin.lock().take(LIMIT).read_to_string(&mut text) {
        Ok(_) => Ok(Secret::from(text)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(Error::new(ErrorCode::NotUtf8, "The text on stdin is not UTF-8."))
        }
        Err(error) => Err(Error::new(ErrorCode::FileUnreadable, "Cannot read stdin.").with_cause(error)),
    }
}
