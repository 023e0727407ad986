//! Faults: what the server does wrong on purpose, so that tests can check their handling.

use std::time::Duration;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};

use crate::response::Response;

/// What the server does wrong on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server sends this response and does not handle the request. A redirect is a status with `location`.
    Answer {
        /// The HTTP status.
        status: u16,
        /// Header names and values. Invalid ones are left out.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// The server handles the request and delays the response, which may be that of another fault.
    Delay(Duration),
    /// The server handles the request and replaces the body of the response with bytes that are not text.
    Garbage,
    /// The server handles the request, sends half of the response and closes the connection.
    Truncate,
    /// The server handles the request and closes the connection without a response.
    Drop,
}

impl Fault {
    /// A response with this status, without headers and body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: String::new() }
    }

    /// A redirect that keeps the method (307).
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        let headers = vec![("location".to_owned(), location.to_owned())];
        Self::Answer { status: 307, headers, body: String::new() }
    }

    /// The response of a [`Fault::Answer`].
    pub(crate) fn response(&self) -> Option<Response> {
        let Self::Answer { status, headers, body } = self else { return None };
        let mut response = Response::new(Bytes::from(body.clone()));
        *response.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        Some(response)
    }
}

/// A fault for the next requests of one path.
struct PlannedFault {
    path: String,
    remaining: u32,
    fault: Fault,
}

/// The faults that the server still has to produce.
#[derive(Default)]
pub(crate) struct FaultInjector(Vec<PlannedFault>);

impl FaultInjector {
    /// Plans a fault for the next `count` requests of a path, which must be more than zero.
    pub(crate) fn inject(&mut self, path: &str, count: u32, fault: Fault) {
        self.0.push(PlannedFault { path: path.to_owned(), remaining: count, fault });
    }

    /// Takes what is planned for a request: a pause, and another fault. So an answer can be slow. Faults of one path come
    /// in the order in which they were planned.
    pub(crate) fn take(&mut self, path: &str) -> (Option<Duration>, Option<Fault>) {
        let is_delay = |fault: &Fault| matches!(fault, Fault::Delay(_));
        let pause = match self.take_first(path, is_delay) {
            Some(Fault::Delay(time)) => Some(time),
            _ => None,
        };
        (pause, self.take_first(path, |fault| !is_delay(fault)))
    }

    fn take_first(&mut self, path: &str, wanted: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let index = self.0.iter().position(|planned| planned.path == path && wanted(&planned.fault))?;
        let planned = self.0.get_mut(index)?;
        let fault = planned.fault.clone();
        planned.remaining -= 1;
        if planned.remaining == 0 {
            self.0.remove(index);
        }
        Some(fault)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
