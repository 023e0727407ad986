//! What a running call has to tell: codes with ready-made sentences. An event never holds a secret.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;

enumeration! {
    /// Every event that libatmn reports, in all languages. Numbers are append-only.
    pub enum EventCode {
        /// The address to log in at; comes before any browser is tried.
        LoginUrl = 1 => "login_url",
        /// A browser was started.
        BrowserOpened = 2 => "browser_opened",
        /// No browser could be started; the address still works.
        BrowserFailed = 3 => "browser_failed",
        /// The one piece of advice that fits these surroundings.
        Hint = 4 => "hint",
        /// The browser came back with the answer.
        CallbackReceived = 5 => "callback_received",
        /// The server sent the keys.
        KeysReceived = 6 => "keys_received",
        /// The keys are in `.env`.
        KeysSaved = 7 => "keys_saved",
        /// A request is made again after a pause.
        Retrying = 20 => "retrying",
        /// The server rejected the key.
        KeyRejected = 21 => "key_rejected",
        /// Somebody else's login is under way; its result will be used.
        LoginWaiting = 22 => "login_waiting",
        /// The request was made again with the new key.
        RequestRepeated = 23 => "request_repeated",
        /// A request that came in was refused.
        RequestRefused = 40 => "request_refused",
    }
}

/// One thing that happened during a call.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub code: EventCode,
    /// Ready to print.
    pub message: String,
    /// The parts of the message: `url`, `port`, `path`, …
    pub context: BTreeMap<&'static str, String>,
}

/// Hears the events of a call, on the thread that drives it. `Break` cancels the call.
pub type Listener<'a> = &'a mut (dyn FnMut(&Event) -> ControlFlow<()> + Send);

/// A ready-made listener for a terminal: prints each event as one plain line. A writer that fails
/// cancels the call, since nobody sees the address then.
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
    /// An event for the person who waits; its parts are added with [`Event::with`].
    pub(crate) fn new(code: EventCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), context: BTreeMap::new() }
    }

    /// Adds a part of the message.
    pub(crate) fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.context.insert(name, text.into());
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
