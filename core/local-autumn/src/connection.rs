//! Connections and requests on their way in and out, and their limits.

use std::time::Duration;

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use libatmn::Event;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::answer::{Answer, Request, request_error};
use crate::faults::{Fault, LoggedRequest};
use crate::payload::Payload;
use crate::server::Options;
use crate::store::Store;
use crate::{guard, route};

/// Largest request head, in bytes; more is answered 431.
const HEAD_LIMIT: usize = 16 * 1024;
/// Largest request body, in bytes; more is answered 413.
const BODY_LIMIT: usize = 64 * 1024;
/// Connections served at a time, per address family; others wait their turn.
const CONNECTION_LIMIT: usize = 256;
/// Longest life of a connection.
const CONNECTION_LIFETIME: Duration = Duration::from_secs(600);

/// What every connection needs.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) port: u16,
    pub(crate) store: Store,
    pub(crate) options: Options,
}

/// Serves one address family, until it is dropped with all its connections.
pub(crate) async fn accept(listener: TcpListener, site: Site) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTION_LIMIT {
            connections.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(timeout(CONNECTION_LIFETIME, connection(stream, site.clone())));
            }
            // Out of file descriptors, mostly: those under way will give theirs back.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Serves one connection. However it ends, nobody is left to tell.
async fn connection(stream: TcpStream, site: Site) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(site.options.request_timeout).max_buf_size(HEAD_LIMIT);
    let service = service_fn(move |request| respond(site.clone(), request));
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("closed for a test")
    }
}

impl std::error::Error for Closed {}

async fn respond(site: Site, request: hyper::Request<Incoming>) -> Result<Response<Payload>, Closed> {
    let mut entry = LoggedRequest::new(&request);
    let response = match guard::refusal(&request, site.port) {
        None => guarded(&site, request).await,
        Some(answer) => Ok(answer.map(Payload::whole)),
    };
    if let Ok(response) = &response {
        entry.status = response.status().as_u16();
        if let (Some(listener), Some(event)) = (&site.options.on_event, response.extensions().get::<Event>()) {
            listener(event);
        }
    }
    if let Some(listener) = &site.options.on_request {
        listener(&entry);
    }
    if !entry.path.starts_with("/_test/") {
        site.store.lock().bench.record(entry);
    }
    response
}

async fn guarded(site: &Site, request: hyper::Request<Incoming>) -> Result<Response<Payload>, Closed> {
    let request = match whole(request, site.options.request_timeout).await {
        Ok(request) => request,
        Err(answer) => return Ok((*answer).map(Payload::whole)),
    };
    let fault = site.store.due_fault(&request);
    let answer = match fault.as_ref().and_then(Fault::answer) {
        Some(answer) => answer,
        None => route::answer(&site.store, &request, site.options.controls),
    };
    match fault {
        Some(Fault::Drop) => Err(Closed),
        Some(Fault::Truncate) => Ok(answer.map(|body| Payload::half(&body))),
        Some(Fault::Garbage) => {
            Ok(answer.map(|_| Payload::whole(Bytes::from_static(b"\xff\xfe\x00{\"access_tok\n<html>"))))
        }
        Some(Fault::Delay(time)) => {
            sleep(time).await;
            Ok(answer.map(Payload::whole))
        }
        Some(Fault::Answer { .. }) | None => Ok(answer.map(Payload::whole)),
    }
}

/// The request with its body, or 408, 413, 400.
async fn whole(request: hyper::Request<Incoming>, limit: Duration) -> Result<Request, Box<Answer>> {
    let (head, body) = request.into_parts();
    match timeout(limit, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(hyper::Request::from_parts(head, body.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(request_error(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large", "TOO_LARGE").into())
        }
        Ok(Err(_)) => Err(request_error(StatusCode::BAD_REQUEST, "The body cannot be read", "BAD_REQUEST").into()),
        Err(_) => Err(request_error(StatusCode::REQUEST_TIMEOUT, "The body took too long", "TIMEOUT").into()),
    }
}
