//! Behaviour tests, with real files, processes and readers.
// Outside `#[test]` functions clippy does not know that this is a test, where a failed assumption is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod network;
