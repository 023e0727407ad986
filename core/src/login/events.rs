//! Passes the events of a call to its listener.

use crate::cancel::Cancel;
use crate::event::{Event, Listener};

/// The listener of a call and the call's cancel flag. A listener that returns `Break` cancels the call.
pub(crate) struct EventSink<'a> {
    listener: Option<Listener<'a>>,
    pub(crate) cancel: Cancel,
}

impl<'a> EventSink<'a> {
    pub(crate) fn new(listener: Option<Listener<'a>>, cancel: Cancel) -> Self {
        Self { listener, cancel }
    }

    pub(crate) fn emit(&mut self, event: &Event) {
        if let Some(listener) = &mut self.listener
            && listener(event).is_break()
        {
            self.cancel.cancel();
        }
    }
}
