//! What programs that build on libatmn need to know about a server.

use std::ffi::{CString, c_char};

use libatmn::{ServerFacts, server_info};

use crate::call::ffi_object;
use crate::error::{atmn_code, atmn_error};
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Owned};
use crate::read_options::read;
use crate::text::{self, to_c_string};

/// The URLs of a server, and what a login asks of it.
pub struct atmn_server_facts {
    api_url: CString,
    dashboard_url: Option<CString>,
    scopes: Vec<CString>,
    client_id: CString,
}

impl Handle for atmn_server_facts {
    type Ownership = Owned;
}

impl From<ServerFacts> for atmn_server_facts {
    fn from(facts: ServerFacts) -> Self {
        let ServerFacts { api_url, dashboard_url, scopes, client_id } = facts;
        Self {
            api_url: to_c_string(&api_url),
            dashboard_url: dashboard_url.as_deref().map(to_c_string),
            scopes: text::list(Some(&scopes)),
            client_id: to_c_string(&client_id),
        }
    }
}

/// Returns the URLs of a server, the scopes that a login can have, and the OAuth client id. It makes no network calls.
///
/// ```c
/// atmn_server_facts *info = NULL;
/// atmn_error *error = NULL;
/// if (atmn_server_info(NULL, &info, &error) != ATMN_OK)
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// else if (atmn_server_facts_dashboard_url(info) != NULL)
///     printf("Create keys at %s\n", atmn_server_facts_dashboard_url(info));
/// atmn_server_facts_free(info);
/// atmn_error_free(error);
/// ```
///
/// Codes: `ATMN_INVALID_ARGUMENT`: the option "server", or `ATMN_BACKEND_URL`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_server_info(
    options: *const atmn_options,
    out: *mut *mut atmn_server_facts,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let options = read(options, atmn_options::server_info)?;
        server_info(&options).map(Into::into)
    })
}

/// Returns the base URL of the API, without a trailing slash.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_server_facts_api_url(facts: *const atmn_server_facts) -> *const c_char {
    object::get(facts, |facts| facts.api_url.as_ptr())
}

/// Returns the URL of the dashboard, where keys are created and revoked; NULL for a custom server. A local
/// one may not run.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_server_facts_dashboard_url(facts: *const atmn_server_facts) -> *const c_char {
    object::get(facts, |facts| text::as_ptr(facts.dashboard_url.as_ref()))
}

/// Returns the number of scopes that a login can have.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_server_facts_scopes_count(facts: *const atmn_server_facts) -> usize {
    object::get(facts, |facts| facts.scopes.len())
}

/// Returns a scope that a login can have, such as "customers:read".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_server_facts_scopes_get(facts: *const atmn_server_facts, index: usize) -> *const c_char {
    object::get(facts, |facts| text::as_ptr(facts.scopes.get(index)))
}

/// Returns the OAuth client id of a login.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_server_facts_client_id(facts: *const atmn_server_facts) -> *const c_char {
    object::get(facts, |facts| facts.client_id.as_ptr())
}

/// Frees what `atmn_server_info` returned.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_server_facts_free(facts: *mut atmn_server_facts) {
    object::free(facts);
}
