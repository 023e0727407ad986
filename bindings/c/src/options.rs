//! Options: one type for every call.

use std::ffi::{CString, c_char, c_void};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use libatmn::{
    Accepts, Boundary, ClientOptions, Error, Event, Gitignore, Listener, LoginOptions, LogoutOptions, Reauth,
    ResolveOptions, Result, SaveOptions, Secret, Server, WhoamiOptions,
};
use zeroize::Zeroizing;

use crate::event::{atmn_event, atmn_event_callback};
use crate::guard::{self, change};
use crate::key::{atmn_environment, environment};
use crate::pointer::{self, Ear, object};
use crate::text::{path, utf8};

/// What to do about a `.env` that git would commit.
pub type atmn_gitignore = i32;
/// Add `/.env` to the `.gitignore` beside a file that is created.
pub const ATMN_GITIGNORE_ADD: atmn_gitignore = 1;
/// Only report it.
pub const ATMN_GITIGNORE_NEVER: atmn_gitignore = 2;

/// Whether a rejected key may lead to a login.
pub type atmn_reauth = i32;
/// Never: the call fails with `ATMN_LOGIN_NEEDED`.
pub const ATMN_REAUTH_NEVER: atmn_reauth = 1;
/// Where a person is likely to be there, and the server is Autumn's own.
pub const ATMN_REAUTH_AUTO: atmn_reauth = 2;
/// Always, if there is a callback that could show the address.
pub const ATMN_REAUTH_ALWAYS: atmn_reauth = 3;

/// What requests a program accepts.
pub type atmn_accepts = i32;
/// Secret keys, publishable keys on their four endpoints, and dashboard sessions.
pub const ATMN_ACCEPTS_ANY: atmn_accepts = 1;
/// Publishable keys on their four endpoints, and nothing else.
pub const ATMN_ACCEPTS_PUBLISHABLE_ONLY: atmn_accepts = 2;

/// Settings of a call. Where options are asked for, NULL stands for all defaults.
///
/// A setter copies and never fails: a value that cannot be used is reported by the call that reads it
/// (`ATMN_INVALID_ARGUMENT` or `ATMN_NOT_UTF8`, with the setting's name in the context "option", such as
/// "login_timeout_ms"). A setting that a call does not read is ignored by it. A text that is set to NULL is not set.
#[derive(Default)]
pub struct atmn_options {
    server: Option<CString>,
    environment: atmn_environment,
    directory: Option<CString>,
    boundary: Option<CString>,
    key: Option<Zeroizing<CString>>,
    timeout_ms: Option<i64>,
    login_timeout_ms: Option<i64>,
    open_browser: Option<bool>,
    force: bool,
    sandbox_only: bool,
    allow_tracked: bool,
    gitignore: atmn_gitignore,
    organization: Option<CString>,
    response_limit: Option<usize>,
    reauth: atmn_reauth,
    accepts: atmn_accepts,
    ear: Option<Ear>,
}

/// All defaults. Free them with `atmn_options_free`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_new() -> *mut atmn_options {
    guard::new(atmn_options::default)
}

/// Where the API is: "cloud", "local", or a base address such as `https://api.example.com`. Default: what
/// `ATMN_BACKEND_URL` in the process environment names, then the cloud. Read by logins, whoami, logout and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_server(options: *mut atmn_options, server: *const c_char) {
    change(options, |options| options.server = copied(server));
}

/// The environment wanted. Default 0: whatever `AUTUMN_SECRET_KEY` holds. Read by resolve, explain, whoami and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_environment(options: *mut atmn_options, environment: atmn_environment) {
    change(options, |options| options.environment = environment);
}

/// The directory whose `.env` is meant, and where the walk begins. Default: the working directory. Read by all.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_directory(options: *mut atmn_options, path: *const c_char) {
    change(options, |options| options.directory = copied(path));
}

/// Where the walk through the parent directories ends: "repository", "filesystem" (its root), or a directory. Default:
/// "filesystem". Read by resolve, explain, whoami and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_boundary(options: *mut atmn_options, boundary: *const c_char) {
    change(options, |options| options.boundary = copied(boundary));
}

/// A key that the program has already; it comes before every other place. Default: none, and an empty text is none. Read
/// by resolve, explain, whoami and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_key(options: *mut atmn_options, key: *const c_char) {
    change(options, |options| options.key = copied(key).map(Zeroizing::new));
}

/// How long each try of a request may take, in milliseconds. Default: 30000. Read by whoami and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_timeout_ms(options: *mut atmn_options, timeout_ms: i64) {
    change(options, |options| options.timeout_ms = Some(timeout_ms));
}

/// How long a person may take to log in, in milliseconds. Default: 300000, five minutes. Read by logins and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_login_timeout_ms(options: *mut atmn_options, timeout_ms: i64) {
    change(options, |options| options.login_timeout_ms = Some(timeout_ms));
}

/// Whether a login opens the browser. Default 1; the address is an event in any case. Read by logins and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_open_browser(options: *mut atmn_options, yes: i32) {
    change(options, |options| options.open_browser = Some(yes != 0));
}

/// Whether to log in although the keys in the file still work. Default 0. Read by `atmn_login` and `atmn_start_login`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_force(options: *mut atmn_options, yes: i32) {
    change(options, |options| options.force = yes != 0);
}

/// Whether a login saves the sandbox key only. Default 0: both. Read by logins.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_sandbox_only(options: *mut atmn_options, yes: i32) {
    change(options, |options| options.sandbox_only = yes != 0);
}

/// Whether keys are saved in a file that git tracks. Default 0: `ATMN_ENV_FILE_TRACKED`. Read by logins and save.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_allow_tracked(options: *mut atmn_options, yes: i32) {
    change(options, |options| options.allow_tracked = yes != 0);
}

/// What to do if git would commit a file that is created. Default: `ATMN_GITIGNORE_ADD`. Read by logins and save.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_gitignore(options: *mut atmn_options, gitignore: atmn_gitignore) {
    change(options, |options| options.gitignore = gitignore);
}

/// How large an answer may be, in bytes after decompression. Default: 64 MiB. Read by clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_response_limit(options: *mut atmn_options, bytes: usize) {
    change(options, |options| options.response_limit = Some(bytes));
}

/// Whether a rejected key may lead to a login. Default: `ATMN_REAUTH_NEVER`. Read by clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_reauth(options: *mut atmn_options, reauth: atmn_reauth) {
    change(options, |options| options.reauth = reauth);
}

/// The organization expected, by id or short name: keys of another one are not saved (`ATMN_ORGANIZATION_CHANGED`).
/// Default: any. Read by logins and clients.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_organization(options: *mut atmn_options, organization: *const c_char) {
    change(options, |options| options.organization = copied(organization));
}

/// What the endpoint that was asked for accepts. Default: `ATMN_ACCEPTS_ANY`. Read by `atmn_authenticate`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_accepts(options: *mut atmn_options, accepts: atmn_accepts) {
    change(options, |options| options.accepts = accepts);
}

/// Who hears events, and what the callback gets as its `user_data`. Default NULL: nobody. Read by logins, clients and
/// `atmn_authenticate`.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_set_on_event(
    options: *mut atmn_options,
    callback: atmn_event_callback,
    user_data: *mut c_void,
) {
    change(options, |options| options.ear = Ear::new(callback, user_data));
}

/// Frees options. Objects made with them keep what they need.
#[unsafe(no_mangle)]
pub extern "C" fn atmn_options_free(options: *mut atmn_options) {
    guard::end(options);
}

fn copied(text: *const c_char) -> Option<CString> {
    pointer::text(text).map(CString::from)
}

/// Reads options in a call; NULL stands for all defaults.
pub(crate) fn read<T>(options: *const atmn_options, read: impl FnOnce(&atmn_options) -> T) -> T {
    match object(options) {
        Some(options) => read(options),
        None => read(&atmn_options::default()),
    }
}

impl atmn_options {
    fn server(&self) -> Result<Option<Server>> {
        text(self.server.as_ref(), "server")?.map(Server::parse).transpose()
    }

    fn directory(&self) -> Result<Option<PathBuf>> {
        self.directory.as_ref().map(|text| path(text, "directory")).transpose()
    }

    fn boundary(&self) -> Result<Boundary> {
        let given = self.boundary.as_ref().map(|text| path(text, "boundary")).transpose()?;
        Ok(given.map(Boundary::parse).unwrap_or_default())
    }

    // A number that has no meaning is no word either, and the core says which words there are.
    fn gitignore(&self) -> Result<Gitignore> {
        match self.gitignore {
            0 => Ok(Gitignore::default()),
            ATMN_GITIGNORE_ADD => Ok(Gitignore::Add),
            ATMN_GITIGNORE_NEVER => Ok(Gitignore::Never),
            number => Gitignore::parse(&number.to_string()),
        }
    }

    fn reauth(&self) -> Result<Reauth> {
        match self.reauth {
            0 => Ok(Reauth::default()),
            ATMN_REAUTH_NEVER => Ok(Reauth::Never),
            ATMN_REAUTH_AUTO => Ok(Reauth::Auto),
            ATMN_REAUTH_ALWAYS => Ok(Reauth::Always),
            number => Reauth::parse(&number.to_string()),
        }
    }

    /// The accepted credentials of `atmn_authenticate`.
    pub(crate) fn accepts(&self) -> Result<Accepts> {
        match self.accepts {
            0 => Ok(Accepts::default()),
            ATMN_ACCEPTS_ANY => Ok(Accepts::Any),
            ATMN_ACCEPTS_PUBLISHABLE_ONLY => Ok(Accepts::PublishableOnly),
            number => Accepts::parse(&number.to_string()),
        }
    }

    pub(crate) fn resolve(&self) -> Result<ResolveOptions> {
        Ok(ResolveOptions {
            key: text(self.key.as_deref(), "key")?.map(Secret::from),
            environment: environment(self.environment)?,
            directory: self.directory()?,
            boundary: self.boundary()?,
        })
    }

    pub(crate) fn save(&self) -> Result<SaveOptions> {
        Ok(SaveOptions {
            directory: self.directory()?,
            allow_tracked: self.allow_tracked,
            gitignore: self.gitignore()?,
        })
    }

    pub(crate) fn logout(&self) -> Result<LogoutOptions> {
        Ok(LogoutOptions { directory: self.directory()?, server: self.server()? })
    }

    pub(crate) fn login(&self) -> Result<LoginOptions> {
        let defaults = LoginOptions::default();
        Ok(LoginOptions {
            server: self.server()?,
            directory: self.directory()?,
            login_timeout: self.login_timeout()?,
            open_browser: self.open_browser.unwrap_or(defaults.open_browser),
            force: self.force,
            sandbox_only: self.sandbox_only,
            allow_tracked: self.allow_tracked,
            gitignore: self.gitignore()?,
            organization: text(self.organization.as_ref(), "organization")?.map(str::to_owned),
            ports: defaults.ports,
        })
    }

    pub(crate) fn login_timeout(&self) -> Result<Duration> {
        milliseconds(self.login_timeout_ms, LoginOptions::default().login_timeout, "login_timeout")
    }

    pub(crate) fn whoami(&self) -> Result<WhoamiOptions> {
        Ok(WhoamiOptions {
            server: self.server()?,
            resolve: self.resolve()?,
            timeout: milliseconds(self.timeout_ms, WhoamiOptions::default().timeout, "timeout")?,
        })
    }

    pub(crate) fn client(&self) -> Result<ClientOptions> {
        let defaults = ClientOptions::default();
        Ok(ClientOptions {
            server: self.server()?,
            resolve: self.resolve()?,
            timeout: milliseconds(self.timeout_ms, defaults.timeout, "timeout")?,
            response_limit: self.response_limit.unwrap_or(defaults.response_limit),
            reauth: self.reauth()?,
            organization: text(self.organization.as_ref(), "organization")?.map(str::to_owned),
            login_timeout: milliseconds(self.login_timeout_ms, defaults.login_timeout, "login_timeout")?,
            open_browser: self.open_browser.unwrap_or(defaults.open_browser),
            ports: defaults.ports,
        })
    }

    pub(crate) fn ear(&self) -> Option<Ear> {
        self.ear
    }
}

fn text<'a>(text: Option<&'a CString>, name: &'static str) -> Result<Option<&'a str>> {
    text.map(|text| utf8(text, name)).transpose()
}

/// A length of time; below zero there is none.
pub(crate) fn milliseconds(set: Option<i64>, default: Duration, name: &'static str) -> Result<Duration> {
    let Some(number) = set else { return Ok(default) };
    u64::try_from(number).map(Duration::from_millis).map_err(|_| Error::no_time(name))
}

/// Makes a call with whoever hears its events.
pub(crate) fn listening<T>(ear: Option<Ear>, call: impl FnOnce(Option<Listener<'_>>) -> T) -> T {
    let Some(ear) = ear else { return call(None) };
    let mut hear = |event: &Event| {
        if ear.hears(&atmn_event::from(event)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    call(Some(&mut hear))
}
