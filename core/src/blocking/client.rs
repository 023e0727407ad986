//! The client for callers without async: one runtime for all its calls, so that they share connections and logins.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock, TryLockError};

use tokio::runtime::{Builder, Runtime};

use super::{check_thread, no_room};
use crate::cancel::Cancel;
use crate::client::{self, ApiRequest, ClientOptions};
use crate::error::Result;
use crate::event::Listener;
use crate::http::Response;
use crate::key::ApiKey;
use crate::resolve::ResolvedKey;

/// [`crate::Client`], waiting. May be shared by threads; used after a fork, it starts afresh. No thread of its own: while
/// a listener is busy on one thread, the calls of the others may stand still, so it should not wait for anything.
#[derive(Debug)]
pub struct Client {
    line: RwLock<Arc<Line>>,
}

/// A client and the runtime that it waits on.
#[derive(Debug)]
struct Line {
    /// The process it belongs to; neither connections nor what watches them survive a fork.
    process: u32,
    client: client::Client,
    /// Taken out when the line is dropped.
    runtime: Option<Runtime>,
}

impl Client {
    /// [`crate::Client::new`].
    ///
    /// # Errors
    /// As [`crate::Client::new`]; `connect_failed` if the system has no room for it.
    pub fn new(options: ClientOptions) -> Result<Self> {
        Ok(Self { line: RwLock::new(Arc::new(Line::open(client::Client::new(options)?)?)) })
    }

    /// [`crate::Client::request`], waiting. Events are heard on this thread.
    ///
    /// # Errors
    /// As [`crate::Client::request`]; `invalid_argument` inside an async runtime, whose thread must not wait.
    pub fn request(&self, request: &ApiRequest, listener: Option<Listener<'_>>, cancel: &Cancel) -> Result<Response> {
        let line = self.line()?;
        line.wait(line.client.request(request, listener, cancel))
    }

    /// [`crate::Client::reauthenticate`], waiting. Events are heard on this thread.
    ///
    /// # Errors
    /// As [`crate::Client::reauthenticate`]; `invalid_argument` inside an async runtime.
    pub fn reauthenticate(
        &self,
        rejected: &ApiKey,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<ResolvedKey> {
        let line = self.line()?;
        line.wait(line.client.reauthenticate(rejected, listener, cancel))
    }

    /// [`crate::Client::submit`], from any thread.
    ///
    /// # Errors
    /// As [`crate::Client::submit`].
    pub fn submit(&self, text: &str) -> Result<()> {
        self.line()?.client.submit(text)
    }

    /// The line of this process. Only the first call after a fork writes, and does not wait: a fork in the midst of
    /// another thread's call may have left a reader that never goes.
    fn line(&self) -> Result<Arc<Line>> {
        let current = match self.line.try_read() {
            Ok(line) => Arc::clone(&line),
            Err(TryLockError::Poisoned(poisoned)) => Arc::clone(&poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Arc::clone(&self.line.read().unwrap_or_else(PoisonError::into_inner)),
        };
        if current.process == std::process::id() {
            return Ok(current);
        }
        let fresh = Arc::new(Line::open(current.client.afresh())?);
        if let Ok(mut line) = self.line.try_write() {
            *line = Arc::clone(&fresh);
        }
        Ok(fresh)
    }
}

impl Line {
    fn open(client: client::Client) -> Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            // The thread of a name lookup would wait ten seconds for another one.
            .thread_keep_alive(std::time::Duration::from_millis(1))
            .build()
            .map_err(no_room)?;
        Ok(Self { process: std::process::id(), client, runtime: Some(runtime) })
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        check_thread()?;
        let work = async {
            // Between calls nobody looks at the sockets: two turns, and connections closed meanwhile are not used again.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            work.await
        };
        self.runtime.as_ref().map_or_else(|| Err(Cancel::error()), |runtime| runtime.block_on(work))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if self.process == std::process::id() {
            // A name lookup cannot be called back; nobody waits for it.
            runtime.shutdown_background();
        } else {
            // What watches the sockets is shared with the parent: to let go of it here would take it away over there.
            std::mem::forget(runtime);
        }
    }
}
