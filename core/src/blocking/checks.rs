//! What the command asks of this machine, apart from any login.

use super::block_on;
use crate::browser::{Browser, OpenResult};
use crate::cancel::Cancel;
use crate::diagnose::{self, Check, DiagnoseOptions};
use crate::error::Result;
use crate::host::Host;

/// Opens a URL as a login does; returns the program that opened it, or why none did.
///
/// # Errors
/// `invalid_argument` inside an async runtime.
pub fn open_browser(url: &str, host: &Host) -> Result<std::result::Result<String, String>> {
    block_on(async {
        let result = Browser::default().open(url, host, &host.kind()).await;
        Ok(match result {
            OpenResult::Opened { program } | OpenResult::Unknown { program } => Ok(program),
            OpenResult::Failed { reason } => Err(reason),
        })
    })
}

/// [`diagnose`](super::diagnose), which reports each check as soon as it is made.
///
/// # Errors
/// As [`diagnose`](super::diagnose).
pub fn each_check(options: &DiagnoseOptions, report: &mut (dyn FnMut(Check) + Send), cancel: &Cancel) -> Result<()> {
    block_on(cancel.run(diagnose::each_check(options, cancel, report)))
}
