//! The native half of the npm package `libatmn`. It is private: the JavaScript in `lib/` wraps it and is the public
//! interface.
//!
//! Every function returns an envelope as JSON text (`envelope`) instead of throwing, because Node-API keeps the code of
//! an error only in synchronous functions. JavaScript turns failures into errors. A call that waits runs on a thread of
//! the addon's runtime and sends its events and then its result to JavaScript's thread through one queue (`call`).

// A call takes the environment as a `Host`.
#![warn(clippy::disallowed_methods)]
// The napi macros generate unsafe code.
#![allow(unsafe_code)]
// JavaScript uses the exported functions, which rustc does not see.
#![allow(unreachable_pub)]
// Node-API passes copies, so there is nothing to borrow.
#![allow(clippy::needless_pass_by_value)]
// Under `cargo test` nothing is exported.
#![cfg_attr(test, allow(dead_code))]

mod caller;
mod convert;
mod envelope;
mod host;
mod options;
mod queue;
mod call;
mod authenticate;
mod client;
mod command;
mod hidden;
mod keys;
mod login;
mod diagnose;
mod server_info;
mod testing;
mod whoami;

use napi_derive::napi;

/// Installed when the addon is loaded, because the code that converts arguments can panic too.
#[cfg(not(test))] // a failing test prints its panic
#[napi_derive::module_init]
fn init() {
    libatmn::__internal::panics::install_panic_hook();
}

/// The version of the addon, which must equal the version of the package that loads it.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
