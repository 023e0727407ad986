//! Logging in.

use std::ffi::{CString, c_char};

use libatmn::{LoginResult, Organization, blocking};

use crate::call::ffi_object;
use crate::canceller::{atmn_canceller, cancel_flag};
use crate::enumeration::Enumeration;
use crate::error::{atmn_code, atmn_error};
use crate::key::{atmn_environment, atmn_key};
use crate::null::as_ptr;
use crate::object;
use crate::options::atmn_options;
use crate::pointer::{Handle, Lent, Owned};
use crate::read_options::read;
use crate::save::atmn_save_result;
use crate::text::{self, to_c_string};

/// An organization. Always lent.
pub struct atmn_organization {
    id: Option<CString>,
    name: CString,
    slug: CString,
}

/// The result of a login.
pub struct atmn_login_result {
    organization: Option<atmn_organization>,
    environments: Vec<atmn_environment>,
    keys: Vec<atmn_key>,
    saved: Option<atmn_save_result>,
    scopes: Vec<CString>,
}

impl Handle for atmn_organization {
    type Ownership = Lent;
}

impl Handle for atmn_login_result {
    type Ownership = Owned;
}

impl From<&Organization> for atmn_organization {
    fn from(organization: &Organization) -> Self {
        let Organization { id, name, slug } = organization;
        Self { id: id.as_deref().map(to_c_string), name: to_c_string(name), slug: to_c_string(slug) }
    }
}

impl From<&LoginResult> for atmn_login_result {
    fn from(login_result: &LoginResult) -> Self {
        let LoginResult { organization, environments, keys, saved, scopes, kept: _ } = login_result;
        Self {
            organization: organization.as_ref().map(atmn_organization::from),
            environments: environments.iter().map(|environment| environment.number()).collect(),
            keys: keys.iter().map(atmn_key::from).collect(),
            saved: saved.as_ref().map(atmn_save_result::from),
            scopes: text::list(scopes.as_deref()),
        }
    }
}

/// Returns the id, or NULL if the server did not send it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_organization_id(organization: *const atmn_organization) -> *const c_char {
    object::get(organization, |organization| text::as_ptr(organization.id.as_ref()))
}

/// Returns the name.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_organization_name(organization: *const atmn_organization) -> *const c_char {
    object::get(organization, |organization| organization.name.as_ptr())
}

/// Returns the slug, the short name that is part of the dashboard's URLs.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_organization_slug(organization: *const atmn_organization) -> *const c_char {
    object::get(organization, |organization| organization.slug.as_ptr())
}

/// Logs a user in: sends the URL as an event (`ATMN_EVENT_LOGIN_URL`), opens the browser, waits for the callback on one
/// of the ports 31448 to 31452, fetches the keys, and saves them as `atmn_save_keys` does. It waits until the time of
/// the option "login_timeout_ms" has passed or `canceller` (may be NULL) is set.
///
/// It keeps each key in the file that the server accepts, unless the option "force" is set. If both are accepted, no
/// user is needed. If the other one is missing or rejected, it saves only that one, and only for the organization of
/// the kept key. If another login for the same file is in progress, it waits for that one, which
/// `ATMN_EVENT_LOGIN_WAITING` reports, and then keeps its keys.
///
/// It needs an event callback, because otherwise the user could not see the URL. For a program in a terminal,
/// `atmn_terminal_listener` is one.
///
/// ```c
/// atmn_options *options = atmn_options_new();
/// atmn_login_result *result = NULL;
/// atmn_error *error = NULL;
/// atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
/// if (atmn_login(options, NULL, &result, &error) == ATMN_OK) {
///     const char *name = atmn_organization_name(atmn_login_result_organization(result));
///     printf("Logged in to %s.\n", name ? name : "your organization");
/// } else {
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// }
/// atmn_login_result_free(result);
/// atmn_error_free(error);
/// atmn_options_free(options);
/// ```
///
/// Codes: `ATMN_LOGIN_UNATTENDED`: there is no event callback; `ATMN_PORTS_IN_USE`; `ATMN_LOGIN_DENIED`,
/// `ATMN_TIMED_OUT`, `ATMN_CANCELLED`, `ATMN_STATE_MISMATCH`: the user did not complete the login;
/// `ATMN_EXCHANGE_REFUSED`, `ATMN_EXCHANGE_UNREADABLE`, `ATMN_KEYS_REFUSED`, `ATMN_ORGANIZATION_CHANGED`: no keys were
/// saved; if the server may have created keys, the context has "keys_may_exist" and the hint says where to delete them;
/// as `atmn_save_keys`, in most cases before the user is asked to log in; as `atmn_whoami`, for network failures.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    ffi_object(out, error, || {
        let (login, callback) = read(options, |options| Ok((options.login()?, options.callback)))?;
        let result = callback.listen(|listener| blocking::login(&login, listener, &cancel_flag(canceller)))?;
        Ok((&result).into())
    })
}

/// Returns the organization of the keys; NULL if the server did not send it in time.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_organization(login_result: *const atmn_login_result) -> *const atmn_organization {
    object::get(login_result, |login_result| as_ptr(login_result.organization.as_ref()))
}

/// Returns the number of environments whose keys are in the file.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_environments_count(login_result: *const atmn_login_result) -> usize {
    object::count(login_result, |login_result| &login_result.environments)
}

/// Returns an environment whose key is in the file.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_environments_get(
    login_result: *const atmn_login_result,
    index: usize,
) -> atmn_environment {
    object::get(login_result, |login_result| login_result.environments.get(index).copied().unwrap_or_default())
}

/// Returns the number of keys in the file.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_keys_count(login_result: *const atmn_login_result) -> usize {
    object::count(login_result, |login_result| &login_result.keys)
}

/// Returns a key in the file, in the order of the environments.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_keys_get(login_result: *const atmn_login_result, index: usize) -> *const atmn_key {
    object::item(login_result, index, |login_result| &login_result.keys)
}

/// Returns how the new keys were saved; its note names a key that works and was kept. NULL if all keys in the
/// file still work and were kept.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_saved(login_result: *const atmn_login_result) -> *const atmn_save_result {
    object::get(login_result, |login_result| as_ptr(login_result.saved.as_ref()))
}

/// Returns the number of scopes that all of the keys have, as the server has sent them; 0 if it has sent none.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_scopes_count(login_result: *const atmn_login_result) -> usize {
    object::get(login_result, |login_result| login_result.scopes.len())
}

/// Returns a scope of the keys, such as "customers:read".
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_scopes_get(login_result: *const atmn_login_result, index: usize) -> *const c_char {
    object::get(login_result, |login_result| text::as_ptr(login_result.scopes.get(index)))
}

/// Frees the result of a login, and overwrites the texts of its keys.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_free(login_result: *mut atmn_login_result) {
    object::free(login_result);
}
