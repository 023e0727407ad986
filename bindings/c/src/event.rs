//! Events.

use std::ffi::{CString, c_char, c_void};
use std::io::stderr;
use std::ops::ControlFlow;

use libatmn::{Event, EventCode, Listener, terminal_listener};

use crate::calling_thread::{in_call, in_callback};
use crate::entry::{self, atmn_entry};
use crate::enumeration::{enumeration, name_of};
use crate::object;
use crate::pointer::{Handle, Lent, UserData};
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
/// call.
pub type atmn_event_callback = Option<extern "C" fn(user_data: *mut c_void, event: *const atmn_event) -> i32>;

impl From<&Event> for atmn_event {
    fn from(event: &Event) -> Self {
        let Event { code: _, message, context } = event;
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
    pub(crate) fn listen<T>(self, call: impl FnOnce(Option<Listener<'_>>) -> T) -> T {
        if self.function.is_none() {
            return call(None);
        }
        let mut listener = |event: &Event| self.send(event);
        call(Some(&mut listener))
    }
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

/// A callback for programs in a terminal: prints the message of each event to stderr, and cancels the call if it
/// cannot. It ignores `user_data`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_terminal_listener(user_data: *mut c_void, event: *const atmn_event) -> i32 {
    let _ = user_data;
    in_call(|| object::get(event, |event| i32::from(terminal_listener(stderr())(&event.event).is_break())))
}
