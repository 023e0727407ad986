//! Logins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use libatmn::__internal::login::{ended, start_attempt as start_login};
use libatmn::__internal::panics::catch_panic;
use libatmn::{AttemptHandle, Cancel, CompleteOptions, LoginOptions, Result, begin_login, complete_login, login};
use napi_derive::napi;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::call::{Call, JsCallback, start, start_blocking, start_with};
use crate::caller::caller;
use crate::convert;
use crate::envelope::answer;
use crate::host::HostView;
use crate::options::{LoginObject, duration};

/// `login`
#[napi(catch_unwind, js_name = "login")]
pub fn log_in(options: LoginObject, has_listener: bool, callback: JsCallback) -> Call {
    start(callback, has_listener, |mut events, cancel| async move {
        Ok(convert::login_result(&login(&options.read()?, events.listener(), &cancel).await?).into())
    })
}

/// `beginLogin`
#[napi(catch_unwind, js_name = "beginLogin")]
pub fn begin(options: LoginObject, callback: JsCallback) -> Call {
    start_blocking(callback, move |cancel| {
        let begun = Handle::current().block_on(begin_login(&options.read()?, cancel))?;
        Ok(convert::begin_login_result(&begun))
    })
}

/// `completeLogin`
#[napi(catch_unwind, js_name = "completeLogin")]
pub fn complete(
    text: String,
    login_timeout_ms: Option<f64>,
    host: HostView,
    has_listener: bool,
    callback: JsCallback,
) -> Call {
    let host = host.into();
    start(callback, has_listener, move |mut events, cancel| async move {
        let defaults = CompleteOptions::default();
        let login_timeout = duration("login_timeout", login_timeout_ms, defaults.login_timeout)?;
        let options = CompleteOptions { login_timeout, host: Some(host) };
        Ok(convert::login_result(&complete_login(&text, &options, events.listener(), &cancel).await?).into())
    })
}

/// `startLogin`: an attempt that starts on another thread, because git or a lock may delay it. The result of the call is
/// the attempt's URL, port, hint and deadline.
#[napi(catch_unwind, js_name = "startLogin")]
pub fn start_attempt(options: LoginObject, callback: JsCallback) -> Attempt {
    let state = Arc::new(Mutex::new(AttemptState::Starting));
    let started = Arc::clone(&state);
    let call = start_blocking(callback, move |cancel| {
        let own = Cancel::without_signals();
        let attempt = start_login(&options.read()?, own.clone())?;
        let details = details(&attempt);
        lock(&started).started(attempt, own, cancel)?;
        Ok(details)
    });
    Attempt { state, call }
}

/// How long the user may take, unless the caller says otherwise.
#[napi(catch_unwind, js_name = "loginTimeoutMs")]
pub fn login_timeout_ms() -> f64 {
    LoginOptions::default().login_timeout.as_secs_f64() * 1000.0
}

fn details(attempt: &libatmn::Attempt) -> Value {
    json!({
        "url": attempt.url(),
        "port": attempt.port(),
        "hint": attempt.hint(),
        "deadline": convert::milliseconds(attempt.deadline()),
    })
}

/// A login in progress. Its port becomes free when the object is collected or its environment ends.
#[napi]
pub struct Attempt {
    state: Arc<Mutex<AttemptState>>,
    /// The call that starts the attempt.
    call: Call,
}

/// How far an attempt is.
enum AttemptState {
    Starting,
    Started {
        attempt: Box<libatmn::Attempt>,
        control: Control,
    },
    /// The call that waits has the attempt.
    Waiting(Control),
    Cancelled,
    /// The call that waited has ended. It holds no file descriptors.
    Ended,
}

/// What controls an attempt, also while a call waits for it.
#[derive(Clone)]
struct Control {
    handle: AttemptHandle,
    /// Cancels the attempt, as its handle does.
    cancel: Cancel,
}

impl AttemptState {
    /// Keeps the attempt, unless it was cancelled meanwhile; then the attempt is dropped, which frees its port.
    fn started(&mut self, attempt: libatmn::Attempt, own: Cancel, call: &Cancel) -> Result<()> {
        if call.is_cancelled() {
            return Err(Cancel::error());
        }
        let control = Control { handle: attempt.handle(), cancel: own };
        *self = Self::Started { attempt: Box::new(attempt), control };
        Ok(())
    }

    fn control(&self) -> Result<&Control> {
        match self {
            Self::Started { control, .. } | Self::Waiting(control) => Ok(control),
            Self::Starting | Self::Cancelled | Self::Ended => Err(Cancel::error()),
        }
    }

    /// Takes the attempt and the flag that cancels it, for the one call that waits.
    fn wait(&mut self) -> Result<(libatmn::Attempt, Cancel)> {
        let waiting = Self::Waiting(self.control()?.clone());
        match std::mem::replace(self, waiting) {
            Self::Started { attempt, control } => Ok((*attempt, control.cancel)),
            Self::Starting | Self::Waiting(_) | Self::Cancelled | Self::Ended => Err(Cancel::error()),
        }
    }

    /// Ends the attempt. If no call waits yet, its port is free when this returns.
    fn cancel(&mut self) {
        match self {
            Self::Waiting(control) => control.cancel.cancel(),
            Self::Ended => {}
            Self::Starting | Self::Started { .. } | Self::Cancelled => *self = Self::Cancelled,
        }
    }
}

fn lock(state: &Mutex<AttemptState>) -> MutexGuard<'_, AttemptState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[napi]
impl Attempt {
    /// Submits the text that the user pasted.
    #[napi(catch_unwind)]
    pub fn submit(&self, text: String) -> String {
        answer(|| match &*lock(&self.state) {
            AttemptState::Cancelled | AttemptState::Ended => Err(ended()),
            state => state.control()?.handle.submit(&text).map(|()| Value::Null),
        })
    }

    /// Submits a line that the user pasted while the login waits, and returns whether it needs no more lines. An event
    /// answers one that is refused.
    #[napi(catch_unwind)]
    pub fn submit_line(&self, line: String) -> bool {
        let submitted =
            catch_panic(|| lock(&self.state).control().map(|control| control.handle.submit_line(&line, &caller())));
        // A login that has ended needs none.
        submitted.flatten().unwrap_or(true)
    }

    /// Ends the login. If it does not wait yet, its port is free when this returns.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        // First, so that an attempt that starts meanwhile ends too.
        self.call.cancel();
        lock(&self.state).cancel();
    }

    /// Waits for the login; a second call ends as if the login had been cancelled.
    #[napi(catch_unwind)]
    pub fn wait(&self, has_listener: bool, callback: JsCallback) -> Call {
        let (attempt, cancel) = match lock(&self.state).wait() {
            Ok((attempt, cancel)) => (Ok(attempt), cancel),
            Err(error) => (Err(error), Cancel::without_signals()),
        };
        let state = Arc::clone(&self.state);
        start_with(callback, has_listener, cancel, |mut events, _| async move {
            let result = attempt?.wait(events.listener()).await;
            *lock(&state) = AttemptState::Ended;
            Ok(convert::login_result(&result?).into())
        })
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.cancel();
    }
}
