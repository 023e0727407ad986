//! Behaviour tests, with real files, processes and readers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption is a failed test

mod checklist;
mod client;
mod documents;
mod failures;
mod finding;
mod generated;
mod git;
mod host;
mod accounts;
mod architecture;
#[cfg(target_os = "linux")]
mod memory;
mod language;
mod login;
mod names;
mod network;
mod other_systems;
mod pages;
mod pipes;
mod race;
mod readers;
mod resolution;
mod saving;
mod silent_git;
mod vectors;
mod workflows;
mod worktrees;
