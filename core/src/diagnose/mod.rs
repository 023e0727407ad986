//! Checks what a login and a call need on this machine.

mod check;
mod keys;
mod machine;
mod network;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use check::{Check, CheckOutcome, CheckSubject};

use crate::cancel::Cancel;
use crate::config::{CALLBACK_PORTS, DIAGNOSE_TIMEOUT};
use crate::error::{Error, Result};
use crate::hint::Caller;
use crate::host::Host;
use crate::http;
use crate::server::Server;

/// The options of [`diagnose`].
#[derive(Clone, Debug)]
pub struct DiagnoseOptions {
    /// The directory of the project; by default the working directory.
    pub directory: Option<PathBuf>,
    /// The server. The default is the server that `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
    /// Check this machine only, and make no request.
    pub offline: bool,
    /// The time limit of each request. The default is fifteen seconds.
    pub timeout: Duration,
    /// The environment variables and the working directory; by default those of the process.
    pub host: Option<Host>,
    /// The callback ports. Only tests need others.
    #[doc(hidden)]
    pub ports: RangeInclusive<u16>,
    /// The command that makes the call.
    #[doc(hidden)]
    pub command: Option<CallingCommand>,
}

/// A command that calls [`diagnose`].
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallingCommand {
    /// The program `atmn` at this path.
    Program(PathBuf),
    /// A part of another program, by what users type: `npx libatmn`.
    Part(String),
}

impl Default for DiagnoseOptions {
    fn default() -> Self {
        Self {
            directory: None,
            server: None,
            offline: false,
            timeout: DIAGNOSE_TIMEOUT,
            host: None,
            ports: CALLBACK_PORTS,
            command: None,
        }
    }
}

/// The result of [`diagnose`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The checks, in the order in which they were made. A subject can have several.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// The diagnosis with hints in the caller's language.
    #[must_use]
    pub fn for_caller(self, caller: &Caller) -> Self {
        Self { checks: self.checks.into_iter().map(|check| check.for_caller(caller)).collect() }
    }
}

/// Checks what a login and a call need: programs called `atmn`, the callback ports, the browser, git, the files and their
/// rights; then the proxy, the certificates, the server and its clock; then the keys, what hides them, whether the server
/// accepts them, and what they may do. It opens no browser, and leaves all files as they are.
///
/// What is wrong is in the result, not in the error. Drop the future or use [`Cancel::run`](crate::Cancel::run) to cancel
/// it. Without `offline`, it needs a tokio runtime with I/O and time.
///
/// # Errors
/// `invalid_argument`: `timeout`, or no runtime.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use libatmn::{CheckOutcome, DiagnoseOptions, diagnose};
///
/// let diagnosis = diagnose(&DiagnoseOptions { offline: true, ..Default::default() }).await?;
/// for check in diagnosis.checks.iter().filter(|check| check.outcome != CheckOutcome::Ok) {
///     println!("{}: {}", check.subject.name(), check.message);
/// }
/// # Ok::<(), libatmn::Error>(())
/// # }).unwrap();
/// ```
pub async fn diagnose(options: &DiagnoseOptions) -> Result<Diagnosis> {
    let mut checks = Vec::new();
    each_check(options, &Cancel::new(), &mut |check| checks.push(check)).await?;
    Ok(Diagnosis { checks })
}

/// Reports each check as soon as it is made. `cancel` ends the wait for git.
///
/// # Errors
/// As [`diagnose`]; `cancelled`.
pub(crate) async fn each_check(
    options: &DiagnoseOptions,
    cancel: &Cancel,
    report: &mut (dyn FnMut(Check) + Send),
) -> Result<()> {
    if options.timeout.is_zero() {
        return Err(Error::zero("timeout"));
    }
    if !options.offline {
        http::check_runtime()?;
    }
    let host = Host::or_current(options.host.as_ref());
    machine::check(options, &host, cancel, report)?;
    let ask = network::check(options, &host, report).await;
    keys::check(options, &host, ask, report).await;
    Ok(())
}

/// The directory that the options name, or the working directory.
fn directory<'a>(options: &'a DiagnoseOptions, host: &'a Host) -> Option<PathBuf> {
    let base = host.working_directory();
    match (options.directory.as_deref(), base) {
        (Some(given), Some(base)) => Some(base.join(given)),
        (Some(given), None) => Some(given.to_path_buf()),
        (None, base) => base.map(Path::to_path_buf),
    }
}
