//! The guard: it accepts requests to this machine's own names, and refuses requests from pages of other origins.

use hyper::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::{Method, Request, StatusCode};
use libatmn::__internal::config::LOOPBACK_HOSTS;

use crate::response::{Response, request_error};

/// The response to a request that the guard refuses: 400 without exactly one Host, 421 for another host or a proxy
/// request, 403 for a page of another origin.
pub(crate) fn refusal<B>(request: &Request<B>, port: u16) -> Option<Response> {
    let mut hosts = request.headers().get_all(HOST).into_iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else {
        return Some(request_error(
            StatusCode::BAD_REQUEST,
            "The request must have exactly one Host header",
            "BAD_REQUEST",
        ));
    };
    if request.uri().authority().is_some() || !is_own_host(host, port) {
        return Some(request_error(
            StatusCode::MISDIRECTED_REQUEST,
            "This server answers only to the names of this machine",
            "FOREIGN_HOST",
        ));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && is_cross_origin(request.headers(), host) {
        return Some(request_error(
            StatusCode::FORBIDDEN,
            "A page of another origin sent this request",
            "FOREIGN_ORIGIN",
        ));
    }
    None
}

fn is_own_host(host: &str, port: u16) -> bool {
    let suffix = format!(":{port}");
    let name = host.strip_suffix(&suffix).or_else(|| (port == 80).then_some(host));
    name.is_some_and(|name| LOOPBACK_HOSTS.iter().any(|own| name.eq_ignore_ascii_case(own)))
}

/// Browsers send the origin of the page; programs send neither header. Another port of this machine is another origin.
fn is_cross_origin(headers: &HeaderMap, host: &str) -> bool {
    let own = format!("http://{host}");
    let site = headers.get(HeaderName::from_static("sec-fetch-site"));
    headers.get_all(ORIGIN).iter().any(|origin| !origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
        || site.is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

#[cfg(test)]
mod tests {
    use super::is_own_host;

    #[test]
    fn is_own_host_accepts_only_this_machine_with_the_port() {
        for host in ["localhost:8080", "LocalHost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(is_own_host(host, 8080), "{host}");
        }
        for host in ["localhost", "localhost:80", "localhost:18080", "example.com:8080", "127.0.0.2:8080", "::1:8080"] {
            assert!(!is_own_host(host, 8080), "{host}");
        }
        for host in
            ["localhost.:8080", "localhost.example.com:8080", "x@localhost:8080", "", ":8080", "localhost:08080"]
        {
            assert!(!is_own_host(host, 8080), "{host}");
        }
        assert!(is_own_host("localhost", 80) && is_own_host("localhost:80", 80));
    }
}
