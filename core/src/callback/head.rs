//! Parses the head of a request: bytes in, parts or an error out, for any input.
//!
//! This is a parser of our own and not an HTTP server library: a single form of a single method may end a login, so
//! every feature that such a library adds (bodies, chunks, upgrades, keep-alive, pipelines, repaired requests) would need
//! a refusal here. The parser is a pure function that allocates no text, and small enough to fuzz exhaustively.

use crate::config::{CALLBACK_FIELD_LIMIT, CALLBACK_HEAD_LIMIT};

/// A well-formed head. Whether the request is acceptable is decided elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub struct RequestHead<'a> {
    /// The method; case-sensitive (RFC 9110, 9.1).
    pub method: &'a str,
    /// The request target as received: visible ASCII, not decoded.
    pub target: &'a str,
    /// Field names as received, with their values without surrounding whitespace.
    pub fields: Vec<(&'a str, &'a [u8])>,
}

/// Why bytes are not a request head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// Not HTTP, or not as RFC 9112 requires.
    Malformed,
    /// HTTP, but neither 1.0 nor 1.1.
    Version,
    /// Larger than the limit.
    TooLarge,
}

impl<'a> RequestHead<'a> {
    /// All values of a field; names compare without case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Whether the head announces a body, of any length and in any coding.
    #[must_use]
    pub fn announces_body(&self) -> bool {
        self.values("transfer-encoding").next().is_some() || self.values("content-length").any(|value| value != b"0")
    }
}

/// The offset after the empty line that ends the head, if it has arrived. The bytes before `searched` were searched by an
/// earlier call.
#[must_use]
pub fn find_end(bytes: &[u8], searched: usize) -> Option<usize> {
    let from = searched.saturating_sub(3);
    let found = bytes.get(from..)?.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(from + found + 4)
}

/// Parses a head that ends with its empty line.
///
/// # Errors
/// Anything that RFC 9112 does not allow a client to send is refused, and never repaired: two parsers that repair
/// differently see two different requests.
pub fn parse(bytes: &[u8]) -> Result<RequestHead<'_>, HeadError> {
    if bytes.len() > CALLBACK_HEAD_LIMIT {
        return Err(HeadError::TooLarge);
    }
    let lines = bytes.strip_suffix(b"\r\n\r\n").ok_or(HeadError::Malformed)?;
    let mut lines = HeadLines(Some(lines));
    let (method, target) = request_line(lines.next().ok_or(HeadError::Malformed)?)?;
    let mut fields = Vec::new();
    for line in lines {
        if fields.len() == CALLBACK_FIELD_LIMIT {
            return Err(HeadError::TooLarge);
        }
        fields.push(field(line).ok_or(HeadError::Malformed)?);
    }
    Ok(RequestHead { method, target, fields })
}

/// Splits at CRLF. A lone CR or LF stays inside its line, where it is not an allowed character.
struct HeadLines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for HeadLines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        let Some(at) = rest.windows(2).position(|window| window == b"\r\n") else {
            self.0 = None;
            return Some(rest);
        };
        self.0 = rest.get(at + 2..);
        rest.get(..at)
    }
}

/// `METHOD SP target SP version`, with exactly these two spaces.
fn request_line(line: &[u8]) -> Result<(&str, &str), HeadError> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(HeadError::Malformed);
    };
    let method = token(method).ok_or(HeadError::Malformed)?;
    let visible = !target.is_empty() && target.iter().all(u8::is_ascii_graphic);
    let target = if visible { std::str::from_utf8(target).ok() } else { None }.ok_or(HeadError::Malformed)?;
    match version {
        b"HTTP/1.1" | b"HTTP/1.0" => Ok((method, target)),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Err(HeadError::Version)
        }
        _ => Err(HeadError::Malformed),
    }
}

/// `name: value`. A line with a space before the colon, a folded line and a line with control characters are refused.
fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = token(line.get(..colon)?)?;
    let value = trim_whitespace(line.get(colon + 1..)?);
    // Bytes above ASCII are allowed: browsers send the cookies of other programs on localhost, which can hold any text.
    let no_controls = value.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control());
    no_controls.then_some((name, value))
}

fn trim_whitespace(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// A token of RFC 9110, 5.6.2.
fn token(bytes: &[u8]) -> Option<&str> {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let whole = !bytes.is_empty() && bytes.iter().all(allowed);
    if whole { std::str::from_utf8(bytes).ok() } else { None }
}
