//! The events of a running call: a code and a message. An event never contains a secret.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::time::Instant;

enumeration! {
    /// Every event that libatmn reports, in all languages. Numbers are append-only.
    pub enum EventCode {
        /// The login URL. This event is sent before the browser is opened.
        LoginUrl = 1 => "login_url",
        /// A browser was opened.
        BrowserOpened = 2 => "browser_opened",
        /// No browser could be opened; the login URL still works.
        BrowserFailed = 3 => "browser_failed",
        /// Advice for this machine, such as how to forward a port.
        Hint = 4 => "hint",
        /// The browser returned with the result.
        CallbackReceived = 5 => "callback_received",
        /// The server sent the keys.
        KeysReceived = 6 => "keys_received",
        /// The keys are in `.env`.
        KeysSaved = 7 => "keys_saved",
        /// A request will be retried after a pause.
        Retrying = 20 => "retrying",
        /// The server rejected the key.
        KeyRejected = 21 => "key_rejected",
        /// Another login is in progress; this one waits for it.
        LoginWaiting = 22 => "login_waiting",
        /// The request is being repeated with the new key.
        RequestRepeated = 23 => "request_repeated",
        /// An incoming request was refused.
        RequestRefused = 40 => "request_refused",
    }
}

/// An event of a call.
#[derive(Clone, Debug)]
pub struct Event {
    /// The stable code.
    pub code: EventCode,
    /// The message, ready to print.
    pub message: String,
    /// The values of the event: `url`, `port`, `path`, … The page `docs/events-and-errors.md` lists those of each event.
    pub context: BTreeMap<&'static str, String>,
    /// Until when the call waits for its listener at this event, the last moment before the server creates keys; `None` if it
    /// does not. A listener that only passes events on has to wait for their handling at most until then.
    #[doc(hidden)]
    pub held_until: Option<Instant>,
}

/// Receives the events of a call, on the thread that runs it. `Break` cancels the call, and the listener is not called
/// again.
pub type Listener<'a> = &'a mut (dyn FnMut(&Event) -> ControlFlow<()> + Send);

/// A listener for a terminal: prints each event on one line. If writing fails, it cancels the call, since the user would
/// not see the login URL.
///
/// ```no_run
/// use libatmn::{Cancel, LoginOptions, blocking, terminal_listener};
///
/// let mut listener = terminal_listener(std::io::stderr());
/// blocking::login(&LoginOptions::default(), Some(&mut listener), &Cancel::new())?;
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn terminal_listener(mut out: impl Write + Send) -> impl FnMut(&Event) -> ControlFlow<()> + Send {
    move |event| match writeln!(out, "{}", event.message).and_then(|()| out.flush()) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

impl Event {
    /// An event with a message, such as for the test of a listener. [`Event::with`] adds values.
    ///
    /// ```
    /// use libatmn::{Event, EventCode};
    ///
    /// let event = Event::new(EventCode::LoginUrl, "Log in at this URL: …").with("port", "31448");
    /// assert_eq!(event.number("port"), Some(31448));
    /// ```
    #[must_use]
    pub fn new(code: EventCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), context: BTreeMap::new(), held_until: None }
    }

    /// A value of the context that is a number, such as `port`, `deadline`, `attempt` or `pause_ms`.
    ///
    /// ```no_run
    /// # fn on_event(event: &libatmn::Event) {
    /// if let Some(milliseconds) = event.number("pause_ms") {
    ///     println!("Waiting {milliseconds} ms.");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.context.get(name)?.parse().ok()
    }

    /// Adds a value to the context.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.context.insert(name, text.into());
        self
    }

    /// Lets the call wait for its listener at this event.
    pub(crate) fn holding_until(mut self, until: Instant) -> Self {
        self.held_until = Some(until);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_listener_prints_messages_and_stops_on_write_error() {
        let mut out = Vec::new();
        let mut listener = terminal_listener(&mut out);
        assert!(listener(&Event::new(EventCode::KeysSaved, "Saved.")).is_continue());
        drop(listener);
        assert_eq!(out, b"Saved.\n");
        let mut full = terminal_listener(&mut [0_u8; 0][..]);
        assert!(full(&Event::new(EventCode::LoginUrl, "Log in.")).is_break());
    }

    #[test]
    fn numbers_ascend() {
        assert!(EventCode::ALL.is_sorted_by(|a, b| a.number() < b.number()));
    }
}
