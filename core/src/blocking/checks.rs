//! What the command asks of this machine, apart from any login.

use super::block_on;
use crate::browser::{Browser, OpenResult, find_browser};
use crate::cancel::Cancel;
use crate::config::DISCOVERY_TIMEOUT;
use crate::diagnose::{self, Check, DiagnoseOptions};
use crate::error::Result;
use crate::host::Host;
use crate::http::Http;
use crate::oauth;
use crate::server::{Server, is_loopback};

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

/// Whether a login would find a program that opens its URL in a window. On a machine without a display there is none.
#[must_use]
pub fn has_browser(host: &Host) -> bool {
    find_browser(host, &host.kind()).is_ok()
}

/// The page that a server on this machine has in place of a dashboard, such as a local Autumn for tests; `None` if it names
/// none, does not answer, or is on another machine.
///
/// # Errors
/// `cancelled`; `invalid_argument` inside an async runtime.
pub fn own_page(server: &Server, host: &Host, cancel: &Cancel) -> Result<Option<String>> {
    if !server.base().is_ok_and(|base| is_loopback(&base)) {
        return Ok(None);
    }
    let http = Http::new(server.clone(), host);
    block_on(cancel.run(async { Ok(oauth::own_page(&http, DISCOVERY_TIMEOUT).await) }))
}

/// [`diagnose`](super::diagnose), which reports each check as soon as it is made.
///
/// # Errors
/// As [`diagnose`](super::diagnose).
pub fn each_check(options: &DiagnoseOptions, report: &mut (dyn FnMut(Check) + Send), cancel: &Cancel) -> Result<()> {
    block_on(cancel.run(diagnose::each_check(options, cancel, report)))
}
