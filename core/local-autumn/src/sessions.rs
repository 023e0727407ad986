//! Sessions of the sign-in page, and the organizations that each person chose and allowed.

use std::collections::{HashMap, HashSet};

use crate::accounts::{Organization, Person};
use crate::random;

/// How long a session lasts, in seconds.
const LIFETIME: u64 = 8 * 3600;

/// A signed-in person.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub(crate) person: &'static Person,
    pub(crate) organization: &'static Organization,
    expires: u64,
}

/// All sessions and choices of the server. Every `now` is in seconds since 1970.
#[derive(Default)]
pub(crate) struct Sessions {
    by_id: HashMap<String, Session>,
    /// The people and organizations for which access was allowed before.
    consents: HashSet<(&'static Person, &'static Organization)>,
    /// The organization that each person chose last, by the person's id.
    last_organization: HashMap<&'static str, &'static Organization>,
}

impl Sessions {
    /// Starts a session in the organization that the person chose last, and returns its id.
    pub(crate) fn sign_in(&mut self, person: &'static Person, now: u64) -> Result<String, getrandom::Error> {
        self.by_id.retain(|_, session| session.expires > now);
        let organization = self.last_organization.get(person.id).copied().unwrap_or(person.home);
        let id = random::text(32)?;
        self.by_id.insert(id.clone(), Session { person, organization, expires: now + LIFETIME });
        Ok(id)
    }

    pub(crate) fn get(&self, id: &str, now: u64) -> Option<Session> {
        self.by_id.get(id).copied().filter(|session| session.expires > now)
    }

    pub(crate) fn sign_out(&mut self, id: &str) {
        self.by_id.remove(id);
    }

    /// Records that the person allowed access for an organization, and switches their sessions to it.
    pub(crate) fn allow(&mut self, person: &'static Person, organization: &'static Organization) {
        self.consents.insert((person, organization));
        self.last_organization.insert(person.id, organization);
        for session in self.by_id.values_mut().filter(|session| session.person == person) {
            session.organization = organization;
        }
    }

    /// Whether the person of a session has allowed access for its organization before.
    pub(crate) fn has_consent(&self, session: Session) -> bool {
        self.consents.contains(&(session.person, session.organization))
    }
}
