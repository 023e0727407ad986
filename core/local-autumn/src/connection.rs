//! Serves connections: reads each request within the limits, handles it, and sends the response.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use libatmn::Event;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::body::Body;
use crate::faults::Fault;
use crate::options::Options;
use crate::request_log::LoggedRequest;
use crate::response::{Request, Response, request_error};
use crate::store::Store;
use crate::{guard, route};

/// The largest request head in bytes. A larger one gets 431.
const HEAD_LIMIT: usize = 16 * 1024;
/// The largest request body in bytes. A larger one gets 413.
const BODY_LIMIT: usize = 64 * 1024;
/// How many bytes of a larger body are read before it is refused.
const READ_LIMIT: usize = 1024 * 1024;
/// The largest number of open connections per address family. Further connections wait.
const CONNECTION_LIMIT: usize = 256;
/// The longest life of a connection.
const CONNECTION_LIFETIME: Duration = Duration::from_secs(600);

/// The port, state and options of a server, shared by its connections.
#[derive(Clone)]
pub(crate) struct ServerContext {
    pub(crate) port: u16,
    pub(crate) store: Store,
    pub(crate) options: Options,
}

/// Serves one address family. Dropping the future closes all its connections.
pub(crate) async fn accept(listener: TcpListener, shared: ServerContext) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= CONNECTION_LIMIT {
            connections.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(timeout(CONNECTION_LIFETIME, connection(stream, shared.clone())));
            }
            // Mostly because the process has no free file descriptor. Open connections will release theirs.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Serves one connection. An error of the connection concerns only its client, so it is ignored.
async fn connection(stream: TcpStream, shared: ServerContext) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(shared.options.request_timeout).max_buf_size(HEAD_LIMIT);
    let service = service_fn(move |request| respond(shared.clone(), request));
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// A fault closes the connection without a response.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("closed by a fault")
    }
}

impl std::error::Error for Closed {}

async fn respond(shared: ServerContext, request: hyper::Request<Incoming>) -> Result<hyper::Response<Body>, Closed> {
    let mut entry = LoggedRequest::new(&request);
    let response = match guard::refusal(&request, shared.port) {
        None => handle(&shared, request, &mut entry).await,
        Some(response) => Ok(response.map(Body::complete)),
    };
    if let Ok(response) = &response {
        entry.status = response.status().as_u16();
        if let (Some(listener), Some(event)) = (&shared.options.on_event, response.extensions().get::<Event>()) {
            listener(event);
        }
    }
    if let Some(listener) = &shared.options.on_request {
        listener(&entry);
    }
    if shared.options.controls && !entry.path.starts_with("/_test/") {
        shared.store.lock().log.record(entry);
    }
    response
}

async fn handle(
    shared: &ServerContext,
    request: hyper::Request<Incoming>,
    entry: &mut LoggedRequest,
) -> Result<hyper::Response<Body>, Closed> {
    let request = match read_body(request, shared.options.request_timeout).await {
        Ok(request) => request,
        Err(response) => return Ok((*response).map(Body::complete)),
    };
    entry.add_body(request.body());
    let (pause, fault) = shared.store.lock().faults.take(request.uri().path());
    let response = match fault.as_ref().and_then(Fault::response) {
        Some(response) => response,
        None => route::handle(&shared.store, &request, shared.options.controls),
    };
    if let Some(time) = pause {
        sleep(time).await;
    }
    match fault {
        Some(Fault::Drop) => Err(Closed),
        Some(Fault::Truncate) => Ok(response.map(|body| Body::half(&body))),
        Some(Fault::Garbage) => {
            Ok(response.map(|_| Body::complete(Bytes::from_static(b"\xff\xfe\x00{\"access_tok\n<html>"))))
        }
        Some(Fault::Delay(_) | Fault::Answer { .. }) | None => Ok(response.map(Body::complete)),
    }
}

/// Reads the body of a request. The error is a response with 408, 413 or 400.
async fn read_body(request: hyper::Request<Incoming>, limit: Duration) -> Result<Request, Box<Response>> {
    let (head, body) = request.into_parts();
    match timeout(limit, collect(body)).await {
        Ok(Ok(Some(body))) => Ok(hyper::Request::from_parts(head, body)),
        Ok(Ok(None)) => Err(request_error(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large", "TOO_LARGE").into()),
        Ok(Err(_)) => Err(request_error(StatusCode::BAD_REQUEST, "The body cannot be read", "BAD_REQUEST").into()),
        Err(_) => Err(request_error(StatusCode::REQUEST_TIMEOUT, "The body took too long", "TIMEOUT").into()),
    }
}

/// Reads a body; `None` if it is larger than the limit. One that is not much larger is read to its end: closing the
/// connection before would reset it, and the client might not see the response.
async fn collect(mut body: Incoming) -> hyper::Result<Option<Bytes>> {
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len();
        if length <= BODY_LIMIT {
            kept.extend_from_slice(&data);
        }
        if length > READ_LIMIT {
            break;
        }
    }
    Ok((length <= BODY_LIMIT).then(|| kept.into()))
}
