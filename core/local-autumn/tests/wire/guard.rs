//! Hosts, origins and the two address families.

use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use local_autumn::{Options, Server};

use crate::support::{authorize_target, connect_to, get, post_form, raw, read_reply, request, request_bytes, start};

/// Has this machine an IPv6 loopback? Where it has none, the server is right not to listen there.
fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[test]
fn the_port_is_open_in_both_families() {
    let autumn = start();
    let addresses: &[std::net::IpAddr] = if has_ipv6() {
        &[Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
    } else {
        &[Ipv4Addr::LOCALHOST.into()]
    };
    for address in addresses {
        let mut stream = connect_to(*address, autumn.port());
        stream.write_all(&request_bytes(autumn.port(), "GET", "/", &[], "")).unwrap();
        assert_eq!(read_reply(&mut stream).unwrap().status, 200, "{address}");
    }
}

/// Whether something works with one of ten ports: a port that is let go may be somebody else's at once.
fn works_with_some_port(mut attempt: impl FnMut() -> bool) -> bool {
    (0..10).any(|_| attempt())
}

fn bind(port: u16) -> std::io::Result<Server> {
    Server::bind(Options { port, ..Options::default() })
}

#[test]
fn a_port_taken_in_either_family_is_not_ours() {
    let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    assert!(bind(four.local_addr().unwrap().port()).is_err());
    if has_ipv6() {
        assert!(works_with_some_port(|| {
            let six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
            let port = six.local_addr().unwrap().port();
            assert!(bind(port).is_err());
            // Nothing is left behind in the other family.
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
        }));
    }
}

#[test]
fn a_stopped_server_frees_its_port() {
    assert!(works_with_some_port(|| {
        let autumn = start();
        let port = autumn.port();
        assert_eq!(get(&autumn, "/", &[]).status, 200);
        drop(autumn);
        bind(port).is_ok()
    }));
}

#[test]
fn only_loopback_names_with_the_port_are_answered() {
    let autumn = start();
    let port = autumn.port();
    let ask = |host: &str, target: &str| {
        let text = format!("GET {target} HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        raw(&autumn, text.as_bytes()).status
    };
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"] {
        assert_eq!(ask(&format!("Host: {host}:{port}\r\n"), "/"), 200, "{host}");
    }
    for host in
        ["evil.example", "localhost.evil.example", "localhost.", "127.0.0.1.nip.io", "0.0.0.0", "[::]", "x@localhost"]
    {
        assert_eq!(ask(&format!("Host: {host}:{port}\r\n"), "/"), 421, "{host}");
        assert_eq!(ask(&format!("Host: {host}:{port}\r\n"), "/v1/customers"), 421, "{host}");
    }
    for host in ["localhost".to_owned(), "localhost:1".to_owned(), format!("localhost:0{port}"), String::new()] {
        assert_eq!(ask(&format!("Host: {host}\r\n"), "/"), 421, "{host}");
    }
    assert_eq!(ask("", "/"), 400, "no Host");
    assert_eq!(ask(&format!("Host: localhost:{port}\r\nHost: localhost:{port}\r\n"), "/"), 400, "two of them");
    assert_eq!(ask(&format!("Host: localhost:{port}\r\n"), "http://evil.example/"), 421, "as to a proxy");
}

#[test]
fn foreign_pages_cannot_post() {
    let autumn = start();
    let own = autumn.url();
    let form = [("person", "usr_Ada8fK2mQ")];
    let post = |headers: &[(&str, &str)]| post_form(&autumn, "/sign-in", &form, headers).status;
    assert_eq!(post(&[]), 303, "a program");
    assert_eq!(post(&[("Origin", &own), ("Sec-Fetch-Site", "same-origin")]), 303, "our own page");
    let other_port = "http://localhost:1";
    let other_scheme = own.replace("http", "https");
    let other_name = own.replace("localhost", "127.0.0.1");
    for origin in ["https://evil.example", "null", "", other_port, &other_scheme, &other_name, "http://localhost"] {
        assert_eq!(post(&[("Origin", origin)]), 403, "{origin}");
    }
    for site in ["cross-site", "same-site", "nonsense"] {
        assert_eq!(post(&[("Sec-Fetch-Site", site)]), 403, "{site}");
    }
    assert_eq!(post(&[("Origin", &own), ("Origin", "https://evil.example")]), 403);
    for (method, path) in [("POST", "/v1/check"), ("POST", "/cli/api-keys"), ("DELETE", "/_test/faults"), ("PUT", "/")]
    {
        assert_eq!(request(&autumn, method, path, &[("Origin", "https://evil.example")], "").status, 403, "{path}");
    }
}

#[test]
fn no_other_origin_is_ever_allowed_to_read() {
    let autumn = start();
    let headers = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")];
    for (method, path) in
        [("GET", "/"), ("OPTIONS", "/v1/check"), ("OPTIONS", "/api/auth/oauth2/token"), ("GET", "/v1/products")]
    {
        let reply = request(&autumn, method, path, &headers, "");
        for name in
            ["access-control-allow-origin", "access-control-allow-methods", "access-control-allow-private-network"]
        {
            assert_eq!(reply.header(name), "", "{method} {path}");
        }
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let autumn = start();
    for path in ["/nowhere", "/v1", "/api/auth/oauth2/authorize/", "/API/auth/jwks", "//", "/sign-in/"] {
        assert_eq!(get(&autumn, path, &[]).status, 404, "{path}");
    }
    assert_eq!(get(&autumn, "/favicon.ico", &[]).status, 204);
    assert_eq!(get(&autumn, "/sign-in", &[]).status, 405);
    assert_eq!(get(&autumn, &authorize_target(&[]), &[]).status, 200);
}
