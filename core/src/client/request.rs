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
    // The usual cause is a masked key, which contains U+2026.
    if !value.is_ascii() {
        return Err(Error::invalid("headers", "A header value contains characters that are not ASCII.")
            .with_hint(Hint::RevealKey));
    }
    if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(Error::invalid(
            "headers",
            format!("The header `{}` is set by the client.", name.to_ascii_lowercase()),
        )
        .with_hint(Hint::RemoveHeader { name: name.to_ascii_lowercase() }));
    }
    http::check_header(name, value)
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
mod tests {
    use super::*;

    fn key() -> ApiKey {
        ApiKey::parse("am_sk_test_planted0123456789").unwrap()
    }

    fn refused(request: &ApiRequest) -> Option<String> {
        let sent = request.with_key(&key(), Duration::from_secs(1), 1);
        sent.err().map(|error| error.context["option"].clone())
    }

    #[test]
    fn path_that_could_lead_elsewhere_is_refused() {
        for path in ["/", "/v1/customers", "/v1/customers?limit=3&q=a/../b", "/v1/a%2Fb", "/v1/customers/é", "/a..b/.c"]
        {
            assert_eq!(refused(&ApiRequest::new("GET", path)), None, "{path}");
        }
        for path in [
            "",
            "v1",
            "https://evil.example/v1",
            "//evil.example",
            "/\\evil.example",
            "/v1/../admin",
            "/v1/./x",
            "/v1/..",
            "/%2e%2E/x",
            "/.%2e",
            "/v1#x",
            "/v1 x",
            "/v1\r\nHost: evil",
            "\t//evil.example",
            "/v1\0",
            "/v1\u{2028}x",
        ] {
            assert_eq!(refused(&ApiRequest::new("GET", path)).as_deref(), Some("path"), "{path:?}");
        }
    }

    #[test]
    fn path_without_slash_gets_the_hint_to_add_it() {
        for path in ["v1/customers", "https://api.example.com/v1", "//api.example.com"] {
            assert_eq!(check_path(path).unwrap_err().hint, Some(Hint::StartPathWithSlash.into()), "{path}");
        }
    }

    #[test]
    fn target_that_cannot_be_sent_is_refused() {
        let refused_target = |path: &str, value: &str| {
            let request = ApiRequest::new("GET", path);
            refused(&if value.is_empty() { request } else { request.query("q", value) })
        };
        for (letter, size) in [("a", 1), ("é", 6), ("\"", 3)] {
            let fitting = (REQUEST_TARGET_LIMIT - 1) / size;
            assert_eq!(refused_target(&format!("/{}", letter.repeat(fitting)), ""), None, "{letter}");
            let long = format!("/{}", letter.repeat(fitting + 1));
            assert_eq!(refused_target(&long, "").as_deref(), Some("path"), "{letter}");
            let fitting = (REQUEST_TARGET_LIMIT - "/?q=".len()) / size;
            assert_eq!(refused_target("/", &letter.repeat(fitting)), None, "{letter}");
            assert_eq!(refused_target("/", &letter.repeat(fitting + 1)).as_deref(), Some("query"), "{letter}");
        }
    }

    #[test]
    fn header_that_http_does_not_allow_is_refused_before_sending() {
        for (name, value) in [("", "x"), ("a b", "x"), ("x-é", "x"), ("x", "a\nb"), ("x", "\0")] {
            let error = ApiRequest::new("GET", "/").header(name, value).check().unwrap_err();
            assert_eq!(error.context["option"], "headers", "{name:?} {value:?}");
        }
        let many = (0..40_000).fold(ApiRequest::new("GET", "/"), |request, _| request.header("x", "y"));
        assert_eq!(many.check().unwrap_err().context["option"], "headers");
    }

    #[test]
    fn method_is_known_and_upper_case() {
        assert_eq!(ApiRequest::new("patch", "/").known_method().unwrap(), "PATCH");
        for method in ["", "CONNECT", "TRACE", "GET ", "G\nET", "BREW"] {
            assert_eq!(refused(&ApiRequest::new(method, "/")).as_deref(), Some("method"), "{method:?}");
        }
    }

    #[test]
    fn reserved_headers_are_refused() {
        for name in RESERVED {
            let request = ApiRequest::new("GET", "/").header(&name.to_uppercase(), "x");
            assert_eq!(refused(&request).as_deref(), Some("headers"), "{name}");
        }
        for bad in ["", "x\r\ny", "x\u{2026}"] {
            let request = ApiRequest::new("POST", "/");
            assert_eq!(refused(&request.clone().idempotency_key(bad)).as_deref(), Some("idempotency_key"), "{bad:?}");
            assert_eq!(refused(&request.body("x", bad)).as_deref(), Some("content_type"), "{bad:?}");
        }
    }

    #[test]
    fn an_option_beside_its_header_is_refused() {
        let request = |header: &str| ApiRequest::new("POST", "/").header(header, "x").body("x", "text/plain");
        assert_eq!(refused(&request("Content-Type")).as_deref(), Some("content_type"));
        assert_eq!(refused(&request("Idempotency-Key")), None);
        assert_eq!(refused(&request("Idempotency-Key").idempotency_key("a")).as_deref(), Some("idempotency_key"));
        assert_eq!(refused(&ApiRequest::new("POST", "/").header("content-type", "x").json("{}")), None);
    }

    #[test]
    fn publishable_key_is_refused_outside_its_endpoints() {
        let key = ApiKey::parse("am_pk_test_0123456789").unwrap();
        let sent = |path: &str| ApiRequest::new("get", path).with_key(&key, Duration::from_secs(1), 1);
        assert!(sent("/v1/products?x=1").is_ok());
        assert_eq!(sent("/v1/organization/me").unwrap_err().code.name(), "endpoint_not_public");
    }

    #[test]
    fn debug_hides_query_headers_and_body() {
        let request = ApiRequest::new("POST", "/v1/x?token=planted").query("a", "planted").header("b", "planted");
        let request = request.json("planted").idempotency_key("planted");
        assert!(!format!("{request:?}").contains("planted"), "{request:?}");
    }
}
