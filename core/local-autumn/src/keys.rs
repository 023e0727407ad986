//! The keys: who has which, minting, revoking, and whether one is valid.

use libatmn::{ApiKey, Credential, Environment, Kind, Verdict};

use crate::accounts::{self, Organization, organizations};
use crate::random;
use crate::store::{State, Store};

/// Characters behind the prefix of a key.
const TAIL: usize = 42;

/// A key that the server knows. `Debug` shows the key masked.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// The key itself.
    pub key: ApiKey,
    /// Whose it is.
    pub organization: &'static Organization,
    /// What it is for, in a few words.
    pub name: String,
    /// A revoked key is unknown to the API, and stays in this list.
    pub revoked: bool,
}

impl StoredKey {
    /// As a page may show it: publishable keys are public, secret keys are masked.
    pub(crate) fn shown(&self) -> String {
        match self.key.kind() {
            Kind::Publishable => self.key.reveal().to_owned(),
            Kind::Secret => self.key.to_string(),
        }
    }
}

/// Who a request of the API comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Principal {
    pub(crate) organization: &'static Organization,
    pub(crate) environment: Environment,
}

impl State {
    /// Makes a new key. The text is unguessable, so no two are alike.
    pub(crate) fn mint(
        &mut self,
        organization: &'static Organization,
        kind: Kind,
        environment: Environment,
        name: &str,
    ) -> Result<ApiKey, getrandom::Error> {
        let prefix = match (kind, environment) {
            (Kind::Secret, Environment::Sandbox) => "am_sk_test_",
            (Kind::Secret, Environment::Live) => "am_sk_live_",
            (Kind::Publishable, Environment::Sandbox) => "am_pk_test_",
            (Kind::Publishable, Environment::Live) => "am_pk_live_",
        };
        // The text is made to be a key, so the loop ends with its first turn.
        let key = loop {
            if let Ok(key) = ApiKey::parse(&(prefix.to_owned() + &random::text(TAIL)?)) {
                break key;
            }
        };
        self.keys.push(StoredKey { key: key.clone(), organization, name: name.to_owned(), revoked: false });
        Ok(key)
    }

    /// What each organization starts with, in each environment: a publishable key and two secret ones.
    pub(crate) fn mint_first_keys(&mut self) -> Result<(), getrandom::Error> {
        for organization in organizations() {
            for environment in [Environment::Sandbox, Environment::Live] {
                self.mint(organization, Kind::Publishable, environment, "Publishable key")?;
                self.mint(organization, Kind::Secret, environment, "Backend")?;
                self.mint(organization, Kind::Secret, environment, "Nightly report")?;
            }
        }
        Ok(())
    }

    /// What `libatmn::authenticate` asks: a key by its text, the dashboard by its session.
    pub(crate) fn verify(&self, credential: &Credential, session: Option<&str>) -> Verdict<Principal> {
        if self.verification_fails {
            return Verdict::CannotTell("verification is switched off by a test".into());
        }
        let principal = match credential {
            Credential::Key(key) => self
                .keys
                .iter()
                .find(|known| is_valid(known, key))
                .map(|known| Principal { organization: known.organization, environment: known.key.environment() }),
            Credential::Dashboard => session
                .and_then(|name| self.session(name))
                .map(|session| Principal { organization: session.organization, environment: Environment::Sandbox }),
        };
        principal.map_or(Verdict::Unknown, Verdict::Valid)
    }
}

fn is_valid(known: &StoredKey, key: &ApiKey) -> bool {
    !known.revoked && known.key.reveal() == key.reveal()
}

impl Store {
    /// All keys, the oldest first, revoked ones included.
    #[must_use]
    pub fn keys(&self) -> Vec<StoredKey> {
        self.lock().keys.clone()
    }

    /// Makes a key of the caller's known, for an organization by id or slug; `false` if there is no such organization.
    pub fn add_key(&self, key: ApiKey, organization: &str, name: &str) -> bool {
        let Some(organization) = accounts::organization(organization) else { return false };
        self.lock().keys.push(StoredKey { key, organization, name: name.to_owned(), revoked: false });
        true
    }

    /// Revokes a key at once; `false` if no valid key has this text.
    pub fn revoke(&self, key: &ApiKey) -> bool {
        let mut state = self.lock();
        let known = state.keys.iter_mut().find(|known| is_valid(known, key));
        known.map(|known| known.revoked = true).is_some()
    }

    /// Lets every verification fail, as if the database were down, until switched off again.
    pub fn fail_verification(&self, fails: bool) {
        self.lock().verification_fails = fails;
    }
}
