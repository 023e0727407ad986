//! Log in to Autumn, keep its API keys in `.env`, find them again, and call the API with them.
//!
//! | to | call |
//! |---|---|
//! | log a person in, and save the keys | [`login()`]; step by step [`start_login`]; in two processes [`begin_login`] and [`complete_login`] |
//! | find the key in force, and say where it was looked for | [`resolve_key`], [`explain_key`] |
//! | say whose it is | [`whoami()`] |
//! | say what a text is | [`classify_key`], [`ApiKey::parse`] |
//! | save keys, remove them | [`save_keys`], [`logout()`] |
//! | call the API; replace a key that was rejected | [`Client::request`], [`Client::reauthenticate`] |
//! | tell who sent a request | [`authenticate`] |
//!
//! Each is one function from a plain options struct to a plain result struct. What waits is async on tokio, ends when its
//! [`Cancel`] says so, and tells a [`Listener`] what happens; [`blocking`] has the same for programs without async. The
//! library prints nothing, changes no environment variable and never exits; what can go wrong is an [`Error`] with a
//! sentence, a hint and a stable [`ErrorCode`].
//!
//! ```no_run
//! use libatmn::{ApiRequest, Cancel, ClientOptions, LoginOptions, blocking, terminal_listener};
//!
//! # fn main() -> libatmn::Result<()> {
//! let mut listener = terminal_listener(std::io::stderr()); // the address to log in at comes first
//! let done = blocking::login(&LoginOptions::default(), Some(&mut listener), &Cancel::new())?;
//! println!("{} keys are in .env.", done.keys.len());
//!
//! let client = blocking::Client::new(ClientOptions::default())?;
//! let answer = client.request(&ApiRequest::new("GET", "/v1/customers"), None, &Cancel::new())?;
//! println!("{}", String::from_utf8_lossy(&answer.body));
//! # Ok(())
//! # }
//! ```
//!
//! Keys are masked wherever they are shown:
//!
//! ```
//! # let project = tempfile::tempdir().unwrap();
//! # let directory = Some(project.path().to_path_buf());
//! use libatmn::{ApiKey, ResolveOptions, SaveOptions, resolve_key, save_keys};
//!
//! let key = ApiKey::parse("am_sk_test_0123456789ab")?;
//! save_keys(&[key], &SaveOptions { directory: directory.clone(), ..Default::default() })?;
//!
//! let found = resolve_key(&ResolveOptions { directory, ..Default::default() })?;
//! println!("{} from {}", found.key, found.source); // masked
//! # Ok::<(), libatmn::Error>(())
//! ```

#![deny(unsafe_code)]

// Each module imports only from those above it.
mod hint;
mod error;
mod panics;
mod secret;
mod event;
mod config;
mod text;
mod cancel;
mod per_process;
mod key;
mod authenticate;
mod host;
mod locations;
mod secure_file;
mod git;
mod dotenv;
mod page;
mod callback;
mod browser;
mod http;
mod oauth;
mod api;
mod resolve;
mod save;
mod logout;
mod whoami;
mod login;
mod client;
mod json;
pub mod blocking;

/// What the bindings, the fuzz targets and the tests need besides the public interface. It may change in any release.
#[doc(hidden)]
pub mod __internal {
    pub mod api {
        pub use crate::api::*;
    }
    pub mod callback {
        pub use crate::callback::*;
    }
    pub mod config {
        pub use crate::config::*;
    }
    pub mod dotenv {
        pub use crate::dotenv::*;
    }
    pub mod http {
        pub use crate::http::*;
    }
    pub mod json {
        pub use crate::json::*;
    }
    pub mod oauth {
        pub use crate::oauth::*;
    }
    pub mod page {
        pub use crate::page::*;
    }
    pub mod panics {
        pub use crate::panics::*;
    }
    pub mod text {
        pub use crate::text::*;
    }
}

pub use api::Organization;
pub use authenticate::{
    Accepts, Credential, IncomingRequest, Refusal, Verdict, authenticate, authenticate_async, conclude,
    is_public_endpoint, read_credential, refusal,
};
pub use cancel::Cancel;
pub use client::{ApiRequest, Client, ClientOptions, Reauth};
pub use config::Server;
pub use error::{Error, ErrorClass, ErrorCode, Result};
pub use event::{Event, EventCode, Listener, terminal_listener};
pub use git::Git;
pub use hint::{Caller, Hint, Language};
pub use http::ApiResponse;
pub use key::{ApiKey, Environment, KeyClass, Kind, classify_key};
pub use locations::{Boundary, Location, Origin, Outcome};
pub use login::{
    Attempt, AttemptHandle, LoginOptions, LoginResult, PendingLogin, begin_login, complete_login, login, start_login,
};
pub use logout::{LogoutOptions, LogoutResult, logout};
pub use resolve::{ResolveOptions, ResolvedKey, explain_key, resolve_key};
pub use save::{Gitignore, SaveOptions, SaveResult, save_keys};
pub use secret::{Secret, SecretBytes};
pub use whoami::{Identity, WhoamiOptions, whoami};
