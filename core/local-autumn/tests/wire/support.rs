//! A raw HTTP client that writes the given bytes and reads the response to its end.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;

use local_autumn::{LocalAutumn, Options, Running};
use serde_json::Value;
use url::Url;

/// The verifier and challenge of RFC 7636, appendix B.
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

/// Starts a server on a free port, with these options otherwise.
pub(crate) fn start_with(options: Options) -> Running {
    LocalAutumn::bind(Options { port: 0, ..options }).unwrap().spawn().unwrap()
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
    stream.set_read_timeout(Some(Duration::from_secs(600))).unwrap();
    stream
}

pub(crate) fn connect(autumn: &Running) -> TcpStream {
    connect_to(Ipv4Addr::LOCALHOST.into(), autumn.port())
}

/// Reads until the server closes the connection; `None` if that is not an HTTP response.
pub(crate) fn read_reply(stream: &mut TcpStream) -> Option<Reply> {
    let mut bytes = Vec::new();
    // A reset ends the response too.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Some(Reply { status, headers, body: bytes[end + 4..].to_vec() })
}

/// Writes these bytes and reads the response.
pub(crate) fn raw(autumn: &Running, bytes: &[u8]) -> Reply {
    let mut stream = connect(autumn);
    stream.write_all(bytes).unwrap();
    read_reply(&mut stream).unwrap_or_else(|| panic!("no response to {}", String::from_utf8_lossy(bytes)))
}

/// Sends a request with `Host`, `Connection: close` and the length of the body.
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

/// The query of a valid authorization request with changed parameters. An empty value removes a parameter.
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

/// A new code, approved through the store.
pub(crate) fn fresh_code(autumn: &Running) -> String {
    code_for(autumn, &[])
}

/// A code for an authorization request with changed parameters.
pub(crate) fn code_for(autumn: &Running, changes: &[(&str, &str)]) -> String {
    let url = autumn.url() + &authorize_target(changes);
    let callback = autumn.store().approve(&url, "ada@example.com", "night-library").unwrap();
    parameter(&Url::parse(&callback).unwrap(), "code").unwrap()
}

/// Sends the token request for a code with changed parameters. An empty value removes a parameter.
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
    token_for(autumn, &fresh_code(autumn))
}

pub(crate) fn token_for(autumn: &Running, code: &str) -> String {
    let reply = exchange(autumn, code, &[]);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub(crate) fn mint(autumn: &Running, token: &str) -> Reply {
    request(autumn, "POST", "/cli/api-keys", &[("Authorization", &bearer(token))], "")
}
