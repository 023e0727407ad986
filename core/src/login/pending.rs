//! A login in two processes: one creates the URL and exits, another finishes with the text that the user pastes.

use std::fmt;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::before::ValuesBefore;
use super::events::EventSink;
use super::finish::{Finish, finish_deadline};
use super::kept::{Checked, check_before_login};
use super::paste::{INCOMPLETE, PastedText, check_pasted};
use super::stored_login::{StoredLogin, as_text, is_gone, record};
use super::{Destination, LoginOptions, LoginResult, check_timeout};
use crate::callback::CallbackPort;
use crate::cancel::Cancel;
use crate::config::{DISCOVERY_TIMEOUT, LOGIN_TIMEOUT, PENDING_LOGIN_LIFETIME};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, Listener};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::Http;
use crate::locations::{shown, without_key};
use crate::oauth::{Authorization, discover, redirect_uri};
use crate::save::existing_directory;
use crate::secret::Secret;
use crate::secure_file;
use crate::server::Server;
use crate::text::hex;

/// The end of the file name, after a hash of the state.
const SUFFIX: &str = ".login.json";

const INSTRUCTIONS: &str =
    "Log in at this URL. The last page will not load; paste its URL here. Do not share these URLs.";

/// A login that waits to be completed. `Debug` does not show the URL.
#[derive(Clone)]
pub struct PendingLogin {
    /// The login URL. Show it only to the user who logs in.
    pub url: String,
    /// The time until which the login can be completed.
    pub deadline: SystemTime,
    /// Instructions to print next to the URL: why a login is needed and which organization to choose, where that is known,
    /// and what to do.
    pub note: String,
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PendingLogin").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// The result of [`begin_login`].
#[allow(clippy::large_enum_variant)] // a login has one result
#[derive(Clone, Debug)]
pub enum BeginLoginResult {
    /// The user must log in at this URL.
    Pending(PendingLogin),
    /// All keys in the file still work and were kept; nothing is pending.
    Kept(LoginResult),
}

/// How to complete a login.
#[derive(Clone, Debug)]
pub struct CompleteOptions {
    /// The time limit. The default is five minutes.
    pub login_timeout: Duration,
    /// The environment variables and the working directory; by default those of the process.
    pub host: Option<Host>,
}

impl Default for CompleteOptions {
    fn default() -> Self {
        Self { login_timeout: LOGIN_TIMEOUT, host: None }
    }
}

/// Creates the URL for a login that [`complete_login`] finishes within ten minutes, in this or another process. The state
/// is kept in a private file; no port stays bound, and no browser opens. The URL names a callback port that is free now:
/// another program on it would receive the code. Each key in the file that still works is kept, unless `force` is set.
/// Needs a tokio runtime with I/O and time.
///
/// # Errors
/// - `file_unwritable`: there is no private directory for the state.
/// - `ports_in_use`: none of the callback ports is free.
/// - As [`login`](crate::login) before the user logs in.
///
/// ```no_run
/// use libatmn::{BeginLoginResult, Cancel, LoginOptions, begin_login};
///
/// # async fn begin() -> libatmn::Result<()> {
/// match begin_login(&LoginOptions::default(), &Cancel::new()).await? {
///     BeginLoginResult::Pending(login) => println!("{}\n{}", login.note, login.url),
///     BeginLoginResult::Kept(result) => println!("{} keys still work.", result.keys.len()),
/// }
/// # Ok(())
/// # }
/// ```
pub async fn begin_login(options: &LoginOptions, cancel: &Cancel) -> Result<BeginLoginResult> {
    check_timeout(options.login_timeout)?;
    options.wanted_scopes()?;
    let host = Host::or_current(options.host.as_ref());
    as_text(&existing_directory(options.directory.as_deref(), &host)?)?;
    let destination = Destination::of(options, &host)?;
    destination.check(cancel)?;
    let http = Http::new(Server::choose(options.server.as_ref(), &host)?, &host);
    let mut reasons = Vec::new();
    let mut listener = |event: &Event| {
        // The wait for a slow server, which such an event reports, is over.
        if !event.context.contains_key("server") {
            reasons.push(event.message.clone());
        }
        ControlFlow::Continue(())
    };
    let mut events = EventSink::new(Some(&mut listener), cancel.inner());
    let checked = check_before_login(&host, options, &http, &destination, &mut events).await?;
    drop(events);
    match checked {
        Checked::Kept(kept) => Ok(BeginLoginResult::Kept(kept)),
        Checked::Ask(_) => {
            pend(&host, options, http.server(), &destination.before, &reasons).map(BeginLoginResult::Pending)
        }
    }
}

/// Makes the URL and stores what completes the login.
fn pend(
    host: &Host,
    options: &LoginOptions,
    server: &Server,
    before: &ValuesBefore,
    reasons: &[String],
) -> Result<PendingLogin> {
    let directory = existing_directory(options.directory.as_deref(), host)?;
    let folder = folder(host)?;
    forget_expired(&folder);
    let authorization = Authorization::new(server, &redirect_uri(free_port(options)?))?;
    let deadline = SystemTime::now() + PENDING_LOGIN_LIFETIME;
    let path = folder.join(file_name(&authorization.state));
    let content = record(options, server, as_text(&directory)?, &authorization, before, deadline);
    secure_file::create_private(&path, &content).map_err(|error| {
        // A partial record would count as a pending login.
        secure_file::remove(&path);
        unwritable(&format!("`{}`", shown(&path))).with_system_cause(error)
    })?;
    Ok(PendingLogin {
        url: authorization.url,
        deadline,
        note: [reasons, &[INSTRUCTIONS.to_owned()]].concat().join(" "),
    })
}

/// The last free port, since other logins take the first: if one of them serves it, its page tells the user to close the
/// tab, and the callback URL is lost.
fn free_port(options: &LoginOptions) -> Result<u16> {
    let last = options.ports.clone().rev().find_map(|port| CallbackPort::bind(port..=port).ok());
    last.map_or_else(|| CallbackPort::bind(options.ports.clone()), Ok).map(|bound| bound.port())
}

/// Finishes a login that [`begin_login`] began, with the callback URL, its query, or, if exactly one login is pending,
/// only the code. Server and directory are those of `begin_login`. Checks the keys in the file again, since they may
/// have changed: each key that works is kept, unless `begin_login` had `force`; any other value is replaced if it was
/// there when the login began, and ends in `file_locked` if it was not; if all keys work, nothing is saved. Waits for
/// another login for the same file. Needs a tokio runtime with I/O and time.
///
/// # Errors
/// - `no_pending_login`: the text belongs to no pending login, its ten minutes have passed, or its directory no longer exists.
/// - `invalid_argument`, `state_mismatch`: the text is not a callback URL, or not a complete one. The login stays pending.
/// - As [`save_keys`](crate::save_keys): new keys could not be saved. Fix the cause and submit the same text again.
/// - As [`login`](crate::login).
///
/// ```no_run
/// use libatmn::{Cancel, CompleteOptions, complete_login};
///
/// # async fn complete() -> libatmn::Result<()> {
/// let pasted = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
/// let result = complete_login(&pasted, &CompleteOptions::default(), None, &Cancel::new()).await?;
/// # let _ = result;
/// # Ok(())
/// # }
/// ```
pub async fn complete_login(
    text: &str,
    options: &CompleteOptions,
    listener: Option<Listener<'_>>,
    cancel: &Cancel,
) -> Result<LoginResult> {
    check_timeout(options.login_timeout)?;
    let host = Host::or_current(options.host.as_ref());
    let pasted = PastedText::parse(text)?;
    let path = find(&pasted, &host)?;
    let stored = StoredLogin::read(&path, options.login_timeout)?.ok_or_else(no_pending_login)?;
    let response = pasted.response(&stored.authorization.state)?;
    let http = Http::new(Server::choose(stored.options.server.as_ref(), &host)?, &host);
    // A text that cannot complete the login does not use it up.
    let discovery = cancel.run(async { Ok(discover(&http, DISCOVERY_TIMEOUT).await) }).await?;
    check_pasted(&response, http.server(), discovery.as_ref())?;
    let mut destination =
        Destination::of(&stored.options, &host).map_err(|error| of_begun_login(error, &stored.options))?;
    destination.before = stored.before;
    let mut events = EventSink::new(listener, cancel.inner());
    // Checks before the code is exchanged: the directory may have changed since `begin_login`.
    let _lock = destination.lock(options.login_timeout, &mut events).await.map_err(to_begin_again)?;
    // The keys may have changed, too, so they are checked again. Events about them came from `begin_login`.
    let mut silent = EventSink::new(None, cancel.inner());
    let checked = check_before_login(&host, &stored.options, &http, &destination, &mut silent).await;
    let checked = checked.map_err(to_begin_again)?;
    let destination = match checked {
        Checked::Kept(kept) => return claim(&path).map(|()| kept),
        Checked::Ask(working) => destination.keeping(working),
    };
    destination.check_unchanged().map_err(|error| error.with_hint(Hint::BeginLogin))?;
    claim(&path)?;
    let until = finish_deadline(&stored.options);
    let finish = Finish {
        options: &stored.options,
        destination: &destination,
        authorization: &stored.authorization,
        http: &http,
    };
    finish.obtain_keys(response, discovery.as_ref(), until, &mut events).await
}

/// The file of the login that a pasted text belongs to.
fn find(pasted: &PastedText, host: &Host) -> Result<PathBuf> {
    let folder = folder(host)?;
    forget_expired(&folder);
    match pasted.state() {
        Some(state) => find_by_state(&folder, &state),
        None => find_only(&folder),
    }
}

fn find_by_state(folder: &Path, state: &Secret) -> Result<PathBuf> {
    let path = folder.join(file_name(state));
    let pending = pending_files(folder);
    if pending.is_empty() {
        return Err(no_pending_login());
    }
    if !pending.contains(&path) {
        return Err(other_login());
    }
    // The others may be on a disk that does not answer, and have no part in this login.
    match forget_if_gone(&path) {
        Some(directory) => Err(directory_is_gone(&directory)),
        None => Ok(path),
    }
}

/// The only login that is pending. Those that can no longer be completed do not count.
fn find_only(folder: &Path) -> Result<PathBuf> {
    let mut gone = Vec::new();
    let pending = pending_files(folder).into_iter().filter(|path| match forget_if_gone(path) {
        Some(directory) => {
            gone.push(directory);
            false
        }
        None => true,
    });
    match (pending.collect::<Vec<_>>().as_slice(), gone.as_slice()) {
        ([only], _) => Ok(only.clone()),
        ([], [directory]) => Err(directory_is_gone(directory)),
        ([], _) => Err(no_pending_login()),
        _ => Err(Error::new(
            ErrorCode::NoPendingLogin,
            "Several logins are pending, and the text does not identify one.",
        )
        .with_hint("Paste the complete URL that the browser shows at the end.")),
    }
}

/// Removes a login whose directory no longer exists, and returns the directory: its keys have nowhere to go.
fn forget_if_gone(path: &Path) -> Option<PathBuf> {
    let directory = StoredLogin::read_directory(path)?;
    if !is_gone(&directory) {
        return None;
    }
    secure_file::remove(path);
    Some(directory)
}

fn pending_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().ends_with(SUFFIX)).collect()
}

/// Removes the files of logins that expired, including claims of processes that died.
fn forget_expired(folder: &Path) {
    let limit = PENDING_LOGIN_LIFETIME;
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_old = |path: &PathBuf| {
        let written = path.symlink_metadata().and_then(|metadata| metadata.modified());
        written.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > limit))
    };
    let ours = |path: &PathBuf| path.to_string_lossy().contains(SUFFIX);
    entries.filter(|path| ours(path) && is_old(path)).for_each(|path| secure_file::remove(&path));
}

fn folder(host: &Host) -> Result<PathBuf> {
    let unusable = |error| unwritable("the state directory").with_system_cause(error);
    secure_file::state_directory(host).map_err(unusable)
}

/// A hash of the state, so that listing the directory does not reveal the state.
fn file_name(state: &Secret) -> String {
    let hash = Sha256::digest(state.reveal().as_bytes());
    hex(&hash) + SUFFIX
}

/// Claims the login before the code is exchanged. The rename succeeds in only one of two processes.
fn claim(path: &Path) -> Result<()> {
    let mut claimed = path.as_os_str().to_owned();
    claimed.push(".claimed");
    std::fs::rename(path, &claimed).map_err(|error| match error.kind() {
        ErrorKind::NotFound => no_pending_login(),
        _ => {
            let message = format!("Cannot claim the pending login in `{}`.", shown(path));
            Error::new(ErrorCode::FileUnwritable, message).with_system_cause(error)
        }
    })?;
    secure_file::remove(Path::new(&claimed));
    Ok(())
}

/// The error if the login cannot be stored in `place`, which completes "in …".
fn unwritable(place: &str) -> Error {
    Error::new(ErrorCode::FileUnwritable, format!("Cannot store the pending login in {place}.")).with_hint(
        Hint::from(format!("Set {} to a private directory.", secure_file::STATE_VARIABLES)).and(Hint::LogInInOneStep),
    )
}

/// The error for a URL with a wrong state, while other logins are pending.
fn other_login() -> Error {
    Error::new(ErrorCode::NoPendingLogin, INCOMPLETE).with_hint(
        Hint::from("Paste the complete URL that the browser shows at the end; the login is still pending.")
            .and(Hint::BeginLogin),
    )
}

/// The error for a login that has been forgotten.
fn directory_is_gone(directory: &Path) -> Error {
    let message = format!("The pending login was for {}, which no longer exists.", shown(directory));
    Error::new(ErrorCode::NoPendingLogin, message)
        .with_hint(Hint::BeginLogin)
        .with("path", without_key(directory).to_string_lossy())
}

/// An error about the directory of the pending login, which is not an argument of the call that completes it.
fn of_begun_login(error: Error, stored: &LoginOptions) -> Error {
    if error.code != ErrorCode::InvalidArgument
        || error.context.get("option").is_none_or(|option| option != "directory")
    {
        return error;
    }
    let directory = stored.directory.as_deref().unwrap_or_else(|| Path::new(""));
    let message = format!("The pending login is for {}, which cannot be read.", shown(directory));
    let mut error = Error { code: ErrorCode::FileUnreadable, message, ..error };
    error.context.remove("option");
    error.with_hint(Hint::from("Make the directory available, then complete the login.").and(Hint::BeginLogin))
}

/// An error whose way out may be an option of the call that begins a login.
fn to_begin_again(error: Error) -> Error {
    let Some(hint) = error.hint.as_deref().cloned() else { return error };
    let pending = Hint::from("The login is still pending, so the same text may work later.").and(Hint::BeginLogin);
    let options = ["force", "file", "allow_tracked"];
    match options.iter().try_fold(hint.clone(), |hint, option| hint.without_option(option)) {
        Some(left) if left == hint => error,
        Some(left) => error.with_hint(left.and(pending)),
        None => error.with_hint(pending),
    }
}

fn no_pending_login() -> Error {
    Error::new(ErrorCode::NoPendingLogin, "No pending login belongs to this text.").with_hint(Hint::BeginLogin)
}
