//! A small Autumn server for development, demos and tests.
//!
//! It signs made-up people in, lets them choose an organization, makes keys for OAuth logins and answers a few API calls
//! with the messages and codes of Autumn's real server. All data is in memory and is lost when the server stops. It
//! listens on this machine only, and has no passwords.
//!
//! ```
//! use local_autumn::{LocalAutumn, Options};
//! let autumn = LocalAutumn::bind(Options { port: 0, ..Options::default() })?.spawn()?;
//! println!("{} has {} keys", autumn.url(), autumn.store().keys().len());
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]

mod accounts;
mod api;
mod authorization;
mod billing;
mod body;
mod browser;
mod call;
mod catalog;
mod checkout;
mod clock;
mod connection;
mod controls;
mod customers;
mod endpoints;
mod faults;
mod form;
mod grant;
mod guard;
mod idempotency;
mod keys;
mod oauth;
mod options;
mod page;
mod people;
mod plans;
mod random;
mod request_log;
mod response;
mod route;
mod server;
mod sessions;
mod state;
mod store;

pub use accounts::{Organization, Person, organizations, people};
pub use endpoints::{Endpoint, endpoints};
pub use faults::Fault;
pub use keys::StoredKey;
pub use options::Options;
pub use request_log::LoggedRequest;
pub use server::{LocalAutumn, Running};
pub use store::{ApproveError, Store};
