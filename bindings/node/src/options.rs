//! Options as JavaScript passes them, and their conversion for the core. JavaScript has checked the types; the core
//! decides which values are valid and has the defaults.

use std::time::Duration;

use libatmn::{
    Boundary, Cancel, ClientOptions, DiagnoseOptions, EnvFile, Environment, Error, Gitignore, LoginOptions,
    LogoutOptions, Reauth, ResolveOptions, Result, SaveOptions, Secret, Server, ServerInfoOptions, WhoamiOptions,
};
use napi_derive::napi;

use crate::host::HostView;

/// For `resolveKey`, `explainKey` and other operations that find a key.
#[napi(object, object_to_js = false)]
pub struct ResolveObject {
    /// The text of a key.
    pub key: Option<String>,
    /// `sandbox` or `live`.
    pub environment: Option<String>,
    /// The directory where the search starts.
    pub directory: Option<String>,
    /// `filesystem`, `repository` or a directory.
    pub boundary: Option<String>,
    /// What the call sees of its host.
    pub host: HostView,
}

impl ResolveObject {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<ResolveOptions> {
        let Self { key, environment, directory, boundary, host } = self;
        Ok(ResolveOptions {
            key: key.map(Secret::from),
            environment: environment.as_deref().map(Environment::parse).transpose()?,
            directory: directory.map(Into::into),
            boundary: boundary.map(Boundary::parse).unwrap_or_default(),
            host: Some(host.into()),
        })
    }
}

/// For `saveKeys`.
#[napi(object, object_to_js = false)]
pub struct SaveObject {
    /// The directory whose `.env` is written.
    pub directory: Option<String>,
    /// `.env` or `.env.local`.
    pub file: Option<String>,
    /// Whether a tracked file may be written.
    pub allow_tracked: Option<bool>,
    /// `add` or `never`.
    pub gitignore: Option<String>,
    /// What the call sees of its host.
    pub host: HostView,
}

impl SaveObject {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<SaveOptions> {
        let Self { directory, file, allow_tracked, gitignore, host } = self;
        let defaults = SaveOptions::default();
        Ok(SaveOptions {
            directory: directory.map(Into::into),
            file: file.as_deref().map(EnvFile::parse).transpose()?,
            allow_tracked: allow_tracked.unwrap_or(defaults.allow_tracked),
            gitignore: gitignore.as_deref().map_or(Ok(defaults.gitignore), Gitignore::parse)?,
            host: Some(host.into()),
            cancel: defaults.cancel,
        })
    }
}

/// For `logout`.
#[napi(object, object_to_js = false)]
pub struct LogoutObject {
    /// `cloud`, `local` or a base URL.
    pub server: Option<String>,
    /// The directory whose `.env` is edited.
    pub directory: Option<String>,
    /// `.env` or `.env.local`.
    pub file: Option<String>,
    /// The environment whose key is removed.
    pub environment: Option<String>,
    /// What the call sees of its host.
    pub host: HostView,
}

impl LogoutObject {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<LogoutOptions> {
        let Self { server, directory, file, environment, host } = self;
        Ok(LogoutOptions {
            environment: environment.as_deref().map(Environment::parse).transpose()?,
            directory: directory.map(Into::into),
            file: file.as_deref().map(EnvFile::parse).transpose()?,
            server: server.as_deref().map(Server::parse).transpose()?,
            host: Some(host.into()),
            cancel: Cancel::new(),
        })
    }
}

/// For `serverInfo`.
#[napi(object, object_to_js = false)]
pub struct ServerInfo {
    /// `cloud`, `local` or a base URL.
    pub server: Option<String>,
    /// What the call sees of its host.
    pub host: HostView,
}

impl ServerInfo {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<ServerInfoOptions> {
        let Self { server, host } = self;
        Ok(ServerInfoOptions { server: server.as_deref().map(Server::parse).transpose()?, host: Some(host.into()) })
    }
}

/// For `diagnose`.
#[napi(object, object_to_js = false)]
pub struct Diagnose {
    /// The directory of the project.
    pub directory: Option<String>,
    /// `cloud`, `local` or a base URL.
    pub server: Option<String>,
    /// Whether to make no request.
    pub offline: Option<bool>,
    /// How long each request may take, in milliseconds.
    pub timeout_ms: Option<f64>,
    /// What the call sees of its host.
    pub host: HostView,
}

impl Diagnose {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<DiagnoseOptions> {
        let Self { directory, server, offline, timeout_ms, host } = self;
        let defaults = DiagnoseOptions::default();
        Ok(DiagnoseOptions {
            directory: directory.map(Into::into),
            server: server.as_deref().map(Server::parse).transpose()?,
            offline: offline.unwrap_or(defaults.offline),
            timeout: duration("timeout", timeout_ms, defaults.timeout)?,
            host: Some(host.into()),
            ports: defaults.ports,
            command: None,
        })
    }
}

/// For `login`, `startLogin` and `beginLogin`.
#[napi(object, object_to_js = false)]
pub struct LoginObject {
    /// `cloud`, `local` or a base URL.
    pub server: Option<String>,
    /// The directory whose `.env` is written.
    pub directory: Option<String>,
    /// `.env` or `.env.local`.
    pub file: Option<String>,
    /// How long the user may take, in milliseconds.
    pub login_timeout_ms: Option<f64>,
    /// Whether to open the browser.
    pub open_browser: Option<bool>,
    /// Whether to replace both keys, even one that still works.
    pub force: Option<bool>,
    /// Whether to save only the sandbox key.
    pub sandbox_only: Option<bool>,
    /// Whether a tracked file may be written.
    pub allow_tracked: Option<bool>,
    /// `add` or `never`.
    pub gitignore: Option<String>,
    /// The expected organization.
    pub organization: Option<String>,
    /// The scopes of the new keys.
    pub scopes: Option<Vec<String>>,
    /// What the call sees of its host.
    pub host: HostView,
}

impl LoginObject {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<LoginOptions> {
        let Self {
            server,
            directory,
            file,
            login_timeout_ms,
            open_browser,
            force,
            sandbox_only,
            allow_tracked,
            gitignore,
            organization,
            scopes,
            host,
        } = self;
        let defaults = LoginOptions::default();
        Ok(LoginOptions {
            server: server.as_deref().map(Server::parse).transpose()?,
            directory: directory.map(Into::into),
            file: file.as_deref().map(EnvFile::parse).transpose()?,
            login_timeout: duration("login_timeout", login_timeout_ms, defaults.login_timeout)?,
            open_browser: open_browser.unwrap_or(defaults.open_browser),
            force: force.unwrap_or(defaults.force),
            sandbox_only: sandbox_only.unwrap_or(defaults.sandbox_only),
            allow_tracked: allow_tracked.unwrap_or(defaults.allow_tracked),
            gitignore: gitignore.as_deref().map_or(Ok(defaults.gitignore), Gitignore::parse)?,
            organization,
            scopes,
            host: Some(host.into()),
            ports: defaults.ports,
        })
    }
}

/// For `whoami`.
#[napi(object, object_to_js = false)]
pub struct Whoami {
    /// `cloud`, `local` or a base URL.
    pub server: Option<String>,
    /// The key, or where to look for it.
    pub resolve: ResolveObject,
    /// How long the request may take, in milliseconds.
    pub timeout_ms: Option<f64>,
}

impl Whoami {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<WhoamiOptions> {
        let Self { server, resolve, timeout_ms } = self;
        Ok(WhoamiOptions {
            server: server.as_deref().map(Server::parse).transpose()?,
            resolve: resolve.read()?,
            timeout: duration("timeout", timeout_ms, WhoamiOptions::default().timeout)?,
        })
    }
}

/// For `new Client`.
#[napi(object, object_to_js = false)]
pub struct ClientObject {
    /// `cloud`, `local` or a base URL.
    pub server: Option<String>,
    /// The key, or where to look for it.
    pub resolve: ResolveObject,
    /// How long each attempt may take, in milliseconds.
    pub timeout_ms: Option<f64>,
    /// How many times a request is retried at most.
    pub retries: Option<f64>,
    /// The largest accepted response body, in bytes.
    pub response_limit: Option<f64>,
    /// `never`, `auto` or `always`.
    pub reauth: Option<String>,
    /// The expected organization.
    pub organization: Option<String>,
    /// How long the user may take, in milliseconds.
    pub login_timeout_ms: Option<f64>,
    /// Whether a login opens the browser.
    pub open_browser: Option<bool>,
}

impl ClientObject {
    /// The options of the core.
    pub(crate) fn read(self) -> Result<ClientOptions> {
        let Self {
            server,
            resolve,
            timeout_ms,
            retries: given_retries,
            response_limit,
            reauth,
            organization,
            login_timeout_ms,
            open_browser,
        } = self;
        let defaults = ClientOptions::default();
        Ok(ClientOptions {
            server: server.as_deref().map(Server::parse).transpose()?,
            resolve: resolve.read()?,
            timeout: duration("timeout", timeout_ms, defaults.timeout)?,
            retries: retries(given_retries)?.unwrap_or(defaults.retries),
            response_limit: size(response_limit, defaults.response_limit)?,
            reauth: reauth.as_deref().map_or(Ok(defaults.reauth), Reauth::parse)?,
            organization,
            login_timeout: duration("login_timeout", login_timeout_ms, defaults.login_timeout)?,
            open_browser: open_browser.unwrap_or(defaults.open_browser),
            ports: defaults.ports,
        })
    }
}

fn size(bytes: Option<f64>, default: usize) -> Result<usize> {
    match bytes {
        None => Ok(default),
        // Only whole numbers that a float holds exactly.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(bytes) if bytes.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&bytes) => Ok(bytes as usize),
        Some(_) => Err(Error::out_of_range("response_limit", "a whole number from 1 to 9007199254740991")),
    }
}

/// The number of retries, which must be whole.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn retries(given: Option<f64>) -> Result<Option<u32>> {
    match given {
        None => Ok(None),
        Some(number) if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) => {
            Ok(Some(number as u32))
        }
        Some(_) => Err(Error::out_of_range("retries", "a whole number from 0 to 4294967295")),
    }
}

/// Half of what a JavaScript `Date` can count from 1970 on, so that every deadline is a valid date.
const MAX_MILLISECONDS: f64 = 4e15;

/// A duration in milliseconds, or the default.
pub(crate) fn duration(option: &'static str, milliseconds: Option<f64>, default: Duration) -> Result<Duration> {
    let Some(milliseconds) = milliseconds else { return Ok(default) };
    let outside = || Error::out_of_range(option, format_args!("greater than zero and at most {MAX_MILLISECONDS}"));
    if milliseconds > MAX_MILLISECONDS {
        return Err(outside());
    }
    Duration::try_from_secs_f64(milliseconds / 1000.0).map_err(|_| outside())
}
