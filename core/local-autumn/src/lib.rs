//! A small Autumn server: the other end of the wire that libatmn speaks.
//!
//! It signs made-up people in, lets them choose an organization, sells keys for codes and answers a few API calls,
//! with the words and codes of Autumn's real server. Everything is in memory and gone when it ends. It is for
//! development, demos and tests, and listens on this machine only; it protects nothing worth having.
//!
//! ```
//! use local_autumn::{Options, Server};
//! let autumn = Server::bind(Options { port: 0, ..Options::default() })?.spawn()?;
//! println!("{} knows {} keys", autumn.url(), autumn.store().keys().len());
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]

mod accounts;
mod answer;
mod api;
mod browser;
mod connection;
mod controls;
mod customers;
mod faults;
mod form;
mod grant;
mod guard;
mod keys;
mod page;
mod payload;
mod program;
mod random;
mod route;
mod server;
mod store;

pub use accounts::{Organization, Person, organizations, people};
pub use faults::{Fault, LoggedRequest};
pub use keys::StoredKey;
pub use server::{Options, Running, Server};
pub use store::{ApproveError, Store};
