//! The head of a request: bytes in, parts or a refusal out. No input is too strange for it, and none makes it wait.
//!
//! A parser of our own, and not an HTTP server library: what may end a login is one narrow form of one method, so all
//! that such a library adds (bodies, chunks, upgrades, kept connections, pipelines, repaired requests) is what has to
//! be kept out here. It is a pure function without allocation for texts, small enough to be fuzzed to the end.

use crate::config::{CALLBACK_FIELD_LIMIT, CALLBACK_HEAD_LIMIT};

/// A well-formed head, without having looked at what it asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// Case-sensitive (RFC 9110, 9.1).
    pub method: &'a str,
    /// As it came: visible ASCII, undecoded.
    pub target: &'a str,
    /// Names as they came, values without the blanks around them.
    pub fields: Vec<(&'a str, &'a [u8])>,
}

/// Why bytes are not a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not HTTP, or not as the standard wants it.
    Malformed,
    /// HTTP, but neither 1.0 nor 1.1.
    Version,
    /// More than is read.
    TooLarge,
}

impl<'a> Head<'a> {
    /// All values of a field; names are compared without case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Whether something follows the head, of whatever length and in whatever coding.
    #[must_use]
    pub fn announces_body(&self) -> bool {
        self.values("transfer-encoding").next().is_some() || self.values("content-length").any(|value| value != b"0")
    }
}

/// Where the head ends (behind its empty line), if it does; the bytes before `searched` were looked at before.
#[must_use]
pub fn end(bytes: &[u8], searched: usize) -> Option<usize> {
    let from = searched.saturating_sub(3);
    let found = bytes.get(from..)?.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(from + found + 4)
}

/// Reads a head that ends with its empty line.
///
/// # Errors
/// Anything but what RFC 9112 lets a client send is refused, and never repaired: two readers that repair differently
/// see two different requests.
pub fn parse(bytes: &[u8]) -> Result<Head<'_>, Fault> {
    if bytes.len() > CALLBACK_HEAD_LIMIT {
        return Err(Fault::TooLarge);
    }
    let lines = bytes.strip_suffix(b"\r\n\r\n").ok_or(Fault::Malformed)?;
    let mut lines = Lines(Some(lines));
    let (method, target) = request_line(lines.next().ok_or(Fault::Malformed)?)?;
    let mut fields = Vec::new();
    for line in lines {
        if fields.len() == CALLBACK_FIELD_LIMIT {
            return Err(Fault::TooLarge);
        }
        fields.push(field(line).ok_or(Fault::Malformed)?);
    }
    Ok(Head { method, target, fields })
}

/// Splits at CRLF. A lone CR or LF stays inside its line, where it is no allowed character.
struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Lines<'a> {
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

/// `METHOD SP target SP version`, with exactly these two blanks.
fn request_line(line: &[u8]) -> Result<(&str, &str), Fault> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Fault::Malformed);
    };
    let method = token(method).ok_or(Fault::Malformed)?;
    let visible = !target.is_empty() && target.iter().all(u8::is_ascii_graphic);
    let target = if visible { std::str::from_utf8(target).ok() } else { None }.ok_or(Fault::Malformed)?;
    match version {
        b"HTTP/1.1" | b"HTTP/1.0" => Ok((method, target)),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Err(Fault::Version)
        }
        _ => Err(Fault::Malformed),
    }
}

/// `name: value`. A blank before the colon, a folded line and control characters are not fields.
fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = token(line.get(..colon)?)?;
    let value = trimmed(line.get(colon + 1..)?);
    // Beyond ASCII is allowed: cookies of other programs on this machine come along, and some hold any text.
    let plain = value.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control());
    plain.then_some((name, value))
}

fn trimmed(mut value: &[u8]) -> &[u8] {
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
