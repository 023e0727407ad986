//! Versions.

use std::ffi::c_char;

use crate::pointer::lent;

/// What a program was compiled for; see `atmn_abi_version`.
pub const ATMN_ABI_VERSION: u32 = 0;

/// What the library is; a program compiled for another one must not use it. The number is also in the name of the shared
/// library, so the system's loader sees to it; ask where you load it yourself.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_abi_version() -> u32 {
    ATMN_ABI_VERSION
}

/// The release, such as "0.1.0". Static.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    std::ffi::CStr::from_bytes_with_nul(VERSION.as_bytes()).map_or(std::ptr::null(), lent)
}
