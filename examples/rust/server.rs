//! A server that accepts Autumn keys: it reads the credential of each request, looks it up, and refuses requests as Autumn
//! does. Prints its URL, and answers each accepted request with the name of the key's owner.
#![allow(clippy::print_stdout, clippy::print_stderr)] // this is a program, not a library

use std::convert::Infallible;
use std::error::Error;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use libatmn::{Credential, IncomingRequest, Refusal, Verdict, authenticate, refusal};

/// The only key that this example accepts. A real server queries its database, and returns `CannotTell` if that fails.
const KNOWN: &str = "am_sk_test_example0123456789";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(&request)) });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

fn answer(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (authorization, client_type) = (header(request, "authorization"), header(request, "x-client-type"));
    let incoming = IncomingRequest {
        method: request.method().as_str(),
        path: request.uri().path(),
        authorization: authorization.as_deref(),
        client_type: client_type.as_deref(),
        ..IncomingRequest::default()
    };
    match authenticate(&incoming, verify) {
        Ok(customer) => json(200, format!(r#"{{"customer":"{customer}"}}"#)),
        Err(error) => match refusal(&error) {
            Some(refused) => {
                // For the security log. The key in the message is masked.
                eprintln!("{}", refused.event(&incoming).message);
                json(Refusal::STATUS, refused.body())
            }
            None => json(500, String::from("{}")),
        },
    }
}

/// All values of a header, joined, so that a request with two keys is refused.
fn header(request: &Request<Incoming>, name: &str) -> Option<String> {
    let values = request.headers().get_all(name).iter();
    let texts: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn verify(credential: &Credential) -> Verdict<&'static str> {
    match credential.key() {
        Some(key) if key.reveal() == KNOWN => Verdict::Valid("example"),
        // A dashboard request has a session instead of a key, and this server has no sessions.
        Some(_) | None => Verdict::Unknown,
    }
}

fn json(status: u16, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    response
}
