//! The state that the clones of a client share, and requests with one key.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::messages::{
    attempt_result, failed_try, jitter, larger_than_limit, organization_changed, out_of_time, retrying,
    wrong_replacement,
};
use super::organization::ReplacementKey;
use super::retry::Schedule;
use super::shared_login::SharedLogin;
use super::{ApiRequest, ClientOptions};
use crate::api::{self, ExpectedOrganization, OrganizationIdentity};
use crate::cancel::Cancel;
use crate::config::ORGANIZATION_PATH;
use crate::error::{Error, Result};
use crate::event::{Event, EventCode};
use crate::host::Host;
use crate::http::Http;
use crate::key::{ApiKey, Kind};
use crate::known_keys::{self, Accepted};
use crate::login::EventSink;
use crate::resolve::{ResolvedKey, resolve_on, with_location};
use crate::response::ApiResponse;
use crate::server::Server;

/// The state that the clones of a client share.
pub(super) struct ClientState {
    pub(super) options: ClientOptions,
    /// The host when the client was created.
    host: Host,
    pub(super) http: Http,
    known: Mutex<KnownOrganization>,
    logins: Mutex<Vec<Arc<SharedLogin>>>,
}

/// The organization that the client learned from a login or a response.
#[derive(Clone, Default)]
struct KnownOrganization {
    identity: OrganizationIdentity,
    /// A key that belongs to this organization.
    key: Option<ApiKey>,
    /// A rejected key that was replaced by one of this organization, although its own was not known.
    replaced: Option<ApiKey>,
}

impl ClientState {
    pub(super) fn new(host: Host, server: Server, options: ClientOptions) -> Self {
        let http = Http::new(server, &host);
        Self { options, host, http, known: Mutex::default(), logins: Mutex::default() }
    }

    /// The server, as chosen when the client was created.
    pub(super) fn server(&self) -> &Server {
        self.http.server()
    }

    /// A state for the child of a fork: the same server and options, and the known organization unless another thread of
    /// the parent held its lock.
    pub(super) fn after_fork(&self) -> Self {
        let known = self.known.try_lock().map(|known| known.clone()).unwrap_or_default();
        Self { known: Mutex::new(known), ..Self::new(self.host.clone(), self.server().clone(), self.options.clone()) }
    }

    /// What resolving a key needs of the host of a call: much less to read than all variables, for every request.
    pub(super) fn resolution_host_of_call(&self, given: Option<&Host>) -> Host {
        Host::or_current_for_resolution(given.or(self.options.resolve.host.as_ref()))
    }

    /// The host of a call: the given one, that of the options, or that of the process.
    pub(super) fn host_of_call(&self, given: Option<&Host>) -> Host {
        Host::or_current(given.or(self.options.resolve.host.as_ref()))
    }

    /// Sends the request with one key, with retries.
    pub(super) async fn with_retries(
        &self,
        request: &ApiRequest,
        found: &ResolvedKey,
        events: &mut EventSink<'_>,
    ) -> Result<ApiResponse> {
        let (options, began) = (&self.options, Instant::now());
        let longest = request.timeout.unwrap_or(options.timeout);
        let retries = request.retries.unwrap_or(options.retries);
        let schedule = Schedule::new(request.known_method()?, request.has_idempotency_key(), longest, retries);
        let mut tries = 0;
        loop {
            let timeout = longest.min(schedule.left(began.elapsed()));
            let sent = request.with_key(&found.key, timeout, options.response_limit)?;
            let result = events.cancel.run(self.http.send(sent)).await;
            tries += 1;
            if let Some(notice) = self.http.take_notice() {
                events.emit(&Event::new(EventCode::Hint, notice));
            }
            let outcome = attempt_result(&result);
            let Some(pause) = schedule.pause(outcome, tries, began.elapsed(), jitter()) else {
                let concluded = self.conclude(request, found, result);
                let explain = |error| match schedule.has_tries_left(outcome, tries) {
                    true => out_of_time(error, tries, schedule.tries),
                    false => error,
                };
                return concluded.map_err(explain);
            };
            events.emit(&retrying(&failed_try(&result), tries, schedule.tries, pause));
            let slept = async {
                tokio::time::sleep(pause).await;
                Ok(())
            };
            events.cancel.run(slept).await?;
        }
    }

    /// The response if it is 2xx, otherwise its error.
    fn conclude(&self, request: &ApiRequest, found: &ResolvedKey, result: Result<ApiResponse>) -> Result<ApiResponse> {
        let (method, path) = (request.known_method()?, request.path.as_str());
        let failed = |error: Error| api::with_request(error, &found.key, self.server(), method, path);
        let response = result.map_err(|error| failed(larger_than_limit(error)))?;
        if !response.is_success() {
            let error = failed(api::failure(self.server(), &response, &[found.key.reveal()]));
            return Err(with_location(error, &found.source));
        }
        let path = request.path.split('?').next();
        if path == Some(ORGANIZATION_PATH)
            && found.key.kind() == Kind::Secret
            && let Some(owner) = api::read_owner(&response, found.key.reveal())
        {
            self.remember(&self.host_of_call(request.host.as_ref()), &owner.identity, &found.key);
        }
        Ok(response)
    }

    /// The active key if it has replaced the rejected one and may be used; `None` if the rejected key is still active.
    ///
    /// # Errors
    /// `wrong_environment`, `organization_changed`: a request must not be repeated with this key; and as
    /// [`resolve_key`](crate::resolve_key).
    pub(super) async fn re_resolve(
        &self,
        host: &Host,
        rejected: &ApiKey,
        expected: Option<&ExpectedOrganization>,
        cancel: &Cancel,
    ) -> Result<Option<ReplacementKey>> {
        let found = resolve_on(host, &self.options.resolve)?;
        if found.key == *rejected {
            return Ok(None);
        }
        if found.key.environment() != rejected.environment() || found.key.kind() != rejected.kind() {
            return Err(with_location(wrong_replacement(rejected, &found), &found.source));
        }
        let same_organization = match expected {
            Some(expected) => self.check_organization(host, &found, expected, cancel).await?,
            None => false,
        };
        Ok(Some(ReplacementKey { found, same_organization }))
    }

    /// Whether a key belongs to the expected organization; `false` if the two cannot be compared.
    async fn check_organization(
        &self,
        host: &Host,
        found: &ResolvedKey,
        expected: &ExpectedOrganization,
        cancel: &Cancel,
    ) -> Result<bool> {
        let known = known_keys::organization(host, self.server(), &found.key).or_else(|| self.learned_for(&found.key));
        if known.and_then(|identity| expected.accepts(&identity)) == Some(true) {
            return Ok(true);
        }
        let request = api::owner(&self.http, &found.key, self.options.timeout);
        let owner = cancel.run(request).await.map_err(|error| with_location(error, &found.source))?;
        let accepted = expected.accepts(&owner.identity);
        if accepted == Some(false) {
            return Err(with_location(organization_changed(found, &owner.organization, expected), &found.source));
        }
        self.remember(host, &owner.identity, &found.key);
        Ok(accepted == Some(true))
    }

    /// The organization of the client's last login or last call of `/v1/organization/me`.
    ///
    /// It says nothing about a key that the login replaced without knowing its organization.
    pub(super) fn learned(&self, rejected: &ApiKey) -> Option<OrganizationIdentity> {
        let KnownOrganization { identity, key: _, replaced } = self.known().clone();
        let is_replaced = replaced.is_some_and(|replaced| replaced == *rejected);
        Some(identity).filter(|identity| !identity.is_empty() && !is_replaced)
    }

    /// Notes that a key was replaced although its organization was not known.
    pub(super) fn remember_replaced(&self, rejected: &ApiKey) {
        self.known().replaced = Some(rejected.clone());
    }

    /// The same, if it was learned with this key.
    fn learned_for(&self, key: &ApiKey) -> Option<OrganizationIdentity> {
        let known = self.known();
        let is_same = known.key.as_ref().is_some_and(|known| known == key);
        is_same.then(|| known.identity.clone())
    }

    /// Remembers the organization of a key that the server has accepted: in this client, and for other processes.
    pub(super) fn remember(&self, host: &Host, identity: &OrganizationIdentity, key: &ApiKey) {
        if !identity.is_empty() {
            let mut known = self.known();
            let replaced = known.replaced.take();
            *known = KnownOrganization { identity: identity.clone(), key: Some(key.clone()), replaced };
        }
        let accepted = Accepted { server: self.server(), organization: identity, scopes: None };
        known_keys::remember_accepted(host, key, &accepted);
    }

    fn known(&self) -> MutexGuard<'_, KnownOrganization> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn logins(&self) -> MutexGuard<'_, Vec<Arc<SharedLogin>>> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_of_a_fork_knows_the_replaced_key() {
        let host = Host::new([("", "")], Some("/".into()));
        let server = Server::parse("http://localhost:1").unwrap();
        let state = ClientState::new(host, server, ClientOptions::default());
        let key = ApiKey::parse("am_sk_test_0123456789ab").unwrap();
        state.remember_replaced(&key);
        let replaced = state.after_fork().known().replaced.clone().unwrap();
        assert_eq!(replaced.reveal(), key.reveal());
    }
}
