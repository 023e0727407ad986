//! Logs a user in: from the URL for the browser to keys in `.env`.

mod attempt;
mod background;
mod before;
mod destination;
mod events;
mod finish;
mod handle;
mod kept;
mod lock;
mod paste;
mod pending;
mod reasons;
mod stored_login;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

pub use attempt::Attempt;
pub(crate) use attempt::EventsHandled;
pub(crate) use destination::Destination;
pub(crate) use events::EventSink;
pub use events::without_pasting;
pub use handle::{AttemptHandle, ended};
pub(crate) use lock::LoginLock;
pub use pending::{BeginLoginResult, CompleteOptions, PendingLogin, begin_login, complete_login};
pub use reasons::messages_of_precedence;

use crate::api::{ExpectedOrganization, Organization};
use crate::cancel::Cancel;
use crate::config::{CALLBACK_PORTS, LOGIN_TIMEOUT};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Listener;
use crate::hint::Hint;
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::save::{EnvFile, Gitignore, SaveOptions, SaveResult};
use crate::scopes::requested;
use crate::server::Server;
use crate::text::contains_secret;

/// The options of a login.
#[derive(Clone, Debug)]
pub struct LoginOptions {
    /// The server. The default is the server that `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
    /// The directory whose `.env` is written. The default is the working directory.
    pub directory: Option<PathBuf>,
    /// The file to save in. By default as in [`SaveOptions`](crate::SaveOptions).
    pub file: Option<EnvFile>,
    /// The time limit of the login. The default is five minutes.
    pub login_timeout: Duration,
    /// Whether to open the browser. The login URL is an event in either case.
    pub open_browser: bool,
    /// Replaces both keys, even one that still works.
    pub force: bool,
    /// Saves only the sandbox key. The server creates both keys in either case.
    pub sandbox_only: bool,
    /// Writes even if git tracks the file, or may track it.
    pub allow_tracked: bool,
    /// How to keep git from committing a new file.
    pub gitignore: Gitignore,
    /// The expected organization, by id or slug, byte for byte; keys of another organization are neither saved nor kept.
    pub organization: Option<String>,
    /// The scopes of the new keys, such as `customers:read`: any of those that a login can have, which
    /// [`server_info`](crate::server_info) lists. The default is all of them.
    pub scopes: Option<Vec<String>>,
    /// The environment variables and the working directory; by default those of the process.
    pub host: Option<Host>,
    /// The callback ports. Only the default ports are registered with Autumn; tests use others.
    #[doc(hidden)]
    pub ports: RangeInclusive<u16>,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self {
            server: None,
            directory: None,
            file: None,
            login_timeout: LOGIN_TIMEOUT,
            open_browser: true,
            force: false,
            sandbox_only: false,
            allow_tracked: false,
            gitignore: Gitignore::default(),
            organization: None,
            scopes: None,
            host: None,
            ports: CALLBACK_PORTS,
        }
    }
}

impl LoginOptions {
    fn save(&self) -> SaveOptions {
        let Self { file, allow_tracked, gitignore, .. } = *self;
        SaveOptions { file, allow_tracked, gitignore, ..SaveOptions::default() }
    }

    /// The organization whose keys may be saved.
    ///
    /// # Errors
    /// `invalid_argument`: `organization` is empty.
    fn expected(&self) -> Result<Option<ExpectedOrganization>> {
        expected_organization(self.organization.as_deref())
    }

    /// The scopes to ask for; `None` for all that a login can have.
    ///
    /// # Errors
    /// `invalid_argument`: `scopes`.
    fn wanted_scopes(&self) -> Result<Option<Vec<String>>> {
        requested(self.scopes.as_deref())
    }

    /// The environments whose keys are saved.
    fn environments(&self) -> &'static [Environment] {
        if self.sandbox_only { &[Environment::Sandbox] } else { &[Environment::Sandbox, Environment::Live] }
    }
}

/// The result of a login.
#[derive(Clone, Debug)]
pub struct LoginResult {
    /// The organization of the keys; `None` if the server did not send it in time.
    pub organization: Option<Organization>,
    /// The environments of the saved and kept keys.
    pub environments: Vec<Environment>,
    /// The saved and kept keys, which display masked.
    pub keys: Vec<ApiKey>,
    /// The result of saving, which is about the saved keys alone; its note names a kept key. `None` if all keys in the file
    /// still work and were kept.
    pub saved: Option<SaveResult>,
    /// The scopes that all of the keys have, as the server has sent them; `None` if it has sent none.
    pub scopes: Option<Vec<String>>,
    /// The environment of the key that was kept beside a saved one, for the command. Other callers find it in events and
    /// notes.
    #[doc(hidden)]
    pub kept: Option<Environment>,
}

impl LoginResult {
    /// The environments of the new keys.
    fn saved_environments(&self) -> Vec<Environment> {
        self.environments.iter().copied().filter(|environment| Some(*environment) != self.kept).collect()
    }
}

/// Binds a callback port and creates the URL for the browser, and waits for nothing. Everything else happens in
/// [`Attempt::wait`]: it checks that new keys could be saved, for which it asks git; waits for another login for the same
/// file; checks the keys in the file and returns them if they still work, unless `force` is set; otherwise it opens the
/// browser and serves the callback.
///
/// # Errors
/// - `ports_in_use`: none of the callback ports is free.
/// - `invalid_argument`: `server`, `directory`, `login_timeout`, `organization`, `scopes`.
///
/// ```no_run
/// # async fn log_in() -> libatmn::Result<()> {
/// let attempt = libatmn::start_login(&libatmn::LoginOptions::default())?;
/// println!("Log in at {}", attempt.url());
/// let handle = attempt.handle(); // for another thread: `submit` pasted text, or `cancel`
/// let result = attempt.wait(None).await?;
/// # let _ = (handle, result);
/// # Ok(())
/// # }
/// ```
pub fn start_login(options: &LoginOptions) -> Result<Attempt> {
    start_attempt(options, Cancel::new())
}

/// [`start_login`] with the flag that cancels it.
pub fn start_attempt(options: &LoginOptions, cancel: Cancel) -> Result<Attempt> {
    let host = Host::or_current(options.host.as_ref());
    Attempt::start(&host, options, Destination::of(options, &host)?, cancel)
}

/// Logs in, unless the keys in the file still work: [`start_login`] and [`Attempt::wait`] in one call.
///
/// Each key that the server accepts when the login begins stays, unless `force` is set. If the other one is missing or
/// rejected, the login saves that one alone, and only for the organization of the key that stays. If both work and belong
/// to two organizations, or to another one than `organization`, or do not have exactly `scopes`, the login replaces both.
/// A key that is not known to belong to the server is not sent there, and is replaced.
///
/// Only one login for a file runs at a time. Another one waits, which the event `login_waiting` reports, and then finds the
/// keys of the first.
///
/// Passes the login URL to the listener, opens the browser, waits for the callback, exchanges the code, and saves the
/// keys. Needs a tokio runtime with I/O and time.
///
/// # Errors
/// - `login_unattended`: there is no listener to show the login URL to the user.
/// - `login_denied`, `timed_out`, `cancelled`, `state_mismatch`: the login ended without an authorization code. A login
///   that is cancelled after the server has sent the keys saves them and succeeds.
/// - `timed_out`: another login for the same file did not end in time.
/// - `file_locked`: a variable got another value during the login; without `force`, it is not replaced.
/// - `organization_changed`: the user chose another organization than `organization`, or than that of a key that stays.
/// - `exchange_refused`, `exchange_unreadable`, `keys_refused`, or as for any request: no keys were saved. If the server
///   may have created keys, the context has `keys_may_exist` and the hint says where to delete them.
/// - As [`save_keys`](crate::save_keys): new keys could not be saved, which is checked before the user logs in.
/// - As [`start_login`].
///
/// ```no_run
/// use libatmn::{Cancel, LoginOptions, login, terminal_listener};
///
/// # async fn log_in() -> libatmn::Result<()> {
/// let mut listener = terminal_listener(std::io::stderr());
/// let result = login(&LoginOptions::default(), Some(&mut listener), &Cancel::new()).await?;
/// println!("{:?}", result.keys); // masked
/// # Ok(())
/// # }
/// ```
pub async fn login(options: &LoginOptions, listener: Option<Listener<'_>>, cancel: &Cancel) -> Result<LoginResult> {
    let Some(listener) = listener else {
        return Err(Error::new(ErrorCode::LoginUnattended, "A login needs a listener that shows the login URL.")
            .with_hint(Hint::PassListener));
    };
    let host = Host::or_current(options.host.as_ref());
    Attempt::start(&host, options, Destination::of(options, &host)?, cancel.child())?.wait(Some(listener)).await
}

/// Refuses a time limit of zero, with which no login can succeed.
fn check_timeout(timeout: Duration) -> Result<()> {
    if timeout.is_zero() {
        return Err(Error::zero("login_timeout"));
    }
    Ok(())
}

/// The error for a login that would end after the last time that the system can represent.
pub(crate) fn endless_login() -> Error {
    let year = if cfg!(windows) { "30828" } else { "292277026596" };
    Error::out_of_range(
        "login_timeout",
        format_args!("greater than zero, and the login must end before the year {year}"),
    )
}

/// The organization that the option names.
///
/// # Errors
/// `invalid_argument`: the option is empty, as it is when a variable of a script is not set, or it contains a key, spaces or
/// control characters.
pub(crate) fn expected_organization(option: Option<&str>) -> Result<Option<ExpectedOrganization>> {
    match option {
        Some("") => Err(Error::invalid("organization", "`organization` is empty.")
            .with_hint(Hint::from("Use an id or a slug.").and(Hint::OmitOption { option: "organization" }))),
        // Messages repeat the name of the organization.
        Some(name) if contains_secret(name, &[]) => {
            Err(Error::invalid("organization", "`organization` contains an API key or a token of Autumn.")
                .with_hint("Use an id or a slug."))
        }
        Some(name) if name.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Err(Error::invalid("organization", "`organization` contains spaces or control characters.")
                .with_hint("Use an id or a slug, which have none, instead of a name."))
        }
        named => Ok(named.map(|name| ExpectedOrganization::Named(name.to_owned()))),
    }
}

/// Whether an organization is the one that the option names.
///
/// # Errors
/// `invalid_argument`: the option is empty or contains a key.
pub fn organization_filter(option: Option<&str>) -> Result<impl Fn(&Organization) -> bool + use<>> {
    let expected = expected_organization(option)?;
    Ok(move |found: &Organization| {
        expected.as_ref().is_none_or(|expected| expected.accepts(&found.identity()) == Some(true))
    })
}
