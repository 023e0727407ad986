//! Calls that wait: where they run, how JavaScript hears of them, and how they are ended.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use libatmn::__internal::panics::catch_panic_async;
use libatmn::{Cancel, Error, ErrorCode, Event, Result};
use napi::Status;
use napi::bindgen_prelude::{Buffer, FnArgs};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::convert;
use crate::envelope::seal;

/// `{event}`, `{value}` or `{failure}`, and the body of a response, which is no text.
type Message = FnArgs<(Value, Option<Buffer>)>;

/// A function of JavaScript's that takes messages in the order in which they were sent. While it exists, it holds the
/// process.
pub(crate) type Deliver = ThreadsafeFunction<Message, (), Message, Status, false>;

/// What a call ends with: plain data, and bytes for those that have some.
pub(crate) struct Answer {
    pub(crate) value: Value,
    pub(crate) body: Option<Vec<u8>>,
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self { value, body: None }
    }
}

/// A call under way. JavaScript holds it while it waits; with its environment, such as a worker that is terminated, the
/// call ends too.
#[napi]
pub struct Call {
    cancel: Cancel,
}

#[napi]
impl Call {
    /// Ends the call; its last message tells when that is done.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// The sending end of a call.
#[derive(Clone)]
pub(crate) struct Teller(Arc<Deliver>);

impl Teller {
    pub(crate) fn new(deliver: Deliver) -> Self {
        Self(Arc::new(deliver))
    }

    /// The listener that the core tells of events; it ends the call when nobody is left to hear it.
    pub(crate) fn listener(&self) -> impl FnMut(&Event) -> ControlFlow<()> + Send + use<> {
        let teller = self.clone();
        move |event| match teller.send(json!({ "event": convert::event(event) }), None) {
            Status::Ok => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }

    fn send(&self, message: Value, body: Option<Vec<u8>>) -> Status {
        self.0.call((message, body.map(Buffer::from)).into(), ThreadsafeFunctionCallMode::NonBlocking)
    }

    fn end(&self, result: Result<Answer>) {
        let (result, body) = match result {
            Ok(Answer { value, body }) => (Ok(value), body),
            Err(error) => (Err(error), None),
        };
        self.send(seal(result), body);
    }
}

/// Runs a call off JavaScript's thread. Its end is sent last, whatever becomes of it.
pub(crate) fn start<F>(deliver: Deliver, work: impl FnOnce(Teller, Cancel) -> F) -> Call
where
    F: Future<Output = Result<Answer>> + Send + 'static,
{
    let (teller, cancel) = (Teller::new(deliver), Cancel::new());
    spawn(teller.clone(), work(teller, cancel.clone()));
    Call { cancel }
}

/// Runs a call that knows how to end by itself.
pub(crate) fn spawn(teller: Teller, work: impl Future<Output = Result<Answer>> + Send + 'static) {
    match runtime() {
        Ok(runtime) => {
            runtime.spawn(async move { teller.end(catch_panic_async(work).await) });
        }
        Err(error) => teller.end(Err(error)),
    }
}

/// Made with the first call that waits, and shared by all environments of the process: it holds nothing of theirs. Two
/// threads, because a login asks git and the disk, and others go on meanwhile.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(2).thread_name("libatmn").enable_io().enable_time().build()
    });
    runtime.as_ref().map_err(|error| {
        Error::new(ErrorCode::ConnectFailed, format!("The system has no room for a network call: {error}."))
            .with_hint("Too many files or threads may be open.")
    })
}
