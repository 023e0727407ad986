//! Whose a key is.

use std::ffi::{CString, c_char};

use libatmn::{Identity, blocking};

use crate::canceller::{atmn_canceller, flag};
use crate::error::{atmn_code, atmn_error};
use crate::guard;
use crate::key::atmn_key;
use crate::location::{atmn_location, atmn_locations};
use crate::login::atmn_organization;
use crate::options::{self, atmn_options};
use crate::text::owned;

/// Whose a key is, and where it was found.
pub struct atmn_identity {
    organization: atmn_organization,
    server: CString,
    key: atmn_key,
    source: atmn_location,
    skipped: atmn_locations,
}

impl From<Identity> for atmn_identity {
    fn from(identity: Identity) -> Self {
        let Identity { organization, server, key, source, skipped } = identity;
        Self {
            organization: (&organization).into(),
            server: owned(server.api()),
            key: (&key).into(),
            source: (&source).into(),
            skipped: skipped.as_slice().into(),
        }
    }
}

/// Finds the key in force, as `atmn_resolve_key` does, and asks the server whose it is. One request, not repeated.
/// `canceller` may be NULL.
///
/// Codes: as `atmn_resolve_key`, and nothing is asked then; `ATMN_UNAUTHORIZED`, `ATMN_INVALID_SECRET_KEY`: the server
/// does not accept the key, and the context names the place it came from; `ATMN_ENDPOINT_NOT_PUBLIC`: the key is
/// publishable; `ATMN_API_ERROR`: any other failure of the server's (context "status", "api_code", "env",
/// "request_id"); `ATMN_RESOLVE_FAILED`, `ATMN_CONNECT_FAILED`, `ATMN_TLS_FAILED`, `ATMN_PROXY_FAILED`,
/// `ATMN_REQUEST_TIMED_OUT`, `ATMN_CONNECTION_LOST`, `ATMN_RESPONSE_TOO_LARGE`, `ATMN_RESPONSE_UNREADABLE`: there was
/// no answer to speak of; `ATMN_CANCELLED`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_whoami(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_identity,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let options = options::read(options, atmn_options::whoami)?;
        blocking::whoami(&options, &flag(canceller)).map(Into::into)
    })
}

/// The organization that the key belongs to.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_organization(identity: *const atmn_identity) -> *const atmn_organization {
    guard::get(identity, |identity| &raw const identity.organization)
}

/// The base address of the server that said so.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_server(identity: *const atmn_identity) -> *const c_char {
    guard::get(identity, |identity| identity.server.as_ptr())
}

/// The key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_key(identity: *const atmn_identity) -> *const atmn_key {
    guard::get(identity, |identity| &raw const identity.key)
}

/// The place it came from.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_source(identity: *const atmn_identity) -> *const atmn_location {
    guard::get(identity, |identity| &raw const identity.source)
}

/// Places that were passed over although they may hold a key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_skipped(identity: *const atmn_identity) -> *const atmn_locations {
    guard::get(identity, |identity| &raw const identity.skipped)
}

/// Frees an identity, and overwrites the text of its key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_free(identity: *mut atmn_identity) {
    guard::end(identity);
}
