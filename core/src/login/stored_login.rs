//! The record of a login between the processes that begin and complete it.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::Builder;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::LoginOptions;
use super::before::ValuesBefore;
use crate::config::{DIRECTORY_TIMEOUT, LOGIN_TIMEOUT, PENDING_LOGIN_FILE_LIMIT};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::locations::{is_absent, shown};
use crate::oauth::Authorization;
use crate::save::{EnvFile, Gitignore};
use crate::secret::{Secret, SecretBytes};
use crate::secure_file::{self, ReadError};
use crate::server::Server;
use crate::threads;

/// The record of a pending login.
pub(super) struct StoredLogin {
    pub(super) options: LoginOptions,
    pub(super) authorization: Authorization,
    pub(super) before: ValuesBefore,
}

impl StoredLogin {
    /// The record in a file; `None` if there is none, or one that has expired.
    pub(super) fn read(path: &Path, timeout: Duration) -> Result<Option<Self>> {
        match secure_file::read(path, PENDING_LOGIN_FILE_LIMIT) {
            Ok(bytes) => Ok(Self::parse(&bytes, timeout)),
            Err(ReadError::Absent) => Ok(None),
            Err(error) => Err(error.into_error(path)),
        }
    }

    /// The directory of the record in a file, if it can be read.
    pub(super) fn read_directory(path: &Path) -> Option<PathBuf> {
        Self::read(path, LOGIN_TIMEOUT).ok()??.options.directory
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
        let before = ValuesBefore::from_json(record.get("before")?)?;
        let authorization = Authorization {
            url: String::new(),
            state: Secret::from(text("state")?),
            verifier: Secret::from(text("verifier")?),
            redirect_uri: text("redirect_uri")?,
        };
        (deadline > SystemTime::now()).then_some(Self { options, authorization, before })
    }
}

/// The path as text. A lossy conversion could name another directory.
pub(super) fn as_text(directory: &Path) -> Result<&str> {
    directory.to_str().ok_or_else(|| {
        Error::invalid("directory", format!("The path `{}` is not valid UTF-8.", shown(directory)))
            .with_hint(Hint::LogInInOneStep.and("Or use another directory."))
    })
}

pub(super) fn record(
    options: &LoginOptions,
    server: &Server,
    directory: &str,
    authorization: &Authorization,
    before: &ValuesBefore,
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
        "before": before.to_json(),
        "deadline": u64::try_from(milliseconds).unwrap_or(u64::MAX),
    });
    SecretBytes::from(record.to_string().into_bytes())
}

fn texts(values: &[Value]) -> Vec<String> {
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether there is certainly no such directory any more: nothing, or another kind of file. One that cannot be read, or that
/// is on a disk that does not answer, may come back.
pub(super) fn is_gone(directory: &Path) -> bool {
    let (sender, receiver) = mpsc::channel();
    let directory = directory.to_path_buf();
    // A call about a network disk can take forever, so it has its own thread.
    let asked = threads::spawn(Builder::new(), move || {
        let gone = match std::fs::metadata(&directory) {
            Ok(found) => !found.is_dir(),
            Err(error) => is_absent(&error),
        };
        // The receiver has gone if it took too long.
        let _ = sender.send(gone);
    });
    asked.is_ok() && receiver.recv_timeout(DIRECTORY_TIMEOUT).unwrap_or(false)
}
