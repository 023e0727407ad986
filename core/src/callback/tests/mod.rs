//! Attacks on the callback, over real sockets. Nothing here waits and hopes: a test waits for a condition, under one
//! deadline, or moves the clock.

use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Answer, Listener, Outcome, Server};
use crate::secret::Secret;

mod heads;
mod noise;
mod ports;
mod requests;
mod result;

const STATE: &str = "planted-state-0123456789";
const CODE: &str = "planted-code-0123456789";

/// A runtime as the blocking faces use it, and a deadline for the whole test.
fn run<T>(test: impl Future<Output = T>) -> T {
    runtime(false).block_on(async { tokio::time::timeout(Duration::from_secs(30), test).await.unwrap() })
}

/// The same with a clock that jumps ahead whenever all are waiting.
fn run_fast<T>(test: impl Future<Output = T>) -> T {
    runtime(true).block_on(test)
}

fn runtime(paused: bool) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap()
}

/// Ports that no other test of this process is given, below those that the system hands out by itself.
fn ports(count: u16) -> RangeInclusive<u16> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Processes side by side start in different places, so that they rarely have to look further.
    let [.., byte] = std::process::id().to_be_bytes();
    let first = 15_000 + u16::from(byte) * 50 + TAKEN.fetch_add(count, Ordering::Relaxed) % 4_000;
    first..=first + count - 1
}

/// A port of this test's own.
fn listener() -> Listener {
    (0..100).find_map(|_| Listener::bind(ports(1)).ok()).unwrap()
}

fn server() -> (Server, u16) {
    let listener = listener();
    let port = listener.port();
    (listener.serve(Secret::from(STATE)).unwrap(), port)
}

fn honest(port: u16) -> String {
    get(port, &format!("/?code={CODE}&state={STATE}&iss=https%3A%2F%2Fexample.com%2Fapi%2Fauth"))
}

fn get(port: u16, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: test\r\n\r\n")
}

/// Containers often have no `::1`.
fn has_ipv6() -> bool {
    std::net::TcpListener::bind(("::1", 0)).is_ok()
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// Sends bytes and reads until the other side is done; a reset ends it as well.
async fn talk(port: u16, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(port).await;
    let _ = stream.write_all(bytes.as_ref()).await;
    rest(&mut stream).await
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn status(answer: &str) -> &str {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or("")
}

fn location(answer: &str) -> &str {
    answer.split("Location: ").nth(1).unwrap().split("\r\n").next().unwrap()
}

fn code(outcome: Outcome) -> String {
    match outcome {
        Outcome::Answer(Answer::Authorized { code, .. }) => code.reveal().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// The honest callback comes through, within two seconds, whatever else is going on.
async fn assert_works(server: &mut Server, port: u16) {
    let client = tokio::spawn(async move { talk(port, honest(port)).await });
    let outcome = tokio::time::timeout(Duration::from_secs(2), server.next()).await.unwrap();
    assert_eq!(code(outcome), CODE);
    client.abort();
}
