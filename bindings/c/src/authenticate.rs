//! Requests that come in.

use std::ffi::{c_char, c_void};
use std::ptr;

use libatmn::{ApiKey, Credential, Error, IncomingRequest, Verdict, authenticate, refusal};

use crate::error::{atmn_code, atmn_error};
use crate::event::atmn_event;
use crate::guard::{self, null};
use crate::key::{atmn_environment, atmn_kind, environment_number, kind_number, secret};
use crate::options::{self, atmn_options};
use crate::text::from_wire;

/// What a program found out about a credential.
pub type atmn_verdict = i32;
/// Nobody has it, or nobody has it any more.
pub const ATMN_VERDICT_UNKNOWN: atmn_verdict = 0;
/// It is good.
pub const ATMN_VERDICT_VALID: atmn_verdict = 1;
/// It could not be checked, such as because a database does not answer. So does any number that is none.
pub const ATMN_VERDICT_CANNOT_TELL: atmn_verdict = 2;

/// Looks a credential up. `key` is lent until it returns; it is NULL, with `kind` and `environment` 0, for a request of
/// Autumn's dashboard, whose session the program checks by its own means. What is found goes into `user_data`.
pub type atmn_verify_callback = Option<
    extern "C" fn(
        user_data: *mut c_void,
        key: *const c_char,
        kind: atmn_kind,
        environment: atmn_environment,
    ) -> atmn_verdict,
>;

/// For programs that receive requests as Autumn's server does: reads the credential of a request, sees whether it may be
/// used there, and asks `verify`, on this thread. Nothing is accepted without it.
///
/// `path` may have a query. `authorization` is that header, or NULL if there is none; several belong joined by ", ".
/// `client_type` is the header `x-client-type`, or NULL. These four come from strangers: bytes that are no UTF-8 are no
/// failure of the call's, they only match nothing. Of the options, "accepts" and the callback are read: it hears every
/// refusal (`ATMN_EVENT_REQUEST_REFUSED`, for security logs), and what it returns does not matter.
///
/// A refusal is answered with the status of `atmn_error_status` and the JSON of `atmn_error_body`.
///
/// ```c
/// atmn_error *error = NULL;
/// atmn_code code = atmn_authenticate(NULL, "GET", "/v1/customers", "Bearer am_sk_test_example", NULL,
///                                    my_verify, NULL, &error);
/// if (code != ATMN_OK)
///     printf("%d %s\n", (int)atmn_error_status(error), atmn_error_body(error));
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_NO_SECRET_KEY`, `ATMN_NO_PUBLISHABLE_KEY`: there is no such header, or no session;
/// `ATMN_INVALID_AUTH_HEADER`: it is not `Bearer <key>`; `ATMN_INVALID_SECRET_KEY`, `ATMN_INVALID_PUBLISHABLE_KEY`: it
/// is no key, or unknown; `ATMN_ENDPOINT_NOT_PUBLIC`: a publishable key may not be used there;
/// `ATMN_FAILED_TO_VERIFY_SECRET_KEY`, `ATMN_FAILED_TO_VERIFY_PUBLISHABLE_KEY`: it could not be checked.
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
    guard::done(error, || {
        let (accepts, ear) = options::read(options, |options| Ok((options.accepts()?, options.ear())))?;
        let (authorization, client_type) = (from_wire(authorization), from_wire(client_type));
        let request = IncomingRequest {
            method: &from_wire(method).ok_or_else(|| null("method"))?,
            path: &from_wire(path).ok_or_else(|| null("path"))?,
            authorization: authorization.as_deref(),
            client_type: client_type.as_deref(),
            accepts,
        };
        let verify = verify.ok_or_else(|| null("verify"))?;
        let result = authenticate(&request, |credential| {
            verdict(credential, |key, kind, environment| verify(user_data, key, kind, environment))
        });
        let refused = result.as_ref().err().and_then(refusal);
        if let (Some(refused), Some(ear)) = (refused, ear) {
            ear.hears(&atmn_event::from(&refused.event(&request)));
        }
        result
    })
}

fn verdict(
    credential: &Credential,
    verify: impl FnOnce(*const c_char, atmn_kind, atmn_environment) -> atmn_verdict,
) -> Verdict<()> {
    let found = match credential.key() {
        None => verify(ptr::null(), 0, 0),
        Some(key) => ask(key, verify),
    };
    match found {
        ATMN_VERDICT_VALID => Verdict::Valid(()),
        ATMN_VERDICT_UNKNOWN => Verdict::Unknown,
        number => Verdict::CannotTell(Box::new(Error::invalid("verify", format!("The verdict was {number}.")))),
    }
}

fn ask(key: &ApiKey, verify: impl FnOnce(*const c_char, atmn_kind, atmn_environment) -> atmn_verdict) -> atmn_verdict {
    let text = secret(key);
    verify(text.as_ptr(), kind_number(key.kind()), environment_number(key.environment()))
}
