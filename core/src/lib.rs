#![doc = include_str!("../../README.md")]
#![forbid(unsafe_code)]

mod error;
mod secret;
mod event;
mod config;
mod key;

pub use config::Server;
pub use error::{Error, ErrorCode, Result};
pub use event::{Event, EventCode, Level};
pub use key::{ApiKey, Environment, KeyClass, Kind, classify_key};
pub use secret::{Secret, SecretBytes};
