//! The server over real sockets, spoken to byte by byte: every row of what Autumn answers, and who may ask at all.
// Outside `#[test]` functions clippy does not know that this is a test, where a failed assumption is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authenticate;
mod api;
mod authorize;
mod browser;
mod controls;
mod guard;
mod keys;
mod limits;
mod page;
mod support;
mod token;
