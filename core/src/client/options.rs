//! The options of a client.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use super::Reauth;
use crate::config::{CALLBACK_PORTS, LOGIN_TIMEOUT, REQUEST_TIMEOUT, RESPONSE_LIMIT, RETRIES};
use crate::error::{Error, Result};
use crate::login::{endless_login, expected_organization};
use crate::resolve::ResolveOptions;
use crate::server::Server;

/// The options of a client.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The server for every call; the key is sent to no other server. The default is the server that `ATMN_BACKEND_URL`
    /// names, or the cloud.
    pub server: Option<Server>,
    /// The key, or where to look for it; resolved again for every call. Its host is that of every call that has none, and
    /// decides about proxies and certificates.
    pub resolve: ResolveOptions,
    /// The time limit of each try, from the name lookup to the last byte. The default is thirty seconds.
    pub timeout: Duration,
    /// How many times a request is retried at most, all within thirty seconds; 0 turns retries off. The default is 3.
    pub retries: u32,
    /// The largest accepted response, in bytes after decompression. The default is 64 MiB.
    pub response_limit: usize,
    /// Whether a rejected key may lead to a login.
    pub reauth: Reauth,
    /// The expected organization, by id or slug, byte for byte. After a rejected key, keys of another organization are neither
    /// saved nor used. The default is the organization of the rejected key, if it is known on this machine; then that of
    /// the client's last login or last call of `/v1/organization/me`; then that of the other key in the file, if it still
    /// works.
    pub organization: Option<String>,
    /// The time limit of a login, and of the wait for another program's login before it. The default is five minutes.
    pub login_timeout: Duration,
    /// Whether a login opens the browser. The login URL is an event in either case.
    pub open_browser: bool,
    /// The callback ports. Only the default ports are registered with Autumn; tests use others.
    #[doc(hidden)]
    pub ports: RangeInclusive<u16>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            server: None,
            resolve: ResolveOptions::default(),
            timeout: REQUEST_TIMEOUT,
            retries: RETRIES,
            response_limit: RESPONSE_LIMIT,
            reauth: Reauth::default(),
            organization: None,
            login_timeout: LOGIN_TIMEOUT,
            open_browser: true,
            ports: CALLBACK_PORTS,
        }
    }
}

impl ClientOptions {
    pub(super) fn check(&self) -> Result<()> {
        if self.timeout.is_zero() {
            return Err(Error::zero("timeout"));
        }
        if self.login_timeout.is_zero() {
            return Err(Error::zero("login_timeout"));
        }
        if SystemTime::now().checked_add(self.login_timeout).is_none() {
            return Err(endless_login());
        }
        expected_organization(self.organization.as_deref())?;
        if self.response_limit == 0 {
            return Err(Error::zero("response_limit"));
        }
        Ok(())
    }
}
