//! Passes the events of a call to its listener.

use crate::cancel::Cancel;
use crate::context::is_documented;
use crate::event::{Event, Listener};

/// The listener of a call and the call's cancel flag. A listener that returns `Break` cancels the call, and is not called
/// again: the call may still have steps to complete.
pub(crate) struct EventSink<'a> {
    listener: Option<Listener<'a>>,
    pub(crate) cancel: Cancel,
}

impl<'a> EventSink<'a> {
    pub(crate) fn new(listener: Option<Listener<'a>>, cancel: Cancel) -> Self {
        Self { listener, cancel }
    }

    pub(crate) fn emit(&mut self, event: &Event) {
        debug_assert!(is_documented(event), "`context.rs` has other names: {event:?}");
        if let Some(listener) = &mut self.listener
            && listener(event).is_break()
        {
            self.listener = None;
            self.cancel.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::event::EventCode;

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
