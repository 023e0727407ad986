//! What programs that build on libatmn need to know about a server.

use crate::config::{CLIENT_ID, SCOPES};
use crate::error::Result;
use crate::host::Host;
use crate::server::Server;

/// The options of [`server_info`].
#[derive(Clone, Debug, Default)]
pub struct ServerInfoOptions {
    /// The server. The default is the server that `ATMN_BACKEND_URL` names, or the cloud.
    pub server: Option<Server>,
    /// The environment variables; by default those of the process.
    pub host: Option<Host>,
}

/// The URLs of a server, and what a login asks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// The base URL of the API, without a trailing slash.
    pub api_url: String,
    /// The URL of the dashboard, where keys are created and revoked; `None` for a custom server. For the local server it is
    /// that of Autumn's own development setup; whether it is there is not checked.
    pub dashboard_url: Option<String>,
    /// The scopes that a login can have.
    pub scopes: Vec<String>,
    /// The OAuth client id of a login.
    pub client_id: String,
}

/// Returns the URLs of a server, the scopes that a login can have, and the OAuth client id. It makes no request.
///
/// # Errors
/// `invalid_argument`: `ATMN_BACKEND_URL` is not a server.
///
/// ```
/// use libatmn::{Server, ServerInfoOptions, server_info};
///
/// let info = server_info(&ServerInfoOptions { server: Some(Server::Cloud), ..Default::default() })?;
/// assert_eq!(info.api_url, "https://api.useautumn.com");
/// assert_eq!(info.dashboard_url.as_deref(), Some("https://app.useautumn.com"));
/// assert!(info.scopes.iter().any(|scope| scope == "customers:read"));
/// # Ok::<(), libatmn::Error>(())
/// ```
pub fn server_info(options: &ServerInfoOptions) -> Result<ServerFacts> {
    let server = Server::choose(options.server.as_ref(), &Host::or_current(options.host.as_ref()))?;
    Ok(ServerFacts {
        api_url: server.api().to_owned(),
        dashboard_url: server.dashboard().map(str::to_owned),
        scopes: SCOPES.iter().copied().map(str::to_owned).collect(),
        client_id: CLIENT_ID.to_owned(),
    })
}
