//! Whose a key is.

use std::time::Duration;

use crate::api::{self, Organization};
use crate::config::{REQUEST_TIMEOUT_MS, Server};
use crate::error::{Error, Result};
use crate::http::Http;
use crate::key::ApiKey;
use crate::locations::Location;
use crate::resolve::{ResolveOptions, about, resolve_key};

/// Which key to ask about, and whom.
#[derive(Clone, Debug)]
pub struct WhoamiOptions {
    /// The server to ask; unless set, the one that `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
    /// The key, or where to look for it.
    pub resolve: ResolveOptions,
    /// How long the request may take in all. Thirty seconds unless set.
    pub timeout: Duration,
}

impl Default for WhoamiOptions {
    fn default() -> Self {
        Self { server: None, resolve: ResolveOptions::default(), timeout: Duration::from_millis(REQUEST_TIMEOUT_MS) }
    }
}

/// Whose a key is, and where it was found.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The organization that the key belongs to.
    pub organization: Organization,
    /// The server that said so.
    pub server: Server,
    /// The key; it knows its environment.
    pub key: ApiKey,
    /// The place it came from.
    pub source: Location,
    /// Places that were passed over although they may hold a key.
    pub skipped: Vec<Location>,
}

/// Finds the key in force, as [`resolve_key`] does, and asks the server whose it is. One request, not repeated; to
/// cancel it, drop the future or use [`Cancel::run`](crate::Cancel::run). Needs a tokio runtime with I/O and time.
///
/// # Errors
/// - As [`resolve_key`]; nothing is asked then.
/// - `unauthorized`, `invalid_secret_key`: the server does not accept the key; the context names the place it came from.
/// - `endpoint_not_public`: the caller passed a publishable key.
/// - `api_error`: any other failure; context `status`, `api_code`, `env`, `request_id`.
/// - `resolve_failed`, `connect_failed`, `tls_failed`, `proxy_failed`, `request_timed_out`, `connection_lost`,
///   `response_too_large`, `response_unreadable`: there was no answer to speak of.
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
        return Err(Error::nothing("timeout", "The time for a request"));
    }
    let http = Http::new(Server::choose(options.server.as_ref())?);
    let found = resolve_key(&options.resolve)?;
    let organization = api::organization(&http, &found.key, options.timeout).await;
    Ok(Identity {
        organization: organization.map_err(|error| about(error, &found.source))?,
        server: http.server().clone(),
        key: found.key,
        source: found.source,
        skipped: found.skipped,
    })
}
