//! One connection, from its first byte to its end, each step with a limit. It never waits by itself: whoever owns it
//! polls it.

use std::io::{self, ErrorKind};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite as _;
use tokio::net::TcpStream;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::answer::fault_page;
use super::head::{self, Fault};
use crate::config::{CALLBACK_ANSWER_TIMEOUT, CALLBACK_HEAD_LIMIT, CALLBACK_REQUEST_TIMEOUT};

/// What a client may send after its request, in bytes, before it is cut off.
const SURPLUS_LIMIT: usize = 64 * 1024;

/// What an answer means to the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing.
    Other,
    /// It sends a browser on to the result page.
    Redirect,
    /// It is the result page.
    Result,
}

/// What a poll brought.
pub(super) enum Turn {
    /// Nothing to do before the next poll.
    Wait,
    /// A whole request, which wants an answer or to be held.
    Request(Zeroizing<Vec<u8>>),
    /// The beginning of a TLS connection, which cannot be answered.
    Tls,
    /// It is over.
    Over,
}

enum State {
    Reading { bytes: Zeroizing<Vec<u8>>, filled: usize },
    Held { surplus: usize },
    Writing { bytes: Vec<u8>, written: usize },
    Closing { surplus: usize },
}

pub(super) struct Connection {
    stream: TcpStream,
    state: State,
    /// When the present step has to be over; the owner of the login decides how long one is held.
    deadline: Option<Instant>,
    role: Role,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, now: Instant) -> Self {
        // As large as it ever gets: growing would leave copies of the code behind.
        let bytes = Zeroizing::new(vec![0; CALLBACK_HEAD_LIMIT]);
        let state = State::Reading { bytes, filled: 0 };
        Self { stream, state, deadline: Some(now + CALLBACK_REQUEST_TIMEOUT), role: Role::Other }
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.state, State::Held { .. })
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(self.state, State::Reading { .. })
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What its answer means, as long as that is not with the browser.
    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// Leaves the browser waiting until the login is finished.
    pub(super) fn hold(&mut self) {
        self.state = State::Held { surplus: 0 };
        self.deadline = None;
    }

    pub(super) fn answer(&mut self, bytes: Vec<u8>, role: Role, now: Instant) {
        self.state = State::Writing { bytes, written: 0 };
        self.deadline = Some(now + CALLBACK_ANSWER_TIMEOUT);
        self.role = role;
    }

    /// Goes on as far as possible. An error is an end like any other: nobody is left to tell.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, now: Instant) -> Turn {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return Turn::Over;
        }
        loop {
            let step = match self.state {
                State::Reading { .. } => self.read(context, now),
                State::Writing { .. } => self.write(context),
                State::Held { .. } | State::Closing { .. } => self.discard(context),
            };
            match step {
                Poll::Ready(Ok(None)) => {}
                Poll::Ready(Ok(Some(turn))) => return turn,
                Poll::Ready(Err(_)) => return Turn::Over,
                Poll::Pending => return Turn::Wait,
            }
        }
    }

    fn read(&mut self, context: &mut Context<'_>, now: Instant) -> Poll<io::Result<Option<Turn>>> {
        let State::Reading { bytes, filled } = &mut self.state else { return Poll::Ready(Ok(None)) };
        let free = bytes.get_mut(*filled..).unwrap_or_default();
        let Poll::Ready(read) = receive(&self.stream, context, free)? else { return Poll::Pending };
        let searched = *filled;
        *filled += read;
        let seen = bytes.get(..*filled).unwrap_or_default();
        let turn = match (read, head::end(seen, searched)) {
            (0, _) => Turn::Over,
            // A handshake record; no method begins like that.
            _ if seen.first() == Some(&0x16) => Turn::Tls,
            (_, Some(end)) if end == seen.len() => {
                let mut head = std::mem::take(bytes);
                head.truncate(end);
                Turn::Request(head)
            }
            // A body or a second request at its heels: no browser does that to us.
            (_, Some(_)) => return self.refuse(Fault::Malformed, now),
            (_, None) if seen.len() == CALLBACK_HEAD_LIMIT => return self.refuse(Fault::TooLarge, now),
            (_, None) => return Poll::Ready(Ok(None)),
        };
        Poll::Ready(Ok(Some(turn)))
    }

    fn refuse(&mut self, fault: Fault, now: Instant) -> Poll<io::Result<Option<Turn>>> {
        self.answer(fault_page(fault).bytes(), Role::Other, now);
        Poll::Ready(Ok(None))
    }

    fn write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Turn>>> {
        let State::Writing { bytes, written } = &mut self.state else { return Poll::Ready(Ok(None)) };
        let stream = std::pin::Pin::new(&mut self.stream);
        let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) else {
            let Poll::Ready(()) = stream.poll_shutdown(context)? else { return Poll::Pending };
            // Closed at once, what is still unread would reset the connection and take the answer with it.
            self.state = State::Closing { surplus: 0 };
            if self.role == Role::Redirect {
                self.role = Role::Other;
            }
            return Poll::Ready(Ok(None));
        };
        let Poll::Ready(more) = stream.poll_write(context, rest)? else { return Poll::Pending };
        *written += more;
        Poll::Ready(if more == 0 { Err(ErrorKind::WriteZero.into()) } else { Ok(None) })
    }

    fn discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Turn>>> {
        let (State::Held { surplus } | State::Closing { surplus }) = &mut self.state else {
            return Poll::Ready(Ok(None));
        };
        let mut bytes = [0; 4096];
        let Poll::Ready(read) = receive(&self.stream, context, &mut bytes)? else { return Poll::Pending };
        *surplus += read;
        let over = read == 0 || *surplus > SURPLUS_LIMIT;
        Poll::Ready(Ok(over.then_some(Turn::Over)))
    }
}

/// Reads what is there; 0 is the end.
fn receive(stream: &TcpStream, context: &mut Context<'_>, bytes: &mut [u8]) -> Poll<io::Result<usize>> {
    loop {
        match stream.try_read(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            other => return Poll::Ready(other),
        }
        let Poll::Ready(()) = stream.poll_read_ready(context)? else { return Poll::Pending };
    }
}
