//! What the core costs beside plain means, in one process. `make bench` makes a table of it.
#![allow(missing_docs, clippy::unwrap_used)]

mod files;
mod network;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, files::save, files::resolve, network::calls, network::callback);
criterion_main!(benches);
