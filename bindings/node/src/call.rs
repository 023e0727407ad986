//! Calls that wait: the threads they run on, and how JavaScript cancels them.

use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use libatmn::__internal::panics::catch_panic_async;
use libatmn::{Cancel, Error, ErrorCode, Result};
use napi_derive::napi;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::envelope;
pub(crate) use crate::queue::JsCallback;
use crate::queue::{EventSender, HeldEvent, send};

/// What a call returns: a value, and the bytes of a response's body.
pub(crate) struct Answer {
    pub(crate) value: Value,
    pub(crate) body: Option<Vec<u8>>,
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self { value, body: None }
    }
}

/// A running call. JavaScript keeps it while it waits. The call also ends when the object is collected, as it is when
/// its environment ends (such as a worker that is terminated).
#[napi]
pub struct Call {
    canceller: Arc<Canceller>,
    held: HeldEvent,
}

/// Cancels a call until it has ended. Then it holds nothing of the call, such as file descriptors: JavaScript may keep the
/// object until the next garbage collection.
struct Canceller(Mutex<Option<Cancel>>);

impl Canceller {
    fn cancel(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(Cancel::cancel);
    }

    fn release(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

#[napi]
impl Call {
    /// Asks the call to end; its result is the last message.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.canceller.cancel();
    }

    /// Lets the call continue after the event that holds it.
    #[napi(catch_unwind)]
    pub fn handled(&self) {
        self.held.handled();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.canceller.cancel();
    }
}

/// Runs a call that is cancelled by the `Cancel` that it receives.
pub(crate) fn start<F>(callback: JsCallback, has_listener: bool, work: impl FnOnce(EventSender, Cancel) -> F) -> Call
where
    F: Future<Output = Result<Answer>> + Send + 'static,
{
    start_with(callback, has_listener, Cancel::without_signals(), work)
}

/// Runs a function that blocks, such as one that waits for a lock or for git. A cancelled call ends at once; the function
/// continues on its thread until it looks at the flag that it receives.
pub(crate) fn start_blocking(
    callback: JsCallback,
    work: impl FnOnce(&Cancel) -> Result<Value> + Send + 'static,
) -> Call {
    start(callback, false, |_, cancel| async move {
        let flag = cancel.clone();
        // If all threads of the pool are busy, the function starts later, and not at all once the call is cancelled.
        let work = move || if flag.is_cancelled() { Err(Cancel::error()) } else { work(&flag) };
        let finished = tokio::task::spawn_blocking(work);
        cancel
            .run(async { finished.await.unwrap_or_else(|_panicked| Err(Error::defect(None))) })
            .await
            .map(Answer::from)
    })
}

/// Runs a call that is cancelled by this `Cancel`. The result is the last message, also if the call panics.
pub(crate) fn start_with<F>(
    callback: JsCallback,
    has_listener: bool,
    cancel: Cancel,
    work: impl FnOnce(EventSender, Cancel) -> F,
) -> Call
where
    F: Future<Output = Result<Answer>> + Send + 'static,
{
    let (callback, held) = (Arc::new(callback), HeldEvent::default());
    let events = EventSender::new(&callback, has_listener, &held, &cancel);
    let work = work(events, cancel.clone());
    let canceller = Arc::new(Canceller(Mutex::new(Some(cancel))));
    let running = Arc::clone(&canceller);
    match runtime() {
        Ok(runtime) => {
            runtime.spawn(async move {
                let result = catch_panic_async(work).await;
                running.release();
                send_result(&callback, result);
            });
        }
        Err(error) => send_result(&callback, Err(error)),
    }
    Call { canceller, held }
}

fn send_result(callback: &JsCallback, result: Result<Answer>) {
    let (result, body) = match result {
        Ok(Answer { value, body }) => (Ok(value), body),
        Err(error) => {
            let body = error.response.as_ref().map(|response| response.body.clone());
            (Err(error), body)
        }
    };
    // If JavaScript's environment has ended, there is no caller left to report to.
    let _ = send(callback, envelope::result(result), body);
}

/// Created for the first call that waits and shared by all environments of the process, of which it holds nothing. Two
/// threads, because a login may wait for git or the disk while other calls continue.
fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(2).thread_name("libatmn").enable_io().enable_time().build()
    });
    runtime.as_ref().map_err(|error| {
        Error::new(ErrorCode::SystemLimit, format!("Could not start the network runtime: {error}."))
            .with_hint("Too many files or threads may be open.")
    })
}
