//! Servers that accept no connection or send no response: the user learns what the login waits for, and for seconds only.

use std::io::Read;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};

use libatmn::{Cancel, Event, EventCode, LoginOptions, Server, blocking};

use super::{LoginFixture, failed};

/// A login at a server, which is cancelled at this event; the events that were heard.
fn heard_until(port: u16, end: EventCode) -> Vec<Event> {
    let world = LoginFixture::new();
    let server = Some(Server::parse(&format!("http://127.0.0.1:{port}")).unwrap());
    let options = LoginOptions { server, ..world.options() };
    let mut heard = Vec::new();
    let mut listener = |event: &Event| {
        heard.push(event.clone());
        if event.code == end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    failed(blocking::login(&options, Some(&mut listener), &Cancel::new()), "cancelled");
    heard
}

/// A server that accepts connections, and reads and writes nothing.
fn silent() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[test]
fn silent_server_is_named_and_the_login_goes_on() {
    let (_listener, port) = silent();
    let heard = heard_until(port, EventCode::LoginUrl);
    assert!(heard.iter().any(|event| event.code == EventCode::LoginUrl), "{heard:?}");
    assert_eq!(heard[0].message, format!("Waiting for http://127.0.0.1:{port} to respond …"));
    assert_eq!(heard[0].context["server"], format!("http://127.0.0.1:{port}"));
}

#[test]
fn wait_for_a_silent_server_can_be_cancelled() {
    let (_listener, port) = silent();
    let codes: Vec<_> = heard_until(port, EventCode::Hint).iter().map(|event| event.code).collect();
    assert_eq!(codes, [EventCode::Hint]);
}

/// A socket whose queue is full: the system drops further connection requests, as a firewall does.
struct FullQueue(Child, u16);

impl FullQueue {
    fn new() -> Self {
        let script = "import socket, time\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0)\n\
                      c = [socket.socket() for _ in range(4)]\n\
                      for x in c: x.setblocking(False); x.connect_ex(s.getsockname())\n\
                      print('%05d' % s.getsockname()[1], flush=True)\ntime.sleep(3600)";
        let mut child = Command::new("python3").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = [0; 5];
        child.stdout.as_mut().unwrap().read_exact(&mut port).unwrap();
        Self(child, String::from_utf8_lossy(&port).parse().unwrap())
    }
}

impl Drop for FullQueue {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn server_that_drops_connections_ends_login_within_seconds() {
    let world = LoginFixture::new();
    let queue = FullQueue::new();
    let server = Some(Server::parse(&format!("http://127.0.0.1:{}", queue.1)).unwrap());
    let options = LoginOptions { server, ..world.options() };
    let mut codes = Vec::new();
    let mut listener = |event: &Event| {
        codes.push(event.code);
        ControlFlow::Continue(())
    };
    let error = failed(blocking::login(&options, Some(&mut listener), &Cancel::new()), "connect_failed");
    assert!(error.message.ends_with(" timed out after 4 seconds."), "{error:?}");
    assert_eq!(codes, [EventCode::Hint]);
    assert_eq!(blocking::begin_login(&options, &Cancel::new()).unwrap_err().code.name(), "connect_failed");
}
