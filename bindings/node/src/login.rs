//! Logins.

use std::sync::{Mutex, PoisonError};

use libatmn::{AttemptHandle, Cancel, CompleteOptions, begin_login, complete_login, login, start_login};
use napi::bindgen_prelude::Either;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::call::{Call, JsCallback, start, start_with};
use crate::convert;
use crate::envelope::{answer, result};
use crate::host::HostView;
use crate::options::{Login, duration};

/// `login`
#[napi(catch_unwind, js_name = "login")]
pub fn log_in(options: Login, has_listener: bool, callback: JsCallback) -> Call {
    start(callback, has_listener, |mut events, cancel| async move {
        Ok(convert::login_result(&login(&options.read()?, events.listener(), &cancel).await?).into())
    })
}

/// `beginLogin`
#[napi(catch_unwind, js_name = "beginLogin")]
pub fn begin(options: Login, callback: JsCallback) -> Call {
    start(callback, false, |_, cancel| async move {
        Ok(convert::begin_login_result(&begin_login(&options.read()?, &cancel).await?).into())
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

/// `startLogin`: the attempt, or the envelope of the failure.
#[napi(catch_unwind, js_name = "startLogin")]
pub fn start_attempt(options: Login) -> Either<Attempt, String> {
    match options.read().and_then(|options| start_login(&options)) {
        Ok(attempt) => Either::A(Attempt::from(attempt)),
        Err(error) => Either::B(result(Err(error))),
    }
}

/// A login in progress. Its port becomes free when the object is collected or its environment ends.
#[napi]
pub struct Attempt {
    details: Value,
    handle: AttemptHandle,
    /// Taken by the call that waits.
    not_waiting: Mutex<Option<libatmn::Attempt>>,
}

impl From<libatmn::Attempt> for Attempt {
    fn from(attempt: libatmn::Attempt) -> Self {
        let details = json!({
            "url": attempt.url(),
            "port": attempt.port(),
            "hint": attempt.hint(),
            "deadline": convert::milliseconds(attempt.deadline()),
        });
        Self { details, handle: attempt.handle(), not_waiting: Mutex::new(Some(attempt)) }
    }
}

#[napi]
impl Attempt {
    /// URL, port, hint and deadline.
    #[napi(catch_unwind)]
    pub fn details(&self) -> String {
        answer(|| Ok(self.details.clone()))
    }

    /// Submits the text that the user pasted.
    #[napi(catch_unwind)]
    pub fn submit(&self, text: String) -> String {
        answer(|| self.handle.submit(&text).map(|()| Value::Null))
    }

    /// Ends the login. If it does not wait yet, its port is free when this returns.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.handle.cancel();
        drop(self.take());
    }

    /// Waits for the login; a second call ends as if the login had been cancelled.
    #[napi(catch_unwind)]
    pub fn wait(&self, has_listener: bool, callback: JsCallback) -> Call {
        let attempt = self.take().ok_or_else(Cancel::error);
        let handle = self.handle.clone();
        start_with(
            callback,
            has_listener,
            move || handle.cancel(),
            |mut events| async move { Ok(convert::login_result(&attempt?.wait(events.listener()).await?).into()) },
        )
    }

    fn take(&self) -> Option<libatmn::Attempt> {
        self.not_waiting.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.handle.cancel();
    }
}
