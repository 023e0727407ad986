//! One connection, from its first byte to its end, with a time limit for each step. The callback server polls it.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite as _;
use tokio::net::TcpStream;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::classify::error_page;
use super::head::{self, HeadError};
use super::peer::{AcceptedPeers, Peer};
use crate::config::{CALLBACK_ANSWER_TIMEOUT, CALLBACK_HEAD_LIMIT, CALLBACK_REQUEST_TIMEOUT, CALLBACK_SURPLUS_LIMIT};

/// The role of a response in the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResponseRole {
    /// None.
    Other,
    /// It redirects a browser to the result page.
    Redirect,
    /// It is the result page.
    Result,
}

/// The result of a poll.
pub(super) enum ConnectionStep {
    /// Nothing more can be done before the next wake-up.
    Wait,
    /// A whole request has arrived; the server answers or holds it.
    Request(Zeroizing<Vec<u8>>),
    /// A TLS handshake has begun, which cannot be answered.
    Tls,
    /// The connection has ended.
    Closed,
}

enum ConnectionState {
    Reading { bytes: Zeroizing<Vec<u8>>, filled: usize },
    Held { surplus: usize },
    Writing { bytes: Vec<u8>, written: usize },
    Closing { surplus: usize },
}

pub(super) struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    state: ConnectionState,
    /// When the current step times out; a held connection has no limit here, since the login has one.
    deadline: Option<Instant>,
    role: ResponseRole,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, now: Instant) -> Self {
        // Full size from the start: growing would leave copies of the code in memory.
        let bytes = Zeroizing::new(vec![0; CALLBACK_HEAD_LIMIT]);
        let state = ConnectionState::Reading { bytes, filled: 0 };
        Self { stream, peer, state, deadline: Some(now + CALLBACK_REQUEST_TIMEOUT), role: ResponseRole::Other }
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.state, ConnectionState::Held { .. })
    }

    pub(super) fn is_reading(&self) -> bool {
        matches!(self.state, ConnectionState::Reading { .. })
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The role of its response, until the browser has received it.
    pub(super) fn role(&self) -> ResponseRole {
        self.role
    }

    /// Judges the account at the other end.
    pub(super) fn judge(&self, accepted: &AcceptedPeers) -> Peer {
        // The address of a socket that was reset is unknown.
        self.stream.local_addr().map_or(Peer::Gone, |local| accepted.judge(self.peer, local))
    }

    /// Ends the connection without a response.
    pub(super) fn close(&mut self) {
        self.respond(Vec::new(), ResponseRole::Other, Instant::now());
    }

    /// Keeps the browser waiting until the login is finished.
    pub(super) fn hold(&mut self) {
        self.state = ConnectionState::Held { surplus: 0 };
        self.deadline = None;
    }

    pub(super) fn respond(&mut self, bytes: Vec<u8>, role: ResponseRole, now: Instant) {
        self.state = ConnectionState::Writing { bytes, written: 0 };
        self.deadline = Some(now + CALLBACK_ANSWER_TIMEOUT);
        self.role = role;
    }

    /// Makes as much progress as possible. An error closes the connection: there is no one left to report it to.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, now: Instant) -> ConnectionStep {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return ConnectionStep::Closed;
        }
        loop {
            let step = match self.state {
                ConnectionState::Reading { .. } => self.read(context, now),
                ConnectionState::Writing { .. } => self.write(context),
                ConnectionState::Held { .. } | ConnectionState::Closing { .. } => self.discard(context),
            };
            match step {
                Poll::Ready(Ok(None)) => {}
                Poll::Ready(Ok(Some(turn))) => return turn,
                Poll::Ready(Err(_)) => return ConnectionStep::Closed,
                Poll::Pending => return ConnectionStep::Wait,
            }
        }
    }

    fn read(&mut self, context: &mut Context<'_>, now: Instant) -> Poll<io::Result<Option<ConnectionStep>>> {
        let ConnectionState::Reading { bytes, filled } = &mut self.state else { return Poll::Ready(Ok(None)) };
        let free = bytes.get_mut(*filled..).unwrap_or_default();
        let Poll::Ready(read) = receive(&self.stream, context, free)? else { return Poll::Pending };
        let searched = *filled;
        *filled += read;
        let seen = bytes.get(..*filled).unwrap_or_default();
        let step = match (read, head::find_end(seen, searched)) {
            (0, _) => ConnectionStep::Closed,
            // A handshake record (RFC 8446, 5.1); no HTTP method begins with this byte.
            _ if seen.first() == Some(&0x16) => ConnectionStep::Tls,
            (_, Some(end)) if end == seen.len() => {
                let mut head = std::mem::take(bytes);
                head.truncate(end);
                ConnectionStep::Request(head)
            }
            // A body, or a pipelined second request: no browser sends either here.
            (_, Some(_)) => return self.refuse(HeadError::Malformed, now),
            (_, None) if seen.len() == CALLBACK_HEAD_LIMIT => return self.refuse(HeadError::TooLarge, now),
            (_, None) => return Poll::Ready(Ok(None)),
        };
        Poll::Ready(Ok(Some(step)))
    }

    fn refuse(&mut self, error: HeadError, now: Instant) -> Poll<io::Result<Option<ConnectionStep>>> {
        self.respond(error_page(error).bytes(), ResponseRole::Other, now);
        Poll::Ready(Ok(None))
    }

    fn write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<ConnectionStep>>> {
        let ConnectionState::Writing { bytes, written } = &mut self.state else { return Poll::Ready(Ok(None)) };
        let stream = std::pin::Pin::new(&mut self.stream);
        let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) else {
            let Poll::Ready(()) = stream.poll_shutdown(context)? else { return Poll::Pending };
            // Closing while bytes are unread would reset the connection, and the response could be lost.
            self.state = ConnectionState::Closing { surplus: 0 };
            if self.role == ResponseRole::Redirect {
                self.role = ResponseRole::Other;
            }
            return Poll::Ready(Ok(None));
        };
        let Poll::Ready(more) = stream.poll_write(context, rest)? else { return Poll::Pending };
        *written += more;
        Poll::Ready(if more == 0 { Err(ErrorKind::WriteZero.into()) } else { Ok(None) })
    }

    fn discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<ConnectionStep>>> {
        let (ConnectionState::Held { surplus } | ConnectionState::Closing { surplus }) = &mut self.state else {
            return Poll::Ready(Ok(None));
        };
        let mut bytes = [0; 4096];
        let Poll::Ready(read) = receive(&self.stream, context, &mut bytes)? else { return Poll::Pending };
        *surplus += read;
        let over = read == 0 || *surplus > CALLBACK_SURPLUS_LIMIT;
        Poll::Ready(Ok(over.then_some(ConnectionStep::Closed)))
    }
}

/// Reads the available bytes; 0 means end of stream.
fn receive(stream: &TcpStream, context: &mut Context<'_>, bytes: &mut [u8]) -> Poll<io::Result<usize>> {
    loop {
        match stream.try_read(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            other => return Poll::Ready(other),
        }
        let Poll::Ready(()) = stream.poll_read_ready(context)? else { return Poll::Pending };
    }
}
