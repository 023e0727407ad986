//! Turns failures of the HTTP library into errors with a code, a sentence and a hint.
//!
//! The library's own errors are not passed on: they may contain URLs with secrets. Only the innermost cause is kept, as
//! text.

use std::fmt;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use super::{BUNDLED_ROOTS, Transport};
use crate::config::{EXTRA_ROOTS_VARIABLE, SHOWN_LIMIT};
use crate::error::{Error, ErrorCode, NoThread, lacks_descriptors, system_code};
use crate::hint::Hint;
use crate::text::sanitize;

/// The innermost cause of a failure, as text.
#[derive(Debug)]
pub(super) struct FailureCause(String);

impl FailureCause {
    /// The innermost cause of an error.
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let innermost = chain(error).last().map(ToString::to_string);
        Self(sanitize(&innermost.unwrap_or_default(), SHOWN_LIMIT))
    }
}

impl fmt::Display for FailureCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for FailureCause {}

/// An error and its causes, outermost first.
fn chain<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| cause_of(*error))
}

/// The cause of an error. An I/O error that wraps another error omits it from its own `source`.
fn cause_of<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a (dyn std::error::Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// The first cause of a type.
fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|reason| reason.downcast_ref::<T>())
}

/// The I/O errors among the causes. The innermost one has the system's code.
fn io_errors(error: &reqwest::Error) -> impl Iterator<Item = &io::Error> {
    chain(error).filter_map(|reason| reason.downcast_ref::<io::Error>())
}

/// The error for a failed request, or for a response that could not be read.
pub(super) fn classify(transport: &Transport, error: &reqwest::Error) -> Error {
    if let Some(NoThread(lack)) = find(error) {
        return no_thread(transport, lack);
    }
    if let Some(lack) = io_errors(error).find(|reason| lacks_descriptors(reason)) {
        return Error::system_limit("Could not open a connection", copy(lack)).with("server", base_url(transport));
    }
    // The HTTP library found the request itself faulty.
    if error.is_builder() {
        return Error::invalid("path", "The path cannot be sent.").with_cause(FailureCause::of(error));
    }
    let failure = if error.is_connect() { before_sending(transport, error) } else { after_sending(transport, error) };
    failure.with_option("system_code", io_errors(error).find_map(system_code)).with_cause(FailureCause::of(error))
}

/// There was no connection, so the request did not arrive.
fn before_sending(transport: &Transport, error: &reqwest::Error) -> Error {
    if let Some(tls) = find::<rustls::Error>(error) {
        return tls_failed(transport, tls);
    }
    let mut kinds = io_errors(error).map(io::Error::kind);
    match transport.proxy {
        Some(variable) => proxy_failed(transport, variable, error),
        // Only the TLS handshake reads anything this early.
        None if kinds.any(|kind| kind == io::ErrorKind::UnexpectedEof) => {
            server_error(transport, ErrorCode::TlsFailed, "closed the connection during the TLS handshake")
                .with_hint(Hint::CheckUrl)
        }
        None if error.is_dns() => {
            Error::new(ErrorCode::ResolveFailed, format!("The host name {} was not found.", host(transport)))
                .with_hint(Hint::CheckNetwork)
                .with("server", base_url(transport))
        }
        None if error.is_timeout() => {
            let seconds = transport.connect_timeout.as_secs();
            let message = format!("The connection to {} timed out after {seconds} seconds.", host(transport));
            Error::new(ErrorCode::ConnectFailed, message)
                .with("server", base_url(transport))
                .with_hint(Hint::CheckNetwork)
        }
        None => server_error(transport, ErrorCode::ConnectFailed, "cannot be reached").with_hint(
            match transport.base.scheme() {
                "http" => Hint::from("Start the server on this machine, or check its port."),
                _ => Hint::CheckNetwork,
            },
        ),
    }
}

/// A name lookup needs a thread.
fn no_thread(transport: &Transport, error: &io::Error) -> Error {
    NoThread(copy(error)).into_error().with("server", base_url(transport))
}

/// A copy of an error that belongs to the HTTP library's.
fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

fn tls_failed(transport: &Transport, error: &rustls::Error) -> Error {
    let (what, hint) = match error {
        rustls::Error::InvalidCertificate(reason) => certificate_advice(transport, reason),
        rustls::Error::InvalidMessage(_) => ("does not speak TLS", Hint::CheckUrl),
        _ => ("and this program could not agree on a TLS connection", untrusted_hint(transport)),
    };
    server_error(transport, ErrorCode::TlsFailed, what).with_hint(hint)
}

fn certificate_advice(transport: &Transport, reason: &CertificateError) -> (&'static str, Hint) {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("has an expired certificate", Hint::CheckClock)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("has a certificate that is not valid yet", Hint::CheckClock)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "has a certificate for another host name",
            "Check the URL. On a public network, sign in to the network first.".into(),
        ),
        CertificateError::Revoked => ("has a revoked certificate", Hint::ContactOperator),
        CertificateError::Other(other) => match format!("{other:?}") {
            // The verifier's error type is that of another crate; a test checks both names.
            name if name.contains("CaUsedAsEndEntity") => {
                ("uses the certificate of an authority as its own", CA_HINT.into())
            }
            name if name.contains("UnsupportedCriticalExtension") => {
                ("has a certificate with a critical extension that this program does not know", EXTENSION_HINT.into())
            }
            _ => ("has a certificate that is not trusted", untrusted_hint(transport)),
        },
        _ => ("has a certificate that is not trusted", untrusted_hint(transport)),
    }
}

const CA_HINT: &str = "Create a certificate for the server that is not an authority (`CA:FALSE`), such as with \
                       `openssl req -x509 -addext basicConstraints=critical,CA:FALSE`.";
const EXTENSION_HINT: &str = "A network that inspects TLS may have created the certificate with critical \
                              `certificatePolicies`. Ask its operator to mark them as not critical, or not to inspect \
                              this host.";

fn untrusted_hint(transport: &Transport) -> Hint {
    let trust = Hint::TrustCertificate { variable: EXTRA_ROOTS_VARIABLE.to_owned() };
    if transport.are_roots_bundled { Hint::from(BUNDLED_ROOTS).and(trust) } else { trust }
}

fn proxy_failed(transport: &Transport, variable: &'static str, error: &reqwest::Error) -> Error {
    let host = host(transport);
    let (message, hint) = match ProxyFailure::of(error) {
        ProxyFailure::WantsPassword => (
            format!("The proxy to {host} requires a user name and a password."),
            set_proxy(variable, "a URL with both, such as http://user:password@host:port"),
        ),
        ProxyFailure::LocalLookup => (
            format!(
                "The host name {host} was not found on this machine, where a proxy of this kind wants it looked up."
            ),
            set_proxy(variable, "a `socks5h://` or `socks4a://` URL, with which the proxy looks it up"),
        ),
        ProxyFailure::Unreachable => {
            (format!("The proxy to {host} cannot be reached."), set_proxy(variable, OTHER_PROXY))
        }
        ProxyFailure::Refused => {
            (format!("The proxy to {host} refused the connection."), set_proxy(variable, OTHER_PROXY))
        }
    };
    Error::new(ErrorCode::ProxyFailed, message)
        .with_hint(hint)
        .with("variable", variable)
        .with("server", base_url(transport))
}

const OTHER_PROXY: &str = "the URL of a proxy, add the host to `NO_PROXY`";

fn set_proxy(variable: &str, value: &str) -> Hint {
    Hint::SetVariable { variable: variable.to_owned(), value: value.to_owned() }
}

/// What failed on the way through a proxy.
enum ProxyFailure {
    /// The proxy wants a user name and a password, or others.
    WantsPassword,
    /// The name of the server was looked up on this machine, as `socks4` and `socks5` demand, and was not found.
    LocalLookup,
    /// There was no connection to the proxy.
    Unreachable,
    /// The proxy answered, and made no connection.
    Refused,
}

impl ProxyFailure {
    /// The library's error types are private; tests check their texts.
    fn of(error: &reqwest::Error) -> Self {
        let ends = |texts: &[&str]| {
            chain(error).map(ToString::to_string).any(|reason| texts.iter().any(|text| reason.ends_with(text)))
        };
        let no_connection = |error: &io::Error| {
            use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut};
            matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable | TimedOut)
        };
        if ends(PASSWORD_WANTED) {
            Self::WantsPassword
        } else if ends(&["error resolving for socks proxy"]) {
            Self::LocalLookup
        } else if ends(&["failed to create underlying connection"])
            || error.is_dns()
            || error.is_timeout()
            || io_errors(error).any(no_connection)
        {
            Self::Unreachable
        } else {
            Self::Refused
        }
    }
}

/// The texts of an HTTP proxy and of SOCKS proxies: with a password that is wrong, and without one.
const PASSWORD_WANTED: &[&str] =
    &["proxy authorization required", "credentials not accepted", "server does not support user/pass authentication"];

/// The request, or a part of it, was sent.
fn after_sending(transport: &Transport, error: &reqwest::Error) -> Error {
    let is_unreadable = match find::<hyper::Error>(error) {
        Some(found) => found.is_parse() || is_body_invalid(error),
        // Only decompression reads the response after hyper.
        None => error.is_decode(),
    };
    if is_unreadable {
        return server_error(transport, ErrorCode::ResponseUnreadable, "sent a response that is not valid HTTP")
            .with_hint(Hint::CheckUrl);
    }
    server_error(transport, ErrorCode::ConnectionLost, "closed the connection before the response was complete")
        .with_hint(Hint::RetryIfSafe)
}

/// Whether the framing of the body is invalid, such as the size of a chunk. hyper has only the kinds of I/O errors for this,
/// as TLS has for a broken record, which is a lost connection. An error of the system has a number.
fn is_body_invalid(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    let invalid =
        |error: &io::Error| error.raw_os_error().is_none() && matches!(error.kind(), InvalidData | InvalidInput);
    find::<rustls::Error>(error).is_none() && io_errors(error).any(invalid)
}

/// The error for a request that exceeds its time limit.
pub(super) fn timed_out(transport: &Transport, timeout: Duration) -> Error {
    let what = format!("did not respond completely within {} seconds", rounded(timeout));
    server_error(transport, ErrorCode::RequestTimedOut, &what).with_hint(Hint::RetryIfSafe)
}

/// Seconds as people read them: the time that is left for a try is often less than the whole limit by a few nanoseconds.
fn rounded(time: Duration) -> f64 {
    let steps = if time < Duration::from_secs(10) { 1_000.0 } else { 10.0 };
    (time.as_secs_f64() * steps).round() / steps
}

/// The error for a response that exceeds the size limit.
pub(super) fn too_large(transport: &Transport, limit: usize) -> Error {
    server_error(transport, ErrorCode::ResponseTooLarge, &format!("sent a response larger than {limit} bytes"))
        .with_hint(Hint::CheckUrl)
        .with("limit", limit.to_string())
}

/// The error for an HTTP client that could not be created.
pub(super) fn unusable_client(error: &reqwest::Error) -> Error {
    match io_errors(error).find(|reason| lacks_descriptors(reason)) {
        Some(lack) => Error::system_limit("Could not set up the HTTP client", copy(lack)),
        None => Error::new(ErrorCode::ConnectFailed, "The HTTP client could not be set up.")
            .with_cause(FailureCause::of(error)),
    }
}

fn server_error(transport: &Transport, code: ErrorCode, what: &str) -> Error {
    Error::new(code, format!("{} {what}.", host(transport))).with("server", base_url(transport))
}

/// The host as messages name it, with its port unless that is the scheme's default.
fn host(transport: &Transport) -> String {
    let host = transport.base.host_str().unwrap_or_default();
    transport.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn base_url(transport: &Transport) -> String {
    transport.base.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded() {
        for (time, shown) in [
            (Duration::from_nanos(29_999_999_710), "30"),
            (Duration::from_millis(29_249), "29.2"),
            (Duration::from_millis(1_250), "1.25"),
            (Duration::from_millis(5), "0.005"),
        ] {
            assert_eq!(rounded(time).to_string(), shown);
        }
    }
}
