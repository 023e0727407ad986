//! Logging a person in: from the address for the browser to keys in `.env`.

mod attempt;
mod destination;
mod finish;
mod paste;
mod pending;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use attempt::Events;
pub use attempt::{Attempt, AttemptHandle};
pub(crate) use destination::Destination;
pub use pending::{PendingLogin, begin_login, complete_login};

use crate::api::{self, Organization};
use crate::cancel::Cancel;
use crate::config::{CALLBACK_PORTS, LOGIN_TIMEOUT, REQUEST_TIMEOUT};
use crate::dotenv::Value;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Listener;
use crate::hint::Hint;
use crate::http::Http;
use crate::key::{ApiKey, Environment, Kind};
use crate::save::{Gitignore, SaveOptions, SaveResult, env_file, existing_directory, readable};
use crate::server::Server;

/// How to log in, and where the keys go.
#[derive(Clone, Debug)]
pub struct LoginOptions {
    /// The server to log in to; unless set, the one that `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
    /// The directory whose `.env` is written; the working directory by default.
    pub directory: Option<PathBuf>,
    /// How long the person may take. Five minutes unless set.
    pub login_timeout: Duration,
    /// Whether to open the browser. The address is an event in any case.
    pub open_browser: bool,
    /// Logs in even if the keys in the file still work ([`login`] only).
    pub force: bool,
    /// Saves the sandbox key only. The server makes both all the same.
    pub sandbox_only: bool,
    /// Writes even if git tracks the file.
    pub allow_tracked: bool,
    /// What to do if git would commit a file that is created.
    pub gitignore: Gitignore,
    /// The organization expected, by id or short name; keys of another one are not saved.
    pub organization: Option<String>,
    /// The callback ports. Only those of the default are registered with Autumn; tests use others.
    #[doc(hidden)]
    pub ports: RangeInclusive<u16>,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self {
            server: None,
            directory: None,
            login_timeout: LOGIN_TIMEOUT,
            open_browser: true,
            force: false,
            sandbox_only: false,
            allow_tracked: false,
            gitignore: Gitignore::default(),
            organization: None,
            ports: CALLBACK_PORTS,
        }
    }
}

impl LoginOptions {
    fn save(&self) -> SaveOptions {
        SaveOptions { directory: self.directory.clone(), allow_tracked: self.allow_tracked, gitignore: self.gitignore }
    }

    /// The environments whose keys are saved.
    fn environments(&self) -> &'static [Environment] {
        if self.sandbox_only { &[Environment::Sandbox] } else { &[Environment::Sandbox, Environment::Live] }
    }
}

/// A login that is done.
#[derive(Clone, Debug)]
pub struct LoginResult {
    /// Whose the keys are; none if the server did not tell in time.
    pub organization: Option<Organization>,
    /// The environments whose keys are in the file.
    pub environments: Vec<Environment>,
    /// These keys; they show themselves masked.
    pub keys: Vec<ApiKey>,
    /// What was saved; none if the keys that were there still work and were kept.
    pub saved: Option<SaveResult>,
}

/// Takes a callback port and makes the address for the browser. Nothing moves before [`Attempt::wait`]: no browser
/// opens, and nobody is answered.
///
/// # Errors
/// - `ports_in_use`: none of the callback ports is free.
/// - `invalid_argument`: `server`, `directory`, `timeout`.
/// - As [`save_keys`](crate::save_keys): the keys could not be saved, which is said before anybody logs in.
///
/// ```no_run
/// # async fn log_in() -> libatmn::Result<()> {
/// let attempt = libatmn::start_login(&libatmn::LoginOptions::default())?;
/// println!("Log in at {}", attempt.url());
/// let handle = attempt.handle(); // for another thread: `submit` what somebody pastes, or `cancel`
/// let done = attempt.wait(None).await?;
/// # let _ = (handle, done);
/// # Ok(())
/// # }
/// ```
pub fn start_login(options: &LoginOptions) -> Result<Attempt> {
    Attempt::start(options, Destination::of(options)?, Cancel::new())
}

/// Logs in, unless the keys that are there still work.
///
/// Shows the address through the listener, opens the browser, waits for the callback, exchanges the code, and saves the
/// keys. Needs a tokio runtime with I/O and time.
///
/// # Errors
/// - `login_unattended`: there is no listener, so nobody could see the address.
/// - `login_denied`, `timed_out`, `cancelled`, `state_mismatch`: there was no answer to go on with.
/// - `exchange_refused`, `exchange_unreadable`, `keys_refused`, `organization_changed`, or as for any request: no keys
///   were saved. If keys may exist all the same, the context has `keys_may_exist` and the hint says where to delete them.
/// - As [`start_login`].
///
/// ```no_run
/// use libatmn::{Cancel, LoginOptions, login, terminal_listener};
///
/// # async fn log_in() -> libatmn::Result<()> {
/// let mut listener = terminal_listener(std::io::stderr());
/// let done = login(&LoginOptions::default(), Some(&mut listener), &Cancel::new()).await?;
/// println!("{:?}", done.keys); // masked
/// # Ok(())
/// # }
/// ```
pub async fn login(options: &LoginOptions, listener: Option<Listener<'_>>, cancel: &Cancel) -> Result<LoginResult> {
    let Some(listener) = listener else {
        return Err(Error::new(ErrorCode::LoginUnattended, "A login is needed, and nobody could see its address.")
            .with_hint(Hint::PassListener));
    };
    check_timeout(options.login_timeout)?;
    if let Some(kept) = cancel.run(kept_login(options)).await? {
        return Ok(kept);
    }
    Attempt::start(options, Destination::of(options)?, cancel.child())?.wait(Some(listener)).await
}

/// The keys of the file, if all that are wanted are there and the server still takes them; nothing with `force`.
pub(crate) async fn kept_login(options: &LoginOptions) -> Result<Option<LoginResult>> {
    // What could not be saved is said before anybody is asked.
    Destination::of(options)?.check()?;
    if options.force {
        return Ok(None);
    }
    let Some(keys) = present(options)? else { return Ok(None) };
    let http = Http::new(Server::choose(options.server.as_ref())?);
    // Whoever has little time does not want to spend more of it before the address is even shown.
    let limit = REQUEST_TIMEOUT.min(options.login_timeout);
    let mut organization = None;
    for key in &keys {
        match api::organization(&http, key, limit).await {
            // Keys of two organizations are what a login puts in order.
            Ok(found) if organization.as_ref().is_some_and(|other| *other != found) => return Ok(None),
            Ok(found) => organization = Some(found),
            // A refused key is what a login is for; a server that cannot tell is not.
            Err(error) if is_refusal(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let expected = options.organization.as_deref();
    let fits = organization.as_ref().is_some_and(|found| expected.is_none_or(|name| is_named(found, name)));
    Ok(fits.then(|| LoginResult { organization, environments: options.environments().to_vec(), keys, saved: None }))
}

/// Whether the server says no to a key. That it is busy, or could not check, says nothing about the key.
fn is_refusal(error: &Error) -> bool {
    let status = error.context.get("status").and_then(|status| status.parse().ok());
    let unsure = matches!(error.code, ErrorCode::FailedToVerifySecretKey) || matches!(status, Some(408 | 429));
    !unsure && status.is_some_and(|status: u16| (400..500).contains(&status))
}

fn present(options: &LoginOptions) -> Result<Option<Vec<ApiKey>>> {
    let document = readable(&env_file(&existing_directory(options.directory.as_deref())?)?)?;
    let key = |environment: &Environment| match document.read(environment.variable())?.value {
        Value::Text(text) => ApiKey::parse(text.reveal())
            .ok()
            .filter(|key| key.kind() == Kind::Secret && key.environment() == *environment),
        Value::Empty | Value::Unusable(_) => None,
    };
    Ok(options.environments().iter().map(key).collect())
}

/// Nobody can log in in no time, and to find that out costs a code.
fn check_timeout(timeout: Duration) -> Result<()> {
    if timeout.is_zero() {
        return Err(Error::zero("login_timeout"));
    }
    Ok(())
}

/// Whether an organization is the one meant, by id or short name.
pub(crate) fn is_named(organization: &Organization, name: &str) -> bool {
    organization.slug == name || organization.id.as_deref() == Some(name)
}
