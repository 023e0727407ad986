//! Versions.

use std::ffi::{CStr, c_char};

/// The ABI for which a program is compiled; see `atmn_abi_version`.
pub const ATMN_ABI_VERSION: u32 = 0;

/// Returns the ABI of the library. It must equal `ATMN_ABI_VERSION`. The number is also part of the name of the shared
/// library, so the system's loader compares it; a program that loads the library with `dlopen` should call this.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_abi_version() -> u32 {
    ATMN_ABI_VERSION
}

/// Returns the release, such as "0.1.0". Static.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    CStr::from_bytes_with_nul(VERSION.as_bytes()).map_or(c"".as_ptr(), CStr::as_ptr)
}
