//! Events.

use std::ffi::{CString, c_char, c_void};
use std::io::stderr;

use libatmn::{Event, EventCode, terminal_listener};

use crate::guard;
use crate::pointer::lent;
use crate::text::{Context, Name, owned};

/// One thing that happened during a call. Always lent, until the callback returns. It never holds a secret.
pub struct atmn_event {
    event: Event,
    message: CString,
    context: Context,
}

/// Hears the events of a call, on the thread that made it. 0: go on; anything else cancels the call.
pub type atmn_event_callback = Option<extern "C" fn(user_data: *mut c_void, event: *const atmn_event) -> i32>;

impl From<&Event> for atmn_event {
    fn from(event: &Event) -> Self {
        let Event { code: _, message, context } = event;
        Self { message: owned(message), context: Context::new(context), event: event.clone() }
    }
}

static NAMES: [Name; EventCode::ALL.len()] = {
    let mut names = [const { Name::new("") }; EventCode::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = Name::new(EventCode::ALL[index].name());
        index += 1;
    }
    names
};

/// What happened: one of `ATMN_EVENT_…`, or a number that a later release added.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_code(event: *const atmn_event) -> i32 {
    guard::get(event, |event| event.event.code.number())
}

/// The name of an event, as the other languages and `atmn --json` show it: "login_url". Static; "unknown" for a number
/// that is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_name(code: i32) -> *const c_char {
    let known = EventCode::ALL.iter().zip(&NAMES).find(|(known, _)| known.number() == code);
    known.map_or(lent(c"unknown"), |(_, name)| name.lend())
}

/// Ready to print. That of `ATMN_EVENT_LOGIN_URL` holds the address.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_message(event: *const atmn_event) -> *const c_char {
    guard::get(event, |event| event.message.as_ptr())
}

/// A part of the message: "url", "port", "deadline", "path", "program" and others; NULL if this event has no such part.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_context(event: *const atmn_event, name: *const c_char) -> *const c_char {
    guard::get(event, |event| event.context.get(name))
}

/// How many parts there are.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_context_count(event: *const atmn_event) -> usize {
    guard::get(event, |event| event.context.count())
}

/// The name of a part, counted from 0; NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_event_context_name(event: *const atmn_event, index: usize) -> *const c_char {
    guard::get(event, |event| event.context.name(index))
}

/// A ready-made callback for programs in a terminal: prints each event to stderr as one plain line. `user_data` is not looked at.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_terminal_listener(user_data: *mut c_void, event: *const atmn_event) -> i32 {
    let _ = user_data;
    guard::get(event, |event| i32::from(terminal_listener(stderr())(&event.event).is_break()))
}
