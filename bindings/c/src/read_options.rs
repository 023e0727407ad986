//! Reading options: each call takes what it needs, as the core's own options. None has a host: the core takes that of
//! the process at the start of each call, on the calling thread.

use std::path::PathBuf;
use std::time::Duration;

use libatmn::{
    Accepts, Boundary, Cancel, ClientOptions, CompleteOptions, DiagnoseOptions, EnvFile, Environment, Error, Gitignore,
    LoginOptions, LogoutOptions, Reauth, ResolveOptions, Result, SaveOptions, Secret, Server, ServerInfoOptions,
    WhoamiOptions,
};

use crate::enumeration::{self, enumeration};
use crate::options::{
    ATMN_ACCEPTS_ANY, ATMN_ACCEPTS_PUBLISHABLE_ONLY, ATMN_GITIGNORE_ADD, ATMN_GITIGNORE_NEVER, ATMN_REAUTH_ALWAYS,
    ATMN_REAUTH_AUTO, ATMN_REAUTH_NEVER, atmn_options,
};
use crate::pointer::as_ref;
use crate::text::{optional_utf8, path};
use crate::time::duration_or;

enumeration!(Gitignore { Add = ATMN_GITIGNORE_ADD, Never = ATMN_GITIGNORE_NEVER });
enumeration!(Reauth { Never = ATMN_REAUTH_NEVER, Auto = ATMN_REAUTH_AUTO, Always = ATMN_REAUTH_ALWAYS });
enumeration!(Accepts { Any = ATMN_ACCEPTS_ANY, PublishableOnly = ATMN_ACCEPTS_PUBLISHABLE_ONLY });

/// Reads options; NULL means all defaults.
pub(crate) fn read<T>(options: *const atmn_options, read: impl FnOnce(&atmn_options) -> T) -> T {
    match as_ref(options) {
        Some(options) => read(options),
        None => read(&atmn_options::default()),
    }
}

impl atmn_options {
    pub(crate) fn accepts(&self) -> Result<Accepts> {
        Ok(enumeration::option("accepts", self.accepts, Accepts::parse)?.unwrap_or_default())
    }

    fn gitignore(&self) -> Result<Gitignore> {
        Ok(enumeration::option("gitignore", self.gitignore, Gitignore::parse)?.unwrap_or_default())
    }

    fn reauth(&self) -> Result<Reauth> {
        Ok(enumeration::option("reauth", self.reauth, Reauth::parse)?.unwrap_or_default())
    }

    fn server(&self) -> Result<Option<Server>> {
        optional_utf8(self.server.as_ref(), "server")?.map(Server::parse).transpose()
    }

    fn organization(&self) -> Result<Option<String>> {
        Ok(optional_utf8(self.organization.as_ref(), "organization")?.map(str::to_owned))
    }

    fn file(&self) -> Result<Option<EnvFile>> {
        optional_utf8(self.file.as_ref(), "file")?.map(EnvFile::parse).transpose()
    }

    fn scopes(&self) -> Result<Option<Vec<String>>> {
        let scopes = optional_utf8(self.scopes.as_ref(), "scopes")?;
        Ok(scopes.map(|scopes| scopes.split_whitespace().map(str::to_owned).collect()))
    }

    fn directory(&self) -> Result<Option<PathBuf>> {
        self.directory.as_ref().map(|text| path(text, "directory")).transpose()
    }

    fn boundary(&self) -> Result<Boundary> {
        let boundary = self.boundary.as_ref().map(|text| path(text, "boundary")).transpose()?;
        Ok(boundary.map(Boundary::parse).unwrap_or_default())
    }

    fn login_timeout(&self) -> Result<Duration> {
        duration_or(self.login_timeout_ms, LoginOptions::default().login_timeout, "login_timeout")
    }

    pub(crate) fn resolve(&self) -> Result<ResolveOptions> {
        Ok(ResolveOptions {
            key: optional_utf8(self.key.as_deref(), "key")?.map(Secret::from),
            environment: enumeration::option("environment", self.environment, Environment::parse)?,
            directory: self.directory()?,
            boundary: self.boundary()?,
            host: None,
        })
    }

    pub(crate) fn server_info(&self) -> Result<ServerInfoOptions> {
        Ok(ServerInfoOptions { server: self.server()?, host: None })
    }

    pub(crate) fn diagnose(&self) -> Result<DiagnoseOptions> {
        let defaults = DiagnoseOptions::default();
        Ok(DiagnoseOptions {
            directory: self.directory()?,
            server: self.server()?,
            offline: self.offline,
            timeout: duration_or(self.timeout_ms, defaults.timeout, "timeout")?,
            host: None,
            ports: defaults.ports,
            command: None,
        })
    }

    pub(crate) fn save(&self, cancel: Cancel) -> Result<SaveOptions> {
        Ok(SaveOptions {
            directory: self.directory()?,
            file: self.file()?,
            allow_tracked: self.allow_tracked,
            gitignore: self.gitignore()?,
            host: None,
            cancel,
        })
    }

    pub(crate) fn logout(&self, cancel: Cancel) -> Result<LogoutOptions> {
        Ok(LogoutOptions {
            directory: self.directory()?,
            file: self.file()?,
            environment: enumeration::option("environment", self.environment, Environment::parse)?,
            server: self.server()?,
            host: None,
            cancel,
        })
    }

    pub(crate) fn login(&self) -> Result<LoginOptions> {
        let defaults = LoginOptions::default();
        Ok(LoginOptions {
            server: self.server()?,
            directory: self.directory()?,
            file: self.file()?,
            login_timeout: self.login_timeout()?,
            open_browser: self.open_browser.unwrap_or(defaults.open_browser),
            force: self.force,
            sandbox_only: self.sandbox_only,
            allow_tracked: self.allow_tracked,
            gitignore: self.gitignore()?,
            organization: self.organization()?,
            scopes: self.scopes()?,
            host: None,
            ports: defaults.ports,
        })
    }

    pub(crate) fn complete(&self) -> Result<CompleteOptions> {
        Ok(CompleteOptions { login_timeout: self.login_timeout()?, host: None })
    }

    pub(crate) fn whoami(&self) -> Result<WhoamiOptions> {
        Ok(WhoamiOptions {
            server: self.server()?,
            resolve: self.resolve()?,
            timeout: duration_or(self.timeout_ms, WhoamiOptions::default().timeout, "timeout")?,
        })
    }

    pub(crate) fn client(&self) -> Result<ClientOptions> {
        let defaults = ClientOptions::default();
        Ok(ClientOptions {
            server: self.server()?,
            resolve: self.resolve()?,
            timeout: duration_or(self.timeout_ms, defaults.timeout, "timeout")?,
            retries: retries(self.retries)?.unwrap_or(defaults.retries),
            response_limit: self.response_limit.unwrap_or(defaults.response_limit),
            reauth: self.reauth()?,
            organization: self.organization()?,
            login_timeout: duration_or(self.login_timeout_ms, defaults.login_timeout, "login_timeout")?,
            open_browser: self.open_browser.unwrap_or(defaults.open_browser),
            ports: defaults.ports,
        })
    }
}

/// The number of retries; a negative one is an error.
pub(crate) fn retries(given: Option<i32>) -> Result<Option<u32>> {
    given.map(|number| u32::try_from(number).map_err(|_| Error::out_of_range("retries", "0 or greater"))).transpose()
}
