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

#![forbid(unsafe_code)]

// Each module imports only from those above it.
mod error;
#[doc(hidden)]
pub mod defect;
mod secret;
mod event;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod text;
mod cancel;
mod key;
mod access;
mod surroundings;
mod places;
mod secure_file;
mod git;
#[doc(hidden)]
pub mod dotenv;
#[doc(hidden)]
pub mod page;
#[doc(hidden)]
pub mod callback;
mod browser;
#[doc(hidden)]
pub mod http;
#[doc(hidden)]
pub mod oauth;
#[doc(hidden)]
pub mod api;
mod resolve;
mod save;
mod logout;
mod whoami;
mod login;
mod client;
#[doc(hidden)]
pub mod plain;
pub mod blocking;

pub use access::{
    Accepts, Credential, IncomingRequest, Refusal, Verdict, authenticate, authenticate_async, conclude,
    is_public_endpoint, read_credential, refusal,
};
pub use api::Organization;
pub use cancel::Cancel;
pub use client::{ApiRequest, Client, ClientOptions, Reauth};
pub use config::Server;
pub use error::{Error, ErrorClass, ErrorCode, Result};
pub use event::{Event, EventCode, Level, Listener, terminal_listener};
pub use git::Git;
pub use http::Response as ApiResponse;
pub use key::{ApiKey, Environment, KeyClass, Kind, classify_key};
pub use login::{
    Attempt, AttemptHandle, LoggedIn, LoginOptions, PendingLogin, begin_login, complete_login, login, start_login,
};
pub use logout::{LoggedOut, LogoutOptions, logout};
pub use places::{Boundary, Origin, Outcome, Place};
pub use resolve::{ResolveOptions, ResolvedKey, explain_key, resolve_key};
pub use save::{Gitignore, SaveOptions, Saved, save_keys};
pub use secret::{Secret, SecretBytes};
pub use whoami::{Identity, WhoamiOptions, whoami};
