//! Passes the events of a call to its listener.

use crate::cancel::Cancel;
use crate::context::is_documented;
use crate::event::{Event, EventCode, Listener};

/// The listener of a call and the call's cancel flag. A listener that returns `Break` cancels the call, and is not called
/// again: the call may still have steps to complete.
pub(crate) struct EventSink<'a> {
    listener: Option<Listener<'a>>,
    pub(crate) cancel: Cancel,
    /// Whether the program does not read what the user pastes, so that no event may ask the user to paste.
    pub(super) without_pasting: bool,
}

impl<'a> EventSink<'a> {
    pub(crate) fn new(listener: Option<Listener<'a>>, cancel: Cancel) -> Self {
        Self { listener, cancel, without_pasting: false }
    }

    pub(crate) fn emit(&mut self, event: &Event) {
        debug_assert!(is_documented(event), "`context.rs` has other names: {event:?}");
        let mut event = event.clone();
        if self.without_pasting && event.code == EventCode::Hint {
            match without_pasting(&event.message) {
                Some(message) => event.message = message,
                None => return,
            }
        }
        if let Some(listener) = &mut self.listener
            && listener(&event).is_break()
        {
            self.listener = None;
            self.cancel.cancel();
        }
    }
}

/// Advice without the sentences that ask the user to paste; `None` if nothing is left.
#[must_use]
pub fn without_pasting(advice: &str) -> Option<String> {
    let rest: String = advice.split_inclusive(". ").filter(|sentence| !sentence.contains(" paste ")).collect();
    let rest = rest.trim_end();
    if rest.is_empty() { None } else { Some(rest.to_owned()) }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;

    #[test]
    fn only_a_program_that_reads_lines_asks_the_user_to_paste() {
        let asks = Event::new(EventCode::Hint, "Forward the port. Otherwise paste the URL here. See the page.");
        let only_asks = Event::new(EventCode::Hint, "In the web editor, paste the URL.");
        let told = |without_pasting| {
            let mut messages = Vec::new();
            let mut listener = |event: &Event| {
                messages.push(event.message.clone());
                ControlFlow::Continue(())
            };
            let mut events = EventSink::new(Some(&mut listener), Cancel::new());
            events.without_pasting = without_pasting;
            events.emit(&asks);
            events.emit(&only_asks);
            messages
        };
        assert_eq!(told(false), [asks.message.as_str(), only_asks.message.as_str()]);
        assert_eq!(told(true), ["Forward the port. See the page."]);
    }

    #[test]
    fn listener_that_cancels_is_not_called_again() {
        let (mut calls, cancel) = (0, Cancel::new());
        let mut listener = |_: &Event| {
            calls += 1;
            ControlFlow::Break(())
        };
        let mut events = EventSink::new(Some(&mut listener), cancel.clone());
        events.emit(&Event::new(EventCode::BrowserFailed, "Failed."));
        events.emit(&Event::new(EventCode::KeysReceived, "Received."));
        assert!(cancel.is_cancelled());
        assert_eq!(calls, 1);
    }
}
