//! What went wrong on the way, in our words: the class of the failure, and what to do about it.
//!
//! The libraries' own errors stay behind: they may hold addresses with secrets in them. What is kept of them is the
//! innermost reason, as text.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use super::Line;
use crate::config::{CONNECT_TIMEOUT, EXTRA_ROOTS_VARIABLE, NO_PROXY_VARIABLES, SHOWN_LIMIT};
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::text::sanitize;

/// The reason behind a failure, as text.
#[derive(Debug)]
pub(super) struct Reason(String);

impl Reason {
    /// The innermost reason.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Self {
        let innermost = chain(error).last().map(ToString::to_string);
        Self(sanitize(&innermost.unwrap_or_default(), SHOWN_LIMIT))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl StdError for Reason {}

/// An error and its reasons.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| reason_of(*error))
}

/// The reason behind an error. An I/O error that wraps another one leaves it out of its own `source`.
fn reason_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// The first reason of a type.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error).find_map(|reason| reason.downcast_ref::<T>())
}

/// The failure of a request, or of reading its answer.
pub(super) fn classify(line: &Line, error: &reqwest::Error) -> Error {
    let failure = if error.is_connect() { before_sending(line, error) } else { after_sending(line, error) };
    failure.with_cause(Reason::of(error))
}

/// No connection: nothing has arrived.
fn before_sending(line: &Line, error: &reqwest::Error) -> Error {
    if let Some(tls) = find::<rustls::Error>(error) {
        return tls_failed(line, tls);
    }
    let mut kinds = chain(error).filter_map(|reason| reason.downcast_ref::<io::Error>()).map(io::Error::kind);
    match line.proxy {
        Some(variable) => proxy_failed(line, variable, error),
        // Only the handshake reads anything this early.
        None if kinds.any(|kind| kind == io::ErrorKind::UnexpectedEof) => {
            about(line, ErrorCode::TlsFailed, "closed the connection before it was secure").with_hint(Hint::CheckUrl)
        }
        None if error.is_dns() => {
            Error::new(ErrorCode::ResolveFailed, format!("The name of {} was not found.", host(line)))
                .with_hint(Hint::CheckNetwork)
                .with("server", address(line))
        }
        None if error.is_timeout() => {
            let seconds = CONNECT_TIMEOUT.as_secs();
            about(line, ErrorCode::ConnectFailed, &format!("did not take the connection within {seconds} seconds"))
                .with_hint(Hint::CheckNetwork)
        }
        None => about(line, ErrorCode::ConnectFailed, "cannot be reached").with_hint(match line.base.scheme() {
            "http" => Hint::from("Start the server on this machine, or check its port."),
            _ => Hint::CheckNetwork,
        }),
    }
}

fn tls_failed(line: &Line, error: &rustls::Error) -> Error {
    let (what, hint) = match error {
        rustls::Error::InvalidCertificate(reason) => certificate_advice(reason),
        rustls::Error::InvalidMessage(_) => ("does not speak TLS", Hint::CheckUrl),
        _ => ("and this program found no way to a secure connection", untrusted_hint()),
    };
    about(line, ErrorCode::TlsFailed, what).with_hint(hint)
}

fn certificate_advice(reason: &CertificateError) -> (&'static str, Hint) {
    use CertificateError as Reason;
    match reason {
        Reason::Expired | Reason::ExpiredContext { .. } => ("has a certificate that has expired", Hint::CheckClock),
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => {
            ("has a certificate that is not valid yet", Hint::CheckClock)
        }
        Reason::NotValidForName | Reason::NotValidForNameContext { .. } => {
            ("has a certificate for another name", "Check the URL. On a guest network, sign in to it first.".into())
        }
        Reason::Revoked => ("has a certificate that was revoked", Hint::ContactOperator),
        _ => ("has a certificate that is not trusted", untrusted_hint()),
    }
}

fn untrusted_hint() -> Hint {
    Hint::TrustCertificate { variable: EXTRA_ROOTS_VARIABLE.to_owned() }
}

fn proxy_failed(line: &Line, variable: &'static str, error: &reqwest::Error) -> Error {
    // The type that says so is not public; a test holds the words.
    let wants_password = chain(error).any(|reason| reason.to_string().ends_with("proxy authorization required"));
    let no_proxy = NO_PROXY_VARIABLES[1];
    let (what, value) = if wants_password {
        ("asks for a user name and a password", "`http://user:password@host:port`".to_owned())
    } else {
        ("does not let the connection through", format!("the URL of a proxy, add the host to `{no_proxy}`"))
    };
    Error::new(ErrorCode::ProxyFailed, format!("The proxy to {} {what}.", host(line)))
        .with_hint(Hint::SetVariable { variable: variable.to_owned(), value })
        .with("variable", variable)
        .with("server", address(line))
}

/// The request, or a part of it, was on its way.
fn after_sending(line: &Line, error: &reqwest::Error) -> Error {
    let unreadable = match find::<hyper::Error>(error) {
        Some(error) => error.is_parse(),
        // Decompression is the only thing left that reads the answer.
        None => error.is_decode(),
    };
    if unreadable {
        return about(line, ErrorCode::ResponseUnreadable, "gave an answer that is not HTTP as it should be")
            .with_hint(Hint::CheckUrl);
    }
    about(line, ErrorCode::ConnectionLost, "closed the connection before the whole answer was there")
        .with_hint(Hint::RetryIfSafe)
}

/// The time limit of the whole request passed.
pub(super) fn timed_out(line: &Line, timeout: Duration) -> Error {
    let what = format!("did not answer completely within {} seconds", timeout.as_secs_f64());
    about(line, ErrorCode::RequestTimedOut, &what).with_hint(Hint::RetryIfSafe)
}

/// The size limit of the answer passed.
pub(super) fn too_large(line: &Line, limit: usize) -> Error {
    about(line, ErrorCode::ResponseTooLarge, &format!("sent an answer larger than {limit} bytes"))
        .with_hint(Hint::CheckUrl)
        .with("limit", limit.to_string())
}

/// The client could not be made at all.
pub(super) fn unusable_client(error: &reqwest::Error) -> Error {
    Error::new(ErrorCode::ConnectFailed, "The HTTP client could not be set up.").with_cause(Reason::of(error))
}

fn about(line: &Line, code: ErrorCode, what: &str) -> Error {
    Error::new(code, format!("{} {what}.", host(line))).with("server", address(line))
}

/// The host as messages name it, with its port if it has one of its own.
fn host(line: &Line) -> String {
    let host = line.base.host_str().unwrap_or_default();
    line.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn address(line: &Line) -> String {
    line.base.as_str().trim_end_matches('/').to_owned()
}
