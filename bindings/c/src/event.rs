//! Events.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI32, Ordering};

use libatmn::{Error, ErrorCode, Event, EventCode, Listener, Result};

use crate::calling_thread::{in_call, in_callback};
use crate::entry::{self, atmn_entry};
use crate::enumeration::{enumeration, name_of};
use crate::null::NullValue;
use crate::object;
use crate::pointer::{Handle, Lent, UserData};
use crate::stderr::print;
use crate::text::to_c_string;

/// A step of a call, for the user or for a log. Always lent, until the callback returns. It never contains a secret.
pub struct atmn_event {
    event: Event,
    message: CString,
    context: Vec<atmn_entry>,
}

impl Handle for atmn_event {
    type Ownership = Lent;
}

enumeration!(EventCode);

/// Receives the events of a call on the thread that made the call. Return 0 to continue; any other number cancels the
/// call, which then sends no further event.
pub type atmn_event_callback = Option<extern "C" fn(user_data: *mut c_void, event: *const atmn_event) -> i32>;

impl From<&Event> for atmn_event {
    fn from(event: &Event) -> Self {
        let Event { message, context, .. } = event;
        Self { message: to_c_string(message), context: entry::context(context), event: event.clone() }
    }
}

/// The event callback of a call, if the program has set one.
#[derive(Clone, Copy, Default)]
pub(crate) struct EventCallback {
    function: atmn_event_callback,
    user_data: UserData,
}

impl EventCallback {
    pub(crate) fn new(function: atmn_event_callback, user_data: *mut c_void) -> Self {
        Self { function, user_data: UserData::new(user_data) }
    }

    /// Whether the program has set one.
    pub(crate) fn is_set(self) -> bool {
        self.function.is_some()
    }

    /// Passes an event to the program; `Break` if it cancels the call.
    pub(crate) fn send(self, event: &Event) -> ControlFlow<()> {
        let Some(function) = self.function else { return ControlFlow::Continue(()) };
        let event = atmn_event::from(event);
        let is_cancelled = in_callback(|| function(self.user_data.as_ptr(), &raw const event)) != 0;
        if is_cancelled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Makes a call with the callback as its listener, and without a listener if there is no callback.
    pub(crate) fn listen<T>(self, call: impl FnOnce(Option<Listener<'_>>) -> Result<T>) -> Result<T> {
        self.listen_again(&PrintFailure::default(), call)
    }

    /// The same for one of several calls of an operation, which may end in a later call than that in which its callback
    /// failed.
    pub(crate) fn listen_again<T>(
        self,
        failure: &PrintFailure,
        call: impl FnOnce(Option<Listener<'_>>) -> Result<T>,
    ) -> Result<T> {
        if self.function.is_none() {
            return call(None);
        }
        let mut listener = |event: &Event| {
            LAST_PRINT_FAILURE.set(0);
            let flow = self.send(event);
            if flow.is_break() {
                failure.0.store(LAST_PRINT_FAILURE.get(), Ordering::Relaxed);
            }
            flow
        };
        call(Some(&mut listener)).map_err(|error| failure.explain(error))
    }
}

thread_local! {
    /// The system's number of the error with which `atmn_terminal_listener` has failed last; 0 for none.
    static LAST_PRINT_FAILURE: Cell<i32> = const { Cell::new(0) };
}

/// Why `atmn_terminal_listener` has cancelled an operation: the system's number of an error, or 0.
#[derive(Default)]
pub(crate) struct PrintFailure(AtomicI32);

impl PrintFailure {
    /// The error of the operation, which says what the system said.
    fn explain(&self, error: Error) -> Error {
        match self.0.load(Ordering::Relaxed) {
            0 => error,
            number if error.code == ErrorCode::Cancelled => {
                let cause = io::Error::from_raw_os_error(number);
                Error::new(error.code, format!("The call was cancelled, because stderr cannot be written to: {cause}."))
                    .with_hint("Open stderr, or set another event callback that shows the login URL.")
                    .with_cause(cause)
            }
            _ => error,
        }
    }
}

/// A number of the context; 0 if the event has none.
fn number<N: NullValue + TryFrom<u64>>(event: *const atmn_event, name: &str) -> N {
    object::get(event, |event| event.event.number(name).and_then(|number| number.try_into().ok()).unwrap_or(N::NULL))
}

/// Returns the code of an event: one of `ATMN_EVENT_…`, or a number that a later release added.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_code(event: *const atmn_event) -> i32 {
    object::get(event, |event| event.event.code.number())
}

/// Returns the name of an event code as the other languages and `atmn --json` show it, such as "login_url". Static;
/// "unknown" for a number without a name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_name(code: i32) -> *const c_char {
    name_of::<EventCode>(code)
}

/// Returns a sentence for the user. The one of `ATMN_EVENT_LOGIN_URL` contains the URL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_message(event: *const atmn_event) -> *const c_char {
    object::get(event, |event| event.message.as_ptr())
}

/// Returns the number of entries in the context.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_context_count(event: *const atmn_event) -> usize {
    object::count(event, |event| &event.context)
}

/// Returns an entry of the context: "url", "port", "deadline", "path", "program" and others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_context_get(event: *const atmn_event, index: usize) -> *const atmn_entry {
    object::item(event, index, |event| &event.context)
}

/// Returns the value of an entry of the context by its name, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_context_find(event: *const atmn_event, name: *const c_char) -> *const c_char {
    entry::find(event, name, |event| &event.context)
}

/// Returns the login URL of `ATMN_EVENT_LOGIN_URL`; NULL for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_url(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"url".as_ptr(), |event| &event.context)
}

/// Returns the callback port of `ATMN_EVENT_LOGIN_URL`, and of `ATMN_EVENT_HINT` about a port; otherwise 0.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_port(event: *const atmn_event) -> u16 {
    number(event, "port")
}

/// Returns when the login of `ATMN_EVENT_LOGIN_URL` ends, in milliseconds since 1970; 0 for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_deadline_ms(event: *const atmn_event) -> i64 {
    number(event, "deadline")
}

/// Returns the program of `ATMN_EVENT_BROWSER_OPENED`, and of `ATMN_EVENT_HINT` about it; otherwise NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_program(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"program".as_ptr(), |event| &event.context)
}

/// Returns the file of `ATMN_EVENT_LOGIN_URL` and `ATMN_EVENT_KEYS_SAVED`, the path of `ATMN_EVENT_REQUEST_REFUSED`,
/// and the file that `ATMN_EVENT_HINT` or `ATMN_EVENT_LOGIN_WAITING` is about; otherwise NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_path(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"path".as_ptr(), |event| &event.context)
}

/// Returns which try comes after `ATMN_EVENT_RETRYING`, where the first one is 1; 0 for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_attempt(event: *const atmn_event) -> u32 {
    number(event, "attempt")
}

/// Returns the pause of `ATMN_EVENT_RETRYING` in milliseconds; 0 for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_pause_ms(event: *const atmn_event) -> i64 {
    number(event, "pause_ms")
}

/// Returns the masked key of `ATMN_EVENT_KEY_REJECTED` and `ATMN_EVENT_REQUEST_REPEATED`; NULL for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_key(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"key".as_ptr(), |event| &event.context)
}

/// Returns where the key of these two events was found; NULL for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_location(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"location".as_ptr(), |event| &event.context)
}

/// Returns the base URL of the server that `ATMN_EVENT_HINT` is about; otherwise NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_server(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"server".as_ptr(), |event| &event.context)
}

/// Returns the scopes that `ATMN_EVENT_HINT` misses, with spaces between them; otherwise NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_missing_scopes(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"missing_scopes".as_ptr(), |event| &event.context)
}

/// Returns the method of `ATMN_EVENT_REQUEST_REFUSED`; NULL for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_method(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"method".as_ptr(), |event| &event.context)
}

/// Returns the name of the code of `ATMN_EVENT_REQUEST_REFUSED`, such as "no_secret_key"; NULL for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_refusal(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"code".as_ptr(), |event| &event.context)
}

/// Returns the environment of `ATMN_EVENT_REQUEST_REFUSED`, "sandbox" or "live"; NULL for all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_env(event: *const atmn_event) -> *const c_char {
    entry::find(event, c"env".as_ptr(), |event| &event.context)
}

/// Returns the account that sent a request to the callback port, of `ATMN_EVENT_HINT` about it; otherwise 0.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_uid(event: *const atmn_event) -> i64 {
    number(event, "uid")
}

/// A callback for programs in a terminal: prints the message of each event to stderr. If it cannot, for example because
/// stderr is closed, it cancels the call, whose error then has the system's reason. If stderr takes nothing, because it
/// is a full pipe or a terminal that the user has stopped, it waits for at most ten seconds, whether or not stderr is
/// non-blocking; the canceller and the time limit of the call have no effect meanwhile. It ignores `user_data`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_terminal_listener(user_data: *mut c_void, event: *const atmn_event) -> i32 {
    let _ = user_data;
    in_call(|| {
        object::get(event, |event| match print(&format!("{}\n", event.event.message)) {
            Ok(()) => 0,
            Err(error) => {
                LAST_PRINT_FAILURE.set(error.raw_os_error().unwrap_or_default());
                1
            }
        })
    })
}
