//! Requests to the API.

use std::ffi::{CString, c_char, c_void};

use libatmn::{ApiRequest, Error, Result};

use crate::event::{EventCallback, atmn_event_callback};
use crate::null::null_argument;
use crate::object::{self, change};
use crate::pointer::{Handle, Owned, slice};
use crate::read_options::retries;
use crate::text::{copied, optional_utf8, utf8};
use crate::time::duration;

/// A request, which can be sent any number of times.
///
/// As with options, no setter fails: `atmn_client_request` reports a value that cannot be used, with the name of the
/// parameter as "option" in the context.
pub struct atmn_request {
    method: Option<CString>,
    path: Option<CString>,
    query: Vec<Pair>,
    headers: Vec<Pair>,
    body: Result<Option<Vec<u8>>>,
    content_type: Option<CString>,
    idempotency_key: Option<CString>,
    /// In place of the callback of the client.
    pub(crate) callback: Option<EventCallback>,
    timeout_ms: Option<i64>,
    retries: Option<i32>,
    any_status: bool,
}

impl Handle for atmn_request {
    type Ownership = Owned;
}

/// A name and its value as the program passed them.
struct Pair {
    name: Option<CString>,
    value: Option<CString>,
}

impl Pair {
    fn new(name: *const c_char, value: *const c_char) -> Self {
        Self { name: copied(name), value: copied(value) }
    }

    fn read(&self) -> Result<(String, String)> {
        Ok((required_copy(self.name.as_ref(), "name")?, required_copy(self.value.as_ref(), "value")?))
    }
}

impl TryFrom<&atmn_request> for ApiRequest {
    type Error = Error;

    fn try_from(request: &atmn_request) -> Result<Self> {
        let atmn_request {
            method,
            path,
            query,
            headers,
            body,
            content_type,
            idempotency_key,
            timeout_ms,
            retries: given_retries,
            any_status,
            callback: _,
        } = request;
        Ok(Self {
            method: required_copy(method.as_ref(), "method")?,
            path: required_copy(path.as_ref(), "path")?,
            query: query.iter().map(Pair::read).collect::<Result<_>>()?,
            headers: headers.iter().map(Pair::read).collect::<Result<_>>()?,
            body: body.clone()?,
            content_type: optional_utf8(content_type.as_ref(), "content_type")?.map(str::to_owned),
            idempotency_key: optional_utf8(idempotency_key.as_ref(), "idempotency_key")?.map(str::to_owned),
            timeout: timeout_ms.map(|given| duration(given, "timeout")).transpose()?,
            retries: retries(*given_retries)?,
            any_status: *any_status,
            host: None,
        })
    }
}

fn required_copy(text: Option<&CString>, name: &'static str) -> Result<String> {
    utf8(text.ok_or_else(|| null_argument(name))?, name).map(str::to_owned)
}

/// Makes a request without a body. `method` is GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS; `path` starts with a
/// slash, such as "/v1/customers", and may have a query. Free it with `atmn_request_free`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_new(method: *const c_char, path: *const c_char) -> *mut atmn_request {
    object::new(|| atmn_request {
        method: copied(method),
        path: copied(path),
        query: Vec::new(),
        headers: Vec::new(),
        body: Ok(None),
        content_type: None,
        idempotency_key: None,
        callback: None,
        timeout_ms: None,
        retries: None,
        any_status: false,
    })
}

/// Adds a parameter to the query. The library encodes name and value.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_add_query(request: *mut atmn_request, name: *const c_char, value: *const c_char) {
    change(request, |request| request.query.push(Pair::new(name, value)));
}

/// Adds a header. The client itself sets `Authorization`, `Host` and the headers for framing, so these are refused.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_add_header(request: *mut atmn_request, name: *const c_char, value: *const c_char) {
    change(request, |request| request.headers.push(Pair::new(name, value)));
}

/// Sets the body: `length` bytes of any value. NULL with a length of 0 means no body.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_body(request: *mut atmn_request, body: *const c_void, length: usize) {
    change(request, |request| request.body = copied_body(body, length));
}

/// Sets the media type of the body. Default: "application/json".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_content_type(request: *mut atmn_request, content_type: *const c_char) {
    change(request, |request| request.content_type = copied(content_type));
}

/// Makes retries safe: the server runs requests with the same key only once. With it, the client retries requests of
/// any method.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_idempotency_key(request: *mut atmn_request, idempotency_key: *const c_char) {
    change(request, |request| request.idempotency_key = copied(idempotency_key));
}

/// Sets the time limit of each try of this request, in milliseconds. Default: the option "timeout_ms" of the client.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_timeout_ms(request: *mut atmn_request, timeout_ms: i64) {
    change(request, |request| request.timeout_ms = Some(timeout_ms));
}

/// Sets how many times this request is retried at most; 0 turns retries off. Default: the option "retries" of the
/// client.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_retries(request: *mut atmn_request, retries: i32) {
    change(request, |request| request.retries = Some(retries));
}

/// Sets whether a response of any status is a result, and not an error if its status is not from 200 to 299. Retries
/// and logins happen as usual before. Default: 0.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_any_status(request: *mut atmn_request, any_status: i32) {
    change(request, |request| request.any_status = any_status != 0);
}

/// Sets the callback for the events of this request, and the `user_data` that it receives, in place of those of the
/// client. With it, threads that share a client know whose event they receive. NULL restores the callback of the
/// client.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_set_on_event(
    request: *mut atmn_request,
    callback: atmn_event_callback,
    user_data: *mut c_void,
) {
    change(request, |request| request.callback = callback.map(|_| EventCallback::new(callback, user_data)));
}

/// Frees a request.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_request_free(request: *mut atmn_request) {
    object::free(request);
}

fn copied_body(body: *const c_void, length: usize) -> Result<Option<Vec<u8>>> {
    if body.is_null() {
        return if length == 0 { Ok(None) } else { Err(null_argument("body")) };
    }
    let too_long = || Error::invalid("length", format!("`length` must be at most {}.", isize::MAX));
    let no_memory = |_| Error::invalid("length", "There is not enough memory for a body of `length` bytes.");
    let bytes = slice(body.cast::<u8>(), length).ok_or_else(too_long)?;
    let mut copy = Vec::new();
    copy.try_reserve_exact(length).map_err(no_memory)?;
    copy.extend_from_slice(bytes);
    Ok(Some(copy))
}
