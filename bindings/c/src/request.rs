//! Requests to the API.

use std::ffi::{CString, c_char, c_void};

use libatmn::{ApiRequest, Error, Result};

use crate::guard::{self, change, null};
use crate::pointer::{list, text};
use crate::text::utf8;

/// A request, to be made once or several times.
///
/// As with options, nothing here fails: whatever cannot be used is reported by the call that makes the request, with its
/// name in the context "option".
pub struct atmn_request {
    method: Option<CString>,
    path: Option<CString>,
    query: Vec<Pair>,
    headers: Vec<Pair>,
    body: Result<Option<Vec<u8>>>,
    content_type: Option<CString>,
    idempotency_key: Option<CString>,
}

type Pair = (Option<CString>, Option<CString>);

impl TryFrom<&atmn_request> for ApiRequest {
    type Error = Error;

    fn try_from(request: &atmn_request) -> Result<Self> {
        let atmn_request { method, path, query, headers, body, content_type, idempotency_key } = request;
        Ok(Self {
            method: there(method.as_ref(), "method")?,
            path: there(path.as_ref(), "path")?,
            query: pairs(query, "query")?,
            headers: pairs(headers, "headers")?,
            body: body.clone()?,
            content_type: perhaps(content_type.as_ref(), "content_type")?,
            idempotency_key: perhaps(idempotency_key.as_ref(), "idempotency_key")?,
        })
    }
}

fn there(text: Option<&CString>, name: &'static str) -> Result<String> {
    utf8(text.ok_or_else(|| null(name))?, name).map(str::to_owned)
}

fn perhaps(text: Option<&CString>, name: &'static str) -> Result<Option<String>> {
    text.map(|text| utf8(text, name).map(str::to_owned)).transpose()
}

fn pairs(pairs: &[Pair], name: &'static str) -> Result<Vec<(String, String)>> {
    pairs.iter().map(|(left, right)| Ok((there(left.as_ref(), name)?, there(right.as_ref(), name)?))).collect()
}

fn copied(pointer: *const c_char) -> Option<CString> {
    text(pointer).map(CString::from)
}

/// A request without a body. The method is GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; the path begins with a slash,
/// such as "/v1/customers", and may have a query. Free it with `atmn_request_free`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_new(method: *const c_char, path: *const c_char) -> *mut atmn_request {
    guard::new(|| atmn_request {
        method: copied(method),
        path: copied(path),
        query: Vec::new(),
        headers: Vec::new(),
        body: Ok(None),
        content_type: None,
        idempotency_key: None,
    })
}

/// Adds a name and its value to the query; both are encoded on the way.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_add_query(request: *mut atmn_request, name: *const c_char, value: *const c_char) {
    change(request, |request| request.query.push((copied(name), copied(value))));
}

/// Adds a header. Key, server and framing are the client's own, and refused here.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_add_header(request: *mut atmn_request, name: *const c_char, value: *const c_char) {
    change(request, |request| request.headers.push((copied(name), copied(value))));
}

/// Sets the body: `length` bytes, which may be any. NULL with a length of 0 is no body.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_body(request: *mut atmn_request, bytes: *const c_void, length: usize) {
    change(request, |request| request.body = body(bytes, length));
}

/// Says what the body is. Default: "application/json".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_content_type(request: *mut atmn_request, content_type: *const c_char) {
    change(request, |request| request.content_type = copied(content_type));
}

/// Promises that a request which arrives twice counts once: the server counts all that carry the same text as one. It is
/// repeated then, whatever its method.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_idempotency_key(request: *mut atmn_request, key: *const c_char) {
    change(request, |request| request.idempotency_key = copied(key));
}

/// Frees a request.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_free(request: *mut atmn_request) {
    guard::end(request);
}

fn body(bytes: *const c_void, length: usize) -> Result<Option<Vec<u8>>> {
    if bytes.is_null() {
        return if length == 0 { Ok(None) } else { Err(null("body")) };
    }
    let too_long = || Error::invalid("body", "A body cannot be so long.");
    let bytes = list(bytes.cast::<u8>(), length).ok_or_else(too_long)?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(length).map_err(|_| too_long())?;
    copy.extend_from_slice(bytes);
    Ok(Some(copy))
}
