#![doc = "Log in to Autumn, keep its API keys in `.env`, find them again."]
#![forbid(unsafe_code)]

mod access;
mod browser;
#[doc(hidden)]
pub mod callback;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod dotenv;
mod error;
mod event;
mod git;
mod key;
mod logout;
#[doc(hidden)]
pub mod page;
mod places;
mod resolve;
mod save;
mod secret;
mod secure_file;
mod surroundings;

pub use access::{
    Accepts, Credential, IncomingRequest, Refusal, Verdict, authenticate, authenticate_async, conclude,
    is_public_endpoint, read_credential, refusal,
};
pub use config::Server;
pub use error::{Error, ErrorCode, Result};
pub use event::{Event, EventCode, Level};
pub use git::Git;
pub use key::{ApiKey, Environment, KeyClass, Kind, classify_key};
pub use logout::{LoggedOut, LogoutOptions, logout};
pub use places::{Boundary, Origin, Outcome, Place};
pub use resolve::{ResolveOptions, ResolvedKey, explain_key, resolve_key};
pub use save::{Gitignore, SaveOptions, Saved, save_keys};
pub use secret::{Secret, SecretBytes};
