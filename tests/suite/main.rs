//! Behaviour tests, with real files, processes and readers.

mod failures;
mod generated;
mod git;
mod house;
mod race;
mod resolution;
mod saving;
mod vectors;
