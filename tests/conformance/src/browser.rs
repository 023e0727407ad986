//! A browser as small as can be: `conformance --follow ADDRESS`, as `$BROWSER` of a face that logs in. The server allows
//! at once, so all that is left to do is to follow its redirects.

use std::io::{Read, Write};
use std::net::TcpStream;

use url::Url;

/// What makes this program a browser.
pub(crate) const FLAG: &str = "--follow";

/// From the authorize page to the callback, and on to its result.
const REDIRECTS: usize = 4;

/// Follows an address to its end.
pub(crate) fn follow(address: &str) -> Result<(), String> {
    let mut url = Url::parse(address).map_err(|error| error.to_string())?;
    for _ in 0..=REDIRECTS {
        let answer = get(&url).map_err(|error| format!("{url}: {error}"))?;
        let location = answer.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("location").then(|| value.trim())
        });
        match location {
            Some(location) => url = url.join(location).map_err(|error| error.to_string())?,
            None => return Ok(()),
        }
    }
    Err("redirects without an end".to_owned())
}

/// The head of the answer.
fn get(url: &Url) -> std::io::Result<String> {
    let (host, port) = (url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
    let mut stream = TcpStream::connect((host, port))?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.split("\r\n\r\n").next().unwrap_or_default().to_owned())
}
