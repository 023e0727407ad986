//! The callback port and its rules: who may end a login, and how everybody else is kept from disturbing it.
//!
//! Only `GET /` with our `Host`, each parameter at most once and the right state counts. All else is answered or
//! dropped, and forgotten. Every connection has limits in time and size that no activity extends.

mod answer;
mod connection;
mod head;
mod listener;
mod server;

pub use answer::{Answer, Request, callback, read};
pub use head::{Fault, Head, end, parse};
pub use listener::Listener;
pub use server::{Outcome, Server};

#[cfg(test)]
mod tests;
