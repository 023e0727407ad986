//! Authenticating requests to your own server.

use std::ffi::{c_char, c_void};
use std::ptr;

use libatmn::{ApiKey, Credential, Error, IncomingRequest, Verdict, authenticate, refusal};

use crate::call::ffi_status;
use crate::calling_thread::in_callback;
use crate::enumeration::Enumeration;
use crate::error::{atmn_code, atmn_error};
use crate::key::{atmn_environment, atmn_kind, key_text};
use crate::null::null_argument;
use crate::options::atmn_options;
use crate::pointer::UserData;
use crate::read_options::read;
use crate::text::lossy;

/// What your `verify` callback found.
pub type atmn_verdict = i32;
/// The credential does not exist, or is no longer valid.
pub const ATMN_VERDICT_UNKNOWN: atmn_verdict = 0;
/// The credential is valid.
pub const ATMN_VERDICT_VALID: atmn_verdict = 1;
/// The credential could not be checked, for example because the database is down. Any other number means the same.
pub const ATMN_VERDICT_CANNOT_TELL: atmn_verdict = 2;

/// Looks a key up in your database. `key` is lent until the callback returns. Store what you find through `user_data`.
///
/// If the option "accept_dashboard" is set, `key` is NULL, and `kind` and `environment` are 0, for a request of
/// Autumn's dashboard: check its session, such as a cookie, yourself.
///
/// ```c
/// static atmn_verdict my_verify(void *user_data, const char *key, atmn_kind kind, atmn_environment environment)
/// {
///     (void)user_data, (void)kind, (void)environment;
///     if (key == NULL) // a dashboard request; this program has no sessions
///         return ATMN_VERDICT_UNKNOWN;
///     return strcmp(key, "am_sk_test_known") == 0 ? ATMN_VERDICT_VALID : ATMN_VERDICT_UNKNOWN;
/// }
/// ```
pub type atmn_verify_callback = Option<
    extern "C" fn(
        user_data: *mut c_void,
        key: *const c_char,
        kind: atmn_kind,
        environment: atmn_environment,
    ) -> atmn_verdict,
>;

/// For servers that receive requests as Autumn's API does: reads the credential of a request, checks whether it may be
/// used for this endpoint, and calls `verify` on this thread. It accepts a request only if `verify` says so.
///
/// `path` may have a query. `authorization` is the header of that name, or NULL if there is none; join several with ",
/// ". `client_type` is the header `x-client-type`, or NULL. These four come from the network: they need not be UTF-8,
/// and other bytes match nothing. The options "accepts", "accept_dashboard" and the event callback are read. The
/// callback receives each refusal (`ATMN_EVENT_REQUEST_REFUSED`, for a security log); its return value is ignored.
///
/// Answer a refused request with the status of `atmn_error_status` and the JSON of `atmn_error_body`. With `my_verify`
/// from above:
///
/// ```c
/// atmn_error *error = NULL;
/// atmn_code code = atmn_authenticate(NULL, "GET", "/v1/customers", "Bearer am_sk_test_other", NULL,
///                                    my_verify, NULL, &error);
/// if (code == ATMN_OK)
///     printf("200\n");
/// else if (atmn_error_body(error) != NULL)
///     printf("%d %s\n", (int)atmn_error_status(error), atmn_error_body(error));
/// else
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_NO_SECRET_KEY`, `ATMN_NO_PUBLISHABLE_KEY`: there is no such header, or no valid session;
/// `ATMN_INVALID_AUTH_HEADER`: the header is not `Bearer <key>`; `ATMN_INVALID_SECRET_KEY`,
/// `ATMN_INVALID_PUBLISHABLE_KEY`: not a key, or unknown; `ATMN_ENDPOINT_NOT_PUBLIC`: publishable keys are not allowed
/// here; `ATMN_FAILED_TO_VERIFY_SECRET_KEY`, `ATMN_FAILED_TO_VERIFY_PUBLISHABLE_KEY`: it could not be checked;
/// `ATMN_NULL_ARGUMENT`: `method`, `path` or `verify`; `ATMN_INVALID_ARGUMENT`: an option. The last two are mistakes in
/// your program and have no `atmn_error_body`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_authenticate(
    options: *const atmn_options,
    method: *const c_char,
    path: *const c_char,
    authorization: *const c_char,
    client_type: *const c_char,
    verify: atmn_verify_callback,
    user_data: *mut c_void,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_status(error, || {
        let (accepts, accept_dashboard, callback) =
            read(options, |options| Ok((options.accepts()?, options.accept_dashboard, options.callback)))?;
        let authorization = lossy(authorization);
        // Any client can send this header, and most verifiers expect a key.
        let client_type = lossy(client_type).filter(|_| accept_dashboard);
        let request = IncomingRequest {
            method: &lossy(method).ok_or_else(|| null_argument("method"))?,
            path: &lossy(path).ok_or_else(|| null_argument("path"))?,
            authorization: authorization.as_deref(),
            client_type: client_type.as_deref(),
            accepts,
        };
        let verify = VerifyCallback::new(verify, user_data).ok_or_else(|| null_argument("verify"))?;
        let result = authenticate(&request, |credential| verify.verdict(credential));
        if let Some(refused) = result.as_ref().err().and_then(refusal) {
            let _ = callback.send(&refused.event(&request));
        }
        result
    })
}

/// The function that looks keys up.
struct VerifyCallback {
    function: extern "C" fn(*mut c_void, *const c_char, atmn_kind, atmn_environment) -> atmn_verdict,
    user_data: UserData,
}

impl VerifyCallback {
    fn new(function: atmn_verify_callback, user_data: *mut c_void) -> Option<Self> {
        function.map(|function| Self { function, user_data: UserData::new(user_data) })
    }

    fn verdict(&self, credential: &Credential) -> Verdict<()> {
        let verdict = match credential.key() {
            None => in_callback(|| (self.function)(self.user_data.as_ptr(), ptr::null(), 0, 0)),
            Some(key) => self.key_verdict(key),
        };
        match verdict {
            ATMN_VERDICT_VALID => Verdict::Valid(()),
            ATMN_VERDICT_UNKNOWN => Verdict::Unknown,
            number => Verdict::CannotTell(Box::new(Error::invalid("verify", format!("`verify` returned {number}.")))),
        }
    }

    fn key_verdict(&self, key: &ApiKey) -> atmn_verdict {
        let text = key_text(key);
        let (kind, environment) = (key.kind().number(), key.environment().number());
        in_callback(|| (self.function)(self.user_data.as_ptr(), text.as_ptr(), kind, environment))
    }
}
