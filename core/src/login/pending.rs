//! A login in two processes: one makes the address and ends, another finishes with what the person pastes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::attempt::Events;
use super::finish::Finish;
use super::paste::Pasted;
use super::{Destination, LoginOptions, LoginResult, check_timeout};
use crate::callback::Answer;
use crate::cancel::Cancel;
use crate::config::{DISCOVERY_TIMEOUT, PENDING_LOGIN_LIFETIME};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Listener;
use crate::hint::Hint;
use crate::http::Http;
use crate::locations::shown;
use crate::oauth::{Authorization, discover, redirect_uri};
use crate::save::{Gitignore, existing_directory};
use crate::secret::{Secret, SecretBytes};
use crate::secure_file::{self, ReadError};
use crate::server::Server;
use crate::text::hex;

/// Largest file about a login to be completed, in bytes.
const FILE_LIMIT: u64 = 64 * 1024;
/// What such files are called, behind a hash of the state.
const SUFFIX: &str = ".login.json";

/// A login that waits to be completed. `Debug` does not show the address.
#[derive(Clone)]
pub struct PendingLogin {
    /// The address to log in at; for the person alone.
    pub url: String,
    /// Until when it can be completed.
    pub deadline: SystemTime,
    /// Ready to print beside the address: what to do, and what not.
    pub note: String,
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PendingLogin").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// Makes the address for a login that [`complete_login`] finishes, within ten minutes and perhaps in another process.
/// What that needs is kept in a private file; no port is taken, and no browser opens.
///
/// # Errors
/// - `file_unwritable`: there is no private directory to keep it in.
/// - As [`start_login`](crate::start_login), except for ports.
///
/// ```no_run
/// let begun = libatmn::begin_login(&libatmn::LoginOptions::default())?;
/// println!("{}\n{}", begun.note, begun.url);
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn begin_login(options: &LoginOptions) -> Result<PendingLogin> {
    Destination::of(options)?.check()?;
    let directory = existing_directory(options.directory.as_deref())?;
    let folder = folder()?;
    forget_expired(&folder);
    let server = Server::choose(options.server.as_ref())?;
    // The one that a login which waits takes last: its page would tell the person to close the tab with our answer.
    let authorization = Authorization::new(&server, &redirect_uri(*options.ports.end()))?;
    let deadline = SystemTime::now() + PENDING_LOGIN_LIFETIME;
    let path = folder.join(file_name(&authorization.state));
    let content = record(options, &server, as_text(&directory)?, &authorization, deadline);
    secure_file::create_private(&path, &content).map_err(|error| {
        // Half a record would be counted as a login that waits.
        secure_file::remove(&path);
        unwritable(&path).with_cause(error)
    })?;
    Ok(PendingLogin {
        url: authorization.url,
        deadline,
        note: "Log in at this URL. The last page will not load; paste its URL here. Do not share these URLs."
            .to_owned(),
    })
}

/// Finishes a login that [`begin_login`] began: with the address that the browser ended at, its query, or, if exactly
/// one login is waiting, the code alone. Server and directory are those of the beginning. Needs a tokio runtime with I/O
/// and time.
///
/// # Errors
/// - `no_pending_login`: there is none that the text belongs to, or its ten minutes have passed.
/// - `invalid_argument`, `state_mismatch`: the text is no answer.
/// - As [`save_keys`](crate::save_keys): the keys could not be saved. Once that is put right, the same text completes the
///   login.
/// - As [`login`](crate::login).
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn complete() -> libatmn::Result<()> {
/// let pasted = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
/// let done = libatmn::complete_login(&pasted, Duration::from_secs(30), None, &libatmn::Cancel::new()).await?;
/// # let _ = done;
/// # Ok(())
/// # }
/// ```
pub async fn complete_login(
    text: &str,
    timeout: Duration,
    listener: Option<Listener<'_>>,
    cancel: &Cancel,
) -> Result<LoginResult> {
    check_timeout(timeout)?;
    let pasted = Pasted::read(text)?;
    let path = find(&pasted)?;
    let pending = Pending::read(&path, timeout)?;
    let answer = pasted.answer(&pending.authorization.state)?;
    // Ten minutes have changed more than one directory; the code is good until it is exchanged.
    let destination = Destination::of(&pending.options)?;
    destination.check()?;
    claim(&path)?;
    pending.finish(&destination, answer, listener, cancel).await
}

struct Pending {
    options: LoginOptions,
    authorization: Authorization,
}

impl Pending {
    fn read(path: &Path, timeout: Duration) -> Result<Self> {
        match secure_file::read(path, FILE_LIMIT) {
            Ok(bytes) => Self::parse(&bytes, timeout).ok_or_else(none),
            Err(ReadError::Absent) => Err(none()),
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
            sandbox_only: flag("sandbox_only")?,
            allow_tracked: flag("allow_tracked")?,
            gitignore: if flag("gitignore")? { Gitignore::Add } else { Gitignore::Never },
            organization: text("organization"),
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

    async fn finish(
        self,
        destination: &Destination,
        answer: Answer,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<LoginResult> {
        let mut events = Events::new(listener, cancel.child());
        let http = Http::new(Server::choose(self.options.server.as_ref())?);
        let finish = Finish { options: &self.options, destination, authorization: &self.authorization, http: &http };
        let until = finish.until();
        let discovery = cancel.run(async { Ok(discover(&http, DISCOVERY_TIMEOUT).await) }).await?;
        finish.to_keys(answer, discovery.as_ref(), until, &mut events).await
    }
}

/// What is kept is text, and keys must not end up in a directory that is only called alike.
fn as_text(directory: &Path) -> Result<&str> {
    directory.to_str().ok_or_else(|| {
        Error::invalid("directory", format!("The path {} is not valid UTF-8.", shown(directory)))
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
        "sandbox_only": options.sandbox_only,
        "allow_tracked": options.allow_tracked,
        "gitignore": options.gitignore == Gitignore::Add,
        "organization": options.organization,
        "state": authorization.state.reveal(),
        "verifier": authorization.verifier.reveal(),
        "redirect_uri": authorization.redirect_uri,
        "deadline": u64::try_from(milliseconds).unwrap_or(u64::MAX),
    });
    SecretBytes::from(record.to_string().into_bytes())
}

/// The file of the login that a pasted text belongs to.
fn find(pasted: &Pasted) -> Result<PathBuf> {
    let folder = folder()?;
    forget_expired(&folder);
    if let Some(state) = pasted.state() {
        return Ok(folder.join(file_name(&state)));
    }
    let waiting = pending(&folder);
    match waiting.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(none()),
        _ => Err(Error::new(ErrorCode::NoPendingLogin, "Several logins are waiting, and the text does not say which.")
            .with_hint("Paste the complete URL that the browser shows in the end.")),
    }
}

fn pending(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().ends_with(SUFFIX)).collect()
}

/// Logins that nobody completed in time, claims of processes that died among them.
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

fn folder() -> Result<PathBuf> {
    secure_file::state_directory().map_err(|error| unwritable(Path::new("the state directory")).with_cause(error))
}

/// Not the state itself, which whoever lists the directory would learn.
fn file_name(state: &Secret) -> String {
    let hash = Sha256::digest(state.reveal().as_bytes());
    hex(&hash) + SUFFIX
}

/// Takes the file away before the code is exchanged: of two processes, only one can.
fn claim(path: &Path) -> Result<()> {
    let mut claimed = path.as_os_str().to_owned();
    claimed.push(".claimed");
    std::fs::rename(path, &claimed).map_err(|_| none())?;
    secure_file::remove(Path::new(&claimed));
    Ok(())
}

fn unwritable(path: &Path) -> Error {
    Error::new(ErrorCode::FileUnwritable, format!("The login cannot be kept in {}.", shown(path)))
        .with_hint(Hint::from("Set `XDG_STATE_HOME` or `HOME` to a private directory.").and(Hint::LogInInOneStep))
}

fn none() -> Error {
    Error::new(ErrorCode::NoPendingLogin, "No login is waiting for this answer.").with_hint(Hint::BeginLogin)
}
