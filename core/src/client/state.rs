//! What the clones of a client share, and a call with one key.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::messages::{chance, exchanged, happened, moved, retrying};
use super::retry::Schedule;
use super::shared_login::SharedLogin;
use super::{ApiRequest, ClientOptions};
use crate::api::{self, Organization};
use crate::cancel::Cancel;
use crate::config::ORGANIZATION_PATH;
use crate::error::Result;
use crate::http::{Http, Response};
use crate::key::{ApiKey, Kind};
use crate::login::{Events, is_named};
use crate::resolve::{ResolvedKey, resolve_key, with_location};
use crate::server::Server;

/// What the clones of a client share.
pub(super) struct Inner {
    pub(super) options: ClientOptions,
    http: Http,
    known: Mutex<Known>,
    flights: Mutex<Vec<Arc<SharedLogin>>>,
}

/// What the client has learned: whose the keys are.
#[derive(Clone, Default)]
struct Known {
    organization: Option<Organization>,
    /// A key that is known to be this organization's.
    key: Option<ApiKey>,
}

impl Known {
    fn is_of(&self, key: &ApiKey, name: &str) -> bool {
        let is_met = self.key.as_ref().is_some_and(|known| known.reveal() == key.reveal());
        is_met && self.organization.as_ref().is_some_and(|organization| is_named(organization, name))
    }
}

impl Inner {
    pub(super) fn new(server: Server, options: ClientOptions) -> Self {
        Self { options, http: Http::new(server), known: Mutex::default(), flights: Mutex::default() }
    }

    /// The server, as it was chosen when the client was made.
    pub(super) fn server(&self) -> &Server {
        self.http.server()
    }

    /// The same server and options and, unless another thread of the parent held it, the same knowledge.
    pub(super) fn afresh(&self) -> Self {
        let known = self.known.try_lock().map(|known| known.clone()).unwrap_or_default();
        Self { known: Mutex::new(known), ..Self::new(self.server().clone(), self.options.clone()) }
    }

    /// Makes the request with one key until there is an answer to keep.
    pub(super) async fn with_retries(
        &self,
        request: &ApiRequest,
        found: &ResolvedKey,
        events: &mut Events<'_>,
    ) -> Result<Response> {
        let (options, began) = (&self.options, Instant::now());
        let schedule = Schedule::new(request.known_method()?, request.has_idempotency_key(), options.timeout);
        let mut tries = 0;
        loop {
            let timeout = options.timeout.min(schedule.left(began.elapsed()));
            let sent = request.with_key(&found.key, timeout, options.response_limit)?;
            let result = events.cancel.run(self.http.send(sent)).await;
            tries += 1;
            let Some(pause) = schedule.pause(happened(&result), tries, began.elapsed(), chance()) else {
                return self.conclude(request, found, result);
            };
            events.say(&retrying(&result, tries, pause));
            let slept = async {
                tokio::time::sleep(pause).await;
                Ok(())
            };
            events.cancel.run(slept).await?;
        }
    }

    /// The answer if it is one to go on with, and otherwise what it means.
    fn conclude(&self, request: &ApiRequest, found: &ResolvedKey, result: Result<Response>) -> Result<Response> {
        let response = result.map_err(|error| error.with("env", found.key.environment().name()))?;
        if !response.is_success() {
            let error = api::failure(self.server(), &response, &[found.key.reveal()]);
            let environment = found.key.environment().name();
            let known = error.context.contains_key("env");
            return Err(with_location(if known { error } else { error.with("env", environment) }, &found.source));
        }
        let path = request.path.split('?').next();
        if path == Some(ORGANIZATION_PATH) && found.key.kind() == Kind::Secret {
            let organization = api::read_organization(&response, found.key.reveal());
            organization.into_iter().for_each(|organization| self.remember(Some(organization), &found.key));
        }
        Ok(response)
    }

    /// The key in force, if it is not the rejected one any more, and one to go on with.
    ///
    /// # Errors
    /// `wrong_environment`, `organization_changed`: a request must not be repeated with this key; and as [`resolve_key`].
    pub(super) async fn re_resolve(&self, rejected: &ApiKey, cancel: &Cancel) -> Result<Option<ResolvedKey>> {
        let found = resolve_key(&self.options.resolve)?;
        if found.key.reveal() == rejected.reveal() {
            return Ok(None);
        }
        if found.key.environment() != rejected.environment() || found.key.kind() != rejected.kind() {
            return Err(with_location(exchanged(rejected, &found), &found.source));
        }
        self.check_organization(&found, cancel).await?;
        Ok(Some(found))
    }

    /// Asks whose a key is that somebody else put there, if another one than expected would matter.
    async fn check_organization(&self, found: &ResolvedKey, cancel: &Cancel) -> Result<()> {
        let Some(expected) = self.expected().filter(|name| !self.known().is_of(&found.key, name)) else {
            return Ok(());
        };
        let asked = api::organization(&self.http, &found.key, self.options.timeout);
        let whose = cancel.run(asked).await.map_err(|error| with_location(error, &found.source))?;
        if !is_named(&whose, &expected) {
            return Err(with_location(moved(found, &whose, &expected), &found.source));
        }
        self.remember(Some(whose), &found.key);
        Ok(())
    }

    /// The organization whose keys may be used: the one that was named, or else the one that was met.
    pub(super) fn expected(&self) -> Option<String> {
        let met = || self.known().organization.as_ref().map(|met| met.id.clone().unwrap_or_else(|| met.slug.clone()));
        self.options.organization.clone().or_else(met)
    }

    pub(super) fn remember(&self, organization: Option<Organization>, key: &ApiKey) {
        let mut known = self.known();
        known.organization = organization.or_else(|| known.organization.take());
        known.key = Some(key.clone());
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn flights(&self) -> MutexGuard<'_, Vec<Arc<SharedLogin>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
