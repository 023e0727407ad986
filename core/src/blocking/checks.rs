//! What the command asks about this machine and the server, apart from any login.

use std::path::Path;
use std::time::Duration;

use super::block_on;
use crate::browser::{self, Browser, OpenResult};
use crate::cancel::Cancel;
use crate::config::DISCOVERY_PATH;
use crate::error::Result;
use crate::git::{self, Git};
use crate::host::Host;
use crate::http::{Http, OutgoingRequest};
use crate::response::ApiResponse;
use crate::server::Server;

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

/// The program that would open a URL, or why none would. Starts no program.
///
/// # Errors
/// The reason, such as `disabled by BROWSER=false`.
pub fn find_browser(host: &Host) -> std::result::Result<String, String> {
    browser::find_browser(host, &host.kind())
}

/// The server's response to a request that needs no key, also if its status is an error.
///
/// # Errors
/// As the network errors of [`Client::request`](crate::Client::request); `cancelled`; `invalid_argument` inside an async
/// runtime.
pub fn probe(server: &Server, host: &Host, timeout: Duration, cancel: &Cancel) -> Result<ApiResponse> {
    let http = Http::new(server.clone(), host);
    block_on(cancel.run(http.send(OutgoingRequest::new("GET", DISCOVERY_PATH).timeout(timeout))))
}

/// What git says about a file, or why it does not answer.
///
/// # Errors
/// The reason, such as `git is not installed`.
pub fn git_status(file: &Path, host: &Host) -> std::result::Result<Git, String> {
    git::status(file, host, &Cancel::new()).map_err(|silence| silence.reason())
}
