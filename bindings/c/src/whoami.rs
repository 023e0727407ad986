//! Identifying a key.

use std::ffi::{CString, c_char};

use libatmn::{Identity, blocking};

use crate::call::ffi_object;
use crate::canceller::{atmn_canceller, cancel_flag};
use crate::error::{atmn_code, atmn_error};
use crate::key::atmn_key;
use crate::location::{atmn_location, list};
use crate::login::atmn_organization;
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned};
use crate::read_options::read;
use crate::text::{self, to_c_string};

/// The organization of a key, and the location it came from.
pub struct atmn_identity {
    organization: atmn_organization,
    server: CString,
    key: atmn_key,
    source: atmn_location,
    skipped: Vec<atmn_location>,
    scopes: Vec<CString>,
}

impl Handle for atmn_identity {
    type Ownership = Owned;
}

impl From<Identity> for atmn_identity {
    fn from(identity: Identity) -> Self {
        let Identity { organization, server, key, source, skipped, scopes } = identity;
        Self {
            organization: (&organization).into(),
            server: to_c_string(server.api()),
            key: (&key).into(),
            source: (&source).into(),
            skipped: list(&skipped),
            scopes: text::list(scopes.as_deref()),
        }
    }
}

/// Finds the active key, as `atmn_resolve_key` does, and asks the server for its organization: one request, which is
/// not repeated. `canceller` may be NULL.
///
/// ```c
/// atmn_identity *identity = NULL;
/// atmn_error *error = NULL;
/// if (atmn_whoami(NULL, NULL, &identity, &error) == ATMN_OK)
///     printf("%s\n", atmn_organization_name(atmn_identity_organization(identity)));
/// else
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// atmn_identity_free(identity);
/// atmn_error_free(error);
/// ```
///
/// Codes: as `atmn_resolve_key`, before any request; `ATMN_UNAUTHORIZED`, `ATMN_INVALID_SECRET_KEY`: the server
/// rejected the key (context: its location); `ATMN_ENDPOINT_NOT_PUBLIC`: the key is publishable; `ATMN_API_ERROR`: the
/// server returned another failure (context "status", "api_code", "env", "request_id"); `ATMN_RESOLVE_FAILED`,
/// `ATMN_CONNECT_FAILED`, `ATMN_TLS_FAILED`, `ATMN_PROXY_FAILED`, `ATMN_REQUEST_TIMED_OUT`, `ATMN_CONNECTION_LOST`,
/// `ATMN_RESPONSE_TOO_LARGE`, `ATMN_RESPONSE_UNREADABLE`: network failures; `ATMN_CANCELLED`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_whoami(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_identity,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let options = read(options, atmn_options::whoami)?;
        blocking::whoami(&options, &cancel_flag(canceller)).map(Into::into)
    })
}

/// Returns the organization of the key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_organization(identity: *const atmn_identity) -> *const atmn_organization {
    object::get(identity, |identity| &raw const identity.organization)
}

/// Returns the base URL of the server.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_server(identity: *const atmn_identity) -> *const c_char {
    object::get(identity, |identity| identity.server.as_ptr())
}

/// Returns the key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_key(identity: *const atmn_identity) -> *const atmn_key {
    object::get(identity, |identity| &raw const identity.key)
}

/// Returns the location of the key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_source(identity: *const atmn_identity) -> *const atmn_location {
    object::get(identity, |identity| &raw const identity.source)
}

/// Returns the number of locations that were skipped although they may hold a key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_skipped_count(identity: *const atmn_identity) -> usize {
    object::count(identity, |identity| &identity.skipped)
}

/// Returns a location that was skipped.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_skipped_get(identity: *const atmn_identity, index: usize) -> *const atmn_location {
    object::item(identity, index, |identity| &identity.skipped)
}

/// Returns the number of scopes of the key, as the server sent them when a login on this machine created it; 0 for
/// other keys.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_scopes_count(identity: *const atmn_identity) -> usize {
    object::get(identity, |identity| identity.scopes.len())
}

/// Returns a scope of the key, such as "customers:read".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_scopes_get(identity: *const atmn_identity, index: usize) -> *const c_char {
    object::get(identity, |identity| text::as_ptr(identity.scopes.get(index)))
}

/// Frees an identity, and overwrites the text of its key.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_identity_free(identity: *mut atmn_identity) {
    object::free(identity);
}
