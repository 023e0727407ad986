//! Attacks on the callback, over real sockets. A test waits for a condition, under one deadline, or advances a paused
//! clock; it never relies on a sleep.

use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{AcceptedPeers, AuthorizationResponse, CallbackEvent, CallbackPort, CallbackServer};
use crate::config::CALLBACK_REQUEST_TIMEOUT;
use crate::secret::Secret;

mod heads;
mod noise;
mod ports;
mod requests;
mod result;

const STATE: &str = "planted-state-0123456789";
const CODE: &str = "planted-code-0123456789";

/// Runs a test on a runtime as `blocking` uses it. The deadline ends a test that hangs, and no busy machine reaches it.
fn run<T>(test: impl Future<Output = T>) -> T {
    runtime(false).block_on(async { tokio::time::timeout(Duration::from_secs(1_200), test).await.unwrap() })
}

/// Runs a test with a paused clock, which advances when every task waits.
fn run_fast<T>(test: impl Future<Output = T>) -> T {
    runtime(true).block_on(test)
}

/// Runs a test with a stopped clock, so that no connection is closed because the machine is slow. tokio does not advance
/// a paused clock while a blocking task runs.
fn run_stopped<T>(test: impl Future<Output = T>) -> T {
    let runtime = runtime(true);
    // Declared after the runtime, so that it is dropped before it: the runtime waits for the task, also after a panic.
    let (end, ended) = std::sync::mpsc::channel::<()>();
    runtime.spawn_blocking(move || ended.recv().is_ok());
    let done = runtime.block_on(test);
    drop(end);
    done
}

fn runtime(paused: bool) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap()
}

/// Ports that no other test of this process uses, below the system's ephemeral range.
fn ports(count: u16) -> RangeInclusive<u16> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Test processes that run in parallel start at different ports, so that they rarely collide.
    let [.., byte] = std::process::id().to_be_bytes();
    let first = 15_000 + u16::from(byte) * 50 + TAKEN.fetch_add(count, Ordering::Relaxed) % 4_000;
    first..=first + count - 1
}

/// A port that only this test uses.
fn callback_port() -> CallbackPort {
    (0..100).find_map(|_| CallbackPort::bind(ports(1)).ok()).unwrap()
}

fn server() -> (CallbackServer, u16) {
    let bound = callback_port();
    let port = bound.port();
    (bound.serve(Secret::from(STATE), AcceptedPeers::All).unwrap(), port)
}

fn genuine(port: u16) -> String {
    get(port, &format!("/?code={CODE}&state={STATE}&iss=https%3A%2F%2Fexample.com%2Fapi%2Fauth"))
}

fn get(port: u16, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: test\r\n\r\n")
}

/// Whether the machine has `::1`; many containers do not.
fn has_ipv6() -> bool {
    std::net::TcpListener::bind(("::1", 0)).is_ok()
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.unwrap()
}

/// Sends bytes and reads until the server closes or resets the connection.
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

fn code(event: CallbackEvent) -> String {
    match event {
        CallbackEvent::Response(AuthorizationResponse::Authorized { code, .. }) => code.reveal().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Asserts that the genuine callback is reported before the server ends any slow connection.
async fn assert_works(server: &mut CallbackServer, port: u16) {
    let client = tokio::spawn(async move { talk(port, genuine(port)).await });
    let event = tokio::time::timeout(CALLBACK_REQUEST_TIMEOUT, server.next()).await.unwrap();
    assert_eq!(code(event), CODE);
    client.abort();
}
