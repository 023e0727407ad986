//! The queue through which JavaScript receives the events of a call and its result, and the event that holds the call.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use libatmn::{Cancel, Event, Listener};
use napi::Status;
use napi::bindgen_prelude::{Buffer, FnArgs};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::block_in_place;
use tokio::time::timeout_at;

use crate::envelope;

/// An envelope, and the body of a response, also of a failed one, which need not be text.
type Message = FnArgs<(String, Option<Buffer>)>;

/// A JavaScript function that receives messages in the order in which they were sent. The process stays alive while it
/// exists.
pub(crate) type JsCallback = ThreadsafeFunction<Message, (), Message, Status, false>;

/// Sends a message, and returns whether JavaScript's environment still receives messages.
pub(crate) fn send(callback: &JsCallback, envelope: String, body: Option<Vec<u8>>) -> bool {
    let message = (envelope, body.map(Buffer::from)).into();
    callback.call(message, ThreadsafeFunctionCallMode::NonBlocking) == Status::Ok
}

/// Sends the events of one call to JavaScript, if the caller has a listener.
pub(crate) struct EventSender(Option<EventListener>);

type EventListener = Box<dyn FnMut(&Event) -> ControlFlow<()> + Send>;

impl EventSender {
    pub(crate) fn new(callback: &Arc<JsCallback>, has_listener: bool, held: &HeldEvent, cancel: &Cancel) -> Self {
        let (callback, held, cancel) = (Arc::clone(callback), held.clone(), cancel.clone());
        // The queue refuses events once the environment has ended; then no login URL can be shown, so the call ends.
        let on_event = move |event: &Event| {
            if !send(&callback, envelope::event(event), None) {
                return ControlFlow::Break(());
            }
            if let Some(until) = event.held_until {
                held.wait(&cancel, until);
            }
            ControlFlow::Continue(())
        };
        let boxed = || -> EventListener { Box::new(on_event) };
        Self(has_listener.then(boxed))
    }

    /// The listener for the core.
    pub(crate) fn listener(&mut self) -> Option<Listener<'_>> {
        match &mut self.0 {
            Some(on_event) => Some(on_event),
            None => None,
        }
    }
}

/// Holds a call at the last event before the server creates keys, until JavaScript has handled it: a listener that throws
/// must cancel the login in time.
#[derive(Clone, Default)]
pub(crate) struct HeldEvent(Arc<Notify>);

impl HeldEvent {
    /// Waits on a thread of the runtime, which replaces that thread meanwhile: the core's listeners are not async.
    fn wait(&self, cancel: &Cancel, until: Instant) {
        let handled = async {
            self.0.notified().await;
            Ok(())
        };
        // The core checks both reasons to end early itself.
        let _ = block_in_place(|| Handle::current().block_on(timeout_at(until.into(), cancel.run(handled))));
    }

    /// Lets the call continue. It may not wait yet.
    pub(crate) fn handled(&self) {
        self.0.notify_one();
    }
}
