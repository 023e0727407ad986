//! How a client is to behave.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use super::Reauth;
use crate::config::{CALLBACK_PORTS, LOGIN_TIMEOUT, REQUEST_TIMEOUT, RESPONSE_LIMIT};
use crate::error::{Error, Result};
use crate::resolve::ResolveOptions;
use crate::server::Server;

/// How a client is to behave.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The server to call, from the first call to the last; a key is sent nowhere else. Unless set, the one that
    /// `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
    /// The key, or where to look for it; asked anew with every call.
    pub resolve: ResolveOptions,
    /// How long each try may take, from the name's lookup to the last byte. Thirty seconds unless set.
    pub timeout: Duration,
    /// How large an answer may be, in bytes after decompression. 64 MiB unless set.
    pub response_limit: usize,
    /// Whether a rejected key may lead to a login.
    pub reauth: Reauth,
    /// The organization expected, by id or short name; keys of another one are neither saved nor used after a rejected
    /// key. Unless set, the one that the client met last, by a login or by a call of `/v1/organization/me`.
    pub organization: Option<String>,
    /// How long the person may take to log in, once the address is there; and how long to wait for another program's
    /// login before that. Five minutes unless set.
    pub login_timeout: Duration,
    /// Whether a login opens the browser. The address is an event in any case.
    pub open_browser: bool,
    /// The callback ports. Only those of the default are registered with Autumn; tests use others.
    #[doc(hidden)]
    pub ports: RangeInclusive<u16>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            server: None,
            resolve: ResolveOptions::default(),
            timeout: REQUEST_TIMEOUT,
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
            return Err(Error::invalid("login_timeout", "It is too long."));
        }
        if self.response_limit == 0 {
            return Err(Error::zero("response_limit"));
        }
        Ok(())
    }
}
