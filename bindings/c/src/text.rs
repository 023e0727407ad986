//! Texts and paths, in and out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr, c_char};
use std::path::{Path, PathBuf};
use std::ptr;

use libatmn::{Error, ErrorCode, Result};

use crate::guard::null;
use crate::pointer;

/// A text that must be there.
pub(crate) fn required<'a>(text: *const c_char, name: &'static str) -> Result<&'a str> {
    optional(text, name)?.ok_or_else(|| null(name))
}

/// A text that may be NULL.
pub(crate) fn optional<'a>(text: *const c_char, name: &'static str) -> Result<Option<&'a str>> {
    pointer::text(text).map(|text| utf8(text, name)).transpose()
}

pub(crate) fn utf8<'a>(text: &'a CStr, name: &'static str) -> Result<&'a str> {
    text.to_str().map_err(|_| {
        Error::new(ErrorCode::NotUtf8, format!("The text given as `{name}` is not valid UTF-8.")).with("option", name)
    })
}

/// A text that a stranger sent. What is no UTF-8 becomes a character that no key and no endpoint has.
pub(crate) fn from_wire<'a>(text: *const c_char) -> Option<Cow<'a, str>> {
    pointer::text(text).map(CStr::to_string_lossy)
}

/// A path as the system writes it.
pub(crate) fn path(text: &CStr, name: &'static str) -> Result<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let _ = name;
        Ok(PathBuf::from(OsStr::from_bytes(text.to_bytes())))
    }
    #[cfg(not(unix))]
    utf8(text, name).map(|text| PathBuf::from(OsStr::new(text)))
}

/// A text for C. A NUL in it, which would cut it off there, is replaced.
pub(crate) fn owned(text: &str) -> CString {
    from_bytes(text.replace('\0', "\u{fffd}").into_bytes())
}

/// A path for C. No system has a path with a NUL.
pub(crate) fn owned_path(path: &Path) -> CString {
    from_bytes(path.as_os_str().as_encoded_bytes().to_vec())
}

fn from_bytes(bytes: Vec<u8>) -> CString {
    CString::new(bytes).unwrap_or_default()
}

/// Lends a text that may be absent.
pub(crate) fn lend(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}

/// What an error or event is about: name → text, in the order of the names.
pub(crate) struct Context(Vec<(CString, CString)>);

impl Context {
    pub(crate) fn new(context: &BTreeMap<&'static str, String>) -> Self {
        Self(context.iter().map(|(name, text)| (owned(name), owned(text))).collect())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn name(&self, index: usize) -> *const c_char {
        lend(self.0.get(index).map(|(name, _)| name))
    }

    pub(crate) fn get(&self, name: *const c_char) -> *const c_char {
        let text = pointer::text(name).and_then(|name| self.0.iter().find(|(known, _)| known.as_c_str() == name));
        lend(text.map(|(_, text)| text))
    }
}

/// Room for the longest name of a code, and its NUL.
const NAME: usize = 40;

/// A name of the core's, as a static text for C. Made while compiling, where a name that does not fit is an error.
pub(crate) struct Name([u8; NAME]);

impl Name {
    pub(crate) const fn new(name: &str) -> Self {
        let (bytes, mut text) = (name.as_bytes(), [0; NAME]);
        assert!(bytes.len() < NAME);
        let mut index = 0;
        while index < bytes.len() {
            text[index] = bytes[index];
            index += 1;
        }
        Self(text)
    }

    pub(crate) fn lend(&'static self) -> *const c_char {
        CStr::from_bytes_until_nul(&self.0).map_or(ptr::null(), pointer::lent)
    }
}

/// The name of a number from 1 on; "unknown" for all others.
pub(crate) fn name_of(names: &'static [Name], number: i32) -> *const c_char {
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    index.and_then(|index| names.get(index)).map_or(pointer::lent(c"unknown"), Name::lend)
}
