//! The server that waits for the callback.
//!
//! It has no task of its own: it moves while somebody awaits one of its functions, and dropping it closes every
//! socket before the drop returns. So a cancelled login leaves nothing behind, on whatever runtime.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::answer::{self, Answer, Request};
use super::connection::{Connection, Role, Turn};
use crate::config::{CALLBACK_CONNECTION_LIMIT, CALLBACK_FINISH_TIMEOUT};
use crate::page::{self, Page};
use crate::secret::Secret;

/// Connections accepted in one go. Far fewer than the limit: each must be read before later ones can push it out.
const ACCEPT_BATCH: usize = 16;
/// How long accepting pauses after the system refused: out of descriptors, mostly.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// However little the system gives, a browser and its favicon find room.
const LEAST_ROOM: usize = 8;
/// When there is nothing to time, the clock is set this far ahead.
const FAR: Duration = Duration::from_secs(86_400);

/// What came in.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The callback, once: all later ones wait for the same result page and are not reported.
    Answer(Answer),
    /// A browser tried https, which is not spoken here; reported once.
    TlsHello,
}

/// The callback server of one login. `Debug` shows no state and no code.
pub struct Server {
    port: u16,
    listeners: Vec<TcpListener>,
    state: Secret,
    /// The oldest first.
    connections: Vec<Connection>,
    /// How many there may be.
    room: usize,
    clock: Pin<Box<Sleep>>,
    paused: Option<Instant>,
    outcomes: VecDeque<Outcome>,
    answered: bool,
    tls_seen: bool,
    result: Option<ResultPage>,
}

/// What the browsers are sent on to.
struct ResultPage {
    path: String,
    bytes: Vec<u8>,
    /// So many browsers were sent on and have not fetched it.
    owed: usize,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Server");
        shown.field("port", &self.port).field("connections", &self.connections.len()).finish_non_exhaustive()
    }
}

impl Server {
    pub(super) fn new(port: u16, listeners: Vec<TcpListener>, state: Secret) -> Self {
        Self {
            port,
            listeners,
            state,
            connections: Vec::new(),
            room: CALLBACK_CONNECTION_LIMIT,
            clock: Box::pin(sleep_until(Instant::now() + FAR)),
            paused: None,
            outcomes: VecDeque::new(),
            answered: false,
            tls_seen: false,
            result: None,
        }
    }

    /// Waits for the next outcome. May be dropped and called again without losing anything.
    pub async fn next(&mut self) -> Outcome {
        poll_fn(|context| {
            self.turn(context);
            self.outcomes.pop_front().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Goes on serving while something else is done, such as the exchange of the code.
    pub async fn alongside<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|context| {
            let done = work.as_mut().poll(context);
            if done.is_pending() {
                self.turn(context);
            }
            done
        })
        .await
    }

    /// Shows the result to every browser that waits, once each, and closes the port: at once where none waits, and
    /// in any case after two seconds.
    pub async fn finish(mut self, page: &Page) {
        let until = Instant::now() + CALLBACK_FINISH_TIMEOUT;
        // Notices who went away in the meantime, so that nobody waits for them.
        tokio::task::yield_now().await;
        poll_fn(|context| {
            self.turn(context);
            Poll::Ready(())
        })
        .await;
        self.result = Some(ResultPage { path: unguessable_path(), bytes: page.bytes(), owed: 0 });
        let mut held = std::mem::take(&mut self.connections);
        for connection in held.iter_mut().filter(|connection| connection.is_held()) {
            self.send_on(connection);
        }
        self.connections = held;
        let shown = poll_fn(|context| {
            self.turn(context);
            if self.is_shown() { Poll::Ready(()) } else { Poll::Pending }
        });
        // Whoever has not come by then went away; the program must not wait for that.
        let _ = timeout_at(until, shown).await;
    }

    fn is_shown(&self) -> bool {
        let owed = self.result.as_ref().is_some_and(|result| result.owed > 0);
        !owed && self.connections.iter().all(|connection| connection.role() == Role::Other)
    }

    /// Moves everything on that can move, and sees to it that the context is woken for the rest.
    fn turn(&mut self, context: &mut Context<'_>) {
        loop {
            let now = Instant::now();
            // Before new ones are accepted: what has arrived is read before it can be pushed out.
            let mut connections = std::mem::take(&mut self.connections);
            connections.retain_mut(|connection| self.attend(connection, context, now));
            self.connections = connections;
            self.accept(context, now);
            let deadlines = self.connections.iter().filter_map(Connection::deadline).chain(self.paused);
            self.clock.as_mut().reset(deadlines.min().unwrap_or(now + FAR));
            if self.clock.as_mut().poll(context).is_pending() {
                return;
            }
        }
    }

    fn accept(&mut self, context: &mut Context<'_>, now: Instant) {
        if self.paused.is_some_and(|until| now < until) {
            return;
        }
        self.paused = None;
        for at in 0..self.listeners.len() {
            if self.accept_from(at, context, now).is_err() {
                self.paused = Some(now + ACCEPT_PAUSE);
                return;
            }
        }
    }

    fn accept_from(&mut self, at: usize, context: &mut Context<'_>, now: Instant) -> io::Result<()> {
        for _ in 0..ACCEPT_BATCH {
            let Some(Poll::Ready(accepted)) = self.listeners.get(at).map(|socket| socket.poll_accept(context)) else {
                return Ok(());
            };
            match accepted {
                Ok((stream, _)) => self.welcome(Connection::new(stream, now), context, now),
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
                Err(error) => {
                    self.leave_room();
                    return Err(error);
                }
            }
        }
        // Wakes us after the system was asked what else has arrived, not before.
        let _ = pin!(tokio::task::yield_now()).poll(context);
        Ok(())
    }

    /// Half of what the system gave is left to others from now on: the exchange of the code needs a socket, and the
    /// keys a file.
    fn leave_room(&mut self) {
        self.room = LEAST_ROOM.max(self.connections.len() / 2);
        while self.connections.len() > self.room && self.push_out(false) {}
    }

    fn welcome(&mut self, mut connection: Connection, context: &mut Context<'_>, now: Instant) {
        if !self.attend(&mut connection, context, now) {
            return;
        }
        if self.connections.len() >= self.room {
            self.push_out(true);
        }
        self.connections.push(connection);
    }

    /// Ends the oldest connection without a whole request, else the oldest that nobody waits for, else, if it has to be,
    /// the oldest.
    fn push_out(&mut self, even_held: bool) -> bool {
        let oldest = |wanted: fn(&Connection) -> bool| self.connections.iter().position(wanted);
        let dispensable = oldest(Connection::is_reading).or_else(|| oldest(|other| !other.is_held()));
        let chosen = dispensable.or(even_held.then_some(0));
        chosen.map(|at| drop(self.connections.remove(at))).is_some()
    }

    /// Polls one connection; `false` if it is over.
    fn attend(&mut self, connection: &mut Connection, context: &mut Context<'_>, now: Instant) -> bool {
        loop {
            match connection.poll(context, now) {
                Turn::Wait => return true,
                Turn::Request(head) => self.decide(connection, &head, now),
                Turn::Tls => {
                    if !std::mem::replace(&mut self.tls_seen, true) {
                        self.outcomes.push_back(Outcome::TlsHello);
                    }
                    return false;
                }
                Turn::Over => return false,
            }
        }
    }

    fn decide(&mut self, connection: &mut Connection, head: &[u8], now: Instant) {
        let page = match answer::read(head, self.port, &self.state) {
            Request::Callback(answer) => return self.called_back(connection, answer),
            Request::Path(path) => match &mut self.result {
                Some(result) if result.path == path && result.owed > 0 => {
                    result.owed -= 1;
                    return connection.answer(result.bytes.clone(), Role::Result, now);
                }
                Some(result) if result.path == path => page::gone(),
                _ => page::not_found(),
            },
            Request::Other(page) => page,
            Request::HeadOnly(page) => return connection.answer(page.head_bytes(), Role::Other, now),
        };
        connection.answer(page.bytes(), Role::Other, now);
    }

    /// The first callback is the outcome; this one and all others wait for its end.
    fn called_back(&mut self, connection: &mut Connection, answer: Answer) {
        if !std::mem::replace(&mut self.answered, true) {
            self.outcomes.push_back(Outcome::Answer(answer));
        }
        if self.result.is_some() {
            self.send_on(connection);
        } else {
            connection.hold();
        }
    }

    fn send_on(&mut self, connection: &mut Connection) {
        if let Some(result) = &mut self.result {
            result.owed += 1;
            connection.answer(page::see_other(&result.path).bytes(), Role::Redirect, Instant::now());
        }
    }
}

/// A path that nobody else can name: 128 random bits.
fn unguessable_path() -> String {
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        // No secret depends on it: the path only keeps others from taking the one showing of a page without secrets.
        return "/done".to_owned();
    }
    random.iter().fold(String::from("/"), |path, byte| path + &format!("{byte:02x}"))
}
