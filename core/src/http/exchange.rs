//! One request and its answer, within their limits.

use reqwest::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::{Line, Request, Response, failure};
use crate::error::{Error, Result};

/// Sends the request once and reads its answer to the end.
pub(super) async fn exchange(line: &Line, request: Request) -> Result<Response> {
    let (timeout, limit) = (request.timeout, request.limit);
    let built = build(line, request)?;
    match tokio::time::timeout(timeout, perform(line, built, limit)).await {
        Ok(result) => result,
        Err(_) => Err(failure::timed_out(line, timeout)),
    }
}

fn build(line: &Line, request: Request) -> Result<reqwest::Request> {
    let url = url(&line.base, &request.target)?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| Error::invalid("method", "This is not the name of an HTTP method."))?;
    let mut built = reqwest::Request::new(method, url);
    for (name, value) in &request.headers {
        let invalid = || Error::invalid("headers", "A header's name or value has characters that cannot be sent.");
        let name = HeaderName::try_from(name.as_str()).map_err(|_| invalid())?;
        let mut value = HeaderValue::try_from(value.as_str()).map_err(|_| invalid())?;
        // Marked, it stays out of every Debug output below us.
        value.set_sensitive(true);
        built.headers_mut().append(name, value);
    }
    if !request.body.is_empty() {
        *built.body_mut() = Some(request.body.into());
    } else if !matches!(*built.method(), Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS) {
        // A body is expected, so its absence is said (RFC 9110, 8.6); some proxies insist.
        built.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Ok(built)
}

/// The target on the server and nowhere else.
fn url(base: &Url, target: &str) -> Result<Url> {
    let invalid = || Error::invalid("path", "The path cannot be used: it has to begin with one slash.");
    // A second slash, or a backslash, would begin another host's name.
    if !target.starts_with('/') || target.starts_with("//") || target.contains(['\\', '#']) {
        return Err(invalid());
    }
    let url = base.join(target).map_err(|_| invalid())?;
    let stays = url.origin() == base.origin() && url.username().is_empty() && url.password().is_none();
    if stays { Ok(url) } else { Err(invalid()) }
}

async fn perform(line: &Line, request: reqwest::Request, limit: usize) -> Result<Response> {
    let failed = |error: reqwest::Error| failure::classify(line, &error);
    let mut response = line.client.execute(request).await.map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        // Counted as it arrives: what a header promises is not what comes.
        if chunk.len() > limit - body.len() {
            return Err(failure::too_large(line, limit));
        }
        body.extend_from_slice(&chunk);
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Response {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_stays_on_its_server() {
        let base = Url::parse("https://api.example.com:8443").unwrap();
        let resolved = url(&base, "/v1/customers?limit=3").unwrap();
        assert_eq!(resolved.as_str(), "https://api.example.com:8443/v1/customers?limit=3");
        for target in [
            "",
            "v1",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "@evil.example",
            "/a#b",
            "\t//evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
        ] {
            let result = url(&base, target);
            assert!(result.as_ref().is_err(), "{target:?}: {result:?}");
        }
    }
}
