//! Logging in.

use std::ffi::{CString, c_char};
use std::ptr;

use libatmn::{LoginResult, Organization, blocking};

use crate::canceller::{atmn_canceller, flag};
use crate::error::{atmn_code, atmn_error};
use crate::guard;
use crate::key::{atmn_environment, atmn_key, environment_number};
use crate::options::{self, atmn_options, listening};
use crate::save::atmn_save_result;
use crate::text::{lend, owned};

/// An organization. Always lent. Every text is ready to print.
pub struct atmn_organization {
    id: Option<CString>,
    name: CString,
    slug: CString,
}

/// A login that is done.
pub struct atmn_login_result {
    organization: Option<atmn_organization>,
    environments: Vec<atmn_environment>,
    keys: Vec<atmn_key>,
    saved: Option<atmn_save_result>,
}

impl From<&Organization> for atmn_organization {
    fn from(organization: &Organization) -> Self {
        let Organization { id, name, slug } = organization;
        Self { id: id.as_deref().map(owned), name: owned(name), slug: owned(slug) }
    }
}

impl From<&LoginResult> for atmn_login_result {
    fn from(login_result: &LoginResult) -> Self {
        let LoginResult { organization, environments, keys, saved } = login_result;
        Self {
            organization: organization.as_ref().map(atmn_organization::from),
            environments: environments.iter().copied().map(environment_number).collect(),
            keys: keys.iter().map(atmn_key::from).collect(),
            saved: saved.as_ref().map(atmn_save_result::from),
        }
    }
}

/// Its id, or NULL: older servers do not tell it.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_organization_id(organization: *const atmn_organization) -> *const c_char {
    guard::get(organization, |organization| lend(organization.id.as_ref()))
}

/// Its name for people.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_organization_name(organization: *const atmn_organization) -> *const c_char {
    guard::get(organization, |organization| organization.name.as_ptr())
}

/// Its short name, as it stands in addresses.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_organization_slug(organization: *const atmn_organization) -> *const c_char {
    guard::get(organization, |organization| organization.slug.as_ptr())
}

/// Logs a person in, unless the keys that are there still work: tells the address (`ATMN_EVENT_LOGIN_URL`), opens the
/// browser, waits for its answer on one of the ports 31448 to 31452, gets the keys, and saves them as `atmn_save_keys`
/// does. Waits for as long as the option "login_timeout_ms" says, or until `canceller` (may be NULL) is set.
///
/// It needs a callback for events, since nobody could see the address otherwise; `atmn_terminal_listener` is ready-made.
///
/// ```c
/// atmn_options *options = atmn_options_new();
/// atmn_login_result *done = NULL;
/// atmn_error *error = NULL;
/// atmn_options_set_on_event(options, atmn_terminal_listener, NULL);
/// if (atmn_login(options, NULL, &done, &error) == ATMN_OK)
///     printf("Logged in to %s.\n", atmn_organization_name(atmn_login_result_organization(done)));
/// else
///     fprintf(stderr, "%s\n", atmn_error_message(error));
/// atmn_login_result_free(done);
/// atmn_error_free(error);
/// atmn_options_free(options);
/// ```
///
/// Codes: `ATMN_LOGIN_UNATTENDED`; `ATMN_PORTS_IN_USE`; `ATMN_LOGIN_DENIED`, `ATMN_TIMED_OUT`, `ATMN_CANCELLED`,
/// `ATMN_STATE_MISMATCH`: there was no answer to go on with; `ATMN_EXCHANGE_REFUSED`, `ATMN_EXCHANGE_UNREADABLE`,
/// `ATMN_KEYS_REFUSED`, `ATMN_ORGANIZATION_CHANGED`: no keys were saved; if keys may exist all the same, the context has
/// "keys_may_exist" and the hint says where to delete them; as `atmn_save_keys`, most of it before anybody is asked; as
/// `atmn_whoami`, where there is no answer to speak of.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login(
    options: *const atmn_options,
    canceller: *mut atmn_canceller,
    out: *mut *mut atmn_login_result,
    error: *mut *mut atmn_error,
) -> atmn_code {
    guard::result(out, error, || {
        let (login, ear) = options::read(options, |options| Ok((options.login()?, options.ear())))?;
        let done = listening(ear, |listener| blocking::login(&login, listener, &flag(canceller)))?;
        Ok((&done).into())
    })
}

/// Whose the keys are; NULL if the server did not tell in time.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_organization(login_result: *const atmn_login_result) -> *const atmn_organization {
    guard::get(login_result, |login_result| login_result.organization.as_ref().map_or(ptr::null(), ptr::from_ref))
}

/// The environments whose keys are in the file, one by one from 0 on; 0 beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_environments(
    login_result: *const atmn_login_result,
    index: usize,
) -> atmn_environment {
    guard::get(login_result, |login_result| login_result.environments.get(index).copied().unwrap_or_default())
}

/// These keys, one by one from 0 on; NULL beyond the end.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_keys(login_result: *const atmn_login_result, index: usize) -> *const atmn_key {
    guard::get(login_result, |login_result| login_result.keys.get(index).map_or(ptr::null(), ptr::from_ref))
}

/// What was saved; NULL if the keys that were there still work and were kept.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_saved(login_result: *const atmn_login_result) -> *const atmn_save_result {
    guard::get(login_result, |login_result| login_result.saved.as_ref().map_or(ptr::null(), ptr::from_ref))
}

/// Frees a login that is done, and overwrites the texts of its keys.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_login_result_free(login_result: *mut atmn_login_result) {
    guard::end(login_result);
}
