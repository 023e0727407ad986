//! What the server remembers, and the handle by which programs and tests reach into it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::__internal::config::{CALLBACK_PORTS, ISSUER_PATH};

use crate::accounts::{self, Organization, Person};
use crate::customers::Customer;
use crate::faults::Bench;
use crate::grant::{AccessToken, AuthorizationRequest, Code, Rejection};
use crate::keys::StoredKey;
use crate::random;

/// How long a session of the sign-in page lasts, in seconds.
const SESSION_LIFETIME: u64 = 8 * 3600;

/// A handle on everything that a server knows. Clones share it.
#[derive(Clone)]
pub struct Store(Arc<Mutex<State>>);

/// The memory of a server. Not `Debug`: it is full of secrets.
pub(crate) struct State {
    /// `http://localhost:<port>`; the server's one name for itself, whichever address it was reached by.
    pub(crate) base: String,
    pub(crate) callback_ports: BTreeSet<u16>,
    /// How far the clock was put forward.
    skew: Duration,
    pub(crate) keys: Vec<StoredKey>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) tokens: HashMap<String, AccessToken>,
    pub(crate) customers: Vec<Customer>,
    sessions: HashMap<String, Session>,
    /// Who has allowed the program what before, as person and organization.
    pub(crate) consents: HashSet<(&'static Person, &'static Organization)>,
    last_organization: HashMap<&'static str, &'static Organization>,
    /// Approves every login as this person, without a page.
    pub(crate) automatic: Option<(&'static Person, &'static Organization)>,
    pub(crate) verification_fails: bool,
    pub(crate) bench: Bench,
}

/// Somebody is signed in.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub(crate) person: &'static Person,
    pub(crate) organization: &'static Organization,
    expires: u64,
}

/// Why a login could not be approved from within.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApproveError {
    /// The address is not one of this server's authorize endpoint.
    NotOurs,
    /// The server would show its own error page: unknown client, unregistered redirect, no `code` asked for.
    Refused(String),
    /// Nobody has this id or email.
    NoSuchPerson,
    /// The person is not a member of an organization with this id or slug.
    NoSuchOrganization,
    /// The system has no randomness to give.
    NoRandomness,
}

impl fmt::Display for ApproveError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => formatter.write_str("This is not an authorize address of this server."),
            Self::Refused(reason) => write!(formatter, "The server refuses the login: {reason}."),
            Self::NoSuchPerson => formatter.write_str("Nobody has this id or email."),
            Self::NoSuchOrganization => formatter.write_str("The person is not a member of such an organization."),
            Self::NoRandomness => formatter.write_str("The system has no randomness to give."),
        }
    }
}

impl std::error::Error for ApproveError {}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Store(…)")
    }
}

impl Store {
    pub(crate) fn new(port: u16, controls: bool) -> Result<Self, getrandom::Error> {
        let mut state = State {
            base: format!("http://localhost:{port}"),
            callback_ports: CALLBACK_PORTS.collect(),
            skew: Duration::ZERO,
            keys: Vec::new(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            customers: crate::customers::first_customers(),
            sessions: HashMap::new(),
            consents: HashSet::new(),
            last_organization: HashMap::new(),
            automatic: None,
            verification_fails: false,
            bench: Bench::new(controls),
        };
        state.mint_first_keys()?;
        Ok(Self(Arc::new(Mutex::new(state))))
    }

    /// Nothing here is left half-changed by a panic, so a poisoned lock is as good as any.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what a person does who follows `authorize_url`, signs in as `person` (id or email), chooses
    /// `organization` (id or slug) and allows: returns the address that the browser would be sent back to.
    ///
    /// That address carries an error instead of a code where the request asks for a scope too many, or has no PKCE.
    ///
    /// # Errors
    /// [`ApproveError`]; nothing has changed then.
    pub fn approve(&self, authorize_url: &str, person: &str, organization: &str) -> Result<String, ApproveError> {
        let person = accounts::person(person).ok_or(ApproveError::NoSuchPerson)?;
        let organization = person.organization(organization).ok_or(ApproveError::NoSuchOrganization)?;
        let mut state = self.lock();
        match state.read_authorize_url(authorize_url)? {
            Ok(request) => state.allow(&request, person, organization).map_err(|_| ApproveError::NoRandomness),
            Err(callback) => Ok(callback),
        }
    }

    /// As [`Store::approve`], for a person who says no.
    ///
    /// # Errors
    /// [`ApproveError::NotOurs`] and [`ApproveError::Refused`].
    pub fn deny(&self, authorize_url: &str) -> Result<String, ApproveError> {
        let state = self.lock();
        let request = state.read_authorize_url(authorize_url)?;
        Ok(request.map_or_else(|callback| callback, |request| request.denial(&state.issuer())))
    }

    /// Answers every authorization request at once, without a page, as if this person (id or email) had allowed it for
    /// this organization (id or slug); `None` brings the pages back.
    ///
    /// # Errors
    /// [`ApproveError::NoSuchPerson`] and [`ApproveError::NoSuchOrganization`].
    pub fn approve_automatically(&self, choice: Option<(&str, &str)>) -> Result<(), ApproveError> {
        let choice = match choice {
            None => None,
            Some((person, organization)) => {
                let person = accounts::person(person).ok_or(ApproveError::NoSuchPerson)?;
                Some((person, person.organization(organization).ok_or(ApproveError::NoSuchOrganization)?))
            }
        };
        self.lock().automatic = choice;
        Ok(())
    }

    /// Registers `http://localhost:<port>/` as a redirect beside the five of the real client, for tests that must not
    /// share ports.
    pub fn register_callback_port(&self, port: u16) {
        self.lock().callback_ports.insert(port);
    }

    /// Puts the server's clock forward, so that codes, tokens and sessions expire without anybody waiting.
    pub fn advance(&self, time: Duration) {
        let mut state = self.lock();
        state.skew = state.skew.saturating_add(time);
    }

    /// How many OAuth access tokens could still buy keys: none, after a login that cleaned up.
    #[must_use]
    pub fn active_tokens(&self) -> usize {
        let state = self.lock();
        state.tokens.values().filter(|token| token.expires > state.now()).count()
    }
}

impl State {
    /// Seconds since 1970, by the server's own clock.
    pub(crate) fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_add(self.skew).as_secs()
    }

    /// The issuer (RFC 9207).
    pub(crate) fn issuer(&self) -> String {
        self.base.clone() + ISSUER_PATH
    }

    fn read_authorize_url(&self, text: &str) -> Result<Result<AuthorizationRequest, String>, ApproveError> {
        let url = url::Url::parse(text).map_err(|_| ApproveError::NotOurs)?;
        let ours = url::Url::parse(&self.base).map_err(|_| ApproveError::NotOurs)?;
        if url.path() != libatmn::__internal::config::AUTHORIZE_PATH
            || url.port_or_known_default() != ours.port_or_known_default()
        {
            return Err(ApproveError::NotOurs);
        }
        match AuthorizationRequest::read(url.query().unwrap_or_default(), self) {
            Ok(request) => Ok(Ok(request)),
            Err(Rejection::Callback(callback)) => Ok(Err(callback)),
            Err(Rejection::Page(_, reason)) => Err(ApproveError::Refused(reason.to_owned())),
        }
    }

    /// A new session, in the organization that the person chose last.
    pub(crate) fn sign_in(&mut self, person: &'static Person) -> Result<String, getrandom::Error> {
        let now = self.now();
        self.sessions.retain(|_, session| session.expires > now);
        let organization = self.last_organization.get(person.id).copied().unwrap_or(person.home);
        let name = random::text(32)?;
        self.sessions.insert(name.clone(), Session { person, organization, expires: now + SESSION_LIFETIME });
        Ok(name)
    }

    pub(crate) fn session(&self, name: &str) -> Option<Session> {
        self.sessions.get(name).copied().filter(|session| session.expires > self.now())
    }

    pub(crate) fn sign_out(&mut self, name: &str) {
        self.sessions.remove(name);
    }

    /// The person chose this organization: their sessions, now and later, are in it.
    pub(crate) fn remember_choice(&mut self, person: &'static Person, organization: &'static Organization) {
        self.consents.insert((person, organization));
        self.last_organization.insert(person.id, organization);
        for session in self.sessions.values_mut().filter(|session| session.person == person) {
            session.organization = organization;
        }
    }
}
