//! Calls that can fail. No panic crosses these functions, and results are stored on success only.

use libatmn::__internal::panics::catch_panic;
use libatmn::Result;

use crate::calling_thread::in_call;
use crate::error::{ATMN_OK, atmn_code, atmn_error};
use crate::null::required_out;
use crate::pointer::{Handle, OutPtr, Owned, into_raw};

/// Runs a call and turns its error into a code and an object.
pub(crate) fn ffi_status(error: *mut *mut atmn_error, body: impl FnOnce() -> Result<()>) -> atmn_code {
    let Err(failure) = in_call(|| catch_panic(body).flatten()) else { return ATMN_OK };
    let code = failure.code.number();
    if let Some(error) = OutPtr::new(error) {
        error.write(into_raw(failure.into()));
    }
    code
}

/// Runs a call whose result is an object for C.
pub(crate) fn ffi_object<T: Handle<Ownership = Owned>>(
    out: *mut *mut T,
    error: *mut *mut atmn_error,
    body: impl FnOnce() -> Result<T>,
) -> atmn_code {
    ffi_status(error, || {
        // Checked before the call, which may have side effects.
        let out = required_out(out, "out")?;
        out.write(into_raw(body()?));
        Ok(())
    })
}

/// Runs a call whose result may be absent: then C gets NULL.
pub(crate) fn ffi_optional_object<T: Handle<Ownership = Owned>>(
    out: *mut *mut T,
    error: *mut *mut atmn_error,
    body: impl FnOnce() -> Result<Option<T>>,
) -> atmn_code {
    ffi_status(error, || {
        let out = required_out(out, "out")?;
        out.write(body()?.map_or(std::ptr::null_mut(), into_raw));
        Ok(())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)] // the tests panic on purpose
mod tests {
    use std::ptr;

    use libatmn::ErrorCode;

    use super::*;
    use crate::error::{atmn_error_code, atmn_error_free, atmn_error_message};
    use crate::pointer::c_str;

    #[test]
    fn panic_becomes_a_code_without_its_text() {
        let (mut error, mut out) = (ptr::null_mut(), ptr::dangling_mut::<atmn_error>());
        let code = ffi_object(&raw mut out, &raw mut error, || panic!("am_sk_test_planted"));
        assert_eq!(code, ErrorCode::Panic.number());
        assert_eq!(atmn_error_code(error), code);
        assert_eq!(out, ptr::dangling_mut(), "written although the call failed");
        let message = c_str(atmn_error_message(error)).unwrap().to_string_lossy();
        assert!(!message.contains("planted"), "{message}");
        assert!(message.contains("call.rs:"), "{message}");
        atmn_error_free(error);
    }

    #[test]
    fn call_does_not_run_without_out_parameter() {
        let out = ptr::null_mut::<*mut atmn_error>();
        let code = ffi_object(out, ptr::null_mut(), || unreachable!("the call ran"));
        assert_eq!(code, ErrorCode::NullArgument.number());
    }
}
