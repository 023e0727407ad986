//! Codes and errors.

use std::error::Error as _;
use std::ffi::{CString, c_char};

use libatmn::{Caller, Error, ErrorCode, Language, refusal};

use crate::guard;
use crate::pointer::lent;
use crate::text::{Context, Name, lend, owned};

/// What a call came to: `ATMN_OK` or one of the codes below.
///
/// 1–99 arguments and the call itself · 100–199 logging in · 200–299 keys · 300–399 files · 400–499 network and API ·
/// 500–599 the answers to requests without a good key. Later releases may answer with further codes.
pub type atmn_code = i32;

/// It worked.
pub const ATMN_OK: atmn_code = 0;

/// A failure: what happened, what to do, and what it is about. It never holds a secret.
pub struct atmn_error {
    code: atmn_code,
    message: CString,
    hint: Option<CString>,
    context: Context,
    cause: Option<CString>,
    status: i32,
    body: Option<CString>,
}

impl From<Error> for atmn_error {
    fn from(error: Error) -> Self {
        let body = refusal(&error).map(|refusal| owned(&refusal.body()));
        let status = error.context.get("status").and_then(|status| status.parse().ok()).unwrap_or_default();
        let cause = error.source().map(|cause| owned(&cause.to_string()));
        let Error { code, message, hint, context, cause: _ } = error.for_caller(&Caller::new(Language::C));
        Self {
            code: code.number(),
            message: owned(&message),
            hint: hint.map(|hint| owned(&hint.to_string())),
            context: Context::new(&context),
            cause,
            status,
            body,
        }
    }
}

static NAMES: [Name; ErrorCode::ALL.len()] = {
    let mut names = [const { Name::new("") }; ErrorCode::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = Name::new(ErrorCode::ALL[index].name());
        index += 1;
    }
    names
};

/// The name of a code, as the other languages and `atmn --json` show it: "key_not_found". Static; "ok" for `ATMN_OK`,
/// "unknown" for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_code_name(code: atmn_code) -> *const c_char {
    if code == ATMN_OK {
        return lent(c"ok");
    }
    let known = ErrorCode::ALL.iter().zip(&NAMES).find(|(known, _)| known.number() == code);
    known.map_or(lent(c"unknown"), |(_, name)| name.lend())
}

/// The code that the call returned.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_code(error: *const atmn_error) -> atmn_code {
    guard::get(error, |error| error.code)
}

/// One sentence on what happened.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_message(error: *const atmn_error) -> *const c_char {
    guard::get(error, |error| error.message.as_ptr())
}

/// What to do about it, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_hint(error: *const atmn_error) -> *const c_char {
    guard::get(error, |error| lend(error.hint.as_ref()))
}

/// What it is about: "path", "line", "variable", "option", "url", "api_code", "env", "request_id" and others; NULL if
/// this error has no such part.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_context(error: *const atmn_error, name: *const c_char) -> *const c_char {
    guard::get(error, |error| error.context.get(name))
}

/// How many parts there are.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_context_count(error: *const atmn_error) -> usize {
    guard::get(error, |error| error.context.count())
}

/// The name of a part, counted from 0; NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_context_name(error: *const atmn_error, index: usize) -> *const c_char {
    guard::get(error, |error| error.context.name(index))
}

/// The reason behind it, in the words of whoever gave it, or NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_cause(error: *const atmn_error) -> *const c_char {
    guard::get(error, |error| lend(error.cause.as_ref()))
}

/// The HTTP status, where there was or should be one; else 0.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_status(error: *const atmn_error) -> i32 {
    guard::get(error, |error| error.status)
}

/// For the codes from 500 to 599, the answer as JSON: `{"message", "code", "env"}`; else NULL.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_body(error: *const atmn_error) -> *const c_char {
    guard::get(error, |error| lend(error.body.as_ref()))
}

/// Frees an error.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_error_free(error: *mut atmn_error) {
    guard::end(error);
}
