//! The lock that allows one login for a file at a time, among all programs of a user.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::cancel::Cancel;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::locations::shown;
use crate::save::located;
use crate::secure_file::{Lock, LockResult};
use crate::text::quoted;

/// The lock of a login, which is released on drop.
pub(crate) struct LoginLock {
    /// `None` where locking is impossible.
    lock: Option<Lock>,
    /// The file, as it was named last.
    pub(crate) file: PathBuf,
    /// Whether another login was waited for.
    pub(crate) waited: bool,
    /// The error of the login that this one has waited for.
    pub(crate) failure: Option<Error>,
}

impl LoginLock {
    /// Waits until no other login for the file runs. Events report the wait, in these words about the path, and that locking
    /// is impossible. After a wait, `file` is called again: the login may have to write another file now, or none.
    ///
    /// # Errors
    /// `timed_out`: the other login did not end in time; `cancelled`; those of `file`, and of a file that must not be edited.
    pub(crate) async fn acquire(
        host: &Host,
        file: impl Fn() -> Result<PathBuf>,
        limit: Duration,
        cancel: &Cancel,
        waiting: impl Fn(&str) -> String,
        mut emit: impl FnMut(Event),
    ) -> Result<Self> {
        let until = Instant::now() + limit;
        let (mut named, mut waited) = (file()?, false);
        loop {
            let target = located(&named)?.path;
            let (lock, failure) = match Lock::login(host, &target) {
                LockResult::Held(lock) => (Some(lock), None),
                LockResult::Impossible => (None, None),
                LockResult::Busy => {
                    waited = true;
                    emit(login_waiting(&target, &waiting));
                    let left = until.saturating_duration_since(Instant::now());
                    let freed = timeout(left, Lock::login_when_free(host, &target));
                    let mut lock = cancel.run(async { freed.await.map_err(|_| wait_timed_out(&target)) }).await?;
                    let failure = lock.as_mut().and_then(|lock| read_failure(&lock.message()));
                    named = file()?;
                    if located(&named)?.path != target {
                        continue;
                    }
                    (lock, failure)
                }
            };
            let mut acquired = Self { lock, file: named, waited, failure };
            match &mut acquired.lock {
                Some(lock) if acquired.failure.is_none() => lock.leave_message(""),
                Some(_) => {}
                None => emit(unlocked()),
            }
            return Ok(acquired);
        }
    }

    /// Forgets the error of the login before: this one begins anew, and its own result counts for those that wait.
    pub(crate) fn forget_failure(&mut self) {
        self.failure = None;
        if let Some(lock) = &mut self.lock {
            lock.leave_message("");
        }
    }

    /// Leaves the error for the logins that wait for the lock. After a cancellation, the next program logs in, and after a
    /// change of the file, it looks for the key again.
    pub(crate) fn leave_failure(&mut self, error: &Error) {
        if let Some(lock) = &mut self.lock
            && !matches!(error.code, ErrorCode::Cancelled | ErrorCode::FileLocked)
        {
            lock.leave_message(&json!({ "code": error.code.name(), "message": error.message }).to_string());
        }
    }
}

/// The error that the previous holder of the lock left.
fn read_failure(word: &str) -> Option<Error> {
    let word: Value = serde_json::from_str(word).ok()?;
    let text = |name: &str| word.get(name)?.as_str();
    let code = ErrorCode::ALL.iter().find(|code| Some(code.name()) == text("code"))?;
    let message = quoted(text("message")?.trim_end_matches('.'));
    Some(
        Error::new(*code, format!("Another program's login for the same key failed: {message}."))
            .with_hint(Hint::LogInAgain),
    )
}

fn wait_timed_out(file: &Path) -> Error {
    Error::new(ErrorCode::TimedOut, "Another login for the same keys did not end before the deadline.")
        .with_hint("Finish or cancel that login, then try again.")
        .with("path", file.to_string_lossy())
}

fn login_waiting(file: &Path, message: impl Fn(&str) -> String) -> Event {
    let path = shown(file);
    Event::new(EventCode::LoginWaiting, message(&path)).with("path", path)
}

fn unlocked() -> Event {
    Event::new(EventCode::Hint, "Could not lock the file; avoid logging in from two programs at once.")
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use tokio::sync::oneshot;

    use super::*;
    use crate::login::events::EventSink;
    use crate::login::{Destination, LoginOptions};

    const LONG: Duration = Duration::from_secs(300);

    fn acquire(
        host: &Host,
        file: &Path,
        cancel: &Cancel,
        emit: impl FnMut(Event),
    ) -> impl Future<Output = Result<LoginLock>> {
        LoginLock::acquire(host, || Ok(file.to_path_buf()), LONG, cancel, str::to_owned, emit)
    }

    /// A program whose login fails, a user's login that goes on, and a third one: each waits for the one before it.
    #[test]
    fn failure_reaches_the_next_login_and_not_the_one_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().to_path_buf();
        let state = directory.join("state");
        let state = state.to_str().unwrap();
        let host = Host::new([("XDG_STATE_HOME", state), ("LOCALAPPDATA", state)], Some(directory.clone()));
        let (file, cancel) = (directory.join(".env"), Cancel::new());
        let options = LoginOptions { directory: Some(directory), ..LoginOptions::default() };
        let mut destination = Destination::of(&options, &host).unwrap();
        let denied = Error::new(ErrorCode::LoginDenied, "The user refused.");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut first = acquire(&host, &file, &cancel, |event| panic!("{event:?}")).await.unwrap();
            let (told, tells) = oneshot::channel();
            let mut told = Some(told);
            let mut listener = |_: &Event| {
                told.take().unwrap().send(()).unwrap();
                ControlFlow::Continue(())
            };
            let mut events = EventSink::new(Some(&mut listener), cancel.inner());
            let fails = async move {
                tells.await.unwrap();
                first.leave_failure(&denied);
            };
            let second = tokio::join!(destination.lock(LONG, &mut events), fails).0.unwrap();
            let (told, tells) = oneshot::channel();
            let mut told = Some(told);
            let waits = acquire(&host, &file, &cancel, |_| told.take().unwrap().send(()).unwrap());
            let succeeds = async move {
                tells.await.unwrap();
                drop(second);
            };
            let third = tokio::join!(waits, succeeds).0.unwrap();
            assert!(third.failure.is_none(), "{:?}", third.failure);
        });
    }
}
