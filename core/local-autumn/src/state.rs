//! The state of a server.

use std::collections::BTreeSet;

use libatmn::__internal::config::{CALLBACK_PORTS, ISSUER_PATH};
use libatmn::{Credential, Environment, Verdict};

use crate::accounts::{Organization, Person};
use crate::authorization::{AuthorizationRequest, Rejection};
use crate::checkout::Checkouts;
use crate::clock::Clock;
use crate::customers::Customers;
use crate::faults::FaultInjector;
use crate::grant::Grants;
use crate::idempotency::Answers;
use crate::keys::{Keys, Principal};
use crate::request_log::RequestLog;
use crate::sessions::{Session, Sessions};

/// The state of a server. It has no `Debug`, because it is full of secrets.
pub(crate) struct ServerState {
    /// `http://localhost:<port>`, also for requests to 127.0.0.1 and `::1`.
    pub(crate) base_url: String,
    pub(crate) callback_ports: BTreeSet<u16>,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) grants: Grants,
    pub(crate) sessions: Sessions,
    pub(crate) customers: Customers,
    pub(crate) checkouts: Checkouts,
    pub(crate) answers: Answers,
    /// The person and organization for which every login is approved without a page.
    pub(crate) automatic_approval: Option<(&'static Person, &'static Organization)>,
    pub(crate) verification_fails: bool,
    /// Whether tests control this server (`Options::controls`).
    pub(crate) controls: bool,
    pub(crate) faults: FaultInjector,
    pub(crate) log: RequestLog,
}

impl ServerState {
    pub(crate) fn new(port: u16, controls: bool) -> Result<Self, getrandom::Error> {
        let clock = Clock::default();
        let keys = Keys::new(clock.now())?;
        Ok(Self {
            base_url: format!("http://localhost:{port}"),
            callback_ports: CALLBACK_PORTS.collect(),
            clock,
            keys,
            grants: Grants::default(),
            sessions: Sessions::default(),
            customers: Customers::new(),
            checkouts: Checkouts::default(),
            answers: Answers::default(),
            automatic_approval: None,
            verification_fails: false,
            controls,
            faults: FaultInjector::default(),
            log: RequestLog::default(),
        })
    }

    /// The issuer (RFC 9207).
    pub(crate) fn issuer(&self) -> String {
        self.base_url.clone() + ISSUER_PATH
    }

    pub(crate) fn session(&self, name: &str) -> Option<Session> {
        self.sessions.get(name, self.clock.now())
    }

    pub(crate) fn read_authorization(&self, query: &str) -> Result<AuthorizationRequest, Rejection> {
        AuthorizationRequest::read(query, &self.issuer(), &self.callback_ports)
    }

    /// Makes a code and returns the callback URL that contains it.
    pub(crate) fn allow(
        &mut self,
        request: &AuthorizationRequest,
        person: &'static Person,
        organization: &'static Organization,
    ) -> Result<String, getrandom::Error> {
        let code = self.grants.issue_code(request, person, organization, self.clock.now())?;
        self.sessions.allow(person, organization);
        Ok(request.callback(&self.issuer(), &[("code", &code)]))
    }

    /// Verifies a credential for `libatmn::authenticate`: a key, or the session of the dashboard.
    pub(crate) fn verify(&self, credential: &Credential, session: Option<&str>) -> Verdict<Principal> {
        if self.verification_fails {
            return Verdict::CannotTell("a test switched verification off".into());
        }
        let principal = match credential {
            Credential::Key(key) => self.keys.principal(key),
            Credential::Dashboard => session.and_then(|name| self.session(name)).map(|session| Principal {
                organization: session.organization,
                environment: Environment::Sandbox,
                key: None,
            }),
        };
        principal.map_or(Verdict::Unknown, Verdict::Valid)
    }
}
