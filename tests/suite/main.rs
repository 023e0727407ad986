//! Behaviour tests, with real files, processes and readers.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a failed assumption is a failed test

mod readers;
