//! A response of the server.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

/// A response of any status. `Debug` shows the status and the size; headers and body may hold tokens.
#[derive(Clone)]
pub struct ApiResponse {
    /// The status code.
    pub status: u16,
    /// Names in lower case and their values, in the order of arrival. A name may occur several times. Bytes of a value
    /// that are not UTF-8 are U+FFFD.
    pub headers: Vec<(String, String)>,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl ApiResponse {
    /// The first value of a header, by its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }

    /// All values of a header, by its name in any case, in the order of arrival.
    ///
    /// ```
    /// let headers = vec![("set-cookie".to_owned(), "a=1".to_owned()), ("set-cookie".to_owned(), "b=2".to_owned())];
    /// let response = libatmn::ApiResponse { status: 200, headers, body: Vec::new() };
    /// assert_eq!(response.header_values("Set-Cookie"), ["a=1", "b=2"]);
    /// ```
    #[must_use]
    pub fn header_values(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        headers.map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body, parsed as JSON.
    ///
    /// # Errors
    /// The body is not JSON.
    pub fn json(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::from_slice(&self.body)
    }

    /// The pause that the server asks for with `Retry-After`, whether in seconds or as a date.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header("retry-after")?, self.header("date"), SystemTime::now())
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for ApiResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ApiResponse")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The pause that the server asks for: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). A date counts from the
/// response's own `Date`, so that a wrong local clock has no effect; an invalid value counts as absent.
#[must_use]
pub(crate) fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit exceeds every limit anyway.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    Some(until.duration_since(now).unwrap_or_default())
}
