//! Identifies the active key.

use std::time::Duration;

use crate::api::{self, Organization};
use crate::config::REQUEST_TIMEOUT;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::Http;
use crate::key::ApiKey;
use crate::known_keys::{self, Accepted};
use crate::locations::Location;
use crate::resolve::{ResolveOptions, resolve_on, with_location};
use crate::server::Server;

/// The options of [`whoami`].
#[derive(Clone, Debug)]
pub struct WhoamiOptions {
    /// The server. The default is the server that `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
    /// The key, or where to look for it. Its host is that of the whole call.
    pub resolve: ResolveOptions,
    /// The time limit of the whole request. The default is thirty seconds.
    pub timeout: Duration,
}

impl Default for WhoamiOptions {
    fn default() -> Self {
        Self { server: None, resolve: ResolveOptions::default(), timeout: REQUEST_TIMEOUT }
    }
}

/// A key, its organization and its location.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The organization that the key belongs to.
    pub organization: Organization,
    /// The server that accepts the key.
    pub server: Server,
    /// The key, which displays masked.
    pub key: ApiKey,
    /// The location it came from.
    pub source: Location,
    /// Locations that were skipped although they may contain a key.
    pub skipped: Vec<Location>,
    /// The scopes of the key, as the server sent them when a login on this machine created it; `None` for other keys.
    pub scopes: Option<Vec<String>>,
}

/// Resolves the active key as [`resolve_key`](crate::resolve_key) does, and requests its organization from the server. The request is not
/// retried; drop the future or use [`Cancel::run`](crate::Cancel::run) to cancel it. Needs a tokio runtime with I/O and
/// time.
///
/// # Errors
/// - As [`resolve_key`](crate::resolve_key); the request is not sent.
/// - `unauthorized`, `invalid_secret_key`: the server rejected the key; the context names its location.
/// - `endpoint_not_public`: the caller passed a publishable key.
/// - `api_error`: any other failure; context `status`, `api_code`, `env`, `request_id`.
/// - `resolve_failed`, `connect_failed`, `tls_failed`, `proxy_failed`, `request_timed_out`, `connection_lost`,
///   `response_too_large`, `response_unreadable`: there was no complete response.
/// - `invalid_argument`: an option, or no runtime.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let autumn = local_autumn::LocalAutumn::bind(local_autumn::Options { port: 0, ..Default::default() }).unwrap();
/// # let autumn = autumn.spawn().unwrap();
/// # let known = autumn.store().keys().into_iter().find(|known| known.name == "Backend").unwrap();
/// # let (url, key) = (autumn.url(), libatmn::Secret::from(known.key.reveal()));
/// use libatmn::{ResolveOptions, Server, WhoamiOptions, whoami};
///
/// let resolve = ResolveOptions { key: Some(key), ..ResolveOptions::default() };
/// let server = Some(Server::parse(&url)?);
/// let identity = whoami(&WhoamiOptions { server, resolve, ..Default::default() }).await?;
/// assert_eq!(identity.organization.name, "Copper Kettle");
/// println!("{} ({}), by {}", identity.organization.name, identity.key, identity.source);
/// # Ok::<(), libatmn::Error>(())
/// # }).unwrap();
/// ```
pub async fn whoami(options: &WhoamiOptions) -> Result<Identity> {
    if options.timeout.is_zero() {
        return Err(Error::zero("timeout"));
    }
    let host = Host::or_current(options.resolve.host.as_ref());
    let http = Http::new(Server::choose(options.server.as_ref(), &host)?, &host);
    let found = resolve_on(&host, &options.resolve)?;
    let owner = api::owner(&http, &found.key, options.timeout).await;
    let owner = owner.map_err(|error| with_location(error, &found.source))?;
    let accepted = Accepted { server: http.server(), organization: &owner.identity, scopes: None };
    known_keys::remember_accepted(&host, &found.key, &accepted);
    Ok(Identity {
        organization: owner.organization,
        server: http.server().clone(),
        scopes: known_keys::scopes(&host, http.server(), &found.key),
        key: found.key,
        source: found.source,
        skipped: found.skipped,
    })
}
