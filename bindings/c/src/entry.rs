//! Names with values.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char};

use crate::object;
use crate::pointer::{Handle, Lent, c_str};
use crate::text::{as_ptr, to_c_string};

/// A name and its value: part of the context of an error or event, or a response header. Always lent.
pub struct atmn_entry {
    name: CString,
    value: CString,
}

impl Handle for atmn_entry {
    type Ownership = Lent;
}

impl atmn_entry {
    pub(crate) fn new(name: &str, value: &str) -> Self {
        Self { name: to_c_string(name), value: to_c_string(value) }
    }

    fn has_name(&self, name: &CStr) -> bool {
        self.name.to_bytes().eq_ignore_ascii_case(name.to_bytes())
    }
}

/// The context of an error or event, in the order of the names.
pub(crate) fn context(context: &BTreeMap<&'static str, String>) -> Vec<atmn_entry> {
    context.iter().map(|(name, value)| atmn_entry::new(name, value)).collect()
}

/// The value of the first entry with this name in a list of an object.
pub(crate) fn find<T: Handle>(
    object: *const T,
    name: *const c_char,
    list: impl FnOnce(&T) -> &[atmn_entry],
) -> *const c_char {
    object::get(object, |object| {
        let entry = c_str(name).and_then(|name| list(object).iter().find(|entry| entry.has_name(name)));
        as_ptr(entry.map(|entry| &entry.value))
    })
}

/// Returns the name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_entry_name(entry: *const atmn_entry) -> *const c_char {
    object::get(entry, |entry| entry.name.as_ptr())
}

/// Returns the value.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_entry_value(entry: *const atmn_entry) -> *const c_char {
    object::get(entry, |entry| entry.value.as_ptr())
}
