//! Checking what a login and a call need on this machine.

use std::ffi::{CString, c_char};

use libatmn::{Check, CheckOutcome, Diagnosis, blocking};

use crate::call::ffi_object;
use crate::caller::caller;
use crate::canceller::{atmn_canceller, cancel_flag};
use crate::enumeration::{Enumeration, enumeration, name_of};
use crate::error::{atmn_code, atmn_error};
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Lent, Owned};
use crate::read_options::read;
use crate::text::{as_ptr, to_c_string};

/// The result of a check.
pub type atmn_check_result = i32;
/// Nothing is wrong.
pub const ATMN_CHECK_OUTCOME_OK: atmn_check_result = 1;
/// A login or a call works, or works in part; the user may want to change something.
pub const ATMN_CHECK_OUTCOME_WARNING: atmn_check_result = 2;
/// A login or a call fails until the user changes something.
pub const ATMN_CHECK_OUTCOME_FAILED: atmn_check_result = 3;

/// One check of a diagnosis. Always lent.
pub struct atmn_check {
    subject: CString,
    outcome: atmn_check_result,
    message: CString,
    hint: Option<CString>,
}

/// What `atmn_diagnose` found.
pub struct atmn_diagnosis(Vec<atmn_check>);

impl Handle for atmn_check {
    type Ownership = Lent;
}

impl Handle for atmn_diagnosis {
    type Ownership = Owned;
}

enumeration!(CheckOutcome {
    Ok = ATMN_CHECK_OUTCOME_OK,
    Warning = ATMN_CHECK_OUTCOME_WARNING,
    Failed = ATMN_CHECK_OUTCOME_FAILED,
});

impl From<Check> for atmn_check {
    fn from(check: Check) -> Self {
        let Check { subject, outcome, message, hint } = check.for_caller(&caller());
        Self {
            subject: to_c_string(subject.name()),
            outcome: outcome.number(),
            message: to_c_string(&message),
            hint: hint.map(|hint| to_c_string(&hint.to_string())),
        }
    }
}

impl From<Diagnosis> for atmn_diagnosis {
    fn from(diagnosis: Diagnosis) -> Self {
        let Diagnosis { checks } = diagnosis;
        Self(checks.into_iter().map(Into::into).collect())
    }
}

/// Returns the name of the result of a check: "ok", "warning" or "failed". Static; "unknown" for a number without a
/// name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_check_outcome_name(outcome: atmn_check_result) -> *const c_char {
    name_of::<CheckOutcome>(outcome)
}

/// Checks what a login and a call need: programs called `atmn`, the callback ports, the browser, git, the files and
/// their rights, the keys; then, unless the option "offline" is set, the server, and whether it accepts the keys. It
/// changes nothing, and opens no browser. `canceller` may be NULL.
///
/// ```c
/// atmn_diagnosis *diagnosis = NULL;
/// if (atmn_diagnose(NULL, NULL, &diagnosis, NULL) == ATMN_OK)
///     for (size_t index = 0; index < atmn_diagnosis_checks_count(diagnosis); index++) {
///         const atmn_check *check = atmn_diagnosis_checks_get(diagnosis, index);
///         if (atmn_check_outcome(check) != ATMN_CHECK_OUTCOME_OK)
///             printf("%s: %s\n", atmn_check_subject(check), atmn_check_message(check));
///     }
/// atmn_diagnosis_free(diagnosis);
/// ```
///
/// What is wrong is in the result. Codes: `ATMN_INVALID_ARGUMENT`: an option; `ATMN_CANCELLED`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_diagnose(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_diagnosis,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let options = read(options, atmn_options::diagnose)?;
        blocking::diagnose(&options, &cancel_flag(canceller)).map(Into::into)
    })
}

/// Returns the number of checks.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_diagnosis_checks_count(diagnosis: *const atmn_diagnosis) -> usize {
    object::count(diagnosis, |diagnosis| &diagnosis.0)
}

/// Returns a check, in the order in which they were made. A subject can have several.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_diagnosis_checks_get(diagnosis: *const atmn_diagnosis, index: usize) -> *const atmn_check {
    object::item(diagnosis, index, |diagnosis| &diagnosis.0)
}

/// Frees what `atmn_diagnose` returned, and its checks.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_diagnosis_free(diagnosis: *mut atmn_diagnosis) {
    object::free(diagnosis);
}

/// Returns what the check is about: "version", "programs", "ports", "browser", "directory", "git", "file",
/// "sandbox_key", "live_key", "scopes", "proxy", "certificates", "server" or "clock".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_check_subject(check: *const atmn_check) -> *const c_char {
    object::get(check, |check| check.subject.as_ptr())
}

/// Returns the result of the check.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_check_outcome(check: *const atmn_check) -> atmn_check_result {
    object::get(check, |check| check.outcome)
}

/// Returns what was found, as a sentence. Keys in it are masked.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_check_message(check: *const atmn_check) -> *const c_char {
    object::get(check, |check| check.message.as_ptr())
}

/// Returns what the user can do; NULL if nothing is wrong, or if the message says it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_check_hint(check: *const atmn_check) -> *const c_char {
    object::get(check, |check| as_ptr(check.hint.as_ref()))
}
