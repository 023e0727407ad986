//! The cost of the core compared with a plain implementation, in one process. `make bench` prints a table.
#![allow(missing_docs, clippy::unwrap_used)]

mod files;
mod network;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, files::save, files::resolve, network::calls, network::callback);
criterion_main!(benches);
