//! Proxies: which requests use them, what they see, and what errors must not show.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};

use libatmn::__internal::http::OutgoingRequest;
use libatmn::ApiResponse;
use libatmn::{Error, ErrorCode, Result};

use super::hostile::{Hostile, HostileConnection};
use super::tls::Authority;
use super::{LONG_TIMEOUT, everything, http_with, wait};

/// Copies bytes between two connections until one of them closes.
fn join(one: TcpStream, other: TcpStream) {
    let (mut from, mut to) = (one.try_clone().unwrap(), other.try_clone().unwrap());
    let thread = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (other, one);
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
    thread.join().unwrap();
}

/// A proxy that connects every request to this local port.
fn proxy(port: u16) -> Hostile {
    Hostile::new(move |mut connection: HostileConnection| {
        if connection.request().is_some() {
            let target = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            connection.write(b"HTTP/1.1 200 Connection established\r\n\r\n");
            join(connection.stream, target);
        }
    })
}

fn get(url: &str, variables: &[(&str, &str)]) -> Result<ApiResponse> {
    let request = OutgoingRequest::new("GET", "/?q=planted").bearer("t0ken-planted").timeout(LONG_TIMEOUT);
    wait(http_with(url, variables).send(request))
}

/// The error of a request through a proxy, after a check that it contains no secret.
fn failure(proxy: &str) -> Error {
    let error = get("https://autumn.invalid", &[("HTTPS_PROXY", proxy)]).unwrap_err();
    assert!(!everything(&error).contains("planted"), "{error:?}");
    error
}

#[test]
fn proxy_sees_host_name_only() {
    let authority = Authority::new();
    let server = authority.serve("autumn.invalid", |_| {});
    let url = format!("https://autumn.invalid:{}", server.port());
    let roots = authority.file();
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = proxy(server.port());
        let address = format!("http://user:p%40ss-planted@127.0.0.1:{}", proxy.port());
        let response = get(&url, &[(variable, &address), ("SSL_CERT_FILE", &roots)]).unwrap();
        assert_eq!(response.status, 200);
        let seen = proxy.requests();
        let connect = format!("CONNECT autumn.invalid:{} HTTP/1.1\r\n", server.port());
        assert!(seen.len() == 1 && seen[0].starts_with(&connect), "{seen:?}");
        // "user:p@ss-planted"
        assert!(seen[0].contains("Basic dXNlcjpwQHNzLXBsYW50ZWQ=\r\n"), "{seen:?}");
        assert!(!seen[0].contains("t0ken") && !seen[0].contains("q="), "{seen:?}");
    }
}

/// A parser would take the domain of a Windows account for the host of the proxy.
#[test]
fn proxy_user_of_a_windows_domain_is_sent_whole() {
    let authority = Authority::new();
    let server = authority.serve("autumn.invalid", |_| {});
    let url = format!("https://autumn.invalid:{}", server.port());
    let proxy = proxy(server.port());
    let address = format!("http://CORP\\ada:p#ss@127.0.0.1:{}", proxy.port());
    get(&url, &[("HTTPS_PROXY", &address), ("SSL_CERT_FILE", &authority.file())]).unwrap();
    let seen = proxy.requests();
    // "CORP\ada:p#ss"
    assert!(seen[0].contains("Basic Q09SUFxhZGE6cCNzcw==\r\n"), "{seen:?}");
}

#[test]
fn loopback_bypasses_proxy() {
    let authority = Authority::new();
    let secure = authority.serve("localhost", |_| {});
    let plain = Hostile::answering(200, "{}");
    let trap = Hostile::answering(200, "{}");
    let (roots, address) = (authority.file(), trap.url());
    for url in
        [plain.url(), format!("http://localhost:{}", plain.port()), format!("https://localhost:{}", secure.port())]
    {
        let variables = [
            ("HTTPS_PROXY", address.as_str()),
            ("HTTP_PROXY", &address),
            ("ALL_PROXY", &address),
            ("http_proxy", &address),
            ("SSL_CERT_FILE", &roots),
        ];
        assert_eq!(get(&url, &variables).unwrap().status, 200, "{url}");
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn no_proxy_host_bypasses_proxy() {
    let trap = Hostile::answering(200, "{}");
    let address = trap.url();
    for list in ["autumn.invalid", "example.org, .invalid", "*.invalid", "autumn.invalid:443", "*"] {
        let variables = [("HTTPS_PROXY", address.as_str()), ("NO_PROXY", list)];
        // Without the proxy, this name does not resolve.
        assert_eq!(get("https://autumn.invalid", &variables).unwrap_err().code, ErrorCode::ResolveFailed, "{list}");
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn proxy_authentication_failure_has_its_code() {
    let proxy = Hostile::sending("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    let error = failure(&format!("http://user:planted@127.0.0.1:{}", proxy.port()));
    assert_eq!(error.code, ErrorCode::ProxyFailed, "{error:?}");
    assert!(error.message.contains("password") && error.hint.unwrap().to_string().contains("HTTPS_PROXY"));
    assert_eq!(error.context["variable"], "HTTPS_PROXY");
}

#[test]
fn proxy_failure_has_its_code() {
    let answers = ["HTTP/1.1 502 Bad Gateway planted\r\n\r\n", "HTTP/1.1 403 X\r\n\r\nplanted", "planted\r\n\r\n", ""];
    let proxies: Vec<Hostile> = answers.into_iter().map(Hostile::sending).collect();
    let mut addresses: Vec<String> = proxies.iter().map(Hostile::url).collect();
    addresses.extend(["http://u:planted@127.0.0.1:1", "http://u:planted@proxy.invalid:3128"].map(str::to_owned));
    addresses.extend(["socks5h://u:planted@127.0.0.1:1", "gopher://u:planted@127.0.0.1:1"].map(str::to_owned));
    for address in addresses {
        let error = failure(&address);
        assert_eq!(error.code, ErrorCode::ProxyFailed, "{address} {error:?}");
        assert_eq!(error.context["variable"], "HTTPS_PROXY");
        assert!(error.hint.is_some());
    }
}

#[test]
fn intercepting_proxy_needs_trusted_root() {
    let inspector = Authority::new();
    let fake = inspector.serve("autumn.invalid", |_| {});
    let proxy = proxy(fake.port());
    let error = failure(&proxy.url());
    assert_eq!(error.code, ErrorCode::TlsFailed, "{error:?}");
    assert!(error.hint.unwrap().to_string().contains("ATMN_EXTRA_CA_CERTS"));
    let (address, roots) = (proxy.url(), inspector.file());
    let variables = [("HTTPS_PROXY", address.as_str()), ("ATMN_EXTRA_CA_CERTS", &roots)];
    assert_eq!(get("https://autumn.invalid", &variables).unwrap().status, 200);
}

#[test]
fn socks_proxy_is_supported() {
    let authority = Authority::new();
    let server = authority.serve("autumn.invalid", |_| {});
    let port = server.port();
    let (named, names) = std::sync::mpsc::channel();
    let proxy = Hostile::new(move |mut connection: HostileConnection| {
        named.send(socks(&mut connection)).unwrap();
        join(connection.stream, TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap());
    });
    let (address, roots) = (format!("socks5h://127.0.0.1:{}", proxy.port()), authority.file());
    let variables = [("ALL_PROXY", address.as_str()), ("SSL_CERT_FILE", &roots)];
    assert_eq!(get("https://autumn.invalid", &variables).unwrap().status, 200);
    assert_eq!(names.recv().unwrap(), "autumn.invalid");
}

/// Each failure on the way through a proxy has its own sentence.
#[test]
fn proxy_failures_say_what_failed() {
    let closed = "127.0.0.1:1";
    for scheme in ["http", "https", "socks4a", "socks5h"] {
        let error = failure(&format!("{scheme}://u:planted@{closed}"));
        assert_eq!(error.message, "The proxy to autumn.invalid cannot be reached.", "{scheme} {error:?}");
    }
    let unknown = failure("http://u:planted@proxy.invalid:3128");
    assert_eq!(unknown.message, "The proxy to autumn.invalid cannot be reached.", "{unknown:?}");
    // The choice of "no acceptable method" (RFC 1928, 3), and a wrong password (RFC 1929, 2).
    const ANSWERS: [&[&[u8]]; 2] = [&[&[5, 0xFF]], &[&[5, 2], &[1, 1]]];
    for answers in ANSWERS {
        let proxy = Hostile::new(move |mut connection: HostileConnection| {
            for answer in answers {
                let _ = connection.stream.read(&mut [0; 512]);
                connection.write(answer);
            }
        });
        let error = failure(&format!("socks5h://user:planted@127.0.0.1:{}", proxy.port()));
        assert_eq!(error.message, "The proxy to autumn.invalid requires a user name and a password.", "{error:?}");
    }
    // With this scheme, the proxy is not asked for the name.
    let error = failure(&format!("socks5://{closed}"));
    assert!(error.message.starts_with("The host name autumn.invalid was not found on this machine"), "{error:?}");
    assert!(error.hint.unwrap().to_string().contains("socks5h://"));
    let refusing = Hostile::sending("HTTP/1.1 403 X\r\n\r\n");
    assert_eq!(failure(&refusing.url()).message, "The proxy to autumn.invalid refused the connection.");
}

/// The server side of SOCKS 5 (RFC 1928) without a password; returns the requested host name.
fn socks(connection: &mut HostileConnection) -> String {
    let stream = &mut connection.stream;
    let mut take = |length: usize| {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    };
    let methods = take(2)[1];
    take(methods.into());
    stream.write_all(&[5, 0]).unwrap();
    let mut take = |length: usize| {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    };
    let head = take(5);
    assert_eq!(head[..4], [5, 1, 0, 3]);
    let name = take(head[4].into());
    take(2);
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    String::from_utf8(name).unwrap()
}
