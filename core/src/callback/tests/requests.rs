//! Which requests count as the callback, and how all others are answered.

use super::*;

/// Whole requests that are not the callback, with the status of the response.
fn other_requests(port: u16) -> Vec<(&'static str, String)> {
    let right = format!("code={CODE}&state={STATE}");
    let with = |line: &str, fields: &str| format!("{line} HTTP/1.1\r\n{fields}\r\n");
    let ours = format!("Host: localhost:{port}\r\n");
    let target = format!("GET /?{right}");
    let mut all = vec![
        ("400", get(port, "/")),
        ("400", get(port, "/?")),
        ("400", get(port, &format!("/?code={CODE}"))),
        ("400", get(port, &format!("/?code={CODE}&state="))),
        ("400", get(port, &format!("/?code={CODE}&state=wrong"))),
        ("400", get(port, &format!("/?code={CODE}&state={STATE}x"))),
        ("400", get(port, &format!("/?code={CODE}&state={}", &STATE[1..]))),
        ("400", get(port, &format!("/?code={CODE}&state={}", STATE.to_uppercase()))),
        ("400", get(port, &format!("/?code={CODE}&State={STATE}"))),
        ("400", get(port, &format!("/?state={STATE}"))),
        ("400", get(port, &format!("/?code=&state={STATE}"))),
        ("400", get(port, &format!("/?code=%0d%0a&state={STATE}"))),
        ("400", get(port, &format!("/?code=%ff&state={STATE}"))),
        ("400", get(port, "/?error=access_denied")),
        ("400", get(port, "/?error=access_denied&state=wrong")),
        ("400", get(port, &format!("/?error=access_denied&{right}"))),
        ("400", get(port, &format!("/?{right}&code=another"))),
        ("400", get(port, &format!("/?{right}&state={STATE}"))),
        ("400", get(port, &format!("/?{right}&iss=a&iss=b"))),
        ("400", get(port, &format!("/?{right}&x=1&x=2"))),
        ("400", get(port, &format!("/?{right}&%73tate=x"))),
        ("400", get(port, &format!("/?{right}#fragment"))),
        ("400", get(port, &format!("http://localhost:{port}/?{right}"))),
        ("400", with(&format!("GET ?{right}"), &ours)),
        ("400", with(&format!("GET *?{right}"), &ours)),
        ("404", get(port, "/favicon.ico")),
        ("404", get(port, &format!("//?{right}"))),
        ("404", get(port, &format!("/.?{right}"))),
        ("404", get(port, &format!("/%2f?{right}"))),
        ("404", get(port, &format!("/callback?{right}"))),
        ("404", get(port, &format!("/;a=b?{right}"))),
        ("405", with(&format!("HEAD /?{right}"), &ours)),
        ("405", with(&format!("OPTIONS /?{right}"), &format!("{ours}Origin: https://evil.example\r\n"))),
        ("405", with(&format!("POST /?{right}"), &format!("{ours}Content-Length: 0\r\n"))),
        ("405", with(&format!("get /?{right}"), &ours)),
        ("405", with("CONNECT localhost:22", &ours)),
        ("421", with(&target, "")),
        ("421", with(&target, "Host: \r\n")),
        ("421", with(&target, "Host: localhost\r\n")),
        ("421", with(&target, "Host: evil.example\r\n")),
        ("421", with(&target, &format!("Host: evil.example:{port}\r\n"))),
        ("421", with(&target, &format!("Host: localhost.:{port}\r\n"))),
        ("421", with(&target, &format!("Host: localhost:{port}.evil.example\r\n"))),
        ("421", with(&target, &format!("Host: a@localhost:{port}\r\n"))),
        ("421", with(&target, &format!("Host: localhost:0{port}\r\n"))),
        ("421", with(&target, &format!("Host: localhost:{}\r\n", port ^ 1))),
        ("421", with(&target, &format!("{ours}{ours}"))),
        ("421", with(&target, &format!("{ours}Host: evil.example\r\n"))),
        ("400", with(&target, &format!("{ours}Transfer-Encoding: chunked\r\n"))),
        ("400", with(&target, &format!("{ours}Content-Length: 1\r\n"))),
        ("400", with(&target, &format!("{ours}Content-Length: 0\r\nContent-Length: 3\r\n"))),
        ("505", format!("GET /?{right} HTTP/2.0\r\n{ours}\r\n")),
        ("505", format!("GET /?{right} HTTP/0.9\r\n{ours}\r\n")),
    ];
    for field in [
        "Sec-Purpose: prefetch",
        "Sec-Purpose: prefetch;prerender",
        "sec-purpose: PREFETCH;anonymous-client-ip",
        "Purpose: prefetch",
        "X-Purpose: preview",
        "X-Moz: prefetch",
    ] {
        all.push(("503", with(&target, &format!("{ours}{field}\r\n"))));
    }
    all
}

#[test]
fn other_requests_are_answered_and_ignored() {
    run(async {
        let (mut server, port) = server();
        for (wanted, request) in other_requests(port) {
            let answer = server.alongside(talk(port, &request)).await;
            assert_eq!(status(&answer), wanted, "{request}");
            assert!(answer.contains("\r\nContent-Security-Policy: default-src 'none'; "), "{answer}");
            assert!(!answer.to_ascii_lowercase().contains("access-control"), "{answer}");
            assert!(!answer.contains(STATE) && !answer.contains(CODE), "{answer}");
            let body = answer.split_once("\r\n\r\n").unwrap().1;
            assert_eq!(body.is_empty(), request.starts_with("HEAD"), "{request}");
        }
        assert_works(&mut server, port).await;
    });
}

#[test]
fn callback_is_accepted_in_every_valid_form() {
    let plain = format!("/?code={CODE}&state={STATE}");
    for (target, host, version) in [
        (plain.clone(), "localhost", "1.1"),
        (plain.clone(), "LOCALHOST", "1.1"),
        (plain.clone(), "127.0.0.1", "1.1"),
        (plain.clone(), "[::1]", "1.1"),
        (plain, "localhost", "1.0"),
        (format!("/?state={STATE}&scope=a+b&code={CODE}&error=&unknown"), "localhost", "1.1"),
        (format!("/?code={}&state={}", CODE.replace('-', "%2d"), STATE.replace('-', "%2D")), "localhost", "1.1"),
    ] {
        run(async {
            let (mut server, port) = server();
            let cookie = "x".repeat(14_000);
            let fields = format!("Host: {host}:{port}\r\nCookie: a={cookie}\r\nContent-Length: 0");
            let request = format!("GET {target} HTTP/{version}\r\n{fields}\r\n\r\n");
            let client = tokio::spawn(async move { talk(port, request).await });
            assert_eq!(code(server.next().await), CODE, "{target} {host}");
            client.abort();
        });
    }
}

#[test]
fn server_answers_on_both_address_families() {
    run(async {
        let (mut server, port) = server();
        for host in ["127.0.0.1", "::1"].into_iter().take(if has_ipv6() { 2 } else { 1 }) {
            let mut stream = TcpStream::connect((host, port)).await.unwrap();
            stream.write_all(get(port, "/favicon.ico").as_bytes()).await.unwrap();
            assert_eq!(status(&server.alongside(rest(&mut stream)).await), "404", "{host}");
        }
    });
}

#[test]
fn issuer_and_denial_are_passed_on_sanitized() {
    run(async {
        let (mut server, port) = server();
        let client = tokio::spawn(async move { talk(port, genuine(port)).await });
        let CallbackEvent::Response(AuthorizationResponse::Authorized { iss, .. }) = server.next().await else {
            panic!()
        };
        assert_eq!(iss.as_deref(), Some("https://example.com/api/auth"));
        client.abort();
    });
    run(async {
        let (mut server, port) = server();
        let long = "z".repeat(1_000);
        let text = format!("No%1b%5b31m+way%0d%0a%E2%80%AE{long}");
        let target = format!("/?error=access_denied%07&error_description={text}&state={STATE}");
        let client = tokio::spawn(async move { talk(port, get(port, &target)).await });
        let CallbackEvent::Response(AuthorizationResponse::Denied { error, description, iss }) = server.next().await
        else {
            panic!()
        };
        assert_eq!(error, "access_denied\u{fffd}");
        let description = description.unwrap();
        assert!(description.starts_with("No\u{fffd}[31m way\u{fffd}\u{fffd}\u{fffd}zzz"), "{description}");
        assert_eq!(description.chars().count(), 301);
        assert_eq!(iss, None);
        client.abort();
    });
}
