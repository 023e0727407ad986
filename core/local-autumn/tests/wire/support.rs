//! A client that hides nothing: it writes the bytes it is told and reads the answer to its end.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;

use local_autumn::{Options, Running, Server};
use serde_json::Value;
use url::Url;

/// The pair of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CLIENT_ID: &str = "hAWUopQqLnsSwuRgeRzIBzKslwXmQUSr";
pub(crate) const REDIRECT: &str = "http://localhost:31449/";
pub(crate) const SCOPES: &str = "customers:create customers:read customers:list customers:update customers:delete \
     features:create features:read features:list features:update features:delete \
     plans:create plans:read plans:list plans:update plans:delete \
     rewards:read rewards:write apiKeys:create apiKeys:read organisation:read";

pub(crate) fn start() -> Running {
    start_with(Options { controls: true, ..Options::default() })
}

/// On a free port, whatever the options say.
pub(crate) fn start_with(options: Options) -> Running {
    Server::bind(Options { port: 0, ..options }).unwrap().spawn().unwrap()
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The values of a header, joined.
    pub(crate) fn header(&self, name: &str) -> String {
        let values = self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        values.collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn location(&self) -> Url {
        Url::parse(&self.header("location")).unwrap_or_else(|_| panic!("no location: {self:?}"))
    }
}

pub(crate) fn connect_to(address: IpAddr, port: u16) -> TcpStream {
    let stream = TcpStream::connect((address, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

pub(crate) fn connect(autumn: &Running) -> TcpStream {
    connect_to(Ipv4Addr::LOCALHOST.into(), autumn.port())
}

/// Everything that comes until the server closes, or `None` if that is no answer.
pub(crate) fn read_reply(stream: &mut TcpStream) -> Option<Reply> {
    let mut bytes = Vec::new();
    // A connection that was reset has said what it had to say.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Some(Reply { status, headers, body: bytes[end + 4..].to_vec() })
}

/// Writes these bytes, reads the answer.
pub(crate) fn raw(autumn: &Running, bytes: &[u8]) -> Reply {
    let mut stream = connect(autumn);
    stream.write_all(bytes).unwrap();
    read_reply(&mut stream).unwrap_or_else(|| panic!("no answer to {}", String::from_utf8_lossy(bytes)))
}

/// A whole request; `Host`, `Connection: close` and the length are added.
pub(crate) fn request(autumn: &Running, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    raw(autumn, &request_bytes(autumn.port(), method, target, headers, body))
}

pub(crate) fn request_bytes(port: u16, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    (text + "\r\n" + body).into_bytes()
}

pub(crate) fn get(autumn: &Running, target: &str, headers: &[(&str, &str)]) -> Reply {
    request(autumn, "GET", target, headers, "")
}

pub(crate) fn post_form(autumn: &Running, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
    let mut headers = headers.to_vec();
    headers.push(("Content-Type", "application/x-www-form-urlencoded"));
    request(autumn, "POST", path, &headers, &encode(form))
}

pub(crate) fn post_json(autumn: &Running, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
    let mut headers = headers.to_vec();
    headers.push(("Content-Type", "application/json"));
    request(autumn, "POST", path, &headers, &body.to_string())
}

pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The query of a good authorization request, with some parameters changed; an empty value leaves one out.
pub(crate) fn authorize_query(changes: &[(&str, &str)]) -> String {
    let good = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPES),
        ("state", "st4te"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("prompt", "consent"),
    ];
    let changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = good.into_iter().filter(|(name, _)| !changed(name));
    encode(&kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>())
}

pub(crate) fn authorize_target(changes: &[(&str, &str)]) -> String {
    format!("/api/auth/oauth2/authorize?{}", authorize_query(changes))
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// A fresh code, allowed from within.
pub(crate) fn fresh_code(autumn: &Running) -> String {
    let url = autumn.url() + &authorize_target(&[]);
    let callback = autumn.store().approve(&url, "ada@example.com", "night-library").unwrap();
    parameter(&Url::parse(&callback).unwrap(), "code").unwrap()
}

/// The token request for a code, with some parameters changed; an empty value leaves one out.
pub(crate) fn exchange(autumn: &Running, code: &str, changes: &[(&str, &str)]) -> Reply {
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = good.into_iter().filter(|(name, _)| !changed(name));
    let form: Vec<_> = kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty()).collect();
    post_form(autumn, "/api/auth/oauth2/token", &form, &[])
}

pub(crate) fn fresh_token(autumn: &Running) -> String {
    let reply = exchange(autumn, &fresh_code(autumn), &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub(crate) fn mint(autumn: &Running, token: &str) -> Reply {
    request(autumn, "POST", "/cli/api-keys", &[("Authorization", &bearer(token))], "")
}
