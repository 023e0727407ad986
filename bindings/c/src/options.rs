//! Options: one type for all calls.

use std::ffi::{CString, c_char, c_void};

use zeroize::Zeroizing;

use crate::event::{EventCallback, atmn_event_callback};
use crate::key::atmn_environment;
use crate::object::{self, change};
use crate::pointer::{Handle, Owned};
use crate::text::copied;

/// What saving does if git would commit a `.env` file that it creates.
pub type atmn_gitignore = i32;
/// Add `/.env` to the `.gitignore` in the same directory.
pub const ATMN_GITIGNORE_ADD: atmn_gitignore = 1;
/// Only report it.
pub const ATMN_GITIGNORE_NEVER: atmn_gitignore = 2;

/// Whether a client logs in again after the server has rejected its key.
pub type atmn_reauth = i32;
/// Never: the call fails, with `ATMN_LOGIN_NEEDED` if a login could have replaced the key in its file.
pub const ATMN_REAUTH_NEVER: atmn_reauth = 1;
/// If the program runs in a terminal and not in CI, and the server is Autumn's cloud.
pub const ATMN_REAUTH_AUTO: atmn_reauth = 2;
/// Always, if there is an event callback that can show the URL.
pub const ATMN_REAUTH_ALWAYS: atmn_reauth = 3;

/// The credentials that an endpoint of your server accepts.
pub type atmn_accepts = i32;
/// Secret keys, publishable keys on their four endpoints, and, if you enable them, dashboard requests.
pub const ATMN_ACCEPTS_ANY: atmn_accepts = 1;
/// Only publishable keys, on their four endpoints.
pub const ATMN_ACCEPTS_PUBLISHABLE_ONLY: atmn_accepts = 2;

/// The options of a call. Functions that take options accept NULL for all defaults.
///
/// A setter copies its value and never fails. A call that reads an option whose value cannot be used reports it:
/// `ATMN_INVALID_ARGUMENT` or `ATMN_NOT_UTF8`, with the name of the option as "option" in the context. A call ignores
/// the options that it does not read. Setting a text to NULL restores its default.
#[derive(Default)]
pub struct atmn_options {
    pub(crate) server: Option<CString>,
    pub(crate) environment: atmn_environment,
    pub(crate) directory: Option<CString>,
    pub(crate) file: Option<CString>,
    pub(crate) boundary: Option<CString>,
    pub(crate) key: Option<Zeroizing<CString>>,
    pub(crate) offline: bool,
    pub(crate) timeout_ms: Option<i64>,
    pub(crate) login_timeout_ms: Option<i64>,
    pub(crate) open_browser: Option<bool>,
    pub(crate) force: bool,
    pub(crate) sandbox_only: bool,
    pub(crate) allow_tracked: bool,
    pub(crate) gitignore: atmn_gitignore,
    pub(crate) organization: Option<CString>,
    pub(crate) scopes: Option<CString>,
    pub(crate) response_limit: Option<usize>,
    pub(crate) retries: Option<i32>,
    pub(crate) reauth: atmn_reauth,
    pub(crate) accepts: atmn_accepts,
    pub(crate) accept_dashboard: bool,
    pub(crate) callback: EventCallback,
}

impl Handle for atmn_options {
    type Ownership = Owned;
}

/// Makes options with all defaults. Free them with `atmn_options_free`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_new() -> *mut atmn_options {
    object::new(atmn_options::default)
}

/// Sets the server: "cloud", "local", or a base URL such as `https://api.example.com`. Default: the value of
/// `ATMN_BACKEND_URL` in the process environment, otherwise "cloud". Read by logins, `atmn_whoami`, `atmn_logout`,
/// `atmn_server_info`, `atmn_diagnose` and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_server(options: *mut atmn_options, server: *const c_char) {
    change(options, |options| options.server = copied(server));
}

/// Sets the environment whose key is wanted. Default: 0, the key in `AUTUMN_SECRET_KEY` in either environment; for
/// `atmn_logout`, both keys. Read by `atmn_resolve_key`, `atmn_find_key`, `atmn_explain_key`, `atmn_whoami`,
/// `atmn_logout` and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_environment(options: *mut atmn_options, environment: atmn_environment) {
    change(options, |options| options.environment = environment);
}

/// Sets the directory of the `.env` file, where the search through the parent directories also starts. Default: the
/// working directory. An empty text is an error. Read by all calls except `atmn_complete_login` and
/// `atmn_authenticate`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_directory(options: *mut atmn_options, directory: *const c_char) {
    change(options, |options| options.directory = copied(directory));
}

/// Sets the file in the directory that has the keys: ".env" or ".env.local". Default: `.env`; `.env.local` if
/// it has a value for one of the variables, or where git tracks `.env` and ignores `.env.local`; for `atmn_logout` both
/// files, except that a `.env` which git tracks, or may track, is left beside a `.env.local`. Read by logins,
/// `atmn_save_keys` and `atmn_logout`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_file(options: *mut atmn_options, file: *const c_char) {
    change(options, |options| options.file = copied(file));
}

/// Sets where the search through the parent directories ends: "repository", "filesystem" (at its root), or a directory.
/// Default: "filesystem". Read by `atmn_resolve_key`, `atmn_find_key`, `atmn_explain_key`, `atmn_whoami` and
/// clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_boundary(options: *mut atmn_options, boundary: *const c_char) {
    change(options, |options| options.boundary = copied(boundary));
}

/// Sets a key that your program already has; it takes precedence over all other locations. Default: none; an empty text
/// also means none. Read by `atmn_resolve_key`, `atmn_find_key`, `atmn_explain_key`, `atmn_whoami` and
/// clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_key(options: *mut atmn_options, key: *const c_char) {
    change(options, |options| options.key = copied(key).map(Zeroizing::new));
}

/// Sets how long each attempt of a request may take, in milliseconds; greater than 0. Default: 30000. Read by
/// `atmn_whoami` and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_timeout_ms(options: *mut atmn_options, timeout_ms: i64) {
    change(options, |options| options.timeout_ms = Some(timeout_ms));
}

/// Sets how long the user may take to log in, in milliseconds; greater than 0. Default: 300000 (five minutes). Read by
/// logins and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_login_timeout_ms(options: *mut atmn_options, login_timeout_ms: i64) {
    change(options, |options| options.login_timeout_ms = Some(login_timeout_ms));
}

/// Sets whether a login opens a browser. Default: 1. The URL is an event in either case. Read by logins and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_open_browser(options: *mut atmn_options, open_browser: i32) {
    change(options, |options| options.open_browser = Some(open_browser != 0));
}

/// Sets whether to replace both keys, even one that still works. Default: 0. Read by `atmn_login`,
/// `atmn_start_login` and `atmn_begin_login`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_force(options: *mut atmn_options, force: i32) {
    change(options, |options| options.force = force != 0);
}

/// Sets whether a login saves only the sandbox key. Default: 0, both keys. Read by logins.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_sandbox_only(options: *mut atmn_options, sandbox_only: i32) {
    change(options, |options| options.sandbox_only = sandbox_only != 0);
}

/// Sets whether keys may be saved in a file that git tracks, or may track. Default: 0, the call fails with
/// `ATMN_ENV_FILE_TRACKED` or `ATMN_ENV_FILE_UNPROTECTED`.
/// Read by logins and `atmn_save_keys`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_allow_tracked(options: *mut atmn_options, allow_tracked: i32) {
    change(options, |options| options.allow_tracked = allow_tracked != 0);
}

/// Sets what happens if git would commit a file that the call creates. Default: `ATMN_GITIGNORE_ADD`. Read by logins
/// and `atmn_save_keys`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_gitignore(options: *mut atmn_options, gitignore: atmn_gitignore) {
    change(options, |options| options.gitignore = gitignore);
}

/// Sets the organization that is expected, by id or slug. Keys of another one are not saved
/// (`ATMN_ORGANIZATION_CHANGED`). Default: any. Read by logins and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_organization(options: *mut atmn_options, organization: *const c_char) {
    change(options, |options| options.organization = copied(organization));
}

/// Sets the scopes of the keys that a login creates, separated by spaces, such as "customers:read plans:read". Default:
/// all that a login can have, which `atmn_server_info` lists. Another scope is an error before the browser opens. Read
/// by logins.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_scopes(options: *mut atmn_options, scopes: *const c_char) {
    change(options, |options| options.scopes = copied(scopes));
}

/// Sets whether a diagnosis checks this machine only, and makes no request. Default: 0. Read by `atmn_diagnose`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_offline(options: *mut atmn_options, offline: i32) {
    change(options, |options| options.offline = offline != 0);
}

/// Sets how many times a request is retried at most, all within thirty seconds; 0 turns retries off. Default: 3. Read
/// by clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_retries(options: *mut atmn_options, retries: i32) {
    change(options, |options| options.retries = Some(retries));
}

/// Sets the largest response, in bytes after decompression; greater than 0. Default: 67108864 (64 MiB). Read by
/// clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_response_limit(options: *mut atmn_options, response_limit: usize) {
    change(options, |options| options.response_limit = Some(response_limit));
}

/// Sets whether a client logs in again after the server has rejected its key. Default: `ATMN_REAUTH_NEVER`. Read by
/// clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_reauth(options: *mut atmn_options, reauth: atmn_reauth) {
    change(options, |options| options.reauth = reauth);
}

/// Sets the credentials that the endpoint accepts. Default: `ATMN_ACCEPTS_ANY`. Read by `atmn_authenticate`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_accepts(options: *mut atmn_options, accepts: atmn_accepts) {
    change(options, |options| options.accepts = accepts);
}

/// Sets whether dashboard requests reach your `verify` callback, with `key` NULL. Default: 0, the header
/// `x-client-type` is ignored. Read by `atmn_authenticate`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_accept_dashboard(options: *mut atmn_options, accept_dashboard: i32) {
    change(options, |options| options.accept_dashboard = accept_dashboard != 0);
}

/// Sets the callback for events, and the `user_data` that it receives. Default: NULL, no callback. Read by logins,
/// clients and `atmn_authenticate`. Both belong to the calls, and to the client or attempt, that are made with these
/// options: later changes do not affect these, and other options have their own.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_on_event(
    options: *mut atmn_options,
    callback: atmn_event_callback,
    user_data: *mut c_void,
) {
    change(options, |options| options.callback = EventCallback::new(callback, user_data));
}

/// Frees options. Objects that were made with them stay valid.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_free(options: *mut atmn_options) {
    object::free(options);
}
