//! Calling the API.

use std::ffi::c_char;

use libatmn::{ApiKey, ApiRequest, blocking};

use crate::call::{ffi_object, ffi_status};
use crate::canceller::{atmn_canceller, cancel_flag};
use crate::error::{atmn_code, atmn_error};
use crate::event::EventCallback;
use crate::null::required;
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned};
use crate::read_options::read;
use crate::request::atmn_request;
use crate::resolve::atmn_resolved_key;
use crate::response::atmn_response;
use crate::text;

/// Calls the API with the active key. Any number of threads may use one client at the same time; they share connections
/// and logins. After `fork`, both processes may use it.
pub struct atmn_client {
    client: blocking::Client,
    callback: EventCallback,
}

impl Handle for atmn_client {
    type Ownership = Owned;
}

impl atmn_client {
    /// The client of the core, and the event callback of its calls.
    pub(crate) fn parts(&self) -> (&blocking::Client, EventCallback) {
        (&self.client, self.callback)
    }
}

/// Makes a client. It reads no key and sends nothing before its first call. The event callback of the options receives
/// the events of all its calls, each on the thread that made the call, unless the request has its own
/// (`atmn_request_set_on_event`). Free it with `atmn_client_free`.
///
/// Codes: `ATMN_INVALID_ARGUMENT`, `ATMN_NOT_UTF8`; `ATMN_SYSTEM_LIMIT`: no thread or file descriptor is left.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_new(
    options: *const atmn_options,
    out: *mut *mut atmn_client,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let (options, callback) = read(options, |options| Ok((options.client()?, options.callback)))?;
        Ok(atmn_client { client: blocking::Client::new(options)?, callback })
    })
}

/// Sends a request. A response with a status from 200 to 299 is the result; free it with `atmn_response_free`. Any
/// other status is an error with `atmn_error_response`, unless `atmn_request_set_any_status` is set. `canceller` may be
/// NULL.
///
/// The client tries a request up to four times within thirty seconds: after failed connections and after the status
/// 429, 502, 503 or 504. It does not repeat a POST or PATCH that may have arrived, unless it has an idempotency key. If
/// the server rejects a secret key, the client resolves the key again, because it may have been replaced. If the key is
/// the same and the option "reauth" allows it, a user logs in, once for all calls that wait, and the request is
/// repeated once.
///
/// ```c
/// atmn_client *client = NULL;
/// atmn_request *request = atmn_request_new("GET", "/v1/customers");
/// atmn_response *response = NULL;
/// atmn_error *error = NULL;
/// atmn_request_add_query(request, "limit", "10");
/// if (atmn_client_new(NULL, &client, &error) == ATMN_OK
///     && atmn_client_request(client, request, NULL, &response, &error) == ATMN_OK)
///     printf("%s\n", atmn_response_body(response, NULL));
/// else
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// atmn_error_free(error);
/// atmn_response_free(response);
/// atmn_request_free(request);
/// atmn_client_free(client);
/// ```
///
/// Codes: as `atmn_resolve_key`, before anything is sent; `ATMN_ENDPOINT_NOT_PUBLIC`: a publishable key cannot make
/// this call, and nothing is sent; `ATMN_INVALID_ARGUMENT`, `ATMN_NOT_UTF8`, `ATMN_NULL_ARGUMENT`: a part of the
/// request; `ATMN_API_ERROR`: another status; `ATMN_UNAUTHORIZED`, or the code from 500 on that the server sent: the
/// key was rejected, also after a login; `ATMN_LOGIN_NEEDED`: a key from `.env` or `.env.local` was rejected, and no
/// login is allowed; `ATMN_ORGANIZATION_CHANGED`; `ATMN_WRONG_ENVIRONMENT`; as `atmn_login`, if the call led to a
/// login; `ATMN_RESOLVE_FAILED`, `ATMN_CONNECT_FAILED`, `ATMN_TLS_FAILED`, `ATMN_PROXY_FAILED`: the request did not
/// arrive; `ATMN_CONNECTION_LOST`, `ATMN_REQUEST_TIMED_OUT`, `ATMN_RESPONSE_TOO_LARGE`, `ATMN_RESPONSE_UNREADABLE`: it
/// may have arrived; `ATMN_CANCELLED`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_request(
    client: *mut atmn_client,
    request: *const atmn_request,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_response,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let client = required(client, "client")?;
        let request = required(request, "request")?;
        let callback = request.callback.unwrap_or(client.callback);
        let (request, cancel) = (ApiRequest::try_from(request)?, cancel_flag(canceller));
        callback.listen(|listener| client.client.request(&request, listener, &cancel)).map(Into::into)
    })
}

/// For programs that send requests with another HTTP library: reports that the server rejected a key, and returns the
/// key to use from now on, which was resolved again or comes from a login, as in `atmn_client_request`. Free it with
/// `atmn_resolved_key_free`. `canceller` may be NULL. If the organization of the rejected key is not known and none is
/// set with `atmn_options_set_organization`, the new key may belong to another one: an event says so, and the program
/// decides what to repeat.
///
/// Codes: `ATMN_MALFORMED_KEY`; `ATMN_WRONG_KEY_KIND`: a publishable key, which no login replaces;
/// `ATMN_UNAUTHORIZED`: a login cannot change the location of the key; `ATMN_LOGIN_NEEDED`,
/// `ATMN_ORGANIZATION_CHANGED`, `ATMN_WRONG_ENVIRONMENT`; as `atmn_login` and `atmn_resolve_key`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_reauthenticate(
    client: *mut atmn_client,
    rejected: *const c_char,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_resolved_key,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let client = required(client, "client")?;
        let rejected = ApiKey::parse(text::required(rejected, "rejected")?)?;
        let cancel = cancel_flag(canceller);
        client
            .callback
            .listen(|listener| client.client.reauthenticate(&rejected, None, listener, &cancel))
            .map(Into::into)
    })
}

/// Submits text that the user pasted for a login in which a call of this client is waiting, as `atmn_attempt_submit`
/// does. Any thread may call this, and so may the event callback.
///
/// Codes: `ATMN_NO_PENDING_LOGIN`: no call is waiting in a login; as `atmn_attempt_submit`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_submit(
    client: *mut atmn_client,
    text: *const c_char,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_status(error, || required(client, "client")?.client.submit(text::required(text, "text")?))
}

/// Frees a client and closes its connections. Do not call it while another thread uses the client.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_free(client: *mut atmn_client) {
    object::free(client);
}
