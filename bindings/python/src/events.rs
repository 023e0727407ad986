//! Events: one class for each code, whose attributes are the values of its context.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::__internal::context::context_value;
use libatmn::EventCode;
use pyo3::prelude::{Bound, IntoPyObject, Py, PyAny, PyRef, PyResult};
use pyo3::{FromPyObject, PyClassInitializer, Python};

use crate::record::record;
use crate::results::ToPython;

/// A value of a context: a number where the core's table says so.
#[derive(Clone, PartialEq, Eq, Hash, FromPyObject, IntoPyObject)]
pub(crate) enum ContextItem {
    Number(u64),
    Text(String),
}

impl ContextItem {
    fn new(name: &str, value: String) -> Self {
        context_value(name, &value).as_u64().map_or(Self::Text(value), Self::Number)
    }
}

record! {
    /// Something that happened during a call: a stable code, and a sentence that is ready to print. Never a secret.
    ///
    /// Each code has a subclass, such as ``LoginUrlEvent``, with the values of its context as attributes. The URL in
    /// ``login_url`` is for the user alone: ``repr`` leaves it out, and that event cannot be pickled.
    Event [subclass] {
        /// The code.
        code: String,
        /// The sentence.
        message: String = (String::new()),
        /// Names and values that the event is about. Each read returns a new dictionary.
        context: BTreeMap<String, ContextItem> = (BTreeMap::new()),
    }
    secret |event| if event.code == EventCode::LoginUrl.name() { &["message", "context"] } else { &[] },
}

impl Event {
    fn text(&self, name: &str) -> Option<String> {
        match self.context.get(name)? {
            ContextItem::Text(text) => Some(text.clone()),
            ContextItem::Number(number) => Some(number.to_string()),
        }
    }

    fn number(&self, name: &str) -> Option<u64> {
        match self.context.get(name)? {
            ContextItem::Number(number) => Some(*number),
            ContextItem::Text(_) => None,
        }
    }

    /// A point in time, as Python's other times.
    fn time(&self, name: &str) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_millis(self.number(name)?))
    }

    /// A length of time in seconds, as Python's other ones.
    #[allow(clippy::cast_precision_loss)] // a few seconds
    fn seconds(&self, name: &str) -> Option<f64> {
        Some(self.number(name)? as f64 / 1000.0)
    }
}

/// Defines a subclass for each code; each attribute reads a name of the context.
macro_rules! event_classes {
    ($($(#[$about:meta])* $class:ident = $code:ident {
        $($(#[$document:meta])* $field:ident: $type:ty = $read:ident($name:literal)),* $(,)?
    })+) => {
        $(
            $(#[$about])*
            #[pyo3::pyclass(frozen, extends = Event, module = "libatmn")]
            pub(crate) struct $class;

            #[pyo3::pymethods]
            impl $class {
                #[new]
                #[pyo3(signature = (code, message = String::new(), context = BTreeMap::new()))]
                fn new(
                    code: String,
                    message: String,
                    context: BTreeMap<String, ContextItem>,
                ) -> PyClassInitializer<Self> {
                    PyClassInitializer::from(Event { code, message, context }).add_subclass(Self)
                }

                $(
                    $(#[$document])*
                    #[getter]
                    fn $field(slf: PyRef<'_, Self>) -> Option<$type> {
                        slf.as_super().$read($name)
                    }
                )*
            }
        )+

        /// The object of the class for the code of an event.
        fn typed(py: Python<'_>, code: EventCode, event: Event) -> PyResult<Bound<'_, PyAny>> {
            match code {
                $(EventCode::$code => {
                    let object = Py::new(py, PyClassInitializer::from(event).add_subclass($class))?;
                    Ok(object.into_bound(py).into_any())
                })+
            }
        }
    };
}

event_classes! {
    /// The login URL. This event comes before the browser is opened.
    LoginUrlEvent = LoginUrl {
        /// The login URL, for the user alone.
        url: String = text("url"),
        /// The callback port.
        port: u64 = number("port"),
        /// When the login ends.
        deadline: SystemTime = time("deadline"),
        /// The file in which the login would save; ``keys_saved`` names the ``.env.local`` that is used where git tracks
        /// ``.env``.
        path: String = text("path"),
    }
    /// A browser was opened.
    BrowserOpenedEvent = BrowserOpened {
        /// The program that was started.
        program: String = text("program"),
    }
    /// No browser could be opened; the login URL still works.
    BrowserFailedEvent = BrowserFailed {}
    /// Advice for this machine. Only some have each attribute.
    HintEvent = Hint {
        /// The callback port.
        port: u64 = number("port"),
        /// The program that was started as the browser.
        program: String = text("program"),
        /// The file.
        path: String = text("path"),
        /// The base URL of the server.
        server: String = text("server"),
        /// The scopes that the key lacks, with spaces between them.
        missing_scopes: String = text("missing_scopes"),
        /// The account that sent a request to the callback port.
        uid: u64 = number("uid"),
    }
    /// The browser returned with the result.
    CallbackReceivedEvent = CallbackReceived {}
    /// The server sent the keys.
    KeysReceivedEvent = KeysReceived {}
    /// The keys are in ``.env``.
    KeysSavedEvent = KeysSaved {
        /// The file.
        path: String = text("path"),
    }
    /// A request will be retried after a pause.
    RetryingEvent = Retrying {
        /// Which try of the request comes next; the first one is 1.
        attempt: u64 = number("attempt"),
        /// The pause in seconds.
        pause: f64 = seconds("pause_ms"),
    }
    /// The server rejected the key.
    KeyRejectedEvent = KeyRejected {
        /// The key, masked.
        key: String = text("key"),
        /// Where the key was found, in words.
        location: String = text("location"),
    }
    /// Another login is in progress; this one waits for it.
    LoginWaitingEvent = LoginWaiting {
        /// The file with the key, if another process logs in.
        path: String = text("path"),
    }
    /// The request is being repeated with the new key.
    RequestRepeatedEvent = RequestRepeated {
        /// The key, masked.
        key: String = text("key"),
        /// Where the key was found, in words.
        location: String = text("location"),
    }
    /// An incoming request was refused.
    RequestRefusedEvent = RequestRefused {
        /// The method of the request.
        method: String = text("method"),
        /// The path of the request.
        path: String = text("path"),
        /// The code of the refusal.
        refusal: String = text("code"),
        /// The environment: ``sandbox`` or ``live``.
        env: String = text("env"),
    }
}

impl ToPython for libatmn::Event {
    fn to_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { code, message, context, .. } = self;
        let item = |(name, value): (&str, String)| (name.to_owned(), ContextItem::new(name, value));
        let context = context.into_iter().map(item).collect();
        typed(py, code, Event { code: code.name().to_owned(), message, context })
    }
}
