//! Calls the API with the active key, with retries, and with one login if the key is rejected.

mod messages;
mod options;
mod organization;
mod other_http;
mod reauth;
mod relogin;
mod request;
mod retry;
mod shared_login;
mod state;

use std::fmt;
use std::sync::Arc;

pub use options::ClientOptions;
pub use other_http::{OtherResult, OtherTries, pause_of_other};
pub use reauth::Reauth;
pub use request::ApiRequest;

use crate::cancel::Cancel;
use crate::error::{Error, ErrorCode, Result};
use crate::event::Listener;
use crate::host::Host;
use crate::http::check_runtime;
use crate::key::{ApiKey, Kind};
use crate::login::EventSink;
use crate::resolve::{ResolvedKey, at_source, resolve_on, with_location};
use crate::response::ApiResponse;
use crate::server::Server;
use messages::{
    has_response, is_rejection, key_rejected, not_repeated, organization_unknown, rejected_again, repeated,
};
use organization::ReplacementKey;
use reauth::{ReauthPolicy, login_needed};
use relogin::Relogin;
use shared_login::{SharedLogin, Waiter};
use state::ClientState;

/// Calls one server with the active key, which is resolved for every call. Clones share connections, logins and the known
/// organization. Use clones that run at the same time in one runtime: connections and logins only make progress while
/// the runtime that started them runs.
#[derive(Clone)]
pub struct Client(Arc<ClientState>);

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Client").field(&self.0.options).finish()
    }
}

impl Client {
    /// Creates a client. It reads no key and makes no connection before the first call.
    ///
    /// # Errors
    /// `invalid_argument`: `server`, `timeout`, `response_limit` or `login_timeout`.
    pub fn new(options: ClientOptions) -> Result<Self> {
        options.check()?;
        let host = Host::or_current(options.resolve.host.as_ref());
        let server = Server::choose(options.server.as_ref(), &host)?;
        server.base()?;
        Ok(Self(Arc::new(ClientState::new(host, server, options))))
    }

    /// The server that the client calls. A key of this client must be sent to no other one.
    ///
    /// ```
    /// use libatmn::{Client, ClientOptions, Server};
    /// let options = ClientOptions { server: Some(Server::Local), ..ClientOptions::default() };
    /// assert_eq!(Client::new(options)?.server().api(), "http://localhost:8080");
    /// # Ok::<(), libatmn::Error>(())
    /// ```
    #[must_use]
    pub fn server(&self) -> &Server {
        self.0.server()
    }

    /// Calls the API with the active key, and returns the response if its status is 2xx, or a response of any status with
    /// [`any_status`](ApiRequest::any_status).
    ///
    /// A request that is safe to repeat is tried up to four times within thirty seconds (or `timeout`, if longer): after
    /// connection failures and after 429, 502, 503 and 504, with random pauses that grow, and as `Retry-After` says. A
    /// `POST` or `PATCH` that may have arrived is repeated only with an idempotency key.
    ///
    /// If the server rejects a secret key (401), the key is resolved again, since another program may have replaced it. If
    /// it is still the same and [`Reauth`] allows it, one login runs for all waiting calls. The new key of the same
    /// environment replaces the old one, and the request is repeated once. Cancel or drop the future to leave; the login
    /// runs as long as one call waits for it. It sends its events through one of them and waits for it at
    /// `callback_received`, so poll or drop each future: one that is kept without being polled holds the login, for all
    /// calls, until `login_timeout`. Needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    /// - `invalid_argument`: `method`, `path`, `headers`, `content_type`, `idempotency_key`, `timeout`; or no runtime.
    /// - As [`resolve_key`](crate::resolve_key); the request is not sent.
    /// - `endpoint_not_public`: publishable keys are not allowed at this endpoint; the request is not sent.
    /// - `api_error`: a response that is not 2xx. The error has the [`response`](Error::response), and in its context
    ///   `status`, `method`, `url`, `api_code`, `env`, `request_id` and `retry_after`.
    /// - `unauthorized`, or the code that the server sent (`invalid_secret_key`, …): a 401 that re-authentication did not
    ///   resolve.
    /// - `login_needed`: the same, where a login would help and is not allowed; the message says why.
    /// - `organization_changed`: the new key belongs to another organization; nothing is saved or repeated.
    /// - `request_not_repeated`: the organization of the rejected key is not known, so only `GET`, `HEAD` and `OPTIONS` are
    ///   repeated with the new key. The new keys are saved.
    /// - `wrong_environment`: a key of the other environment has replaced the rejected one.
    /// - As [`login`](crate::login()): the login failed, for all waiting calls.
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
    /// let response = client.request(&ApiRequest::new("GET", "/v1/customers"), None, &Cancel::new()).await?;
    /// assert_eq!(response.status, 200);
    /// println!("{}", String::from_utf8_lossy(&response.body));
    /// # Ok::<(), libatmn::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn request(
        &self,
        request: &ApiRequest,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<ApiResponse> {
        let mut answer = None;
        let result = self.request_with_login(request, listener, cancel, &mut answer).await;
        match (result, answer) {
            // The error of a login, or of a check of the new key, has the response to another request.
            (Err(error), Some(answer)) if request.any_status && has_response(&error, &answer) => {
                Ok(ApiResponse::clone(&answer))
            }
            (result, _) => result,
        }
    }

    /// As `request`; `answer` becomes the last response to the request itself that is not 2xx.
    async fn request_with_login(
        &self,
        request: &ApiRequest,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
        answer: &mut Option<Arc<ApiResponse>>,
    ) -> Result<ApiResponse> {
        request.check()?;
        let has_listener = listener.is_some();
        let mut events = EventSink::new(listener, cancel.inner());
        let found = resolve_on(&self.0.resolution_host_of_call(request.host.as_ref()), &self.0.options.resolve)?;
        let first = self.0.with_retries(request, &found, &mut events).await;
        *answer = first.as_ref().err().and_then(|error| error.response.clone());
        let rejection = match first {
            Err(error) if is_rejection(&found.key, &error) => error,
            result => return result,
        };
        // A login needs all variables. Only Rust programs get here without a host, and there reading them is safe.
        let host = self.0.host_of_call(request.host.as_ref());
        let replacement = self.renewed(&host, &found, Some(rejection), has_listener, &mut events).await?;
        let ReplacementKey { found: renewed, same_organization } = replacement;
        if !same_organization && !request.is_safe()? {
            return Err(not_repeated(request.known_method()?, &renewed));
        }
        events.emit(&repeated(&renewed));
        let result = self.0.with_retries(request, &renewed, &mut events).await;
        *answer = result.as_ref().err().and_then(|error| error.response.clone());
        result.map_err(|error| if is_rejection(&renewed.key, &error) { rejected_again(error) } else { error })
    }

    /// Replaces a rejected key, for programs that send their requests with another HTTP client. Does what
    /// [`Client::request`] does after a 401, and returns the key to use from now on. It does not check that the key was
    /// rejected. If the organization of the rejected key is not known and no `organization` is set, the new key may belong
    /// to another one: the event `hint` says so, and the caller decides what to repeat. The host is as in [`ApiRequest`].
    ///
    /// # Errors
    /// - `wrong_key_kind`: the key is publishable, and a login replaces only secret keys.
    /// - `unauthorized`: the key comes from a location that a login cannot change; the hint names it.
    /// - `login_needed`, `organization_changed`, `wrong_environment`, and as [`login`](crate::login()) and
    ///   [`resolve_key`](crate::resolve_key), as with [`Client::request`].
    pub async fn reauthenticate(
        &self,
        rejected: &ApiKey,
        host: Option<&Host>,
        listener: Option<Listener<'_>>,
        cancel: &Cancel,
    ) -> Result<ResolvedKey> {
        if rejected.kind() == Kind::Publishable {
            return Err(Error::new(ErrorCode::WrongKeyKind, "A login cannot replace a publishable key.")
                .with_hint("Copy a new one from the dashboard."));
        }
        let has_listener = listener.is_some();
        let host = self.0.host_of_call(host);
        let mut events = EventSink::new(listener, cancel.inner());
        let found = resolve_on(&host, &self.0.options.resolve)?;
        let rejected = ResolvedKey { key: rejected.clone(), ..found };
        let replacement = self.renewed(&host, &rejected, None, has_listener, &mut events).await?;
        let ReplacementKey { found: renewed, same_organization } = replacement;
        if !same_organization {
            events.emit(&organization_unknown(&renewed));
        }
        Ok(renewed)
    }

    /// Passes text that the user pasted to the running login: see [`AttemptHandle::submit`](crate::AttemptHandle).
    ///
    /// # Errors
    /// `no_pending_login`: this client has no running login; `state_mismatch`, `invalid_argument`: the text does not
    /// complete this login, which keeps waiting.
    pub fn submit(&self, text: &str) -> Result<()> {
        let handle = self.0.logins().iter().find_map(|login| login.handle());
        let handle = handle.ok_or_else(|| {
            Error::new(ErrorCode::NoPendingLogin, "No login is waiting for pasted text.")
                .with_hint("Wait for the event `login_url`.")
        })?;
        handle.submit(text)
    }

    /// The host of a request, for callers that send it on another thread.
    pub(crate) fn host_of_call(&self, given: Option<&Host>) -> Host {
        self.0.host_of_call(given)
    }

    /// A client for the child of a fork. It keeps the options and the known organization, and shares no connections.
    pub(crate) fn after_fork(&self) -> Self {
        Self(Arc::new(self.0.after_fork()))
    }

    /// The key that replaces a rejected one.
    async fn renewed(
        &self,
        host: &Host,
        rejected: &ResolvedKey,
        cause: Option<Error>,
        has_listener: bool,
        events: &mut EventSink<'_>,
    ) -> Result<ReplacementKey> {
        let ResolvedKey { key, source: location, skipped: _ } = rejected;
        events.emit(&key_rejected(rejected));
        let expected = self.0.expected(host, key);
        if let Some(found) = self.0.re_resolve(host, key, expected.as_ref(), &events.cancel).await? {
            return Ok(found);
        }
        if let Some(hint) = at_source(location) {
            let message = || format!("The server rejected the key {key} ({location}).");
            let error = cause.unwrap_or_else(|| Error::new(ErrorCode::Unauthorized, message()));
            return Err(with_location(error, location).with_hint(hint));
        }
        let options = &self.0.options;
        if let Some(reason) = ReauthPolicy::here(host, options.reauth, self.0.server(), has_listener).denial_reason() {
            return Err(login_needed(key, location, reason, cause));
        }
        check_runtime()?;
        match self.join_login(host, rejected).wait(events).await {
            // Another runtime ran the login and has ended, and this call is not cancelled: log in again on this runtime.
            Err(error) if error.code == ErrorCode::Cancelled && !events.cancel.is_cancelled() => {
                self.join_login(host, rejected).wait(events).await
            }
            result => result,
        }
    }

    /// Joins the login for a rejected key, or starts it.
    fn join_login(&self, host: &Host, rejected: &ResolvedKey) -> Waiter {
        let ResolvedKey { key, source: location, skipped: _ } = rejected;
        let mut logins = self.0.logins();
        logins.retain(|login| !login.is_finished());
        if let Some(waiter) = logins.iter().find_map(|login| login.join(key)) {
            return waiter;
        }
        let relogin = Relogin {
            client: Arc::clone(&self.0),
            host: host.clone(),
            rejected: key.clone(),
            location: location.clone(),
        };
        let (login, waiter) = SharedLogin::spawn(key.clone(), |login| relogin.run(login));
        logins.push(login);
        waiter
    }
}
