//! Servers that a test scripts byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A server that passes every connection to a function. Dropping it frees the port.
pub(crate) struct Hostile {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// One connection of such a server.
pub(crate) struct HostileConnection {
    pub(crate) stream: TcpStream,
    requests: Arc<Mutex<Vec<String>>>,
}

impl HostileConnection {
    /// Reads and records a whole request; `None` if the client has closed the connection.
    pub(crate) fn request(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            if self.stream.read(&mut byte).ok()? == 0 {
                return None;
            }
            bytes.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.stream.read_exact(&mut body).ok()?;
        bytes.extend(body);
        let request = String::from_utf8_lossy(&bytes).into_owned();
        self.requests.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// Writes the bytes; `false` if the client has closed the connection.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Sends nothing until the client closes the connection.
    pub(crate) fn outlast(&mut self) {
        let _ = std::io::copy(&mut self.stream, &mut std::io::sink());
    }
}

impl Hostile {
    /// A server on a free port.
    pub(crate) fn new(serve: impl Fn(HostileConnection) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stopped = Arc::new(AtomicBool::new(false));
        let (log, stop, serve) = (requests.clone(), stopped.clone(), Arc::new(serve));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Acquire) {
                    return;
                }
                let connection = HostileConnection { stream: stream.unwrap(), requests: log.clone() };
                let serve = serve.clone();
                // The thread ends when its client disconnects.
                std::thread::spawn(move || serve(connection));
            }
        });
        Self { address, requests, stopped, thread: Some(thread) }
    }

    /// A server that answers every request with these bytes and then closes.
    pub(crate) fn sending(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::new(move |mut connection| {
            if connection.request().is_some() {
                connection.write(&bytes);
            }
        })
    }

    /// A server that answers every request with this status and this JSON.
    pub(crate) fn answering(status: u16, body: &str) -> Self {
        Self::sending(json(status, body))
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All complete requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // The listener blocks until a client connects.
        drop(TcpStream::connect(self.address));
        self.thread.take().unwrap().join().unwrap();
    }
}

/// A response with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = "content-type: application/json\r\nconnection: close\r\n";
    format!("HTTP/1.1 {status} X\r\n{head}content-length: {length}\r\n\r\n{body}").into_bytes()
}
