//! A minimal browser: `conformance --follow URL`, as `$BROWSER` of a binding that logs in. The server approves at once,
//! so following its redirects is enough.

use std::io::{Read, Write};
use std::net::TcpStream;

use url::Url;

/// The flag that turns this program into a browser.
pub(crate) const FLAG: &str = "--follow";

/// From the authorize page to the callback, and from there to the result page.
const REDIRECTS: usize = 4;

/// Follows a URL and its redirects to the last page.
pub(crate) fn follow(url: &str) -> Result<(), String> {
    let mut url = Url::parse(url).map_err(|error| error.to_string())?;
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
    Err("too many redirects".to_owned())
}

/// The head of the response.
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
