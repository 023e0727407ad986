//! The handle with which programs and tests read and change the state of a server.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use libatmn::__internal::config::AUTHORIZE_PATH;
use libatmn::ApiKey;

use crate::accounts::{self, Organization, Person};
use crate::authorization::{AuthorizationRequest, Rejection};
use crate::faults::Fault;
use crate::keys::StoredKey;
use crate::request_log::LoggedRequest;
use crate::state::ServerState;

/// A handle on the state of a server. Clones share the state.
#[derive(Clone)]
pub struct Store(Arc<Mutex<ServerState>>);

/// Why [`Store`] could not approve or deny a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApproveError {
    /// The URL is not one of this server's authorize endpoint.
    NotOurs,
    /// The server would show its own error page: unknown client, unregistered callback URL, no `code` requested.
    Refused(String),
    /// No person has this id or email.
    NoSuchPerson,
    /// The person is not a member of an organization with this id or slug.
    NoSuchOrganization,
    /// The operating system provides no randomness.
    NoRandomness,
}

impl fmt::Display for ApproveError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => formatter.write_str("The URL is not an authorize URL of this server."),
            Self::Refused(reason) => write!(formatter, "The server refuses the login: {reason}."),
            Self::NoSuchPerson => formatter.write_str("No person has this id or email."),
            Self::NoSuchOrganization => formatter.write_str("The person is not a member of this organization."),
            Self::NoRandomness => formatter.write_str("The operating system provides no randomness."),
        }
    }
}

impl std::error::Error for ApproveError {}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Store(…)")
    }
}

/// A person and one of their organizations, each by id or by email or slug.
fn member(person: &str, organization: &str) -> Result<(&'static Person, &'static Organization), ApproveError> {
    let person = accounts::person(person).ok_or(ApproveError::NoSuchPerson)?;
    let organization = person.organization(organization).ok_or(ApproveError::NoSuchOrganization)?;
    Ok((person, organization))
}

impl Store {
    pub(crate) fn new(port: u16, controls: bool) -> Result<Self, getrandom::Error> {
        Ok(Self(Arc::new(Mutex::new(ServerState::new(port, controls)?))))
    }

    /// A panic leaves no change half-done, so the state behind a poisoned lock is still valid.
    pub(crate) fn lock(&self) -> MutexGuard<'_, ServerState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Approves a login as a person would who opens `authorize_url`, signs in as `person` (id or email), chooses
    /// `organization` (id or slug) and allows access. Returns the callback URL.
    ///
    /// The callback URL carries an error instead of a code if the request asks for an unknown scope or has no PKCE.
    ///
    /// # Errors
    /// [`ApproveError`]; the state is unchanged then.
    pub fn approve(&self, authorize_url: &str, person: &str, organization: &str) -> Result<String, ApproveError> {
        let (person, organization) = member(person, organization)?;
        let mut state = self.lock();
        match read_authorize_url(&state, authorize_url)? {
            Ok(request) => state.allow(&request, person, organization).map_err(|_| ApproveError::NoRandomness),
            Err(callback) => Ok(callback),
        }
    }

    /// Denies a login as a person would who opens `authorize_url`. Returns the callback URL.
    ///
    /// # Errors
    /// [`ApproveError::NotOurs`] and [`ApproveError::Refused`].
    pub fn deny(&self, authorize_url: &str) -> Result<String, ApproveError> {
        let state = self.lock();
        let request = read_authorize_url(&state, authorize_url)?;
        Ok(request.map_or_else(|callback| callback, |request| request.denial(&state.issuer())))
    }

    /// Approves every login at once, without a page, for this person (id or email) and organization (id or slug); `None`
    /// shows the pages again.
    ///
    /// # Errors
    /// [`ApproveError::NoSuchPerson`] and [`ApproveError::NoSuchOrganization`].
    pub fn approve_automatically(&self, choice: Option<(&str, &str)>) -> Result<(), ApproveError> {
        let choice = choice.map(|(person, organization)| member(person, organization)).transpose()?;
        self.lock().automatic_approval = choice;
        Ok(())
    }

    /// Registers `http://localhost:<port>/` as another callback URL, for tests that must not share the five ports of the
    /// real client.
    pub fn register_callback_port(&self, port: u16) {
        self.lock().callback_ports.insert(port);
    }

    /// Advances the server's clock, so that codes, tokens and sessions expire at once.
    pub fn advance(&self, time: Duration) {
        self.lock().clock.advance(time);
    }

    /// The number of valid OAuth access tokens. It is zero after a login that revoked its token.
    #[must_use]
    pub fn active_tokens(&self) -> usize {
        let state = self.lock();
        state.grants.active_tokens(state.clock.now())
    }

    /// All keys, the oldest first, including revoked ones.
    #[must_use]
    pub fn keys(&self) -> Vec<StoredKey> {
        self.lock().keys.all().to_vec()
    }

    /// Adds a given key to an organization (id or slug); `false` if the organization does not exist.
    pub fn add_key(&self, key: ApiKey, organization: &str, name: &str) -> bool {
        let Some(organization) = accounts::organization(organization) else { return false };
        let mut state = self.lock();
        let now = state.clock.now();
        state.keys.add(key, organization, name, now);
        true
    }

    /// Revokes a key; `false` if no valid key has this text.
    pub fn revoke(&self, key: &ApiKey) -> bool {
        self.lock().keys.revoke(key)
    }

    /// Makes every verification fail, as if the database were down, until it is switched off again.
    pub fn fail_verification(&self, fails: bool) {
        self.lock().verification_fails = fails;
    }

    /// Injects a fault into the next `count` requests of a path (without query). Returns `false` without
    /// `Options::controls`, and if `count` is 0.
    pub fn inject(&self, path: &str, count: u32, fault: Fault) -> bool {
        let mut state = self.lock();
        let possible = state.controls && count > 0;
        if possible {
            state.faults.inject(path, count, fault);
        }
        possible
    }

    /// Removes the faults that have not been applied yet.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.lock().log.clear();
    }

    /// The last thousand requests, the oldest first, without those to `/_test/`. It is empty without `Options::controls`.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.lock().log.entries()
    }
}

/// The authorization request of a URL, or the callback URL with its error.
fn read_authorize_url(state: &ServerState, text: &str) -> Result<Result<AuthorizationRequest, String>, ApproveError> {
    let url = url::Url::parse(text).map_err(|_| ApproveError::NotOurs)?;
    let own = url::Url::parse(&state.base_url).map_err(|_| ApproveError::NotOurs)?;
    if url.path() != AUTHORIZE_PATH || url.port_or_known_default() != own.port_or_known_default() {
        return Err(ApproveError::NotOurs);
    }
    match state.read_authorization(url.query().unwrap_or_default()) {
        Ok(request) => Ok(Ok(request)),
        Err(Rejection::Callback(callback)) => Ok(Err(callback)),
        Err(Rejection::Page(_, reason)) => Err(ApproveError::Refused(reason.to_owned())),
    }
}
