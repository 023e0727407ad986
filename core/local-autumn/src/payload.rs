//! The body of an answer: whole, or broken off for a test.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// What hyper sends.
pub(crate) struct Payload {
    rest: Option<Bytes>,
    /// What Content-Length claims.
    length: u64,
    broken: Option<Break>,
}

/// How far a break is.
#[derive(Clone, Copy)]
enum Break {
    /// hyper throws away what it has not flushed when a body fails, so it is given one turn to flush.
    AfterFlush,
    Now,
}

/// The body ends before its Content-Length; hyper closes the connection upon it.
#[derive(Debug)]
pub(crate) struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the answer was broken off for a test")
    }
}

impl std::error::Error for BrokenOff {}

impl Payload {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { length: bytes.len() as u64, rest: Some(bytes), broken: None }
    }

    /// Claims the whole length (at least one byte), sends half of it.
    pub(crate) fn half(bytes: &Bytes) -> Self {
        Self {
            length: bytes.len().max(1) as u64,
            rest: Some(bytes.slice(..bytes.len() / 2)),
            broken: Some(Break::AfterFlush),
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Some(bytes) = self.rest.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.broken {
            None => Poll::Ready(None),
            Some(Break::Now) => Poll::Ready(Some(Err(BrokenOff))),
            Some(Break::AfterFlush) => {
                self.broken = Some(Break::Now);
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.broken.is_none() && self.rest.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
