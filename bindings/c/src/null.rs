//! NULL arguments: an error where a function returns a code, a neutral value where a getter returns a value.

use std::ptr;

use libatmn::{Error, ErrorCode, Result};

use crate::pointer::{Handle, OutPtr, as_ref};

/// The error for an argument that must not be NULL.
pub(crate) fn null_argument(name: &'static str) -> Error {
    Error::new(ErrorCode::NullArgument, format!("`{name}` must not be NULL.")).with("option", name)
}

/// An object that must not be NULL.
pub(crate) fn required<'a, T: Handle>(pointer: *const T, name: &'static str) -> Result<&'a T> {
    as_ref(pointer).ok_or_else(|| null_argument(name))
}

/// A parameter for a result, which must not be NULL.
pub(crate) fn required_out<T>(pointer: *mut T, name: &'static str) -> Result<OutPtr<T>> {
    OutPtr::new(pointer).ok_or_else(|| null_argument(name))
}

/// The value that a getter returns for NULL, and where an object has no value.
pub(crate) trait NullValue {
    const NULL: Self;
}

macro_rules! zero_is_null {
    ($($number:ty),*) => { $(impl NullValue for $number { const NULL: Self = 0; })* };
}
zero_is_null!(i32, u32, i64, u16, usize);

impl<T> NullValue for *const T {
    const NULL: Self = ptr::null();
}

/// A pointer to a part of an object; NULL if the object has no such part.
pub(crate) fn as_ptr<T: Handle>(part: Option<&T>) -> *const T {
    part.map_or(ptr::null(), ptr::from_ref)
}
