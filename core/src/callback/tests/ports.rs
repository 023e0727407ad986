//! Taking the port, keeping it, giving it back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

use socket2::{Domain, Socket, Type};

use super::*;
use crate::error::ErrorCode;

/// Somebody else's listener.
fn held(address: impl Into<IpAddr>, port: u16) -> TcpListener {
    TcpListener::bind(SocketAddr::new(address.into(), port)).unwrap()
}

/// Two neighbouring ports, both ours.
fn pair() -> (RangeInclusive<u16>, Listener, Listener) {
    let both = |ports: RangeInclusive<u16>| {
        let take = |port: u16| Listener::bind(port..=port).ok();
        Some((ports.clone(), take(*ports.start())?, take(*ports.end())?))
    };
    (0..100).find_map(|_| both(ports(2))).unwrap()
}

#[test]
fn the_first_free_port_is_taken() {
    let (ports, first, second) = pair();
    drop(second);
    assert_eq!(Listener::bind(ports.clone()).unwrap().port(), *ports.end());
    drop(first);
    assert_eq!(Listener::bind(ports.clone()).unwrap().port(), *ports.start());
}

#[test]
fn a_port_held_in_either_family_is_not_ours() {
    let (ports, first, second) = pair();
    drop((first, second));
    let addresses = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        Ipv4Addr::UNSPECIFIED.into(),
        Ipv6Addr::LOCALHOST.into(),
        Ipv6Addr::UNSPECIFIED.into(),
    ];
    for address in addresses.into_iter().filter(|address| address.is_ipv4() || has_ipv6()) {
        let stranger = held(address, *ports.start());
        assert_eq!(Listener::bind(ports.clone()).unwrap().port(), *ports.end(), "{address}");
        drop(stranger);
    }
}

#[test]
fn all_taken_is_one_clear_error() {
    let (ports, _first, _second) = pair();
    let error = Listener::bind(ports.clone()).unwrap_err();
    assert_eq!(error.code, ErrorCode::PortsInUse);
    let (start, end) = (ports.start().to_string(), ports.end().to_string());
    assert!(error.message.contains(&format!("{start}–{end}")), "{error}");
    assert!(error.hint.unwrap().to_string().contains("begin_login"));
    assert!(error.context["reasons"].contains(&start) && error.context["reasons"].contains(&end));
}

#[test]
fn nobody_can_share_the_port() {
    let ours = listener();
    for address in [SocketAddr::from((Ipv4Addr::LOCALHOST, ours.port())), (Ipv6Addr::LOCALHOST, ours.port()).into()] {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        #[cfg(unix)]
        socket.set_reuse_port(true).unwrap();
        let taken = socket.bind(&address.into()).and_then(|()| socket.listen(1));
        assert!(taken.is_err(), "{address}");
    }
}

/// Connections from before serving wait and are answered: the browser may be faster than the program.
#[test]
fn it_listens_from_the_start() {
    run(async {
        let listener = listener();
        let port = listener.port();
        let mut early = connect(port).await;
        early.write_all(get(port, "/early").as_bytes()).await.unwrap();
        let mut server = listener.serve(Secret::from(STATE)).unwrap();
        assert_eq!(status(&server.alongside(rest(&mut early)).await), "404");
    });
}

/// Dropped with connections in every step, the port is free before the drop returns, also without SO_REUSEADDR for
/// those who listen on everything.
#[test]
fn dropping_frees_the_port_at_once() {
    run(async {
        let (mut server, port) = server();
        let mut clients = Vec::new();
        for bytes in [String::new(), "GET /".into(), honest(port), get(port, "/")] {
            let mut stream = connect(port).await;
            stream.write_all(bytes.as_bytes()).await.unwrap();
            clients.push(stream);
        }
        server.next().await;
        drop(server);
        assert_eq!(Listener::bind(port..=port).unwrap().port(), port);
        for mut client in clients {
            rest(&mut client).await;
        }
    });
}

#[test]
fn a_listener_that_is_never_served_frees_the_port() {
    let listener = listener();
    let port = listener.port();
    drop(listener);
    assert_eq!(Listener::bind(port..=port).unwrap().port(), port);
}

/// `flags` in fdinfo has O_CLOEXEC (octal 2000000) for listeners and for accepted connections.
#[cfg(target_os = "linux")]
#[test]
fn no_child_inherits_a_socket() {
    run(async {
        let (mut server, port) = server();
        server.alongside(talk(port, get(port, "/"))).await;
        let mut client = connect(port).await;
        client.write_all(honest(port).as_bytes()).await.unwrap();
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

/// Node's runtime moves its futures from thread to thread.
#[test]
fn every_wait_can_change_threads() {
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
