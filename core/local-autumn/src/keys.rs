//! The API keys: to whom they belong, and how they are made and revoked.

use libatmn::__internal::scopes::grant;
use libatmn::{ApiKey, Environment, Kind};

use crate::accounts::{Organization, organizations};
use crate::random;

/// The number of random characters in a key.
const RANDOM_LENGTH: usize = 42;

/// A key of the server. `Debug` shows it masked.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// The key.
    pub key: ApiKey,
    /// The organization that owns the key.
    pub organization: &'static Organization,
    /// The name of the key.
    pub name: String,
    /// When the key was made, in seconds since 1970.
    pub created: u64,
    /// Whether the key was revoked. The API refuses a revoked key; the list still shows it.
    pub revoked: bool,
    /// What the key may do, such as `customers:read`; a key without scopes may do everything.
    pub scopes: Vec<String>,
}

impl StoredKey {
    /// The key as a page may show it: publishable keys are public, secret keys are masked.
    pub(crate) fn display_text(&self) -> String {
        match self.key.kind() {
            Kind::Publishable => self.key.reveal().to_owned(),
            Kind::Secret => self.key.to_string(),
        }
    }

    fn matches(&self, key: &ApiKey) -> bool {
        !self.revoked && self.key.reveal() == key.reveal()
    }
}

/// The organization and environment that an API request acts for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Principal {
    pub(crate) organization: &'static Organization,
    pub(crate) environment: Environment,
    /// The index of the key in [`Keys::all`]; `None` for a session of the dashboard.
    pub(crate) key: Option<usize>,
}

/// All keys of the server.
pub(crate) struct Keys(Vec<StoredKey>);

impl Keys {
    /// The keys that exist from the start: for each organization and environment a publishable key and two secret keys.
    pub(crate) fn new(now: u64) -> Result<Self, getrandom::Error> {
        let mut keys = Self(Vec::new());
        for organization in organizations() {
            for environment in [Environment::Sandbox, Environment::Live] {
                keys.mint(organization, Kind::Publishable, environment, "Publishable key", now)?;
                keys.mint(organization, Kind::Secret, environment, "Backend", now)?;
                keys.mint(organization, Kind::Secret, environment, "Nightly report", now)?;
            }
        }
        Ok(keys)
    }

    /// Makes a new, random key.
    pub(crate) fn mint(
        &mut self,
        organization: &'static Organization,
        kind: Kind,
        environment: Environment,
        name: &str,
        now: u64,
    ) -> Result<ApiKey, getrandom::Error> {
        let prefix = match (kind, environment) {
            (Kind::Secret, Environment::Sandbox) => "am_sk_test_",
            (Kind::Secret, Environment::Live) => "am_sk_live_",
            (Kind::Publishable, Environment::Sandbox) => "am_pk_test_",
            (Kind::Publishable, Environment::Live) => "am_pk_live_",
        };
        // A prefix and random letters always parse, so the loop runs once.
        let key = loop {
            if let Ok(key) = ApiKey::parse(&(prefix.to_owned() + &random::text(RANDOM_LENGTH)?)) {
                break key;
            }
        };
        self.add(key.clone(), organization, name, now);
        Ok(key)
    }

    /// Makes a new, random secret key that may do only this.
    pub(crate) fn mint_limited(
        &mut self,
        organization: &'static Organization,
        environment: Environment,
        name: &str,
        scopes: &[String],
        now: u64,
    ) -> Result<ApiKey, getrandom::Error> {
        let key = self.mint(organization, Kind::Secret, environment, name, now)?;
        if let Some(stored) = self.0.last_mut() {
            stored.scopes = scopes.to_vec();
        }
        Ok(key)
    }

    pub(crate) fn add(&mut self, key: ApiKey, organization: &'static Organization, name: &str, now: u64) {
        let name = name.to_owned();
        self.0.push(StoredKey { key, organization, name, created: now, revoked: false, scopes: Vec::new() });
    }

    /// All keys, the oldest first, including revoked ones.
    pub(crate) fn all(&self) -> &[StoredKey] {
        &self.0
    }

    /// The key at an index of [`Keys::all`].
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut StoredKey> {
        self.0.get_mut(index)
    }

    /// The principal of a valid key.
    pub(crate) fn principal(&self, key: &ApiKey) -> Option<Principal> {
        let (index, stored) = self.0.iter().enumerate().find(|(_, stored)| stored.matches(key))?;
        let environment = stored.key.environment();
        Some(Principal { organization: stored.organization, environment, key: Some(index) })
    }

    /// Whether a principal may do what a scope allows. Sessions and keys without scopes may do everything.
    pub(crate) fn allow(&self, principal: Principal, scope: &str) -> bool {
        let key = principal.key.and_then(|index| self.0.get(index));
        key.is_none_or(|key| grant(&key.scopes, scope) != Some(false))
    }

    /// Revokes a key; `false` if no valid key has this text.
    pub(crate) fn revoke(&mut self, key: &ApiKey) -> bool {
        let stored = self.0.iter_mut().find(|stored| stored.matches(key));
        stored.map(|stored| stored.revoked = true).is_some()
    }
}
