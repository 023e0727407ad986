//! All that is unsafe: what C hands over becomes references, and what C is given becomes pointers.
//!
//! These functions are not marked unsafe, since nobody could keep their promises but C programs: no Rust program can
//! call this crate, which has no rlib. What makes each block sound is a rule of the header, named beside it.

use std::ffi::{CStr, c_char, c_void};

use crate::event::{atmn_event, atmn_event_callback};

/// An object of ours, or `None` for NULL.
pub(crate) fn object<'a, T: Sync>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: "Owners": it came from `give`, or is part of what did, and is not freed during the call. "Threads": any
    // number of them may use it, for which its type has to be `Sync`, and nobody has `object_mut` of it meanwhile.
    unsafe { pointer.as_ref() }
}

/// An object of ours that is to be changed, or `None` for NULL.
pub(crate) fn object_mut<'a, T: Send>(pointer: *mut T) -> Option<&'a mut T> {
    // SAFETY: "Owners", as in `object`. "Threads": nobody else uses it meanwhile; whoever does need not have made it, so
    // its type has to be `Send`.
    unsafe { pointer.as_mut() }
}

/// A text, or `None` for NULL.
pub(crate) fn text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    // SAFETY: "Texts": what is not NULL ends with a NUL, and the caller leaves it alone until the call has returned.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) })
}

/// A list, or `None` for NULL or a length that no list can have. An empty list may be NULL.
pub(crate) fn list<'a, T>(pointer: *const T, count: usize) -> Option<&'a [T]> {
    if count == 0 {
        return Some(&[]);
    }
    let fits = isize::try_from(count.checked_mul(size_of::<T>())?).is_ok();
    // SAFETY: the function that takes a list says that so many values stand there; a length that would wrap is refused.
    (fits && !pointer.is_null()).then(|| unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// Where a result goes; never NULL.
pub(crate) struct Slot<T>(*mut T);

impl<T> Slot<T> {
    pub(crate) fn at(pointer: *mut T) -> Option<Self> {
        (!pointer.is_null()).then_some(Self(pointer))
    }

    pub(crate) fn fill(self, value: T) {
        // SAFETY: "Codes": what is not NULL is room for a result. What stood there is C's, and is not dropped.
        unsafe { self.0.write(value) }
    }
}

/// Makes an object C's own, which may be used and ended by another thread.
pub(crate) fn give<T: Send>(object: T) -> *mut T {
    Box::into_raw(Box::new(object))
}

/// Ends an object that was given.
pub(crate) fn end<T: Send>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: "Owners": it came from `give` as this very type, and is freed once.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

/// A static text that C may read.
pub(crate) const fn lent(text: &'static CStr) -> *const c_char {
    text.as_ptr()
}

/// Who hears events, and what they want to get back.
#[derive(Clone, Copy)]
pub(crate) struct Ear {
    callback: extern "C" fn(*mut c_void, *const atmn_event) -> i32,
    user_data: *mut c_void,
}

// SAFETY: the pointer is only ever handed back. "Callbacks": that happens on the thread that made the call; where several
// threads make calls with the same options, the caller knows it.
unsafe impl Send for Ear {}
// SAFETY: as above.
unsafe impl Sync for Ear {}

impl Ear {
    pub(crate) fn new(callback: atmn_event_callback, user_data: *mut c_void) -> Option<Self> {
        callback.map(|callback| Self { callback, user_data })
    }

    /// Whether the call may go on.
    pub(crate) fn hears(&self, event: &atmn_event) -> bool {
        (self.callback)(self.user_data, event) == 0
    }
}
