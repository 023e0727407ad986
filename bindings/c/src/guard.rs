//! The one way in and out: no panic passes, NULL is decided by type, results are written on success only.

use std::ptr;

use libatmn::__internal::panics::catch_panic;
use libatmn::{Error, ErrorCode, Result};

use crate::error::{ATMN_OK, atmn_code, atmn_error};
use crate::pointer::{Slot, give, object, object_mut};

/// A call that has nothing to give but its code.
pub(crate) fn done(error: *mut *mut atmn_error, body: impl FnOnce() -> Result<()>) -> atmn_code {
    let Err(failure) = catch_panic(body).flatten() else { return ATMN_OK };
    let code = failure.code.number();
    if let Some(slot) = Slot::at(error) {
        slot.fill(give(failure.into()));
    }
    code
}

/// A call that gives an object.
pub(crate) fn result<T: Send>(
    out: *mut *mut T,
    error: *mut *mut atmn_error,
    body: impl FnOnce() -> Result<T>,
) -> atmn_code {
    done(error, || {
        // Asked first: what has nowhere to go must not be made.
        let slot = Slot::at(out).ok_or_else(|| null("out"))?;
        slot.fill(give(body()?));
        Ok(())
    })
}

/// A question to an object.
pub(crate) fn get<T: Sync, A: Absent>(pointer: *const T, question: impl FnOnce(&T) -> A) -> A {
    catch_panic(|| object(pointer).map(question)).ok().flatten().unwrap_or_else(A::absent)
}

/// A change to an object, which cannot fail: bad values are reported by whoever reads them.
pub(crate) fn change<T: Send>(pointer: *mut T, change: impl FnOnce(&mut T)) {
    // A defect has nowhere to go.
    let _ = catch_panic(|| object_mut(pointer).map(change));
}

/// A new object. NULL only if a defect was caught.
pub(crate) fn new<T: Send>(make: impl FnOnce() -> T) -> *mut T {
    catch_panic(make).map_or(ptr::null_mut(), give)
}

/// Ends an object; NULL is fine.
pub(crate) fn end<T: Send>(pointer: *mut T) {
    let _ = catch_panic(|| crate::pointer::end(pointer));
}

/// What a question is answered with if there is nothing to ask, or nothing there.
pub(crate) trait Absent {
    fn absent() -> Self;
}

macro_rules! zero_is_absent {
    ($($number:ty),*) => { $(impl Absent for $number { fn absent() -> Self { 0 } })* };
}
zero_is_absent!(i32, u32, i64, u16, usize);

impl<T> Absent for *const T {
    fn absent() -> Self {
        ptr::null()
    }
}

/// An object that must be there.
pub(crate) fn required<'a, T: Sync>(pointer: *const T, name: &'static str) -> Result<&'a T> {
    object(pointer).ok_or_else(|| null(name))
}

/// A NULL where there must be none.
pub(crate) fn null(name: &'static str) -> Error {
    Error::new(ErrorCode::NullArgument, format!("The argument `{name}` must not be NULL.")).with("option", name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)] // that is what is tested
mod tests {
    use std::ffi::CStr;

    use super::*;
    use crate::error::{atmn_error_code, atmn_error_context, atmn_error_free, atmn_error_message};

    #[test]
    fn a_panic_is_a_code_and_its_words_stay_inside() {
        let mut error = ptr::null_mut();
        let mut out = ptr::dangling_mut::<u8>();
        let code = result(&raw mut out, &raw mut error, || panic!("am_sk_test_planted"));
        assert_eq!(code, ErrorCode::Panic.number());
        assert_eq!(atmn_error_code(error), code);
        assert_eq!(out, ptr::dangling_mut(), "written although it failed");
        let message = crate::pointer::text(atmn_error_message(error)).unwrap().to_string_lossy();
        assert!(!message.contains("planted"), "{message}");
        let location = crate::pointer::text(atmn_error_context(error, c"location".as_ptr())).map(CStr::to_string_lossy);
        assert!(location.unwrap().contains("guard.rs:"));
        atmn_error_free(error);
    }

    #[test]
    fn a_panic_in_a_question_is_no_answer() {
        let asked = 7_i32;
        assert_eq!(get(&raw const asked, |_| -> i32 { panic!() }), 0);
        assert!(get(&raw const asked, |_| -> *const u8 { panic!() }).is_null());
        assert!(new(|| -> u8 { panic!() }).is_null());
        let mut changed = 7_i32;
        change(&raw mut changed, |_| panic!());
    }

    #[test]
    fn nothing_is_made_without_a_place_for_it() {
        let code = result(ptr::null_mut::<*mut u8>(), ptr::null_mut(), || unreachable!("it was made"));
        assert_eq!(code, ErrorCode::NullArgument.number());
    }
}
