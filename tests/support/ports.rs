//! Callback ports of tests. A listener that a test closes may live on for a moment: the child of another test holds it
//! between fork and exec.

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// The first of this many consecutive free ports, below the range of ephemeral ports. It opens no listener.
///
/// # Panics
/// If a whole range of ports is taken.
#[must_use]
pub fn free_ports(count: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 36).unwrap_or_default() * 300;
    (0..300)
        .map(|_| first + NEXT.fetch_add(count, Ordering::Relaxed) % 297)
        .find(|port| (*port..port + count).all(is_silent))
        .expect("three hundred ports are taken")
}

/// Whether no program listens on the port.
fn is_silent(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_err() && TcpStream::connect(("::1", port)).is_err()
}

/// Whether another process can bind the port, in both address families, now or in a moment.
#[must_use]
pub fn is_free(port: u16) -> bool {
    let binds = |host: &str| TcpListener::bind((host, port)).is_ok();
    (0..50).any(|_| {
        let is_free = binds("127.0.0.1") && binds("::1");
        if !is_free {
            std::thread::sleep(Duration::from_millis(10));
        }
        is_free
    })
}
