//! The body of a response: complete, or cut off by a fault.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};

/// The body of a response.
pub(crate) struct Body {
    unsent: Option<Bytes>,
    /// The value of Content-Length.
    length: u64,
    cut: Option<Cut>,
}

/// When a cut-off body fails.
#[derive(Clone, Copy)]
enum Cut {
    /// After one more poll. When a body fails, hyper discards unflushed bytes, so it needs a poll to flush.
    AfterFlush,
    /// At the next poll.
    Now,
}

/// The body ended before its Content-Length. hyper closes the connection then.
#[derive(Debug)]
pub(crate) struct CutOff;

impl std::fmt::Display for CutOff {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the response was cut off by a fault")
    }
}

impl std::error::Error for CutOff {}

impl Body {
    pub(crate) fn complete(bytes: Bytes) -> Self {
        Self { length: bytes.len() as u64, unsent: Some(bytes), cut: None }
    }

    /// Announces the whole length (at least one byte) and sends half of it.
    pub(crate) fn half(bytes: &Bytes) -> Self {
        Self {
            length: bytes.len().max(1) as u64,
            unsent: Some(bytes.slice(..bytes.len() / 2)),
            cut: Some(Cut::AfterFlush),
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Some(bytes) = self.unsent.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.cut {
            None => Poll::Ready(None),
            Some(Cut::Now) => Poll::Ready(Some(Err(CutOff))),
            Some(Cut::AfterFlush) => {
                self.cut = Some(Cut::Now);
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.cut.is_none() && self.unsent.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
