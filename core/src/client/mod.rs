//! Calls of the API with the key in force: retries, and one login where the key is rejected.

mod shared_login;
mod state;
mod options;
mod reauth;
mod relogin;
mod request;
mod retry;
mod messages;

use std::fmt;
use std::sync::Arc;

pub use options::ClientOptions;
pub use reauth::Reauth;
pub use request::ApiRequest;

use crate::cancel::Cancel;
use crate::config::Server;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Listener;
use crate::http::{Response, check_runtime};
use crate::key::{ApiKey, Kind};
use crate::login::Events;
use crate::resolve::{ResolvedKey, about, resolve_key};
use messages::{is_rejection, key_rejected, rejected_again, repeated};
use reauth::{Circumstances, irreplaceable, login_needed};
use relogin::Relogin;
use shared_login::{Seat, SharedLogin};
use state::Inner;

/// Calls one server with the key in force, which is looked for with every call. Clones share connections, logins and
/// what is known of the organization. Those that are used at the same time belong into one runtime: connections and
/// logins stand still while the one that began them does.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Client").field(&self.0.options).finish()
    }
}

impl Client {
    /// A client for calls of the API. No key is read and no connection made before the first call.
    ///
    /// # Errors
    /// `invalid_argument`: `server`, `timeout`, `response_limit` or `login_timeout`.
    pub fn new(options: ClientOptions) -> Result<Self> {
        options.check()?;
        let server = Server::choose(options.server.as_ref())?;
        server.base()?;
        Ok(Self(Arc::new(Inner::new(server, options))))
    }

    /// Calls the API with the key in force, and answers what the server says if that is 2xx.
    ///
    /// A request that may be repeated is, up to four times within thirty seconds (or `timeout`, if longer): after a
    /// connection failure and after 429, 502, 503 and 504, with growing random pauses and as `Retry-After` says. A `POST`
    /// or `PATCH` that may have arrived is repeated only with an idempotency key.
    ///
    /// A secret key that the server rejects (401) is looked for once more, since it may have been replaced meanwhile.
    /// If it is still the same, and [`Reauth`] allows it, one login is made for all who wait. The new key of the same
    /// environment takes the place of the old one, and the request is made again once. To leave, cancel or drop the
    /// future; the login goes on as long as anybody waits for it. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// - `invalid_argument`: `method`, `path`, `headers`, `content_type`, `idempotency_key`; or no runtime.
    /// - As [`resolve_key`]; nothing is sent then.
    /// - `endpoint_not_public`: a publishable key cannot make this call; nothing is sent.
    /// - `api_error`: an answer that is not 2xx; context `status`, `api_code`, `env`, `request_id`.
    /// - `unauthorized`, or the code that the server gave (`invalid_secret_key`, …): a 401 that stays.
    /// - `login_needed`: the key was rejected and no login is allowed; the message says why.
    /// - `organization_changed`: the new key belongs to another organization; nothing is saved or repeated.
    /// - `wrong_environment`: a key of the other environment has taken the place of the rejected one.
    /// - As [`login`](crate::login()): the login failed, for all who waited.
    /// - `resolve_failed`, `connect_failed`, `tls_failed`, `proxy_failed`: the request did not arrive.
    /// - `connection_lost`, `request_timed_out`, `response_too_large`, `response_unreadable`: it may have arrived.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let autumn = local_autumn::LocalAutumn::bind(local_autumn::Options { port: 0, ..Default::default() }).unwrap();
    /// # let autumn = autumn.spawn().unwrap();
    /// # let known = autumn.store().keys().into_iter().find(|known| known.name == "Backend").unwrap();
    /// # let (server, key) = (autumn.url(), libatmn::Secret::from(known.key.reveal()));
    /// use libatmn::{ApiRequest, Cancel, Client, ClientOptions, ResolveOptions, Server};
    ///
    /// let resolve = ResolveOptions { key: Some(key), ..ResolveOptions::default() };
    /// let server = Some(Server::parse(&server)?);
    /// let client = Client::new(ClientOptions { server, resolve, ..Default::default() })?;
    /// let answer = client.request(&ApiRequest::new("GET", "/v1/customers"), None, &Cancel::new()).await?;
    /// assert_eq!(answer.status, 200);
    /// println!("{}", String::from_utf8_lossy(&answer.body));
    /// # Ok::<(), libatmn::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn request(
        &self,
        request: &ApiRequest,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<Response> {
        request.check()?;
        let has_listener = listener.is_some();
        let mut events = Events::new(listener, cancel.child());
        let found = resolve_key(&self.0.options.resolve)?;
        let rejection = match self.0.with_retries(request, &found, &mut events).await {
            Err(error) if is_rejection(&found.key, &error) => error,
            result => return result,
        };
        let renewed = self.renewed(&found, Some(rejection), has_listener, &mut events).await?;
        events.say(&repeated(&renewed));
        let result = self.0.with_retries(request, &renewed, &mut events).await;
        result.map_err(|error| if is_rejection(&renewed.key, &error) { rejected_again(error) } else { error })
    }

    /// A key in place of one that was rejected, for programs that make their calls by other means. Does what
    /// [`Client::request`] does about a 401, and answers the key to go on with. It takes the caller's word that the key
    /// was rejected.
    ///
    /// # Errors
    /// - `wrong_key_kind`: the key is a publishable one, which no login replaces.
    /// - `unauthorized`: the key comes from a place that a login cannot change; the hint says from where.
    /// - `login_needed`, `organization_changed`, `wrong_environment`, and as [`login`](crate::login()) and
    ///   [`resolve_key`], as with [`Client::request`].
    pub async fn reauthenticate(
        &self,
        rejected: &ApiKey,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<ResolvedKey> {
        if rejected.kind() == Kind::Publishable {
            return Err(Error::new(ErrorCode::WrongKeyKind, "A publishable key is not replaced by logging in.")
                .with_hint("Copy a new one from the dashboard."));
        }
        let has_listener = listener.is_some();
        let mut events = Events::new(listener, cancel.child());
        let found = resolve_key(&self.0.options.resolve)?;
        self.renewed(&ResolvedKey { key: rejected.clone(), ..found }, None, has_listener, &mut events).await
    }

    /// Takes what a person pasted for the login that is under way: see [`AttemptHandle::submit`](crate::AttemptHandle).
    ///
    /// # Errors
    /// `no_pending_login`: no login of this client waits for one; `state_mismatch`, `invalid_argument`: it is no answer
    /// to this login, which goes on.
    pub fn submit(&self, text: &str) -> Result<()> {
        let handle = self.0.flights().iter().find_map(|flight| flight.handle());
        let handle = handle.ok_or_else(|| {
            Error::new(ErrorCode::NoPendingLogin, "No login is under way that could be answered.")
                .with_hint("Wait for the event login_url.")
        })?;
        handle.submit(text)
    }

    /// A client like this one for a process that was forked off: of what is shared, only what was learned is kept.
    pub(crate) fn afresh(&self) -> Self {
        Self(Arc::new(self.0.afresh()))
    }

    /// The key to go on with.
    async fn renewed(
        &self,
        rejected: &ResolvedKey,
        cause: Option<Error>,
        has_listener: bool,
        events: &mut Events<'_>,
    ) -> Result<ResolvedKey> {
        let ResolvedKey { key, source: location, skipped: _ } = rejected;
        events.say(&key_rejected(rejected));
        if let Some(found) = self.0.re_resolve(key, &events.cancel).await? {
            return Ok(found);
        }
        if let Some(hint) = irreplaceable(location) {
            let message = || format!("The server rejected the key {key} ({location}).");
            let error = cause.unwrap_or_else(|| Error::new(ErrorCode::Unauthorized, message()));
            return Err(about(error, location).with_hint(hint));
        }
        let options = &self.0.options;
        if let Some(obstacle) = Circumstances::here(options.reauth, self.0.server(), has_listener).obstacle() {
            return Err(login_needed(key, location, obstacle, cause));
        }
        check_runtime()?;
        match self.seat(rejected).wait(events).await {
            // The runtime that the login ran on has ended, and nobody here wanted that: it begins anew on this one.
            Err(error) if error.code == ErrorCode::Cancelled && !events.cancel.is_cancelled() => {
                self.seat(rejected).wait(events).await
            }
            result => result,
        }
    }

    /// A place in the login for a key, which begins if it is not under way.
    fn seat(&self, rejected: &ResolvedKey) -> Seat {
        let ResolvedKey { key, source: location, skipped: _ } = rejected;
        let mut flights = self.0.flights();
        flights.retain(|flight| !flight.is_over());
        if let Some(seat) = flights.iter().find_map(|flight| flight.sit(key)) {
            return seat;
        }
        let renewal = Relogin { client: Arc::clone(&self.0), rejected: key.clone(), location: location.clone() };
        let (flight, seat) = SharedLogin::begin(key.clone(), |flight| renewal.run(flight));
        flights.push(flight);
        seat
    }
}
