//! Binding the port, holding it, freeing it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

use socket2::{Domain, Socket, Type};

use super::*;
use crate::error::ErrorCode;

/// A listener of another program.
fn held(address: impl Into<IpAddr>, port: u16) -> TcpListener {
    TcpListener::bind(SocketAddr::new(address.into(), port)).unwrap()
}

/// Two neighbouring ports, both bound by this test.
fn pair() -> (RangeInclusive<u16>, CallbackPort, CallbackPort) {
    let both = |ports: RangeInclusive<u16>| {
        let take = |port: u16| CallbackPort::bind(port..=port).ok();
        Some((ports.clone(), take(*ports.start())?, take(*ports.end())?))
    };
    (0..100).find_map(|_| both(ports(2))).unwrap()
}

#[test]
fn bind_takes_first_free_port() {
    let (ports, first, second) = pair();
    drop(second);
    assert_eq!(CallbackPort::bind(ports.clone()).unwrap().port(), *ports.end());
    drop(first);
    assert_eq!(CallbackPort::bind(ports.clone()).unwrap().port(), *ports.start());
}

#[test]
fn bind_skips_port_held_in_either_family() {
    let (ports, first, second) = pair();
    drop((first, second));
    let addresses = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        Ipv4Addr::UNSPECIFIED.into(),
        Ipv6Addr::LOCALHOST.into(),
        Ipv6Addr::UNSPECIFIED.into(),
    ];
    for address in addresses.into_iter().filter(|address| address.is_ipv4() || has_ipv6()) {
        let other = held(address, *ports.start());
        assert_eq!(CallbackPort::bind(ports.clone()).unwrap().port(), *ports.end(), "{address}");
        drop(other);
    }
}

#[test]
fn bind_reports_all_ports_in_use() {
    let (ports, _first, _second) = pair();
    let error = CallbackPort::bind(ports.clone()).unwrap_err();
    assert_eq!(error.code, ErrorCode::PortsInUse);
    let (start, end) = (ports.start().to_string(), ports.end().to_string());
    assert!(error.message.contains(&format!("{start}–{end}")), "{error}");
    assert!(error.hint.unwrap().to_string().contains("save_keys"));
    assert!(error.context["reasons"].contains(&start) && error.context["reasons"].contains(&end));
}

#[test]
fn other_programs_cannot_share_the_port() {
    let ours = callback_port();
    for address in [SocketAddr::from((Ipv4Addr::LOCALHOST, ours.port())), (Ipv6Addr::LOCALHOST, ours.port()).into()] {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        #[cfg(unix)]
        socket.set_reuse_port(true).unwrap();
        let taken = socket.bind(&address.into()).and_then(|()| socket.listen(1));
        assert!(taken.is_err(), "{address}");
    }
}

/// Connections from before `serve` wait and are answered: the browser may be faster than the program.
#[test]
fn port_accepts_connections_before_serve() {
    run(async {
        let bound = callback_port();
        let port = bound.port();
        let mut early = connect(port).await;
        early.write_all(get(port, "/early").as_bytes()).await.unwrap();
        let mut server = bound.serve(Secret::from(STATE), AcceptedPeers::All).unwrap();
        assert_eq!(status(&server.alongside(rest(&mut early)).await), "404");
    });
}

/// The server is dropped with connections in every state: the port is free before the drop returns.
#[test]
fn drop_frees_port_immediately() {
    run(async {
        let (mut server, port) = server();
        let mut clients = Vec::new();
        for bytes in [String::new(), "GET /".into(), genuine(port), get(port, "/")] {
            let mut stream = connect(port).await;
            stream.write_all(bytes.as_bytes()).await.unwrap();
            clients.push(stream);
        }
        server.next().await;
        drop(server);
        assert_eq!(CallbackPort::bind(port..=port).unwrap().port(), port);
        for mut client in clients {
            rest(&mut client).await;
        }
    });
}

#[test]
fn port_that_is_never_served_is_freed_on_drop() {
    let bound = callback_port();
    let port = bound.port();
    drop(bound);
    assert_eq!(CallbackPort::bind(port..=port).unwrap().port(), port);
}

/// `flags` in fdinfo has O_CLOEXEC (octal 2000000) for listeners and for accepted connections.
#[cfg(target_os = "linux")]
#[test]
fn sockets_are_close_on_exec() {
    run(async {
        let (mut server, port) = server();
        server.alongside(talk(port, get(port, "/"))).await;
        let mut client = connect(port).await;
        client.write_all(genuine(port).as_bytes()).await.unwrap();
        server.next().await;
        let mut sockets = 0;
        for entry in std::fs::read_dir("/proc/self/fd").unwrap().flatten() {
            let Ok(target) = std::fs::read_link(entry.path()) else { continue };
            let info = std::fs::read_to_string(std::path::Path::new("/proc/self/fdinfo").join(entry.file_name()));
            let (true, Ok(info)) = (target.to_string_lossy().starts_with("socket:"), info) else { continue };
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim().to_owned();
            let flags = u32::from_str_radix(&flags, 8).unwrap();
            assert_ne!(flags & 0o2_000_000, 0, "{target:?} {info}");
            sockets += 1;
        }
        assert!(sockets >= 4);
    });
}

/// Node's runtime moves futures between threads.
#[test]
fn futures_are_send() {
    fn can_move<T: Send>(future: T) {
        drop(future);
    }
    run(async {
        let (mut server, _) = server();
        can_move(server.next());
        can_move(server.alongside(std::future::ready(())));
        can_move(server.finish(&crate::page::denied()));
    });
}
