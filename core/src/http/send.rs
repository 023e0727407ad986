//! Sends one request and reads its response, within their limits.

use reqwest::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::{OutgoingRequest, Transport, failure};
use crate::error::{Error, Result};
use crate::response::ApiResponse;

/// Sends the request once and reads the response to its end.
pub(super) async fn send(transport: &Transport, request: OutgoingRequest) -> Result<ApiResponse> {
    let (timeout, limit) = (request.timeout, request.limit);
    let built = build(transport, request)?;
    match tokio::time::timeout(timeout, perform(transport, built, limit)).await {
        Ok(result) => result,
        Err(_) => Err(failure::timed_out(transport, timeout)),
    }
}

fn build(transport: &Transport, request: OutgoingRequest) -> Result<reqwest::Request> {
    let url = url(&transport.base, &request.target)?;
    let method = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| Error::invalid("method", "`method` is not the name of an HTTP method."))?;
    let mut built = reqwest::Request::new(method, url);
    for (name, value) in &request.headers {
        let (name, mut value) = header(name, value)?;
        // Sensitive values do not appear in the Debug output of the HTTP libraries.
        value.set_sensitive(true);
        built.headers_mut().append(name, value);
    }
    if !request.body.is_empty() {
        *built.body_mut() = Some(request.body.into());
    } else if !matches!(*built.method(), Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS) {
        // Methods that expect a body declare its absence (RFC 9110, 8.6); some proxies require it.
        built.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Ok(built)
}

/// Checks a header that the caller chose.
///
/// # Errors
/// `invalid_argument`: `headers`.
pub(crate) fn check_header(name: &str, value: &str) -> Result<()> {
    header(name, value).map(drop)
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let invalid = || Error::invalid("headers", "A header name or value contains characters that HTTP does not allow.");
    let name = HeaderName::try_from(name).map_err(|_| invalid())?;
    Ok((name, HeaderValue::try_from(value).map_err(|_| invalid())?))
}

/// The number of bytes of a target as it is sent: some characters take three or more.
pub(crate) fn encoded_length(target: &str) -> usize {
    const ORIGIN: &str = "http://localhost";
    let url = Url::parse(&format!("{ORIGIN}{target}"));
    url.map_or(target.len(), |url| url.as_str().len() - ORIGIN.len())
}

/// Resolves the target on the server, and refuses targets that lead to another origin.
fn url(base: &Url, target: &str) -> Result<Url> {
    let invalid = || Error::invalid("path", "The path must start with exactly one `/`.");
    // A URL parser reads a host name after a second slash or a backslash.
    if !target.starts_with('/') || target.starts_with("//") || target.contains(['\\', '#']) {
        return Err(invalid());
    }
    let url = base.join(target).map_err(|_| invalid())?;
    let stays = url.origin() == base.origin() && url.username().is_empty() && url.password().is_none();
    if stays { Ok(url) } else { Err(invalid()) }
}

async fn perform(transport: &Transport, request: reqwest::Request, limit: usize) -> Result<ApiResponse> {
    let failed = |error: reqwest::Error| failure::classify(transport, &error);
    let mut response = transport.client.execute(request).await.map_err(failed)?;
    // A server that announces too much need not be waited for.
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(failure::too_large(transport, limit));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        // Counts the received bytes, because `Content-Length` is not trustworthy.
        if chunk.len() > limit - body.len() {
            return Err(failure::too_large(transport, limit));
        }
        body.extend_from_slice(&chunk);
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(ApiResponse {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_target_stays_on_its_server() {
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
