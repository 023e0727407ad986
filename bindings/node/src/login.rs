//! Logging a person in.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use libatmn::{AttemptHandle, Cancel, Listener, LoginOptions, begin_login, complete_login, login, start_login};
use napi::bindgen_prelude::Either;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::call::{Call, Deliver, Teller, spawn, start};
use crate::convert;
use crate::envelope::sealed;
use crate::options::{Login, duration};

/// `login`
#[napi(catch_unwind, js_name = "login")]
pub fn log_in(options: Login, attended: bool, deliver: Deliver) -> Call {
    start(deliver, move |teller, cancel| async move {
        let mut hear = teller.listener();
        let listener: Option<Listener<'_>> = if attended { Some(&mut hear) } else { None };
        Ok(convert::login_result(&login(&options.read()?, listener, &cancel).await?).into())
    })
}

/// `beginLogin`
#[napi(catch_unwind, js_name = "beginLogin")]
pub fn begin(options: Login) -> Value {
    sealed(|| Ok(convert::pending_login(&begin_login(&options.read()?)?)))
}

/// `completeLogin`
#[napi(catch_unwind, js_name = "completeLogin")]
pub fn complete(text: String, login_timeout_ms: Option<f64>, deliver: Deliver) -> Call {
    start(deliver, move |teller, cancel| async move {
        let timeout: Duration = duration("login_timeout", login_timeout_ms, LoginOptions::default().login_timeout)?;
        let mut hear = teller.listener();
        Ok(convert::login_result(&complete_login(&text, timeout, Some(&mut hear), &cancel).await?).into())
    })
}

/// `startLogin`
#[napi(catch_unwind, js_name = "startLogin")]
pub fn begin_attempt(options: Login) -> Either<Attempt, Value> {
    let mut attempt = None;
    let reply = sealed(|| {
        attempt = Some(Attempt::from(start_login(&options.read()?)?));
        Ok(Value::Null)
    });
    attempt.map_or(Either::B(reply), Either::A)
}

/// A login under way. Collecting it, or ending its environment, frees its port.
#[napi]
pub struct Attempt {
    about: Value,
    handle: AttemptHandle,
    inert: Mutex<Option<libatmn::Attempt>>,
}

impl From<libatmn::Attempt> for Attempt {
    fn from(attempt: libatmn::Attempt) -> Self {
        let about = json!({
            "url": attempt.url(),
            "port": attempt.port(),
            "hint": attempt.hint(),
            "deadline": convert::milliseconds(attempt.deadline()),
        });
        Self { about, handle: attempt.handle(), inert: Mutex::new(Some(attempt)) }
    }
}

#[napi]
impl Attempt {
    /// Address, port, hint and deadline.
    #[napi(catch_unwind)]
    pub fn about(&self) -> Value {
        sealed(|| Ok(self.about.clone()))
    }

    /// Takes what a person pasted.
    #[napi(catch_unwind)]
    pub fn submit(&self, text: String) -> Value {
        sealed(|| self.handle.submit(&text).map(|()| Value::Null))
    }

    /// Ends the login. One that has not begun to wait frees its port at once.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.handle.cancel();
        drop(self.take());
    }

    /// Waits; JavaScript asks once.
    #[napi(catch_unwind)]
    pub fn wait(&self, deliver: Deliver) {
        let teller = Teller::new(deliver);
        let attempt = self.take().ok_or_else(Cancel::error);
        spawn(teller.clone(), async move {
            let mut hear = teller.listener();
            Ok(convert::login_result(&attempt?.wait(Some(&mut hear)).await?).into())
        });
    }

    fn take(&self) -> Option<libatmn::Attempt> {
        self.inert.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.handle.cancel();
    }
}
