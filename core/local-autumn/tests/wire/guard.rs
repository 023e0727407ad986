//! Hosts, origins and the two address families.

use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use local_autumn::{LocalAutumn, Options};

use crate::support::{authorize_target, connect_to, get, post_form, raw, read_reply, request, request_bytes, start};

/// Whether this machine has an IPv6 loopback address. Without one, the server listens on IPv4 only.
fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[test]
fn server_listens_on_both_address_families() {
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

/// Tries ten ports, because another process can take a port as soon as it is free.
fn works_with_some_port(mut attempt: impl FnMut() -> bool) -> bool {
    (0..10).any(|_| attempt())
}

fn bind(port: u16) -> std::io::Result<LocalAutumn> {
    LocalAutumn::bind(Options { port, ..Options::default() })
}

#[test]
fn bind_fails_if_either_address_family_is_in_use() {
    let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    assert!(bind(four.local_addr().unwrap().port()).is_err());
    if has_ipv6() {
        assert!(works_with_some_port(|| {
            let six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
            let port = six.local_addr().unwrap().port();
            assert!(bind(port).is_err());
            // The failed bind must not keep the port of the other address family.
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
        }));
    }
}

#[test]
fn stopped_server_frees_its_port() {
    assert!(works_with_some_port(|| {
        let autumn = start();
        let port = autumn.port();
        assert_eq!(get(&autumn, "/", &[]).status, 200);
        drop(autumn);
        bind(port).is_ok()
    }));
}

#[test]
fn only_loopback_host_names_are_accepted() {
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
fn post_from_another_origin_is_refused() {
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
fn no_response_allows_another_origin_to_read() {
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
fn unknown_path_is_not_found() {
    let autumn = start();
    for path in ["/nowhere", "/v1", "/api/auth/oauth2/authorize/", "/API/auth/jwks", "//", "/sign-in/"] {
        assert_eq!(get(&autumn, path, &[]).status, 404, "{path}");
    }
    assert_eq!(get(&autumn, "/favicon.ico", &[]).status, 204);
    assert_eq!(get(&autumn, "/sign-in", &[]).status, 405);
    assert_eq!(get(&autumn, &authorize_target(&[]), &[]).status, 200);
}
