//! Commands that wait, as processes: what is said, how they end, and what is left behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

mod api;
mod documents;
mod login;
mod world;
