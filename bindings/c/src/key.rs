//! Keys.

use std::ffi::{CString, c_char};

use libatmn::{ApiKey, Environment, Kind, Result, classify_key};
use zeroize::Zeroizing;

use crate::error::{atmn_code, atmn_error};
use crate::guard::{self, null};
use crate::pointer::Slot;
use crate::text::{Name, name_of, owned, required};

/// What a key may do.
pub type atmn_kind = i32;
/// `am_sk_…`: everything, from a server.
pub const ATMN_KIND_SECRET: atmn_kind = 1;
/// `am_pk_…`: four endpoints, from anywhere.
pub const ATMN_KIND_PUBLISHABLE: atmn_kind = 2;

/// Which data a key reaches.
pub type atmn_environment = i32;
/// `…_test_…`: for development and testing.
pub const ATMN_ENVIRONMENT_SANDBOX: atmn_environment = 1;
/// `…_live_…`: real customers.
pub const ATMN_ENVIRONMENT_LIVE: atmn_environment = 2;

/// A key. Always lent.
pub struct atmn_key {
    text: Zeroizing<CString>,
    masked: CString,
    kind: atmn_kind,
    environment: atmn_environment,
}

impl From<&ApiKey> for atmn_key {
    fn from(key: &ApiKey) -> Self {
        Self {
            text: secret(key),
            masked: owned(&key.to_string()),
            kind: kind_number(key.kind()),
            environment: environment_number(key.environment()),
        }
    }
}

/// The text of a key for C, wiped when it is dropped.
pub(crate) fn secret(key: &ApiKey) -> Zeroizing<CString> {
    Zeroizing::new(CString::new(key.reveal()).unwrap_or_default())
}

pub(crate) fn kind_number(kind: Kind) -> atmn_kind {
    match kind {
        Kind::Secret => ATMN_KIND_SECRET,
        Kind::Publishable => ATMN_KIND_PUBLISHABLE,
    }
}

pub(crate) fn environment_number(environment: Environment) -> atmn_environment {
    match environment {
        Environment::Sandbox => ATMN_ENVIRONMENT_SANDBOX,
        Environment::Live => ATMN_ENVIRONMENT_LIVE,
    }
}

pub(crate) fn environment(number: atmn_environment) -> Result<Option<Environment>> {
    match number {
        0 => Ok(None),
        ATMN_ENVIRONMENT_SANDBOX => Ok(Some(Environment::Sandbox)),
        ATMN_ENVIRONMENT_LIVE => Ok(Some(Environment::Live)),
        number => Environment::parse(&number.to_string()).map(Some),
    }
}

static KINDS: [Name; 2] = [Name::new(Kind::Secret.name()), Name::new(Kind::Publishable.name())];
static ENVIRONMENTS: [Name; 2] = [Name::new(Environment::Sandbox.name()), Name::new(Environment::Live.name())];

/// The name of a kind: "secret", "publishable". Static; "unknown" for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_kind_name(kind: atmn_kind) -> *const c_char {
    name_of(&KINDS, kind)
}

/// The name of an environment: "sandbox", "live". Static; "unknown" for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_environment_name(environment: atmn_environment) -> *const c_char {
    name_of(&ENVIRONMENTS, environment)
}

/// Tells kind and environment of a key from its text alone. A text that is no key is no failure: both are 0.
///
/// A key is one of the four prefixes (`am_sk_test_`, `am_sk_live_`, `am_pk_test_`, `am_pk_live_`) and 1 to 256
/// characters of `[A-Za-z0-9_-]`, nothing before, nothing behind.
///
/// ```c
/// atmn_kind kind;
/// atmn_environment environment;
/// if (atmn_classify_key("am_pk_live_example", &kind, &environment, NULL) == ATMN_OK && kind != 0) {
///     printf("%s %s\n", atmn_kind_name(kind), atmn_environment_name(environment));
/// }
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
    guard::done(error, || {
        let kind = Slot::at(kind).ok_or_else(|| null("kind"))?;
        let environment = Slot::at(environment).ok_or_else(|| null("environment"))?;
        let class = classify_key(required(text, "text")?);
        kind.fill(class.map_or(0, |class| kind_number(class.kind)));
        environment.fill(class.map_or(0, |class| environment_number(class.environment)));
        Ok(())
    })
}

/// THE SECRET ITSELF: whoever asks for it takes over the duty not to print it. It is overwritten when its owner is
/// freed.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_reveal(key: *const atmn_key) -> *const c_char {
    guard::get(key, |key| key.text.as_ptr())
}

/// For people: "am_sk_test_…a1b2".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_masked(key: *const atmn_key) -> *const c_char {
    guard::get(key, |key| key.masked.as_ptr())
}

/// What it may do.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_kind(key: *const atmn_key) -> atmn_kind {
    guard::get(key, |key| key.kind)
}

/// Which data it reaches.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_key_environment(key: *const atmn_key) -> atmn_environment {
    guard::get(key, |key| key.environment)
}
