//! Log in to Autumn, save its API keys in `.env`, find them again, and call the API with them.
//!
//! | Task | Function |
//! |---|---|
//! | Log a user in and save the keys | [`login()`]; in single steps [`start_login`]; in two processes [`begin_login`] and [`complete_login`] |
//! | Find the active key, or explain where keys were looked for | [`resolve_key`], [`find_key`], [`explain_key`] |
//! | Get the organization of the active key | [`whoami()`] |
//! | Get the URLs of a server, and the scopes of a login | [`server_info()`] |
//! | Check what a login and a call need on this machine | [`diagnose()`] |
//! | Parse and classify a key | [`classify_key`], [`ApiKey::parse`] |
//! | Save or remove keys | [`save_keys`], [`logout()`] |
//! | Call the API, and replace a rejected key | [`Client::request`], [`Client::reauthenticate`] |
//! | Authenticate incoming requests | [`authenticate()`] |
//!
//! Each operation is one function from an options struct to a result struct. Functions that wait are async on tokio, can
//! be cancelled with a [`Cancel`], and report to a [`Listener`]; [`blocking`] has the same functions for programs without
//! async. The library prints nothing, changes no environment variable and never exits. An [`Error`] has a message, a hint
//! and a stable [`ErrorCode`].
//!
//! ```no_run
//! use libatmn::{ApiRequest, Cancel, ClientOptions, LoginOptions, blocking, terminal_listener};
//!
//! # fn main() -> libatmn::Result<()> {
//! let mut listener = terminal_listener(std::io::stderr()); // prints the login URL
//! let result = blocking::login(&LoginOptions::default(), Some(&mut listener), &Cancel::new())?;
//! println!("Saved {} keys in .env.", result.keys.len());
//!
//! let client = blocking::Client::new(ClientOptions::default())?;
//! let response = client.request(&ApiRequest::new("GET", "/v1/customers"), None, &Cancel::new())?;
//! println!("{}", String::from_utf8_lossy(&response.body));
//! # Ok(())
//! # }
//! ```
//!
//! `Display` and `Debug` mask keys:
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
//! println!("{} from {}", found.key, found.source); // am_sk_test_…89ab from AUTUMN_SECRET_KEY in …/.env, line 1
//! # Ok::<(), libatmn::Error>(())
//! ```

#![cfg_attr(not(windows), forbid(unsafe_code))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

// Each module imports only from modules above it; a test in `tests/suite/architecture.rs` checks that.
#[macro_use]
mod enumeration;
mod hint;
mod response;
mod error;
mod panics;
mod secret;
mod event;
mod context;
mod config;
mod standard_streams;
mod cancel;
mod threads;
mod child_process;
mod host;
mod text;
mod server;
mod redact;
mod per_process;
mod scopes;
mod server_info;
mod key;
mod authenticate;
mod locations;
mod secure_file;
mod worktree;
mod git;
mod version_control;
mod dotenv;

mod page;

mod callback;
mod browser;
mod http;
mod oauth;
mod api;
mod known_keys;
mod resolve;
mod save;
mod logout;
mod whoami;
mod diagnose;
mod login;
mod client;
mod json;
pub mod blocking;

/// What the bindings, the fuzz targets and the tests need in addition to the public interface. It may change in any
/// release.
#[doc(hidden)]
pub mod __internal {
    pub mod api {
        pub use crate::api::{MintedKeys, failure, mint_keys, organization, read_organization, request, revoke};
    }
    pub mod callback {
        pub use crate::callback::{
            AuthorizationResponse, HeadError, RequestHead, RequestKind, authorization_response, classify, find_end,
            parse,
        };
    }
    pub mod child_process {
        pub use crate::child_process::set_child_setup;
    }
    pub mod client {
        pub use crate::client::{OtherResult, OtherTries, pause_of_other};
    }
    pub mod config {
        pub use crate::config::{
            AUTHORIZE_PATH, CALLBACK_PORTS, CLIENT_ID, CLIENT_TYPE_HEADER, CONCURRENT_CALLS, DISCOVERY_PATH,
            DISCOVERY_TIMEOUT, EXTRA_ROOTS_VARIABLE, ISSUER_PATH, LOOPBACK_HOSTS, METHODS, MINT_KEYS_PATH,
            NO_PROXY_VARIABLES, ORGANIZATION_PATH, PROXY_VARIABLES, REVOKE_PATH, ROOTS_DIRECTORIES_VARIABLE,
            ROOTS_FILE_VARIABLE, SCOPES, SILENCE_NOTICE, TOKEN_PATH,
        };
    }
    pub mod context {
        pub use crate::context::{
            CONTEXT_VALUES, ContextValue, Errors, EventContext, context_value, event_context, typed_context,
            undocumented,
        };
    }
    pub mod diagnose {
        pub use crate::diagnose::CallingCommand;
    }
    pub mod dotenv {
        pub use crate::dotenv::{Document, Value};
    }
    pub mod host {
        pub use crate::host::is_automation;
    }
    pub mod http {
        pub use crate::http::{Http, OutgoingRequest};
    }
    pub mod json {
        pub use crate::json::{
            begin_login_result, check, class, diagnosis, event, failure, identity, locations, login_result,
            logout_result, milliseconds, organization, pending_login, resolved, saved, server_info, unidentified,
        };
    }
    pub mod key {
        pub use crate::key::{Flaw, PastedKeys, mask_segments, pasted_keys};
    }
    pub mod known_keys {
        pub use crate::known_keys::{LastKnown, last_known};
    }
    pub mod login {
        pub use crate::login::{ended, messages_of_precedence, organization_filter, start_attempt, without_pasting};
    }
    pub mod logout {
        pub use crate::logout::obstacle;
    }
    pub mod oauth {
        pub use crate::oauth::{
            Authorization, CodeExchange, Discovery, Token, check_iss, discover, exchange, redirect_uri,
        };
    }
    pub mod panics {
        pub use crate::panics::{catch_panic, catch_panic_async, install_panic_hook, location};
    }
    pub mod redact {
        pub use crate::redact::mask_secrets;
    }
    pub mod scopes {
        pub use crate::scopes::{ScopeNotice, grant, notice};
    }
    pub mod standard_streams {
        pub use crate::standard_streams::{ReservedStreams, reserve_standard_streams};
    }
    pub mod text {
        pub use crate::locations::shown;
        pub use crate::text::{check_login_command, nearest, quoted, visible};
    }
    pub mod threads {
        pub use crate::threads::{block_signals, spawn};
    }
}

pub use api::Organization;
pub use authenticate::{
    Accepts, Credential, IncomingRequest, Refusal, Verdict, authenticate, authenticate_async, conclude,
    is_public_endpoint, read_credential, refusal,
};
pub use cancel::Cancel;
pub use client::{ApiRequest, Client, ClientOptions, Reauth};
pub use diagnose::{Check, CheckOutcome, CheckSubject, DiagnoseOptions, Diagnosis, diagnose};
pub use error::{Error, ErrorClass, ErrorCode, Result};
pub use event::{Event, EventCode, Listener, terminal_listener};
pub use git::Git;
pub use hint::{Caller, Hint, Language};
pub use host::Host;
pub use key::{ApiKey, Environment, KeyClass, Kind, classify_key};
pub use locations::{Boundary, Location, Origin, Outcome};
pub use login::{
    Attempt, AttemptHandle, BeginLoginResult, CompleteOptions, LoginOptions, LoginResult, PendingLogin, begin_login,
    complete_login, login, start_login,
};
pub use logout::{LogoutOptions, LogoutResult, logout};
pub use resolve::{ResolveOptions, ResolvedKey, explain_key, find_key, resolve_key};
pub use response::ApiResponse;
pub use save::{EnvFile, Gitignore, SaveOptions, SaveResult, save_keys};
pub use secret::{Secret, SecretBytes};
pub use server::Server;
pub use server_info::{ServerFacts, ServerInfoOptions, server_info};
pub use whoami::{Identity, WhoamiOptions, whoami};
