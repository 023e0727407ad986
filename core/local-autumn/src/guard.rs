//! Who may speak to this server: this machine, under its own name, and no foreign page.

use hyper::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::{Method, Request, StatusCode};

use crate::answer::{Answer, request_error};

/// The names under which a browser on this machine reaches us. A foreign name that resolves to 127.0.0.1 is how pages
/// get round the same-origin policy (DNS rebinding).
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Refuses what does not belong here: 400 without exactly one Host, 421 for a foreign one or a proxy's request, 403 for
/// what another origin's page sends.
pub(crate) fn refusal<B>(request: &Request<B>, port: u16) -> Option<Answer> {
    let mut hosts = request.headers().get_all(HOST).into_iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else {
        return Some(request_error(StatusCode::BAD_REQUEST, "Exactly one Host is needed", "BAD_REQUEST"));
    };
    if request.uri().authority().is_some() || !is_ours(host, port) {
        return Some(request_error(StatusCode::MISDIRECTED_REQUEST, "This server is for this machine", "FOREIGN_HOST"));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && is_foreign(request.headers(), host) {
        return Some(request_error(StatusCode::FORBIDDEN, "Not from another origin's page", "FOREIGN_ORIGIN"));
    }
    None
}

fn is_ours(host: &str, port: u16) -> bool {
    let suffix = format!(":{port}");
    let name = host.strip_suffix(&suffix).or_else(|| (port == 80).then_some(host));
    name.is_some_and(|name| HOSTS.iter().any(|ours| name.eq_ignore_ascii_case(ours)))
}

/// Browsers say where a page is from; programs send neither header. Another port of this machine is another origin.
fn is_foreign(headers: &HeaderMap, host: &str) -> bool {
    let own = format!("http://{host}");
    let site = headers.get(HeaderName::from_static("sec-fetch-site"));
    headers.get_all(ORIGIN).iter().any(|origin| !origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
        || site.is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_this_machine_with_the_port_is_ours() {
        for host in ["localhost:8080", "LocalHost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(is_ours(host, 8080), "{host}");
        }
        for host in ["localhost", "localhost:80", "localhost:18080", "example.com:8080", "127.0.0.2:8080", "::1:8080"] {
            assert!(!is_ours(host, 8080), "{host}");
        }
        for host in
            ["localhost.:8080", "localhost.example.com:8080", "x@localhost:8080", "", ":8080", "localhost:08080"]
        {
            assert!(!is_ours(host, 8080), "{host}");
        }
        assert!(is_ours("localhost", 80) && is_ours("localhost:80", 80));
    }
}
