//! Text and paths: from C, and for C.

use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char};
use std::path::{Path, PathBuf};
use std::ptr;

use libatmn::{Error, ErrorCode, Result};

use crate::null::null_argument;
use crate::pointer::c_str;

/// A text that must not be NULL.
pub(crate) fn required<'a>(text: *const c_char, name: &'static str) -> Result<&'a str> {
    utf8(c_str(text).ok_or_else(|| null_argument(name))?, name)
}

/// A text as UTF-8.
pub(crate) fn utf8<'a>(text: &'a CStr, name: &'static str) -> Result<&'a str> {
    text.to_str()
        .map_err(|_| Error::new(ErrorCode::NotUtf8, format!("`{name}` is not valid UTF-8.")).with("option", name))
}

/// A text that may be absent, as UTF-8.
pub(crate) fn optional_utf8<'a>(text: Option<&'a CString>, name: &'static str) -> Result<Option<&'a str>> {
    text.map(|text| utf8(text, name)).transpose()
}

/// A text in which other bytes than UTF-8 are replaced by U+FFFD; `None` for NULL.
pub(crate) fn lossy<'a>(text: *const c_char) -> Option<Cow<'a, str>> {
    c_str(text).map(CStr::to_string_lossy)
}

/// A copy of a text; `None` for NULL.
pub(crate) fn copied(text: *const c_char) -> Option<CString> {
    c_str(text).map(CString::from)
}

/// A path in the system's own bytes.
pub(crate) fn path(text: &CStr, name: &'static str) -> Result<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let _ = name;
        Ok(PathBuf::from(std::ffi::OsStr::from_bytes(text.to_bytes())))
    }
    #[cfg(not(unix))]
    utf8(text, name).map(PathBuf::from)
}

/// A text for C. A NUL inside would end it early, so it is replaced by U+FFFD.
pub(crate) fn to_c_string(text: &str) -> CString {
    from_bytes(text.replace('\0', "\u{fffd}").into_bytes())
}

/// A path for C. No system allows a NUL in a path.
pub(crate) fn path_to_c_string(path: &Path) -> CString {
    from_bytes(path.as_os_str().as_encoded_bytes().to_vec())
}

fn from_bytes(bytes: Vec<u8>) -> CString {
    CString::new(bytes).unwrap_or_default()
}

/// Texts for C; none if the core has no list.
pub(crate) fn list(texts: Option<&[String]>) -> Vec<CString> {
    texts.unwrap_or_default().iter().map(|text| to_c_string(text)).collect()
}

/// A pointer to a text; NULL if there is none.
pub(crate) fn as_ptr(text: Option<&CString>) -> *const c_char {
    text.map_or(ptr::null(), |text| text.as_ptr())
}
