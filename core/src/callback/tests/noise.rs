//! Connections that send no request, garbage, or too much.

use std::collections::VecDeque;
use std::io::Write as _;
use std::time::Instant;

use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::callback::notice::Notice;
use crate::config::CALLBACK_REQUEST_TIMEOUT;

/// Bytes that are not a request. The server may answer them or drop the connection, but must not wait for more.
fn garbage(port: u16) -> Vec<Vec<u8>> {
    let pipelined = format!("{}{}", get(port, "/"), genuine(port));
    let chunked = format!(
        "POST / HTTP/1.1\r\nHost: localhost:{port}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    );
    vec![
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"\r\n\r\n\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n".to_vec(),
        vec![b'A'; 100_000],
        [b"GET / HTTP/1.1\r\nX: ".to_vec(), vec![b'A'; 1_000_000]].concat(),
        format!("{}surplus", genuine(port)).into_bytes(),
        pipelined.into_bytes(),
        chunked.into_bytes(),
        (0..=255).cycle().skip(32).take(20_000).collect(),
    ]
}

#[test]
fn garbage_leaves_server_working() {
    run(async {
        let (mut server, port) = server();
        for bytes in garbage(port) {
            let started = Instant::now();
            server.alongside(talk(port, &bytes)).await;
            assert!(started.elapsed() < CALLBACK_REQUEST_TIMEOUT, "{}", bytes[..20].escape_ascii());
        }
        assert_works(&mut server, port).await;
    });
}

/// The response arrives although the client is still sending: closing at once would reset the connection.
#[test]
fn oversized_head_gets_status_431() {
    run(async {
        let (mut server, port) = server();
        let answer = server.alongside(talk(port, vec![b'A'; 40_000])).await;
        assert_eq!(status(&answer), "431");
        assert!(answer.contains("cookies of localhost") && answer.ends_with("</html>\n"));
    });
}

#[test]
fn tls_handshake_is_reported_once() {
    run(async {
        let (mut server, port) = server();
        let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
        for _ in 0..3 {
            assert_eq!(server.alongside(talk(port, hello)).await, "");
        }
        assert!(matches!(server.next().await, CallbackEvent::Notice(Notice::TlsHello)));
        assert_works(&mut server, port).await;
    });
}

/// A service worker of another program would answer the callback in its place; the browser asks for its script on the
/// way, with this header (Service Workers, "Update").
#[test]
fn service_worker_is_replaced_by_one_that_unregisters_itself() {
    run(async {
        let (mut server, port) = server();
        let request = format!(
            "GET /sw.js?code={CODE}&state={STATE} HTTP/1.1\r\nHost: localhost:{port}\r\nService-Worker: script\r\n\r\n"
        );
        for _ in 0..2 {
            let answer = server.alongside(talk(port, &request)).await;
            assert_eq!(status(&answer), "200");
            assert!(
                answer.contains("Content-Type: text/javascript\r\n") && answer.contains("unregister()"),
                "{answer}"
            );
        }
        assert!(matches!(server.next().await, CallbackEvent::Notice(Notice::ServiceWorker)));
        let root = request.replace("/sw.js", "/");
        let answer = server.alongside(talk(port, &root)).await;
        assert!(answer.contains("unregister()"), "a script is not the callback: {answer}");
        let elsewhere = request.replace("Host: localhost", "Host: evil.example");
        assert_eq!(status(&server.alongside(talk(port, &elsewhere)).await), "421");
        assert_works(&mut server, port).await;
    });
}

#[test]
fn connections_without_request_time_out() {
    run_fast(async {
        let (mut server, port) = server();
        let begun = tokio::time::Instant::now();
        let idle = talk(port, "");
        assert_eq!(server.alongside(idle).await, "");
        let half = talk(port, "GET / HTTP/1.1\r\nHost: loc");
        assert_eq!(server.alongside(half).await, "");
        // An HTTP/0.9 client ends its request with the first line and waits.
        let http09 = talk(port, "GET /\r\n");
        assert_eq!(server.alongside(http09).await, "");
        assert!(begun.elapsed() < Duration::from_secs(31), "{:?}", begun.elapsed());
    });
}

#[test]
fn slow_sender_is_cut_off_at_the_request_limit() {
    run_fast(async {
        let (mut server, port) = server();
        let begun = tokio::time::Instant::now();
        let drip = async {
            let mut stream = connect(port).await;
            let mut sent = 0;
            while stream.write_all(b"A").await.is_ok() && sent < 1_000 {
                sent += 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            sent
        };
        let sent = server.alongside(drip).await;
        assert!(sent < 110, "{sent}");
        assert!(begun.elapsed() < Duration::from_secs(11), "{:?}", begun.elapsed());
    });
}

/// The client sends a request, never reads the response, and keeps sending.
#[test]
fn client_that_never_reads_is_cut_off() {
    run_fast(async {
        let (mut server, port) = server();
        let mut stream = connect(port).await;
        stream.write_all(get(port, "/").as_bytes()).await.unwrap();
        let more = async {
            for _ in 0..15 {
                let _ = stream.write_all(b"more").await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        server.alongside(more).await;
        assert!(format!("{server:?}").contains("connections: 1"), "{server:?}");
        server.alongside(tokio::time::sleep(Duration::from_secs(1))).await;
        assert!(format!("{server:?}").contains("connections: 0"), "{server:?}");
    });
}

#[test]
fn connection_resets_leave_server_working() {
    run(async {
        let (mut server, port) = server();
        for bytes in [String::new(), "GET / HT".into(), get(port, "/")] {
            let mut stream = connect(port).await;
            stream.write_all(bytes.as_bytes()).await.unwrap();
            stream.set_zero_linger().unwrap();
            drop(stream);
            server.alongside(talk(port, get(port, "/"))).await;
        }
        assert_works(&mut server, port).await;
    });
}

#[test]
fn thousands_of_wrong_callbacks_leave_server_working() {
    run(async {
        let (mut server, port) = server();
        let flood = async {
            for number in 0..2_000 {
                let wrong = get(port, &format!("/?code={CODE}&state=wrong{number}"));
                assert_eq!(status(&talk(port, wrong).await), "400");
            }
        };
        server.alongside(flood).await;
        assert_works(&mut server, port).await;
    });
}

/// With more idle connections than the limit, the oldest are evicted and the genuine callback is served at once.
#[test]
fn idle_connections_are_evicted_for_new_ones() {
    run_stopped(async {
        let (mut server, port) = server();
        let mut idle = Vec::new();
        for _ in 0..400 {
            idle.push(server.alongside(connect(port)).await);
        }
        assert!(format!("{server:?}").contains("connections: 256"), "{server:?}");
        let mut oldest = idle.swap_remove(0);
        assert_eq!(server.alongside(rest(&mut oldest)).await, "");
        let mut newest = idle.pop().unwrap();
        newest.write_all(get(port, "/").as_bytes()).await.unwrap();
        assert_eq!(status(&server.alongside(rest(&mut newest)).await), "400");
        assert_works(&mut server, port).await;
    });
}

/// The genuine callback arrives while many connections keep the server busy, half of them with a whole request.
#[test]
fn connection_flood_does_not_delay_callback() {
    run(async {
        let (mut server, port) = server();
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let storm: Vec<_> = (0..2)
            .map(|number| {
                let stop = stop.clone();
                std::thread::spawn(move || {
                    let mut open = VecDeque::new();
                    while !stop.load(Ordering::Relaxed) {
                        let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", port)) else { continue };
                        let _ = stream.write_all(if number == 0 {
                            b"GET / HTTP/1.1\r\n"
                        } else {
                            b"GET / HTTP/1.1\r\n\r\n"
                        });
                        open.push_back(stream);
                        if open.len() > 300 {
                            open.pop_front();
                        }
                    }
                })
            })
            .collect();
        server.alongside(tokio::time::sleep(Duration::from_millis(300))).await;
        assert_works(&mut server, port).await;
        stop.store(true, Ordering::Relaxed);
        // Closing the listeners ends the clients that are still connecting.
        drop(server);
        storm.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// A process may open only 64 files, and clients hold a connection for each of them, with and without a whole request.
/// The genuine callback is served, and the login can still open files and sockets afterwards.
#[cfg(unix)]
#[test]
fn low_descriptor_limit_leaves_room_for_browser_and_exchange() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -n 64; FEW_DESCRIPTORS=1 exec \"$0\" --exact --nocapture \"$1\""]);
    shell.arg(std::env::current_exe().unwrap()).arg("callback::tests::noise::child_with_low_descriptor_limit");
    let mut child = shell.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines.find_map(|line| line.split("port ").nth(1)?.parse::<u16>().ok()).unwrap();
    let connect = || std::net::TcpStream::connect(("127.0.0.1", port));
    let mut open: VecDeque<_> = (0..200).map(|_| connect().unwrap()).collect();
    let mut browser = connect().unwrap();
    let started = Instant::now();
    browser.write_all(genuine(port).as_bytes()).unwrap();
    lines.find(|line| line.contains("answered")).unwrap();
    assert!(started.elapsed() < CALLBACK_REQUEST_TIMEOUT, "{:?}", started.elapsed());
    // Connections fail once the child has ended.
    for request in [&b"GET"[..], b"GET / HTTP/1.1\r\n\r\n"].into_iter().cycle() {
        let Ok(mut stream) = connect() else { break };
        let _ = stream.write_all(request);
        open.push_back(stream);
        drop(open.drain(..open.len().saturating_sub(299)));
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(child.wait().unwrap().success());
}

/// Does nothing unless the test above starts it in a process with a low limit.
#[test]
fn child_with_low_descriptor_limit() {
    if std::env::var_os("FEW_DESCRIPTORS").is_none() {
        return;
    }
    run(async {
        let (mut server, port) = server();
        writeln!(std::io::stdout(), "port {port}").unwrap();
        assert_eq!(code(server.next().await), CODE);
        writeln!(std::io::stdout(), "answered").unwrap();
        let exchange = async {
            for _ in 0..500 {
                let opened = std::fs::File::open("/dev/null").and_then(|_| std::net::TcpListener::bind("127.0.0.1:0"));
                assert!(opened.is_ok(), "{opened:?}");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        server.alongside(exchange).await;
    });
}
