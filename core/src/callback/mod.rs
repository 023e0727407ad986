//! The callback port and its rules: which request ends a login, and how all other traffic is kept from disturbing it.
//!
//! Only `GET /` with our `Host`, each parameter at most once and the right state, from an account that may answer, counts. Every other request is answered
//! or dropped, and forgotten. Every connection has limits in time and size that no activity extends.

mod classify;
mod connection;
mod head;
mod notice;
mod peer;
mod port;
mod server;

pub use classify::{AuthorizationResponse, RequestKind, authorization_response, classify};
pub use head::{HeadError, RequestHead, find_end, parse};
pub(crate) use peer::AcceptedPeers;
pub(crate) use port::{CallbackPort, is_port_free};
pub(crate) use server::{CallbackEvent, CallbackServer};

#[cfg(test)]
mod tests;
