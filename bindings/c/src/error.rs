//! Codes and errors.

use std::error::Error as _;
use std::ffi::{CString, c_char};

use libatmn::__internal::panics::catch_panic;
use libatmn::__internal::text::check_login_command;
use libatmn::{ApiResponse, Error, ErrorCode, EventCode, Reauth, refusal};

use crate::caller::{caller, set_login_command};
use crate::entry::{self, atmn_entry};
use crate::enumeration::{enumeration, name_of};
use crate::null;
use crate::object;
use crate::pointer::{Handle, Owned};
use crate::response::atmn_response;
use crate::text::{as_ptr, lossy, to_c_string};

/// The outcome of a call: `ATMN_OK` or one of the codes below.
///
/// 1–99: arguments and the call itself. 100–199: login. 200–299: keys. 300–399: files. 400–499: network and API.
/// 500–599: refused requests (`atmn_authenticate`). Later releases may add codes.
pub type atmn_code = i32;

/// Success.
pub const ATMN_OK: atmn_code = 0;

/// A failure: what happened, what to do, and the names and values it is about. It never contains a secret.
pub struct atmn_error {
    code: atmn_code,
    message: CString,
    hint: Option<CString>,
    context: Vec<atmn_entry>,
    cause: Option<CString>,
    status: i32,
    body: Option<CString>,
    response: Option<atmn_response>,
    retry_after: i64,
}

impl Handle for atmn_error {
    type Ownership = Owned;
}

enumeration!(ErrorCode);

impl From<Error> for atmn_error {
    fn from(error: Error) -> Self {
        let body = refusal(&error).map(|refusal| to_c_string(&refusal.body()));
        let status = error.context.get("status").and_then(|status| status.parse().ok()).unwrap_or_default();
        let retry_after = error.retry_after().map_or(0, |pause| i64::try_from(pause.as_secs()).unwrap_or(i64::MAX));
        let cause = error.source().map(|cause| to_c_string(&cause.to_string()));
        let Error { code, message, hint, context, cause: _, response } = error.for_caller(&caller());
        Self {
            code: code.number(),
            message: to_c_string(&with_macros(message)),
            hint: hint.map(|hint| to_c_string(&with_macros(hint.to_string()))),
            context: entry::context(&context),
            cause,
            status,
            body,
            response: response.map(|response| ApiResponse::clone(&response).into()),
            retry_after,
        }
    }
}

/// A text with the macros of C in place of the names of events and of values of options.
fn with_macros(text: String) -> String {
    let events = EventCode::ALL.iter().map(|code| ("event ", "ATMN_EVENT_", code.name()));
    let values = Reauth::ALL.iter().map(|value| ("`reauth` is ", "ATMN_REAUTH_", value.name()));
    events.chain(values).fold(text, |text, (before, prefix, name)| {
        text.replace(&format!("{before}`{name}`"), &format!("{before}`{prefix}{}`", name.to_uppercase()))
    })
}

/// Returns the name of a code as the other languages and `atmn --json` show it, such as "key_not_found". Static; "ok"
/// for `ATMN_OK`, "unknown" for a number without a name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_code_name(code: atmn_code) -> *const c_char {
    if code == ATMN_OK { c"ok".as_ptr() } else { name_of::<ErrorCode>(code) }
}

/// Sets the command with which users of your program log in, such as "shop login". Hints of later errors are then for
/// these users: they name it, and no function or option, except with `ATMN_INVALID_ARGUMENT`. The text is copied;
/// NULL, an empty text and a text with control characters reset it. Any thread may call this at any time; most
/// programs call it once, when they start.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_set_login_command(command: *const c_char) {
    let _ = catch_panic(|| set_login_command(login_command(command)));
}

/// The command, if it can be shown in a sentence.
fn login_command(command: *const c_char) -> Option<String> {
    lossy(command).filter(|text| check_login_command(text).is_ok()).map(Into::into)
}

/// Returns the code that the call returned.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_code(error: *const atmn_error) -> atmn_code {
    object::get(error, |error| error.code)
}

/// Returns one sentence that says what happened.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_message(error: *const atmn_error) -> *const c_char {
    object::get(error, |error| error.message.as_ptr())
}

/// Returns what the user can do, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_hint(error: *const atmn_error) -> *const c_char {
    object::get(error, |error| as_ptr(error.hint.as_ref()))
}

/// Returns the number of entries in the context.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_context_count(error: *const atmn_error) -> usize {
    object::count(error, |error| &error.context)
}

/// Returns an entry of the context: "path", "line", "variable", "option", "url", "status", "api_code", "env" and
/// others.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_context_get(error: *const atmn_error, index: usize) -> *const atmn_entry {
    object::item(error, index, |error| &error.context)
}

/// Returns the value of an entry of the context by its name, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_context_find(error: *const atmn_error, name: *const c_char) -> *const c_char {
    entry::find(error, name, |error| &error.context)
}

/// Returns the underlying error in the words of the system, the server or a library, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_cause(error: *const atmn_error) -> *const c_char {
    object::get(error, |error| as_ptr(error.cause.as_ref()))
}

/// Returns the HTTP status that the server sent, or that you should send for a refused request; otherwise 0.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_status(error: *const atmn_error) -> i32 {
    object::get(error, |error| error.status)
}

/// Returns the response to send for a refused request (codes 500 to 599) as JSON, `{"message", "code", "env"}`;
/// otherwise NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_body(error: *const atmn_error) -> *const c_char {
    object::get(error, |error| as_ptr(error.body.as_ref()))
}

/// Returns the whole response if the server answered with a status that is not 2xx, otherwise NULL: read it with
/// `atmn_response_status`, `atmn_response_headers_find` and `atmn_response_body`. It belongs to the error. Where the
/// server repeats a key, the key is masked.
///
/// ```c
/// atmn_client *client = NULL;
/// atmn_request *request = atmn_request_new("GET", "/v1/customers/cus_42");
/// atmn_response *response = NULL;
/// atmn_error *error = NULL;
/// if (atmn_client_new(NULL, &client, &error) == ATMN_OK
///     && atmn_client_request(client, request, NULL, &response, &error) == ATMN_OK)
///     printf("%s\n", atmn_response_body(response, NULL));
/// if (atmn_error_response(error) != NULL)
///     fprintf(stderr, "%s %s: %d %s\n", atmn_error_method(error), atmn_error_url(error),
///             atmn_error_status(error), atmn_response_body(atmn_error_response(error), NULL));
/// if (atmn_error_retry_after(error) > 0)
///     fprintf(stderr, "try again in %d seconds\n", (int)atmn_error_retry_after(error));
/// atmn_error_free(error);
/// atmn_response_free(response);
/// atmn_request_free(request);
/// atmn_client_free(client);
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_response(error: *const atmn_error) -> *const atmn_response {
    object::get(error, |error| null::as_ptr(error.response.as_ref()))
}

/// Returns the method of the failed request, such as "GET", or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_method(error: *const atmn_error) -> *const c_char {
    entry::find(error, c"method".as_ptr(), |error| &error.context)
}

/// Returns the URL of the failed request without its query, or of a login, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_url(error: *const atmn_error) -> *const c_char {
    entry::find(error, c"url".as_ptr(), |error| &error.context)
}

/// Returns the id by which Autumn's support finds the request, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_request_id(error: *const atmn_error) -> *const c_char {
    entry::find(error, c"request_id".as_ptr(), |error| &error.context)
}

/// Returns how many seconds the server asks to wait with `Retry-After`, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_retry_after(error: *const atmn_error) -> i64 {
    object::get(error, |error| error.retry_after)
}

/// Frees an error.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_free(error: *mut atmn_error) {
    object::free(error);
}
