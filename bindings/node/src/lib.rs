//! The native half of the npm package `libatmn`. It is private: the public face, with its types and documentation, is
//! JavaScript in `lib/`, and takes what is here apart.
//!
//! Every function answers with an envelope, `{value}` or `{failure}`, because Node-API keeps the code of an error only
//! where nothing waits; JavaScript makes the errors. What waits runs on threads of its own and tells JavaScript's
//! thread of its events, then of its end, through one queue.

// napi exports functions that C calls; the macro writes the unsafe code.
#![allow(unsafe_code)]
// What is exported is relied on by JavaScript, which rustc does not see.
#![allow(unreachable_pub)]
// Node-API hands over copies, so there is nothing to borrow.
#![allow(clippy::needless_pass_by_value)]
// Under `cargo test` nothing is exported.
#![cfg_attr(test, allow(dead_code))]

mod authenticate;
mod call;
mod client;
mod envelope;
mod keys;
mod login;
mod options;
mod convert;
mod whoami;

use napi_derive::napi;

/// From the start, since what converts arguments may have defects too.
#[cfg(not(test))] // a test that fails says why
#[napi_derive::module_init]
fn init() {
    libatmn::__internal::panics::install_panic_hook();
}

/// The version of the addon, which must be the version of the package around it.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
