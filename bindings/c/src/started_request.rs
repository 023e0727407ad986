//! Requests that run while the program waits for something else.

use std::ptr;
use std::sync::{Mutex, MutexGuard, TryLockError};

use libatmn::{ApiRequest, ApiResponse, Cancel, Error, ErrorCode, Result, blocking};

use crate::call::{ffi_object, ffi_status};
use crate::canceller::{atmn_canceller, started_flag};
use crate::client::atmn_client;
use crate::descriptor::fd;
use crate::error::{atmn_code, atmn_error};
use crate::event::{EventCallback, PrintFailure};
use crate::null::{required, required_out};
use crate::object;
use crate::pointer::{Handle, Owned, as_ref, into_raw};
use crate::request::atmn_request;
use crate::response::atmn_response;
use crate::time::longest_wait;

/// A request in progress, on its own thread.
pub struct atmn_started_request {
    cancel: Cancel,
    callback: EventCallback,
    print_failure: PrintFailure,
    fd: i32,
    operation: Mutex<blocking::Operation<ApiResponse>>,
}

impl Handle for atmn_started_request {
    type Ownership = Owned;
}

impl atmn_started_request {
    /// Locks the request. It is busy while another thread polls it, and inside its own event callback.
    fn lock(&self) -> Result<MutexGuard<'_, blocking::Operation<ApiResponse>>> {
        match self.operation.try_lock() {
            Ok(operation) => Ok(operation),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(ErrorCode::Busy, "Another call is already waiting for this request."))
            }
        }
    }
}

/// Starts a request for a program with an event loop, and returns at once. It runs on its own thread, and does
/// what `atmn_client_request` does. The event callback of the request, or else that of the client, receives its events
/// inside `atmn_started_request_poll`. Setting `canceller` (may be NULL) ends it with `ATMN_CANCELLED`. Free it with
/// `atmn_started_request_free`. The client and the request may be freed before. A login continues after
/// `ATMN_EVENT_CALLBACK_RECEIVED` when `atmn_started_request_poll` has delivered the event.
///
/// ```c
/// atmn_client *client = NULL;
/// atmn_request *request = atmn_request_new("GET", "/v1/customers");
/// atmn_started_request *started = NULL;
/// atmn_response *response = NULL;
/// atmn_error *error = NULL;
/// if (atmn_client_new(NULL, &client, &error) == ATMN_OK
///     && atmn_client_start_request(client, request, NULL, &started, &error) == ATMN_OK) {
///     // Or wait for atmn_started_request_fd(started) in an event loop, and poll with 0.
///     while (atmn_started_request_poll(started, 200, &response, &error) == ATMN_OK && response == NULL)
///         continue;
/// }
/// if (error != NULL)
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// atmn_response_free(response);
/// atmn_started_request_free(started);
/// atmn_request_free(request);
/// atmn_client_free(client);
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_INVALID_ARGUMENT`, `ATMN_NOT_UTF8`, `ATMN_NULL_ARGUMENT`: a part of the request, or this thread is
/// ending; `ATMN_SYSTEM_LIMIT`: no thread or file descriptor is left. `atmn_started_request_poll` returns all others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_client_start_request(
    client: *mut atmn_client,
    request: *const atmn_request,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_started_request,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let (client, callback) = required(client, "client")?.parts();
        let request = required(request, "request")?;
        let callback = request.callback.unwrap_or(callback);
        let (request, cancel) = (ApiRequest::try_from(request)?, started_flag(canceller));
        let operation = client.start_request(request, callback.is_set(), &cancel)?;
        let (fd, cancel) = (fd(&operation), operation.cancel_flag());
        let print_failure = PrintFailure::default();
        Ok(atmn_started_request { cancel, callback, print_failure, fd, operation: Mutex::new(operation) })
    })
}

/// Returns a file descriptor for event loops, which is readable as long as `atmn_started_request_poll` would deliver an
/// event or the response; see `atmn_attempt_fd`. Returns -1 on Windows.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_started_request_fd(started_request: *const atmn_started_request) -> i32 {
    as_ref(started_request).map_or(-1, |started_request| started_request.fd)
}

/// Waits for the response for at most `max_ms` milliseconds, and calls the event callback for each event meanwhile; 0
/// only looks. While the request is running, it returns `ATMN_OK` and stores NULL in `*out`. Free the response with
/// `atmn_response_free`.
///
/// Codes: as `atmn_client_request`; `ATMN_BUSY`: another call is waiting for it; `ATMN_INVALID_ARGUMENT`: it ended in
/// an earlier call, `max_ms` is negative, or this is the child of a fork.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_started_request_poll(
    started_request: *mut atmn_started_request,
    max_ms: i64,
    out: *mut *mut atmn_response,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_status(error, || {
        let out = required_out(out, "out")?;
        let started_request = required(started_request, "started_request")?;
        let longest = longest_wait(max_ms)?;
        let mut locked = started_request.lock()?;
        let response = started_request
            .callback
            .listen_again(&started_request.print_failure, |listener| locked.poll(longest, listener))?;
        out.write(response.map_or(ptr::null_mut(), |response| into_raw(response.into())));
        Ok(())
    })
}

/// Cancels the request, as `atmn_canceller_cancel` does. The server may have received it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_started_request_cancel(started_request: *mut atmn_started_request) {
    // Without catching panics, which is not safe in a signal handler: storing a flag and writing a byte cannot panic.
    if let Some(started_request) = as_ref(started_request) {
        started_request.cancel.cancel();
    }
}

/// Cancels the request if it runs, waits for its thread, and frees it. Do not call it while another thread uses the
/// request, or in its event callback.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_started_request_free(started_request: *mut atmn_started_request) {
    object::free(started_request);
}
