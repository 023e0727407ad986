//! Unsafe code for pointers: pointers from C become references, and objects become pointers for C.
//!
//! The functions are not marked unsafe because their callers cannot uphold the contract: only the C program can. The
//! crate has no rlib, so no Rust program can call it. Each block names the rule of the header that makes it sound.

use std::ffi::{CStr, c_char, c_void};

/// A type that C knows only by pointer. Its one implementation states who frees the object.
///
/// `Sync`, because any number of threads may read an object; `Send`, because another thread may free it.
pub(crate) trait Handle: Sized + Send + Sync {
    /// [`Owned`] or [`Lent`].
    type Ownership;
}

/// C receives the object and frees it. A result may also lend it as a part of itself.
pub(crate) enum Owned {}

/// The object is always a part of another one, so that C never frees it.
pub(crate) enum Lent {}

/// Gives an object to C, which frees it with [`free`].
pub(crate) fn into_raw<T: Handle<Ownership = Owned>>(object: T) -> *mut T {
    Box::into_raw(Box::new(object))
}

/// Frees an object that C owns. NULL does nothing.
pub(crate) fn free<T: Handle<Ownership = Owned>>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: "Ownership": the pointer came from `into_raw` of this type and is freed once.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

/// Reads an object; `None` for NULL.
pub(crate) fn as_ref<'a, T: Handle>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: "Ownership": the pointer came from `into_raw`, or is part of such an object, which is not freed during the
    // call. "Threads": no thread has `as_mut` of it meanwhile.
    unsafe { pointer.as_ref() }
}

/// Changes an object; `None` for NULL.
pub(crate) fn as_mut<'a, T: Handle<Ownership = Owned>>(pointer: *mut T) -> Option<&'a mut T> {
    // SAFETY: "Ownership", as in `as_ref`. "Threads": no other thread uses the object meanwhile.
    unsafe { pointer.as_mut() }
}

/// Reads a text; `None` for NULL.
pub(crate) fn c_str<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    // SAFETY: "Text": it ends with a NUL, and the caller does not change it during the call.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) })
}

/// Reads an array; `None` for NULL or for a length that no array can have. An empty array may be NULL.
pub(crate) fn slice<'a, T>(pointer: *const T, count: usize) -> Option<&'a [T]> {
    if count == 0 {
        return Some(&[]);
    }
    let fits = isize::try_from(count.checked_mul(size_of::<T>())?).is_ok();
    // SAFETY: the description of each function that takes an array says that `count` values are there.
    (fits && !pointer.is_null()).then(|| unsafe { std::slice::from_raw_parts(pointer, count) })
}

/// A parameter through which C receives a result; not NULL.
pub(crate) struct OutPtr<T>(*mut T);

impl<T> OutPtr<T> {
    /// The parameter; `None` for NULL.
    pub(crate) fn new(pointer: *mut T) -> Option<Self> {
        (!pointer.is_null()).then_some(Self(pointer))
    }

    /// Stores the result.
    pub(crate) fn write(self, value: T) {
        // SAFETY: "Codes": it points to a variable of this type. The old value belongs to C and is not dropped.
        unsafe { self.0.write(value) }
    }
}

/// The pointer that a C program registers with a callback and receives with every call of it.
#[derive(Clone, Copy)]
pub(crate) struct UserData(*mut c_void);

// SAFETY: the library never follows the pointer. "Callbacks": the callback runs on the thread that made the call; a
// program whose threads share options or a client knows that they share the pointer.
unsafe impl Send for UserData {}
// SAFETY: as for `Send`.
unsafe impl Sync for UserData {}

impl UserData {
    pub(crate) const fn new(pointer: *mut c_void) -> Self {
        Self(pointer)
    }

    pub(crate) const fn as_ptr(self) -> *mut c_void {
        self.0
    }
}

impl Default for UserData {
    fn default() -> Self {
        Self(std::ptr::null_mut())
    }
}
