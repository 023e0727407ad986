//! Keys.

use std::ffi::{CString, c_char};

use libatmn::{ApiKey, Environment, Kind, classify_key};
use zeroize::Zeroizing;

use crate::call::ffi_status;
use crate::enumeration::{Enumeration, enumeration, name_of};
use crate::error::{atmn_code, atmn_error};
use crate::null::required_out;
use crate::object;
use crate::pointer::{Handle, Lent};
use crate::text::{self, to_c_string};

/// What a key allows.
pub type atmn_kind = i32;
/// `am_sk_…`: everything. It belongs on servers only.
pub const ATMN_KIND_SECRET: atmn_kind = 1;
/// `am_pk_…`: four endpoints. It may be public.
pub const ATMN_KIND_PUBLISHABLE: atmn_kind = 2;

/// The data to which a key belongs.
pub type atmn_environment = i32;
/// `…_test_…`: data for development and tests.
pub const ATMN_ENVIRONMENT_SANDBOX: atmn_environment = 1;
/// `…_live_…`: data of real customers.
pub const ATMN_ENVIRONMENT_LIVE: atmn_environment = 2;

/// A key. Always lent.
pub struct atmn_key {
    text: Zeroizing<CString>,
    masked: CString,
    kind: atmn_kind,
    environment: atmn_environment,
}

impl Handle for atmn_key {
    type Ownership = Lent;
}

enumeration!(Kind { Secret = ATMN_KIND_SECRET, Publishable = ATMN_KIND_PUBLISHABLE });
enumeration!(Environment { Sandbox = ATMN_ENVIRONMENT_SANDBOX, Live = ATMN_ENVIRONMENT_LIVE });

impl From<&ApiKey> for atmn_key {
    fn from(key: &ApiKey) -> Self {
        Self {
            text: key_text(key),
            masked: to_c_string(&key.to_string()),
            kind: key.kind().number(),
            environment: key.environment().number(),
        }
    }
}

/// The text of a key for C, overwritten when it is dropped.
pub(crate) fn key_text(key: &ApiKey) -> Zeroizing<CString> {
    Zeroizing::new(CString::new(key.reveal()).unwrap_or_default())
}

/// Returns the name of a kind: "secret" or "publishable". Static; "unknown" for a number without a name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_kind_name(kind: atmn_kind) -> *const c_char {
    name_of::<Kind>(kind)
}

/// Returns the name of an environment: "sandbox" or "live". Static; "unknown" for a number without a name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_environment_name(environment: atmn_environment) -> *const c_char {
    name_of::<Environment>(environment)
}

/// Reads kind and environment from the text of a key. For any other text the call succeeds and stores 0 in both.
///
/// A key is one of the prefixes `am_sk_test_`, `am_sk_live_`, `am_pk_test_` and `am_pk_live_`, followed by 1 to 256
/// characters of `[A-Za-z0-9_-]`, and nothing else.
///
/// ```c
/// atmn_kind kind;
/// atmn_environment environment;
/// if (atmn_classify_key("am_pk_live_0123456789ab", &kind, &environment, NULL) == ATMN_OK && kind != 0)
///     printf("%s %s\n", atmn_kind_name(kind), atmn_environment_name(environment));
/// else
///     fprintf(stderr, "not a key\n");
/// ```
///
/// Codes: `ATMN_NULL_ARGUMENT`, `ATMN_NOT_UTF8`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_classify_key(
    text: *const c_char,
    kind: *mut atmn_kind,
    environment: *mut atmn_environment,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_status(error, || {
        let kind = required_out(kind, "kind")?;
        let environment = required_out(environment, "environment")?;
        let class = classify_key(text::required(text, "text")?);
        kind.write(class.map_or(0, |class| class.kind.number()));
        environment.write(class.map_or(0, |class| class.environment.number()));
        Ok(())
    })
}

/// Returns the SECRET TEXT of a key. Do not print or log it. It is overwritten when the object that lends the key is
/// freed.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_reveal(key: *const atmn_key) -> *const c_char {
    object::get(key, |key| key.text.as_ptr())
}

/// Returns the key as it may be shown: "am_sk_test_…a1b2".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_masked(key: *const atmn_key) -> *const c_char {
    object::get(key, |key| key.masked.as_ptr())
}

/// Returns what the key allows.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_kind(key: *const atmn_key) -> atmn_kind {
    object::get(key, |key| key.kind)
}

/// Returns the environment of the key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_environment(key: *const atmn_key) -> atmn_environment {
    object::get(key, |key| key.environment)
}
