//! Requests to a local Autumn with injected faults, and to hostile servers.

mod exchange;
pub(crate) mod hostile;
mod keys;
mod limits;
mod process;
mod proxy;
mod reach;
mod secrets;
mod tls;
mod whoami;

use std::error::Error as _;
use std::fmt::Write as _;
use std::future::Future;

use libatmn::__internal::http::Http;
use libatmn::__internal::oauth::{Authorization, CodeExchange, redirect_uri};
use libatmn::{ApiKey, Environment, Error, Host, Kind, Secret, Server};
use local_autumn::{Options, Running};
use url::Url;

/// A timeout that no working server reaches.
pub(crate) const LONG_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(300);

/// The time limit of a request that is expected to fail with this code: only a timeout is waited for.
pub(crate) fn limit(code: libatmn::ErrorCode) -> std::time::Duration {
    match code {
        libatmn::ErrorCode::RequestTimedOut => std::time::Duration::from_millis(500),
        _ => LONG_TIMEOUT,
    }
}

/// Runs a future as a program with tokio would.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A connection pool for a server, without any variable set.
pub(crate) fn http(url: &str) -> Http {
    http_with(url, &[])
}

/// A connection pool for a server, with only these variables set.
pub(crate) fn http_with(url: &str, variables: &[(&str, &str)]) -> Http {
    Http::new(Server::parse(url).unwrap(), &host(variables))
}

/// A host with these variables and no others.
pub(crate) fn host(variables: &[(&str, &str)]) -> Host {
    Host::new(variables.iter().copied(), None)
}

/// A local Autumn with faults and a request log.
pub(crate) fn autumn() -> Running {
    let options = Options { port: 0, controls: true, ..Options::default() };
    local_autumn::LocalAutumn::bind(options).unwrap().spawn().unwrap()
}

/// A key that local Autumn knows, of the organization Copper Kettle.
pub(crate) fn known_key(autumn: &Running, kind: Kind, environment: Environment) -> ApiKey {
    let keys = autumn.store().keys();
    let fits = |key: &ApiKey| key.kind() == kind && key.environment() == environment;
    keys.into_iter().find(|known| known.organization.slug == "copper-kettle" && fits(&known.key)).unwrap().key
}

/// A login that the user has approved.
pub(crate) struct ApprovedLogin {
    pub(crate) code: Secret,
    pub(crate) verifier: Secret,
    pub(crate) redirect: String,
}

impl ApprovedLogin {
    pub(crate) fn new(autumn: &Running) -> Self {
        let server = Server::parse(&autumn.url()).unwrap();
        let login = Authorization::new(&server, &redirect_uri(31449)).unwrap();
        let callback = autumn.store().approve(&login.url, "ada@example.com", "night-library").unwrap();
        let callback = Url::parse(&callback).unwrap();
        assert_eq!(callback.host_str(), Some("localhost"));
        let parameter =
            |name: &str| callback.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        assert_eq!(parameter("state").as_deref(), Some(login.state.reveal()));
        Self { code: Secret::from(parameter("code").unwrap()), verifier: login.verifier, redirect: login.redirect_uri }
    }

    pub(crate) fn exchange(&self) -> CodeExchange<'_> {
        CodeExchange { code: &self.code, verifier: &self.verifier, redirect_uri: &self.redirect }
    }
}

/// Everything that an error shows: message, hint, context, Debug, the same of its causes, and the response that it carries.
pub(crate) fn everything(error: &Error) -> String {
    format!("{} {}", shown(error), carried(error))
}

/// What an error shows without being asked for its response.
pub(crate) fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?} {:?}", error.hint, error.context, error.response);
    let mut cause = error.source();
    while let Some(reason) = cause {
        write!(text, " {reason} {reason:?}").unwrap();
        cause = reason.source();
    }
    text
}

/// The headers and the body that an error carries. They have the server's own words, but no secret.
pub(crate) fn carried(error: &Error) -> String {
    error.response.as_ref().map(|response| format!("{:?} {}", response.headers, response.text())).unwrap_or_default()
}
