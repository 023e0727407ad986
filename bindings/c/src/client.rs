//! Calling the API.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use libatmn::{ApiKey, ApiRequest, ApiResponse, blocking};

use crate::canceller::{atmn_canceller, flag};
use crate::error::{atmn_code, atmn_error};
use crate::guard::{self, required};
use crate::options::{self, atmn_options, listening};
use crate::pointer::{self, Ear, Slot};
use crate::request::atmn_request;
use crate::resolve::atmn_resolved_key;
use crate::text::{self, lend, owned};

/// Calls the API with the key in force. Any number of threads may use one at once: they share connections and logins.
/// After a `fork` it works in the child too.
pub struct atmn_client {
    client: blocking::Client,
    ear: Option<Ear>,
}

/// An answer of the server's; its status is 2xx.
pub struct atmn_response {
    status: u16,
    headers: Vec<(CString, CString)>,
    /// With a NUL behind it.
    body: Vec<u8>,
}

impl From<ApiResponse> for atmn_response {
    fn from(response: ApiResponse) -> Self {
        let ApiResponse { status, headers, mut body } = response;
        body.push(0);
        let headers = headers.iter().map(|(name, value)| (owned(name), owned(value))).collect();
        Self { status, headers, body }
    }
}

/// Makes a client. No key is read and nothing is sent before its first call. The options' callback hears the events of
/// all its calls, each on the thread that made the call. Free it with `atmn_client_free`.
///
/// Codes: `ATMN_INVALID_ARGUMENT`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_new(
    options: *const atmn_options,
    out: *mut *mut atmn_client,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let (options, ear) = options::read(options, |options| Ok((options.client()?, options.ear())))?;
        Ok(atmn_client { client: blocking::Client::new(options)?, ear })
    })
}

/// Makes a call and gives its answer, if that is 2xx; any other answer is an error. Free it with `atmn_response_free`.
/// `canceller` may be NULL.
///
/// A request that may be repeated is, up to four times within thirty seconds: after a connection failure and after 429,
/// 502, 503 and 504. A POST or PATCH that may have arrived is repeated only with an idempotency key. A secret key that
/// the server rejects is looked for once more, since it may have been replaced; if it is still the same, and the option
/// "reauth" allows it, a person logs in once for all who wait, and the request is repeated once.
///
/// ```c
/// atmn_client *client = NULL;
/// atmn_request *request = atmn_request_new("GET", "/v1/customers");
/// atmn_response *response = NULL;
/// atmn_error *error = NULL;
/// atmn_request_add_query(request, "limit", "10");
/// if (atmn_client_new(NULL, &client, &error) == ATMN_OK
///     && atmn_client_request(client, request, NULL, &response, &error) == ATMN_OK)
///     puts(atmn_response_body(response, NULL));
/// else
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// atmn_error_free(error);
/// atmn_response_free(response);
/// atmn_request_free(request);
/// atmn_client_free(client);
/// ```
///
/// Codes: as `atmn_resolve_key`, and nothing is sent then; `ATMN_ENDPOINT_NOT_PUBLIC`: a publishable key cannot make
/// this call, and nothing is sent; `ATMN_INVALID_ARGUMENT`, `ATMN_NOT_UTF8`, `ATMN_NULL_ARGUMENT`: a part of the
/// request; `ATMN_API_ERROR`: an answer that is not 2xx (context "status", "api_code", "env", "request_id");
/// `ATMN_UNAUTHORIZED`, or the code from 500 on that the server gave: a 401 that stays; `ATMN_LOGIN_NEEDED`: the key
/// was rejected, and no login is allowed; `ATMN_ORGANIZATION_CHANGED`; `ATMN_WRONG_ENVIRONMENT`; as `atmn_login`, if it
/// came to that; `ATMN_RESOLVE_FAILED`, `ATMN_CONNECT_FAILED`, `ATMN_TLS_FAILED`, `ATMN_PROXY_FAILED`: the request did
/// not arrive; `ATMN_CONNECTION_LOST`, `ATMN_REQUEST_TIMED_OUT`, `ATMN_RESPONSE_TOO_LARGE`, `ATMN_RESPONSE_UNREADABLE`:
/// it may have arrived; `ATMN_CANCELLED`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_request(
    client: *mut atmn_client,
    request: *const atmn_request,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_response,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let client = required(client, "client")?;
        let request = ApiRequest::try_from(required(request, "request")?)?;
        let cancel = flag(canceller);
        listening(client.ear, |listener| client.client.request(&request, listener, &cancel)).map(Into::into)
    })
}

/// For programs that make calls by their own means: says that the server rejected a key, and gives the one to go on
/// with, found or logged in for as in `atmn_client_request`. Free it with `atmn_resolved_key_free`. `canceller` may be
/// NULL.
///
/// Codes: `ATMN_MALFORMED_KEY`; `ATMN_WRONG_KEY_KIND`: a publishable key, which no login replaces; `ATMN_UNAUTHORIZED`:
/// the key comes from a place that a login cannot change; `ATMN_LOGIN_NEEDED`, `ATMN_ORGANIZATION_CHANGED`,
/// `ATMN_WRONG_ENVIRONMENT`, and as `atmn_login` and `atmn_resolve_key`, as in `atmn_client_request`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_reauthenticate(
    client: *mut atmn_client,
    rejected: *const c_char,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_resolved_key,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let client = required(client, "client")?;
        let rejected = ApiKey::parse(text::required(rejected, "rejected")?)?;
        let cancel = flag(canceller);
        let found = listening(client.ear, |listener| client.client.reauthenticate(&rejected, listener, &cancel))?;
        Ok((&found).into())
    })
}

/// Takes what a person pasted for a login that a call of this client waits for, as `atmn_attempt_submit` does. Any
/// thread may, and so may the callback.
///
/// Codes: `ATMN_NO_PENDING_LOGIN`: no call waits for one; as `atmn_attempt_submit`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_submit(
    client: *mut atmn_client,
    pasted: *const c_char,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::done(error, || required(client, "client")?.client.submit(text::required(pasted, "pasted")?))
}

/// Frees a client, and closes its connections. Not while another thread uses it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_free(client: *mut atmn_client) {
    guard::end(client);
}

/// The HTTP status, 200 to 299.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_status(response: *const atmn_response) -> i32 {
    guard::get(response, |response| response.status.into())
}

/// The first value of a header, by its name in any case, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_header(response: *const atmn_response, name: *const c_char) -> *const c_char {
    guard::get(response, |response| {
        let is = |known: &CStr, name: &CStr| known.to_bytes().eq_ignore_ascii_case(name.to_bytes());
        let found = pointer::text(name).and_then(|name| response.headers.iter().find(|(known, _)| is(known, name)));
        lend(found.map(|(_, value)| value))
    })
}

/// How many headers there are.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_header_count(response: *const atmn_response) -> usize {
    guard::get(response, |response| response.headers.len())
}

/// The name of a header in lower case, counted from 0 in the order of their arrival; NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_header_name(response: *const atmn_response, index: usize) -> *const c_char {
    guard::get(response, |response| lend(response.headers.get(index).map(|(name, _)| name)))
}

/// The value of a header, counted from 0; NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_header_value(response: *const atmn_response, index: usize) -> *const c_char {
    guard::get(response, |response| lend(response.headers.get(index).map(|(_, value)| value)))
}

/// The body, decompressed, and how many bytes it has (`length` may be NULL). A NUL follows the last byte and is not
/// counted.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_body(response: *const atmn_response, length: *mut usize) -> *const c_char {
    guard::get(response, |response| {
        if let Some(slot) = Slot::at(length) {
            slot.fill(response.body.len() - 1);
        }
        ptr::from_ref(response.body.as_slice()).cast()
    })
}

/// Frees a response.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_response_free(response: *mut atmn_response) {
    guard::end(response);
}
