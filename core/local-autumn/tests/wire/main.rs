//! The server over real sockets and raw HTTP: the responses of Autumn, and which requests are accepted.
// Clippy does not recognize test helpers outside `#[test]` functions. A failed assumption fails the test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authenticate;
mod api;
mod authorize;
mod billing;
mod browser;
mod controls;
mod documents;
mod guard;
mod keys;
mod limits;
mod page;
mod support;
mod token;
