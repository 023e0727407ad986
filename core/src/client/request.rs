//! The caller's request, and the checks before it is sent.

use std::fmt;
use std::time::Duration;

use url::form_urlencoded::Serializer;

use crate::api;
use crate::config::{ACCEPT, API_VERSION, HEADER_COUNT_LIMIT, METHODS, REQUEST_TARGET_LIMIT};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::http;
use crate::http::{OutgoingRequest, encoded_length};
use crate::key::ApiKey;

/// The header that lets the server run repeated requests once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The header with the media type of the body.
const CONTENT_TYPE: &str = "content-type";
/// Headers that the client sets: the key, the server, and message framing (RFC 9110, 7.6.1).
const RESERVED: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// A request to the API. `Debug` shows only the method and the path without its query; everything else may be secret.
///
/// ```
/// use libatmn::ApiRequest;
/// let request = ApiRequest::new("POST", "/v1/customers")
///     .header("x-request-source", "billing-cron")
///     .json(r#"{"id":"cus_42","name":"Ada"}"#)
///     .idempotency_key("create-cus_42");
/// assert_eq!(format!("{request:?}"), r#"ApiRequest { method: "POST", path: "/v1/customers", .. }"#);
/// ```
#[derive(Clone, Default)]
pub struct ApiRequest {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE` or `OPTIONS`, in any case.
    pub method: String,
    /// The path, which starts with `/`; a query may follow.
    pub path: String,
    /// Query parameters, not encoded.
    pub query: Vec<(String, String)>,
    /// Further headers. They override the defaults for `Accept`, `Content-Type` and `X-API-Version`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// The media type of the body. The default is `application/json`.
    pub content_type: Option<String>,
    /// Lets the request be retried with any method: the server runs requests with the same key once.
    pub idempotency_key: Option<String>,
    /// The time limit of each try; by default that of the client.
    pub timeout: Option<Duration>,
    /// How many times the request is retried at most; by default as often as the client says.
    pub retries: Option<u32>,
    /// Whether a response of any status is a result, and not an error if it is not 2xx. Retries and logins happen as
    /// usual before.
    pub any_status: bool,
    /// The environment variables and the working directory with which the key is resolved, and replaced if the server
    /// rejects it; by default those of the client's options, then those of the process.
    pub host: Option<Host>,
}

impl ApiRequest {
    /// A request without a body.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, text: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(text.into()), content_type: None, ..self }
    }

    /// Sets a body of another media type.
    #[must_use]
    pub fn body(self, bytes: impl Into<Vec<u8>>, content_type: &str) -> Self {
        Self { body: Some(bytes.into()), content_type: Some(content_type.to_owned()), ..self }
    }

    /// Makes retries safe: the server runs requests with the same key once.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        Self { idempotency_key: Some(key.to_owned()), ..self }
    }

    /// Sets the time limit of each try.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Sets how many times the request is retried at most.
    #[must_use]
    pub fn retries(self, retries: u32) -> Self {
        Self { retries: Some(retries), ..self }
    }

    /// Makes a response of any status a result.
    ///
    /// ```no_run
    /// # async fn call(client: libatmn::Client) -> libatmn::Result<()> {
    /// use libatmn::{ApiRequest, Cancel};
    ///
    /// let request = ApiRequest::new("GET", "/v1/customers/cus_42").any_status();
    /// let response = client.request(&request, None, &Cancel::new()).await?;
    /// println!("{}", if response.status == 404 { "no such customer" } else { "found" });
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn any_status(self) -> Self {
        Self { any_status: true, ..self }
    }

    /// The method in upper case, if it is allowed.
    pub(super) fn known_method(&self) -> Result<&'static str> {
        let known = METHODS.iter().copied().find(|known| known.eq_ignore_ascii_case(&self.method));
        known.ok_or_else(|| {
            Error::invalid("method", "`method` is not an allowed HTTP method.")
                .with_hint(format!("Use one of {}.", METHODS.join(", ")))
        })
    }

    /// Whether the request only reads (RFC 9110, 9.2.1), so that it changes nothing in an organization that was not meant.
    pub(super) fn is_safe(&self) -> Result<bool> {
        Ok(matches!(self.known_method()?, "GET" | "HEAD" | "OPTIONS"))
    }

    /// Checks the request before a key is resolved, so that an invalid option is reported first.
    ///
    /// # Errors
    /// `invalid_argument`: `method`, `path`, `query`, `headers`, `content_type`, `idempotency_key` or `timeout`.
    pub(crate) fn check(&self) -> Result<()> {
        if self.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(Error::zero("timeout"));
        }
        self.known_method()?;
        self.target()?;
        self.defaults()?;
        if self.headers.len() > HEADER_COUNT_LIMIT {
            let message =
                format!("There are {} headers, and at most {HEADER_COUNT_LIMIT} can be sent.", self.headers.len());
            return Err(Error::invalid("headers", message));
        }
        self.check_options_beside_headers()?;
        self.headers.iter().try_for_each(|(name, value)| check_header(name, value))
    }

    /// Whether the request carries an idempotency key.
    pub(super) fn has_idempotency_key(&self) -> bool {
        self.idempotency_key.is_some() || self.has_header(IDEMPOTENCY_KEY)
    }

    /// The request as it is sent.
    ///
    /// # Errors
    /// `invalid_argument`: `method`, `path`, `headers`, `content_type` or `idempotency_key`; `endpoint_not_public`.
    pub(super) fn with_key(&self, key: &ApiKey, timeout: Duration, limit: usize) -> Result<OutgoingRequest> {
        self.check()?;
        let mut request = api::authorized(key, self.known_method()?, &self.target()?)?.timeout(timeout).limit(limit);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in self.defaults()? {
            if !self.has_header(name) {
                request = request.header(name, value);
            }
        }
        Ok(request.body(self.body.clone().unwrap_or_default()))
    }

    /// The headers that are sent unless the caller sets them.
    fn defaults(&self) -> Result<Vec<(&'static str, &str)>> {
        let mut defaults = vec![ACCEPT, API_VERSION];
        if self.body.is_some() {
            let kind = self.content_type.as_deref().unwrap_or("application/json");
            defaults.push((CONTENT_TYPE, check_value("content_type", kind)?));
        }
        if let Some(key) = &self.idempotency_key {
            defaults.push((IDEMPOTENCY_KEY, check_value("idempotency_key", key)?));
        }
        Ok(defaults)
    }

    /// Refuses an option whose header is given too: one of the two values would be lost.
    fn check_options_beside_headers(&self) -> Result<()> {
        let options = [
            ("content_type", CONTENT_TYPE, self.content_type.is_some()),
            ("idempotency_key", IDEMPOTENCY_KEY, self.idempotency_key.is_some()),
        ];
        match options.into_iter().find(|(_, header, is_set)| *is_set && self.has_header(header)) {
            Some((option, header, _)) => {
                let message = format!("`{option}` and the header `{header}` must not be passed together.");
                Err(Error::invalid(option, message).with_hint(Hint::RemoveHeader { name: header.to_owned() }))
            }
            None => Ok(()),
        }
    }

    fn has_header(&self, wanted: &str) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
    }

    /// The path with the whole query.
    fn target(&self) -> Result<String> {
        check_path(&self.path)?;
        check_length("path", &self.path)?;
        if self.query.is_empty() {
            return Ok(self.path.clone());
        }
        let query = Serializer::new(String::new()).extend_pairs(&self.query).finish();
        let joint = if self.path.contains('?') { '&' } else { '?' };
        let target = format!("{}{joint}{query}", self.path);
        check_length("query", &target)?;
        Ok(target)
    }
}

impl fmt::Debug for ApiRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        formatter.debug_struct("ApiRequest").field("method", &self.method).field("path", &path).finish_non_exhaustive()
    }
}

fn check_path(text: &str) -> Result<()> {
    let invalid = |reason: &str| Error::invalid("path", format!("The path {reason}."));
    if !text.starts_with('/') || text.starts_with("//") {
        return Err(invalid("must start with exactly one `/`").with_hint(Hint::StartPathWithSlash));
    }
    let refused = |reason: &str| Err(invalid(reason).with_hint("Percent-encode special characters in the path."));
    if text.contains(['\\', '#']) {
        return refused("contains a backslash or a fragment");
    }
    // A URL parser drops some of these characters silently, which changes the path.
    if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return refused("contains whitespace or control characters");
    }
    let path = text.split('?').next().unwrap_or_default();
    if path.split('/').any(is_dots) {
        return Err(invalid("contains a dot segment").with_hint("Remove the segments `.` and `..` from the path."));
    }
    Ok(())
}

/// Checks that the HTTP library can send the target.
fn check_length(option: &'static str, target: &str) -> Result<()> {
    let length = encoded_length(target);
    if length <= REQUEST_TARGET_LIMIT {
        return Ok(());
    }
    let message =
        format!("The path and the query have {length} bytes, and at most {REQUEST_TARGET_LIMIT} can be sent.");
    Err(Error::invalid(option, message).with_hint("Send long values in the body."))
}

/// Whether a segment is `.` or `..`, plain or encoded; URL parsers and servers remove such segments.
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

fn check_header(name: &str, value: &str) -> Result<()> {
    if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(Error::invalid(
            "headers",
            format!("The header `{}` is set by the client.", name.to_ascii_lowercase()),
        )
        .with_hint(Hint::RemoveHeader { name: name.to_ascii_lowercase() }));
    }
    if !value.is_ascii() {
        return Err(Error::invalid("headers", "A header value contains characters that are not ASCII.")
            .with_hint(if is_masked_key(value) { Hint::RevealKey } else { ENCODE_VALUE.into() }));
    }
    http::check_header(name, value)
}

const ENCODE_VALUE: &str = "Headers can contain only ASCII. Encode the value as the receiver expects it, such as with \
                            percent-encoding, or send it in the body.";

/// Whether a text contains a key as messages show it, with U+2026.
fn is_masked_key(text: &str) -> bool {
    text.contains("am_") && text.contains('…')
}

/// Checks the value of an option that is sent as a header.
fn check_value<'a>(option: &'static str, value: &'a str) -> Result<&'a str> {
    let fits = !value.is_empty() && value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if fits {
        return Ok(value);
    }
    let message = format!("`{option}` is empty or contains characters that are not printable ASCII.");
    Err(Error::invalid(option, message)
        .with_hint(Hint::from("Use only printable ASCII.").and(Hint::OmitOption { option })))
}

#[cfg(test)]
mod tests;
