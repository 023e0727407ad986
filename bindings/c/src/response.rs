//! Responses of the API.

use std::ffi::c_char;
use std::ptr;

use libatmn::ApiResponse;

use crate::entry::{self, atmn_entry};
use crate::object;
use crate::pointer::{Handle, OutPtr, Owned};

/// A response of the server.
pub struct atmn_response {
    status: u16,
    headers: Vec<atmn_entry>,
    /// The bytes and a NUL after them.
    body: Vec<u8>,
}

impl Handle for atmn_response {
    type Ownership = Owned;
}

impl From<ApiResponse> for atmn_response {
    fn from(response: ApiResponse) -> Self {
        let ApiResponse { status, headers, mut body } = response;
        body.push(0);
        let headers = headers.iter().map(|(name, value)| atmn_entry::new(name, value)).collect();
        Self { status, headers, body }
    }
}

/// Returns the HTTP status.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_status(response: *const atmn_response) -> i32 {
    object::get(response, |response| response.status.into())
}

/// Returns the number of headers.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_headers_count(response: *const atmn_response) -> usize {
    object::count(response, |response| &response.headers)
}

/// Returns a header, with its name in lower case, in the order in which the server sent them. Bytes of a value that are
/// not UTF-8 are U+FFFD.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_headers_get(response: *const atmn_response, index: usize) -> *const atmn_entry {
    object::item(response, index, |response| &response.headers)
}

/// Returns the first value of a header by its name in any case, or NULL. `atmn_response_headers_get` returns all
/// values.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_headers_find(response: *const atmn_response, name: *const c_char) -> *const c_char {
    entry::find(response, name, |response| &response.headers)
}

/// Returns the body after decompression, and stores its length in bytes in `*length` (may be NULL; 0 without a
/// response). A NUL, which the length does not include, follows the last byte.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_body(response: *const atmn_response, length: *mut usize) -> *const c_char {
    if let Some(length) = OutPtr::new(length) {
        length.write(object::get(response, |response| response.body.len() - 1));
    }
    object::get(response, |response| ptr::from_ref(response.body.as_slice()).cast())
}

/// Frees a response.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_free(response: *mut atmn_response) {
    object::free(response);
}
