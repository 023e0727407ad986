//! The work that runs while the login waits for the user: opening the browser and requesting the server's metadata.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::browser::OpenResult;
use crate::oauth::Discovery;

/// A boxed future. The compiler cannot yet prove that nested futures with these lifetimes are `Send`.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The background tasks of one login.
pub(super) struct BackgroundTasks<'a> {
    discovery: Option<BoxFuture<'a, Option<Discovery>>>,
    discovered: Option<Discovery>,
    opening: Option<BoxFuture<'a, OpenResult>>,
}

impl<'a> BackgroundTasks<'a> {
    pub(super) fn new(discovery: BoxFuture<'a, Option<Discovery>>) -> Self {
        Self { discovery: Some(discovery), discovered: None, opening: None }
    }

    pub(super) fn open_browser(&mut self, opening: BoxFuture<'a, OpenResult>) {
        self.opening = Some(opening);
    }

    /// Runs the tasks until the browser was tried; never completes afterwards. Cancellation safe.
    pub(super) async fn browser_opened(&mut self) -> OpenResult {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<OpenResult> {
        if let Some(discovery) = &mut self.discovery
            && let Poll::Ready(discovered) = discovery.as_mut().poll(context)
        {
            self.discovery = None;
            self.discovered = discovered;
        }
        let Some(opening) = &mut self.opening else { return Poll::Pending };
        let result = opening.as_mut().poll(context);
        if result.is_ready() {
            self.opening = None;
        }
        result
    }

    /// The server's metadata; waits for at most `timeout` if it has not arrived.
    pub(super) async fn discovery(&mut self, timeout: Duration) -> Option<Discovery> {
        if let Some(discovery) = self.discovery.take() {
            self.discovered = tokio::time::timeout(timeout, discovery).await.ok().flatten();
        }
        self.discovered.clone()
    }
}
