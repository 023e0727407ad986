//! What the browser sees in the end, and when the port closes.

use std::time::Instant;

use super::*;
use crate::page::{self, Page};

fn saved() -> Page {
    page::saved(Some("Acme"), &[crate::key::Environment::Sandbox], ".env")
}

/// A browser: calls back, follows the redirect, gives both answers.
async fn browse(port: u16) -> (String, String) {
    let first = talk(port, honest(port)).await;
    let second = talk(port, get(port, location(&first))).await;
    (first, second)
}

#[test]
fn the_browser_is_answered_last_and_by_another_address() {
    run(async {
        let (mut server, port) = server();
        let client = tokio::spawn(browse(port));
        server.next().await;
        server.alongside(tokio::time::sleep(Duration::from_millis(50))).await;
        assert!(!client.is_finished());
        let started = Instant::now();
        server.finish(&saved()).await;
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        let (first, second) = client.await.unwrap();
        assert_eq!((status(&first), status(&second)), ("303", "200"));
        let path = location(&first);
        assert!(path.len() == 33 && path[1..].bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}");
        assert!(second.contains("Acme") && second.ends_with("</html>\n"));
        for answer in [first, second] {
            assert!(!answer.contains(CODE) && !answer.contains(STATE));
            assert!(answer.contains("\r\nCache-Control: no-store\r\n"));
        }
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
        assert_eq!(Listener::bind(port..=port).unwrap().port(), port);
    });
}

/// Double clicks, reloads and other codes with the right state: one outcome, the same page for all.
#[test]
fn later_callbacks_start_nothing_and_get_the_same_page() {
    run(async {
        let (mut server, port) = server();
        let first = tokio::spawn(browse(port));
        server.next().await;
        let second = tokio::spawn(browse(port));
        let other = tokio::spawn(async move {
            let answer = talk(port, get(port, &format!("/?error=access_denied&state={STATE}"))).await;
            talk(port, get(port, location(&answer))).await
        });
        // Strangers during the exchange, and the clock for the two to arrive.
        server.alongside(talk(port, get(port, "/?state=wrong"))).await;
        let more = tokio::time::timeout(Duration::from_millis(100), server.next()).await;
        assert!(more.is_err(), "{more:?}");
        server.finish(&saved()).await;
        for answer in [first.await.unwrap().1, second.await.unwrap().1, other.await.unwrap()] {
            assert_eq!(status(&answer), "200");
            assert!(answer.contains("Acme"));
        }
    });
}

/// The page is shown as often as browsers were sent to it, and HEAD or prefetching does not take the turn.
#[test]
fn the_page_is_shown_once() {
    run(async {
        let (mut server, port) = server();
        let client = tokio::spawn(async move {
            let first = talk(port, honest(port)).await;
            let path = location(&first).to_owned();
            let head = talk(port, get(port, &path).replace("GET", "HEAD")).await;
            let ahead = talk(port, get(port, &path).replace("User-Agent: test", "Sec-Purpose: prefetch")).await;
            let foreign = talk(port, get(port, &path).replace("localhost", "evil.example")).await;
            let (mut one, mut two) = (connect(port).await, connect(port).await);
            one.write_all(get(port, &path).as_bytes()).await.unwrap();
            let mut begin = [0; 12];
            one.read_exact(&mut begin).await.unwrap();
            two.write_all(get(port, &path).as_bytes()).await.unwrap();
            let again = rest(&mut two).await;
            (head, ahead, foreign, String::from_utf8(begin.to_vec()).unwrap() + &rest(&mut one).await, again)
        });
        server.next().await;
        server.finish(&saved()).await;
        let (head, ahead, foreign, shown, again) = client.await.unwrap();
        assert_eq!(
            [&head, &ahead, &foreign, &shown, &again].map(|answer| status(answer)),
            ["405", "503", "421", "200", "410"]
        );
    });
}

#[test]
fn a_browser_that_went_away_holds_nothing_up() {
    run(async {
        let (mut server, port) = server();
        let mut client = connect(port).await;
        client.write_all(honest(port).as_bytes()).await.unwrap();
        assert_eq!(code(server.next().await), CODE);
        drop(client);
        server.alongside(talk(port, get(port, "/"))).await;
        let started = Instant::now();
        server.finish(&saved()).await;
        assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
        assert_eq!(Listener::bind(port..=port).unwrap().port(), port);
    });
}

#[test]
fn without_a_browser_the_end_is_immediate() {
    run(async {
        let (mut server, port) = server();
        server.alongside(talk(port, get(port, "/"))).await;
        let _idle = connect(port).await;
        let started = Instant::now();
        server.finish(&saved()).await;
        assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    });
}

/// A browser that never fetches the page, and noise all the while: two seconds, and not more.
#[test]
fn the_end_waits_two_seconds_at_most() {
    run_fast(async {
        let (mut server, port) = server();
        let mut client = connect(port).await;
        client.write_all(honest(port).as_bytes()).await.unwrap();
        server.next().await;
        let noise = tokio::spawn(async move {
            while let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
                let _ = stream.write_all(get(port, "/").as_bytes()).await;
                let _ = rest(&mut stream).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let started = tokio::time::Instant::now();
        server.finish(&saved()).await;
        let took = started.elapsed();
        assert!(took >= Duration::from_millis(1_990) && took < Duration::from_millis(2_050), "{took:?}");
        assert_eq!(status(&rest(&mut client).await), "303");
        noise.await.unwrap();
    });
}

/// The first callback was a paste: a browser that comes later, during the exchange, sees the same end.
#[test]
fn a_late_browser_sees_the_result_too() {
    run(async {
        let (mut server, port) = server();
        let client = tokio::spawn(browse(port));
        server.alongside(tokio::time::sleep(Duration::from_millis(100))).await;
        server.finish(&saved()).await;
        assert!(client.await.unwrap().1.contains("Acme"));
    });
}

#[test]
fn a_held_browser_is_not_dropped_by_time() {
    run_fast(async {
        let (mut server, port) = server();
        let client = tokio::spawn(browse(port));
        server.next().await;
        server.alongside(tokio::time::sleep(Duration::from_secs(60))).await;
        assert!(!client.is_finished());
        server.finish(&page::failed("The server refused.")).await;
        assert!(client.await.unwrap().1.contains("The server refused."));
    });
}
