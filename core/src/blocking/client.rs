//! The client for callers without async. One runtime serves all its calls, so that they share connections and logins.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::operation::{Operation, Subject};
use super::{builder, check_thread, check_thread_lives, no_runtime};
use crate::cancel::Cancel;
use crate::client::{self, ApiRequest, ClientOptions};
use crate::error::Result;
use crate::event::{Event, Listener};
use crate::host::Host;
use crate::key::ApiKey;
use crate::per_process::PerProcess;
use crate::resolve::ResolvedKey;
use crate::response::ApiResponse;
use crate::server::Server;
use crate::standard_streams::reserve_standard_streams;

/// [`crate::Client`], blocking. Threads may share it, and the child of a fork may use it. It starts no thread:
/// while a listener runs on one thread, calls of other threads may pause, so a listener must not wait for them.
#[derive(Debug)]
pub struct Client {
    client: client::Client,
    running: PerProcess<Arc<RunningClient>>,
}

/// A client and its runtime.
#[derive(Debug)]
struct RunningClient {
    client: client::Client,
    /// Taken in `drop`.
    runtime: Option<Runtime>,
}

impl Client {
    /// [`crate::Client::new`].
    ///
    /// # Errors
    /// As [`crate::Client::new`]; `system_limit` if the network runtime cannot be started.
    pub fn new(options: ClientOptions) -> Result<Self> {
        let client = client::Client::new(options)?;
        let running = PerProcess::default();
        running.get_or_try_init(|_| RunningClient::start(client.clone()))?;
        Ok(Self { client, running })
    }

    /// [`crate::Client::server`].
    #[must_use]
    pub fn server(&self) -> &Server {
        self.client.server()
    }

    /// [`crate::Client::request`], blocking. The listener runs on this thread.
    ///
    /// # Errors
    /// As [`crate::Client::request`]; `invalid_argument` inside an async runtime, whose threads must not block.
    pub fn request(
        &self,
        request: &ApiRequest,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<ApiResponse> {
        let running = self.running()?;
        running.block_on(running.client.request(request, listener, cancel))
    }

    /// [`crate::Client::request`] on its own thread, which the caller polls. `has_listener` says whether the caller
    /// passes a listener to [`Operation::poll`], without which no user could log in. A login waits at `callback_received` until
    /// [`Operation::poll`] has passed the event, the request is cancelled, or the login times out. Setting `cancel` cancels the request.
    ///
    /// # Errors
    /// `invalid_argument`: a part of the request, or a thread that is ending; `system_limit` if no thread or file descriptor
    /// is left. All others come from [`Operation::poll`].
    pub fn start_request(
        &self,
        mut request: ApiRequest,
        has_listener: bool,
        cancel: &Cancel,
    ) -> Result<Operation<ApiResponse>> {
        check_thread_lives()?;
        request.check()?;
        // The environment is read on the thread of the caller.
        request.host = Some(self.client.host_of_call(request.host.as_ref()));
        let (running, cancel) = (self.running()?, cancel.child());
        let flag = cancel.clone();
        let send = move |listener: Listener<'_>| {
            let listener = has_listener.then_some(listener);
            running.block_on(running.client.request(&request, listener, &flag))
        };
        Operation::start(Subject { argument: "started_request", word: "request" }, cancel, holds, send)
    }

    /// [`crate::Client::reauthenticate`], blocking. The listener runs on this thread.
    ///
    /// # Errors
    /// As [`crate::Client::reauthenticate`]; `invalid_argument` inside an async runtime.
    pub fn reauthenticate(
        &self,
        rejected: &ApiKey,
        host: Option<&Host>,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<ResolvedKey> {
        let running = self.running()?;
        running.block_on(running.client.reauthenticate(rejected, host, listener, cancel))
    }

    /// `Client::key_after_rejection`, blocking. The listener runs on this thread.
    ///
    /// # Errors
    /// As that; `invalid_argument` inside an async runtime.
    #[doc(hidden)]
    pub fn key_after_rejection(
        &self,
        method: &str,
        rejected: &ApiKey,
        response: &ApiResponse,
        host: Option<&Host>,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<Option<ResolvedKey>> {
        let running = self.running()?;
        running.block_on(running.client.key_after_rejection(method, rejected, response, host, listener, cancel))
    }

    /// [`crate::Client::submit`], from any thread.
    ///
    /// # Errors
    /// As [`crate::Client::submit`].
    pub fn submit(&self, text: &str) -> Result<()> {
        self.running()?.client.submit(text)
    }

    /// The client of this process; the child of a fork starts its own.
    fn running(&self) -> Result<Arc<RunningClient>> {
        self.running.get_or_try_init(|inherited| {
            let client = inherited.map_or(&self.client, |running| &running.client);
            RunningClient::start(client.after_fork())
        })
    }
}

impl RunningClient {
    fn start(client: client::Client) -> Result<Arc<Self>> {
        check_thread_lives()?;
        let runtime = builder()
            // The thread of a name lookup ends at once instead of waiting ten seconds for another lookup.
            .thread_keep_alive(Duration::from_millis(1))
            .build()
            .map_err(no_runtime)?;
        Ok(Arc::new(Self { client, runtime: Some(runtime) }))
    }

    fn block_on<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        check_thread()?;
        let _streams = reserve_standard_streams();
        let work = async {
            // The runtime does not run between calls. Two turns let it notice connections that were closed meanwhile.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            work.await
        };
        match &self.runtime {
            Some(runtime) => runtime.block_on(work),
            None => Err(Cancel::error()),
        }
    }
}

impl Drop for RunningClient {
    fn drop(&mut self) {
        // Does not wait for a name lookup, which cannot be cancelled.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A listener that cancels at this event wins: the server creates no keys.
fn holds(event: &Event) -> bool {
    event.held_until.is_some()
}
