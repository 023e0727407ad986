//! The result page, and when the port closes.

use super::*;
use crate::config::CALLBACK_FINISH_TIMEOUT;
use crate::page::{self, Page};

fn saved() -> Page {
    page::saved(Some("Acme"), &[crate::key::Environment::Sandbox], ".env", "shop")
}

/// Checks that `finish` does not wait for a browser. The clock stands still unless the server waits.
async fn finishes_at_once(server: CallbackServer) {
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    server.finish(&saved()).await;
    assert!(started.elapsed() < CALLBACK_FINISH_TIMEOUT, "{:?}", started.elapsed());
    tokio::time::resume();
}

/// Acts as a browser: requests the callback, follows the redirect, and returns both responses.
async fn browse(port: u16) -> (String, String) {
    let first = talk(port, genuine(port)).await;
    let second = talk(port, get(port, location(&first))).await;
    (first, second)
}

#[test]
fn browser_is_redirected_to_result_page_after_finish() {
    run(async {
        let (mut server, port) = server();
        let client = tokio::spawn(browse(port));
        server.next().await;
        server.alongside(tokio::time::sleep(Duration::from_millis(50))).await;
        assert!(!client.is_finished());
        server.finish(&saved()).await;
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
        assert_eq!(CallbackPort::bind(port..=port).unwrap().port(), port);
    });
}

/// Double clicks, reloads and other codes with the right state: one event, the same page for all.
#[test]
fn later_callbacks_get_the_same_result_page() {
    run(async {
        let (mut server, port) = server();
        let first = tokio::spawn(browse(port));
        server.next().await;
        let second = tokio::spawn(browse(port));
        let other = tokio::spawn(async move {
            let answer = talk(port, get(port, &format!("/?error=access_denied&state={STATE}"))).await;
            talk(port, get(port, location(&answer))).await
        });
        // A wrong request during the exchange, and time for the two callbacks to arrive.
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

/// The page is served once per redirected browser; HEAD and prefetch requests do not use it up.
#[test]
fn result_page_is_served_once_per_redirect() {
    run(async {
        let (mut server, port) = server();
        let client = tokio::spawn(async move {
            let first = talk(port, genuine(port)).await;
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
fn finish_does_not_wait_for_disconnected_browser() {
    run(async {
        let (mut server, port) = server();
        let mut client = connect(port).await;
        client.write_all(genuine(port).as_bytes()).await.unwrap();
        assert_eq!(code(server.next().await), CODE);
        drop(client);
        server.alongside(talk(port, get(port, "/"))).await;
        finishes_at_once(server).await;
        assert_eq!(CallbackPort::bind(port..=port).unwrap().port(), port);
    });
}

#[test]
fn finish_is_immediate_without_a_browser() {
    run(async {
        let (mut server, port) = server();
        server.alongside(talk(port, get(port, "/"))).await;
        let _idle = connect(port).await;
        finishes_at_once(server).await;
    });
}

/// A browser never fetches the page while other requests keep arriving: the server closes after two seconds.
#[test]
fn finish_waits_at_most_two_seconds() {
    run_fast(async {
        let (mut server, port) = server();
        let mut client = connect(port).await;
        client.write_all(genuine(port).as_bytes()).await.unwrap();
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

/// The user pasted the first response: a browser that calls back during the exchange gets the same page.
#[test]
fn late_browser_gets_result_page() {
    run(async {
        let (mut server, port) = server();
        let client = tokio::spawn(browse(port));
        server.alongside(tokio::time::sleep(Duration::from_millis(100))).await;
        server.finish(&saved()).await;
        assert!(client.await.unwrap().1.contains("Acme"));
    });
}

#[test]
fn held_browser_has_no_time_limit() {
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
