//! The server that waits for the callback.
//!
//! It spawns no task: it makes progress while one of its futures is polled, and dropping it closes every socket before
//! the drop returns. So a cancelled login leaves nothing open, on any runtime.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::net::TcpListener;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::classify::{AuthorizationResponse, RequestKind, classify};
use super::connection::{Connection, ConnectionStep, ResponseRole};
use super::notice::Notice;
use super::peer::{AcceptedPeers, Peer};
use crate::config::{
    CALLBACK_ACCEPT_BATCH, CALLBACK_ACCEPT_PAUSE, CALLBACK_CONNECTION_LIMIT, CALLBACK_FINISH_TIMEOUT,
    CALLBACK_MIN_CONNECTIONS,
};
use crate::page::{self, Page};
use crate::secret::Secret;

/// An event that the login reacts to.
#[derive(Clone, Debug)]
pub(crate) enum CallbackEvent {
    /// The callback. Reported once: later callbacks wait for the same result page.
    Response(AuthorizationResponse),
    /// Something that the user should know. Each kind is reported once.
    Notice(Notice),
}

/// The callback server of one login. `Debug` shows no state and no code.
pub(crate) struct CallbackServer {
    port: u16,
    listeners: Vec<TcpListener>,
    state: Secret,
    accepted: AcceptedPeers,
    /// Oldest first.
    connections: Vec<Connection>,
    connection_limit: usize,
    timer: Pin<Box<Sleep>>,
    accept_after: Option<Instant>,
    events: VecDeque<CallbackEvent>,
    has_response: bool,
    noticed: Vec<Notice>,
    result: Option<ResultPage>,
}

/// The page to which the browsers are redirected.
struct ResultPage {
    path: String,
    bytes: Vec<u8>,
    /// Browsers that were redirected and have not fetched the page.
    awaited: usize,
}

impl fmt::Debug for CallbackServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("CallbackServer");
        shown.field("port", &self.port).field("connections", &self.connections.len()).finish_non_exhaustive()
    }
}

impl CallbackServer {
    pub(super) fn new(port: u16, listeners: Vec<TcpListener>, state: Secret, accepted: AcceptedPeers) -> Self {
        Self {
            port,
            listeners,
            state,
            accepted,
            connections: Vec::new(),
            connection_limit: CALLBACK_CONNECTION_LIMIT,
            timer: Box::pin(sleep_until(Instant::now())),
            accept_after: None,
            events: VecDeque::new(),
            has_response: false,
            noticed: Vec::new(),
            result: None,
        }
    }

    /// The port number.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the next event. Cancellation safe: dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> CallbackEvent {
        poll_fn(|context| {
            self.poll(context);
            self.events.pop_front().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Serves while other work runs, such as the exchange of the code.
    pub(crate) async fn alongside<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| {
            let done = work.as_mut().poll(context);
            if done.is_pending() {
                self.poll(context);
            }
            done
        })
        .await
    }

    /// Shows the result to every waiting browser, once each, and closes the port: at once if no browser waits, and
    /// after two seconds at the latest.
    pub(crate) async fn finish(mut self, page: &Page) {
        let until = Instant::now() + CALLBACK_FINISH_TIMEOUT;
        // Notices browsers that have disconnected, so that the login does not wait for them.
        tokio::task::yield_now().await;
        poll_fn(|context| {
            self.poll(context);
            Poll::Ready(())
        })
        .await;
        self.result = Some(ResultPage { path: unguessable_path(), bytes: page.bytes(), awaited: 0 });
        let mut held = std::mem::take(&mut self.connections);
        for connection in held.iter_mut().filter(|connection| connection.is_held()) {
            self.redirect(connection);
        }
        self.connections = held;
        let shown = poll_fn(|context| {
            self.poll(context);
            if self.is_shown() { Poll::Ready(()) } else { Poll::Pending }
        });
        // A browser that has not fetched the page by then is gone; the program does not wait for it.
        let _ = timeout_at(until, shown).await;
    }

    fn is_shown(&self) -> bool {
        let is_awaited = self.result.as_ref().is_some_and(|result| result.awaited > 0);
        !is_awaited && self.connections.iter().all(|connection| connection.role() == ResponseRole::Other)
    }

    /// Makes all progress that is possible now, and registers the context to be woken for the rest.
    fn poll(&mut self, context: &mut Context<'_>) {
        loop {
            let now = Instant::now();
            // Before accepting new connections: bytes that have arrived are read before their connection can be evicted.
            let mut connections = std::mem::take(&mut self.connections);
            connections.retain_mut(|connection| self.poll_connection(connection, context, now));
            self.connections = connections;
            self.accept(context, now);
            let deadlines = self.connections.iter().filter_map(Connection::deadline).chain(self.accept_after);
            let Some(deadline) = deadlines.min() else { return };
            self.timer.as_mut().reset(deadline);
            if self.timer.as_mut().poll(context).is_pending() {
                return;
            }
        }
    }

    fn accept(&mut self, context: &mut Context<'_>, now: Instant) {
        if self.accept_after.is_some_and(|until| now < until) {
            return;
        }
        self.accept_after = None;
        for index in 0..self.listeners.len() {
            if self.accept_from(index, context, now).is_err() {
                self.accept_after = Some(now + CALLBACK_ACCEPT_PAUSE);
                return;
            }
        }
    }

    fn accept_from(&mut self, index: usize, context: &mut Context<'_>, now: Instant) -> io::Result<()> {
        for _ in 0..CALLBACK_ACCEPT_BATCH {
            let Some(Poll::Ready(accepted)) = self.listeners.get(index).map(|socket| socket.poll_accept(context))
            else {
                return Ok(());
            };
            match accepted {
                Ok((stream, peer)) => self.add(Connection::new(stream, peer, now), context, now),
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
                Err(error) => {
                    self.lower_limit();
                    return Err(error);
                }
            }
        }
        // The batch is full: wake again once the runtime has checked the other sockets.
        let _ = pin!(tokio::task::yield_now()).poll(context);
        Ok(())
    }

    /// Uses only half of the file descriptors that the system granted: the exchange of the code needs a socket, and
    /// saving the keys needs a file.
    fn lower_limit(&mut self) {
        self.connection_limit = CALLBACK_MIN_CONNECTIONS.max(self.connections.len() / 2);
        while self.connections.len() > self.connection_limit && self.evict(false) {}
    }

    fn add(&mut self, mut connection: Connection, context: &mut Context<'_>, now: Instant) {
        if !self.poll_connection(&mut connection, context, now) {
            return;
        }
        if self.connections.len() >= self.connection_limit {
            self.evict(true);
        }
        self.connections.push(connection);
    }

    /// Closes the oldest connection without a whole request; failing that, the oldest that is not held; failing that,
    /// if `even_held`, the oldest.
    fn evict(&mut self, even_held: bool) -> bool {
        let oldest = |wanted: fn(&Connection) -> bool| self.connections.iter().position(wanted);
        let dispensable = oldest(Connection::is_reading).or_else(|| oldest(|other| !other.is_held()));
        let Some(index) = dispensable.or(even_held.then_some(0)).filter(|index| *index < self.connections.len()) else {
            return false;
        };
        self.connections.remove(index);
        true
    }

    /// Polls one connection; `false` if it has ended.
    fn poll_connection(&mut self, connection: &mut Connection, context: &mut Context<'_>, now: Instant) -> bool {
        loop {
            match connection.poll(context, now) {
                ConnectionStep::Wait => return true,
                ConnectionStep::Request(head) => self.answer(connection, &head, now),
                ConnectionStep::Tls => {
                    self.notice(Notice::TlsHello);
                    return false;
                }
                ConnectionStep::Closed => return false,
            }
        }
    }

    /// Reports a notice, once for each kind: other accounts could send any number of requests.
    fn notice(&mut self, notice: Notice) {
        let is_same = |known: &Notice| std::mem::discriminant(known) == std::mem::discriminant(&notice);
        if !self.noticed.iter().any(is_same) {
            self.noticed.push(notice);
            self.events.push_back(CallbackEvent::Notice(notice));
        }
    }

    fn answer(&mut self, connection: &mut Connection, head: &[u8], now: Instant) {
        let page = match classify(head, self.port, &self.state) {
            RequestKind::Callback(response) => return self.called_back(connection, response),
            RequestKind::Path(path) => match &mut self.result {
                Some(result) if result.path == path && result.awaited > 0 => {
                    result.awaited -= 1;
                    return connection.respond(result.bytes.clone(), ResponseRole::Result, now);
                }
                Some(result) if result.path == path => page::gone(),
                _ => page::not_found(),
            },
            RequestKind::Other(page) => page,
            RequestKind::ServiceWorker(page) => {
                self.notice(Notice::ServiceWorker);
                page
            }
            RequestKind::HeadOnly(page) => return connection.respond(page.head_bytes(), ResponseRole::Other, now),
        };
        connection.respond(page.bytes(), ResponseRole::Other, now);
    }

    /// Reports the first callback; this connection and those of later callbacks wait for the result page.
    fn called_back(&mut self, connection: &mut Connection, response: AuthorizationResponse) {
        match connection.judge(&self.accepted) {
            Peer::Accepted => {}
            Peer::OtherAccount(uid) => {
                self.notice(Notice::OtherAccount(uid));
                return connection.respond(page::other_account().bytes(), ResponseRole::Other, Instant::now());
            }
            // Nothing can be answered, and another account could hide its owner in this way.
            Peer::Gone => return connection.close(),
        }
        if !self.has_response {
            self.has_response = true;
            self.events.push_back(CallbackEvent::Response(response));
        }
        if self.result.is_some() {
            self.redirect(connection);
        } else {
            connection.hold();
        }
    }

    fn redirect(&mut self, connection: &mut Connection) {
        if let Some(result) = &mut self.result {
            result.awaited += 1;
            let page = page::see_other(&result.path);
            connection.respond(page.bytes(), ResponseRole::Redirect, Instant::now());
        }
    }
}

/// A path that other programs cannot guess: 128 random bits.
fn unguessable_path() -> String {
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        // No secret depends on it: the random path only keeps other programs from fetching the page, which is served once.
        return "/done".to_owned();
    }
    random.iter().fold(String::from("/"), |path, byte| path + &format!("{byte:02x}"))
}
