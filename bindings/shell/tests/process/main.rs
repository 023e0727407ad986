//! Commands that wait, as processes: their messages, exit codes, and what they leave.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a failed assumption fails the test

mod accounts;
mod api;
mod doctor;
mod documents;
mod exact;
mod login;
mod messages;
mod run;
mod shapes;
mod reasons;
mod terminals;
mod typing;
mod world;
