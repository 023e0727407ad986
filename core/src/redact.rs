//! Masks the secrets that a response repeats, so that an error can carry the response.

use memchr::memmem;
use serde_json::Value;

use crate::response::ApiResponse;
use crate::text::{SECRET_PREFIXES, contains_secret};

/// What stands in the place of a secret.
const MASK: &str = "\u{2026}";
/// The length of `am_sk_test_`. No longer text with such a prefix is harmless.
const PREFIX_LENGTH: usize = 11;

/// The response without these secrets, and without Autumn's keys and tokens. Nothing else is changed.
pub(crate) fn redacted(response: &ApiResponse, secrets: &[&str]) -> ApiResponse {
    let ApiResponse { status, headers, body } = response;
    let text = |text: &String| String::from_utf8_lossy(&masked(text.as_bytes(), secrets)).into_owned();
    ApiResponse {
        status: *status,
        headers: headers.iter().map(|(name, value)| (text(name), text(value))).collect(),
        body: without_escaped(masked(body, secrets), secrets),
    }
}

/// A text without Autumn's keys and tokens: of each, only the prefix stays, as in `am_sk_…`. The escapes of JSON hide
/// none.
#[must_use]
pub fn mask_secrets(text: &str) -> String {
    String::from_utf8_lossy(&without_escaped(masked(text.as_bytes(), &[]), &[])).into_owned()
}

/// The bytes with each secret replaced.
fn masked(bytes: &[u8], secrets: &[&str]) -> Vec<u8> {
    let mut masked = bytes.to_vec();
    for secret in secrets.iter().filter(|secret| !secret.is_empty() && !has_prefix(secret)) {
        masked = replaced(&masked, secret.as_bytes(), MASK, |_| secret.len());
    }
    for prefix in SECRET_PREFIXES {
        let mask = format!("{prefix}{MASK}");
        masked = replaced(&masked, prefix.as_bytes(), &mask, |rest| {
            let length = rest.iter().take_while(|byte| is_token(**byte)).count();
            if length > PREFIX_LENGTH { length } else { 0 }
        });
    }
    masked
}

/// The bytes with each occurrence of `wanted` replaced; `length` says how many bytes from there on belong to it, or 0.
fn replaced(bytes: &[u8], wanted: &[u8], mask: &str, length: impl Fn(&[u8]) -> usize) -> Vec<u8> {
    let (mut copy, mut copied) = (Vec::with_capacity(bytes.len()), 0);
    for at in memmem::find_iter(bytes, wanted) {
        let found = if at < copied { 0 } else { length(&bytes[at..]) };
        if found > 0 {
            copy.extend_from_slice(&bytes[copied..at]);
            copy.extend_from_slice(mask.as_bytes());
            copied = at + found;
        }
    }
    copy.extend_from_slice(&bytes[copied..]);
    copy
}

fn has_prefix(secret: &str) -> bool {
    SECRET_PREFIXES.iter().any(|prefix| secret.starts_with(prefix)) && secret.bytes().all(is_token)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The body; if a secret hides behind the escapes of JSON, such as `\\u0061`, it is written anew without them.
fn without_escaped(body: Vec<u8>, secrets: &[&str]) -> Vec<u8> {
    if memmem::find(&body, b"\\u").is_none() {
        return body;
    }
    match serde_json::from_slice::<Value>(&body) {
        Ok(value) if contains_secret(&strings(&value), secrets) => masked(value.to_string().as_bytes(), secrets),
        Ok(_) | Err(_) => body,
    }
}

/// All names and texts of a value, in lines.
fn strings(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(strings).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| format!("{name}\n{}", strings(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "am_sk_test_planted0123456789";

    fn body(body: &str, secrets: &[&str]) -> String {
        let headers = vec![("x-key".to_owned(), format!("Bearer {KEY}")), ("x".to_owned(), "y".to_owned())];
        let response = ApiResponse { status: 400, headers, body: body.as_bytes().to_vec() };
        let redacted = redacted(&response, secrets);
        assert_eq!((redacted.header("X-Key"), redacted.header("x")), (Some("Bearer am_sk_\u{2026}"), Some("y")));
        String::from_utf8(redacted.body).unwrap()
    }

    #[test]
    fn key_and_token_are_masked_and_all_else_stays() {
        assert_eq!(body(&format!("\u{fe}<{KEY}>,{KEY}.\r\n"), &[KEY]), "\u{fe}<am_sk_\u{2026}>,am_sk_\u{2026}.\r\n");
        assert_eq!(body("a t0ken-planted b am_oauth_xyz123", &["t0ken-planted"]), "a \u{2026} b am_oauth_\u{2026}");
        assert_eq!(body(&format!("{KEY}{KEY}"), &[]), "am_sk_\u{2026}");
        for harmless in ["", "Keys start with am_sk_test_ or am_pk_.", "{\"a\": 1.50, \"b\":\"\\u00e9\"}"] {
            assert_eq!(body(harmless, &["", KEY]), harmless);
        }
    }

    #[test]
    fn text_has_no_key_and_no_token() {
        let key = |before: &str| mask_secrets(&format!("{before}{KEY}"));
        assert_eq!(key("?q=%20"), "?q=%20am_sk_\u{2026}");
        assert_eq!(key("\"line\\n"), "\"line\\nam_sk_\u{2026}");
        assert_eq!(mask_secrets("x_am_jwt_planted.am_oauth_planted"), "x_am_jwt_\u{2026}.am_oauth_\u{2026}");
        assert_eq!(mask_secrets(&format!("[\"\\u0061{}\"]", &KEY[1..])), "[\"am_sk_\u{2026}\"]");
        assert_eq!(mask_secrets("harmless \\u0061"), "harmless \\u0061");
    }

    #[test]
    fn escapes_of_json_hide_no_key() {
        let hidden = format!("{{\"key\":[\"\\u0061{}\"]}}", &KEY[1..]);
        assert_eq!(body(&hidden, &[KEY]), "{\"key\":[\"am_sk_\u{2026}\"]}");
        assert!(!body(&format!("{{\"\\u0061{}\":1}}", &KEY[1..]), &[KEY]).contains("planted"));
    }
}
