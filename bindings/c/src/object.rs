//! Making, reading, changing and freeing objects. No panic crosses these functions; NULL is handled by the type.

use std::ptr;

use libatmn::__internal::panics::catch_panic;

use crate::calling_thread::in_call;
use crate::null::{NullValue, as_ptr};
use crate::pointer::{self, Handle, Owned, as_mut, as_ref, into_raw};

/// Makes an object for C; NULL if making it panicked.
pub(crate) fn new<T: Handle<Ownership = Owned>>(make: impl FnOnce() -> T) -> *mut T {
    catch_panic(make).map_or(ptr::null_mut(), into_raw)
}

/// Reads a value of an object.
pub(crate) fn get<T: Handle, V: NullValue>(object: *const T, read: impl FnOnce(&T) -> V) -> V {
    catch_panic(|| as_ref(object).map(read)).ok().flatten().unwrap_or(V::NULL)
}

/// The number of items in a list of an object.
pub(crate) fn count<T: Handle, I>(object: *const T, list: impl FnOnce(&T) -> &[I]) -> usize {
    get(object, |object| list(object).len())
}

/// An item in a list of an object; NULL at or after the end.
pub(crate) fn item<T: Handle, I: Handle>(object: *const T, index: usize, list: impl FnOnce(&T) -> &[I]) -> *const I {
    get(object, |object| as_ptr(list(object).get(index)))
}

/// Changes an object. Setters cannot fail: the call that reads a value reports it.
pub(crate) fn change<T: Handle<Ownership = Owned>>(object: *mut T, change: impl FnOnce(&mut T)) {
    let _ = catch_panic(|| as_mut(object).map(change));
}

/// Frees an object. That may close connections.
pub(crate) fn free<T: Handle<Ownership = Owned>>(object: *mut T) {
    let _ = in_call(|| catch_panic(|| pointer::free(object)));
}

#[cfg(test)]
#[allow(clippy::panic)] // the tests panic on purpose
mod tests {
    use super::*;

    struct Number(i32);

    impl Handle for Number {
        type Ownership = Owned;
    }

    #[test]
    fn accessors_return_null_values_on_panic() {
        let mut number = Number(7);
        assert_eq!(get(&raw const number, |number| number.0), 7);
        assert_eq!(get(&raw const number, |_| -> i32 { panic!() }), 0);
        assert!(get(&raw const number, |_| -> *const u8 { panic!() }).is_null());
        change(&raw mut number, |_| panic!());
        assert!(new(|| -> Number { panic!() }).is_null());
    }
}
