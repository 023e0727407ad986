//! A login in two processes: one creates the URL and exits, another finishes with the text that the user pastes.

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::events::EventSink;
use super::finish::{Finish, finish_deadline};
use super::kept::{Checked, check_before_login};
use super::paste::{INCOMPLETE, PastedText, check_pasted};
use super::{Destination, LoginOptions, LoginResult, check_timeout};
use crate::callback::CallbackPort;
use crate::cancel::Cancel;
use crate::config::{DISCOVERY_TIMEOUT, LOGIN_TIMEOUT, PENDING_LOGIN_FILE_LIMIT, PENDING_LOGIN_LIFETIME};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, Listener};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::Http;
use crate::locations::shown;
use crate::oauth::{Authorization, discover, redirect_uri};
use crate::save::{EnvFile, Gitignore, existing_directory};
use crate::secret::{Secret, SecretBytes};
use crate::secure_file::{self, ReadError};
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
    let mut events = EventSink::new(Some(&mut listener), cancel.child());
    let checked = check_before_login(&host, options, &http, destination.expected.as_ref(), &mut events).await?;
    drop(events);
    match checked {
        Checked::Kept(kept) => Ok(BeginLoginResult::Kept(kept)),
        Checked::Ask(_) => pend(&host, options, http.server(), &reasons).map(BeginLoginResult::Pending),
    }
}

/// Makes the URL and stores what completes the login.
fn pend(host: &Host, options: &LoginOptions, server: &Server, reasons: &[String]) -> Result<PendingLogin> {
    let directory = existing_directory(options.directory.as_deref(), host)?;
    let folder = folder(host)?;
    forget_expired(&folder);
    let authorization = Authorization::new(server, &redirect_uri(free_port(options)?))?;
    let deadline = SystemTime::now() + PENDING_LOGIN_LIFETIME;
    let path = folder.join(file_name(&authorization.state));
    let content = record(options, server, as_text(&directory)?, &authorization, deadline);
    secure_file::create_private(&path, &content).map_err(|error| {
        // A partial record would count as a pending login.
        secure_file::remove(&path);
        unwritable(&path).with_system_cause(error)
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

/// Finishes a login that [`begin_login`] began, with the callback URL, its query, or, if exactly one login is pending, only
/// the code. Server and directory are those of `begin_login`. Checks the keys in the file again, since they may have
/// changed: each key that works is kept, unless `begin_login` had `force`; if all of them work, nothing is saved. Waits for
/// another login for the same file. Needs a tokio runtime with I/O and time.
///
/// # Errors
/// - `no_pending_login`: the text belongs to no pending login, or its ten minutes have passed.
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
    let stored = StoredLogin::read(&path, options.login_timeout)?;
    let response = pasted.response(&stored.authorization.state)?;
    let http = Http::new(Server::choose(stored.options.server.as_ref(), &host)?, &host);
    // A text that cannot complete the login does not use it up.
    let discovery = cancel.run(async { Ok(discover(&http, DISCOVERY_TIMEOUT).await) }).await?;
    check_pasted(&response, http.server(), discovery.as_ref())?;
    // Checked before the code is exchanged: the directory may have changed since `begin_login`.
    let destination = Destination::of(&stored.options, &host)?;
    destination.check(cancel)?;
    let mut events = EventSink::new(listener, cancel.child());
    let _lock = destination.lock(options.login_timeout, &mut events).await?;
    // The keys may have changed, too, so they are checked again. Events about them came from `begin_login`.
    let mut silent = EventSink::new(None, cancel.child());
    let checked = check_before_login(&host, &stored.options, &http, None, &mut silent).await?;
    claim(&path)?;
    let destination = match checked {
        Checked::Kept(kept) => return Ok(kept),
        Checked::Ask(working) => destination.keeping(working),
    };
    let until = finish_deadline(&stored.options);
    let finish = Finish {
        options: &stored.options,
        destination: &destination,
        authorization: &stored.authorization,
        http: &http,
    };
    finish.obtain_keys(response, discovery.as_ref(), until, &mut events).await
}

/// The record of a pending login.
struct StoredLogin {
    options: LoginOptions,
    authorization: Authorization,
}

impl StoredLogin {
    fn read(path: &Path, timeout: Duration) -> Result<Self> {
        match secure_file::read(path, PENDING_LOGIN_FILE_LIMIT) {
            Ok(bytes) => Self::parse(&bytes, timeout).ok_or_else(no_pending_login),
            Err(ReadError::Absent) => Err(no_pending_login()),
            Err(error) => Err(error.into_error(path)),
        }
    }

    fn parse(bytes: &SecretBytes, timeout: Duration) -> Option<Self> {
        let record: Value = serde_json::from_slice(bytes.reveal()).ok()?;
        let text = |name: &str| record.get(name)?.as_str().map(str::to_owned);
        let flag = |name: &str| record.get(name)?.as_bool();
        let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(record.get("deadline")?.as_u64()?);
        let options = LoginOptions {
            server: Some(Server::parse(&text("server")?).ok()?),
            directory: Some(PathBuf::from(text("directory")?)),
            login_timeout: timeout,
            force: flag("force")?,
            file: text("file").as_deref().map(EnvFile::parse).transpose().ok()?,
            sandbox_only: flag("sandbox_only")?,
            allow_tracked: flag("allow_tracked")?,
            gitignore: if flag("gitignore")? { Gitignore::Add } else { Gitignore::Never },
            organization: text("organization"),
            scopes: record.get("scopes").and_then(Value::as_array).map(|scopes| texts(scopes)),
            ..LoginOptions::default()
        };
        let authorization = Authorization {
            url: String::new(),
            state: Secret::from(text("state")?),
            verifier: Secret::from(text("verifier")?),
            redirect_uri: text("redirect_uri")?,
        };
        (deadline > SystemTime::now()).then_some(Self { options, authorization })
    }
}

/// The path as text. A lossy conversion could name another directory.
fn as_text(directory: &Path) -> Result<&str> {
    directory.to_str().ok_or_else(|| {
        Error::invalid("directory", format!("The path `{}` is not valid UTF-8.", shown(directory)))
            .with_hint(Hint::LogInInOneStep.and("Or use another directory."))
    })
}

fn record(
    options: &LoginOptions,
    server: &Server,
    directory: &str,
    authorization: &Authorization,
    deadline: SystemTime,
) -> SecretBytes {
    let milliseconds = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let record = json!({
        "server": server.api(),
        "directory": directory,
        "file": options.file.map(EnvFile::name),
        "force": options.force,
        "sandbox_only": options.sandbox_only,
        "allow_tracked": options.allow_tracked,
        "gitignore": options.gitignore == Gitignore::Add,
        "organization": options.organization,
        "scopes": options.scopes,
        "state": authorization.state.reveal(),
        "verifier": authorization.verifier.reveal(),
        "redirect_uri": authorization.redirect_uri,
        "deadline": u64::try_from(milliseconds).unwrap_or(u64::MAX),
    });
    SecretBytes::from(record.to_string().into_bytes())
}

fn texts(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The file of the login that a pasted text belongs to.
fn find(pasted: &PastedText, host: &Host) -> Result<PathBuf> {
    let folder = folder(host)?;
    forget_expired(&folder);
    let pending = pending_files(&folder);
    if let Some(state) = pasted.state() {
        let path = folder.join(file_name(&state));
        return if pending.is_empty() || pending.contains(&path) { Ok(path) } else { Err(other_login()) };
    }
    match pending.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(no_pending_login()),
        _ => Err(Error::new(
            ErrorCode::NoPendingLogin,
            "Several logins are pending, and the text does not identify one.",
        )
        .with_hint("Paste the complete URL that the browser shows at the end.")),
    }
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
    let unusable = |error| unwritable(Path::new("the state directory")).with_system_cause(error);
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
    std::fs::rename(path, &claimed).map_err(|_| no_pending_login())?;
    secure_file::remove(Path::new(&claimed));
    Ok(())
}

fn unwritable(path: &Path) -> Error {
    Error::new(ErrorCode::FileUnwritable, format!("Cannot store the pending login in `{}`.", shown(path)))
        .with_hint(Hint::from("Set `XDG_STATE_HOME` or `HOME` to a private directory.").and(Hint::LogInInOneStep))
}

/// The error for a URL with a wrong state, while other logins are pending.
fn other_login() -> Error {
    Error::new(ErrorCode::NoPendingLogin, INCOMPLETE).with_hint(
        Hint::from("Paste the complete URL that the browser shows at the end; the login is still pending.")
            .and(Hint::BeginLogin),
    )
}

fn no_pending_login() -> Error {
    Error::new(ErrorCode::NoPendingLogin, "No pending login belongs to this text.").with_hint(Hint::BeginLogin)
}
