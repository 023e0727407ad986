//! Which organization a replaced key must belong to, and what the other key of the same file says about it.

use std::path::Path;

use super::ClientState;
use crate::api::{self, ExpectedOrganization, OrganizationIdentity};
use crate::cancel::Cancel;
use crate::dotenv::Value;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Host;
use crate::key::{ApiKey, Environment, Kind};
use crate::known_keys;
use crate::resolve::ResolvedKey;
use crate::save::{located, readable};

/// A key that replaces a rejected one.
#[derive(Clone, Debug)]
pub(super) struct ReplacementKey {
    pub(super) found: ResolvedKey,
    /// Whether it is known to belong to the organization of the rejected key, or to the one that the caller named.
    pub(super) same_organization: bool,
}

/// The key of the other environment in the file of a rejected key.
pub(super) enum OtherKey {
    /// Its variable is free.
    Absent,
    /// The server rejects it too.
    Rejected,
    /// It still works.
    Valid(OrganizationIdentity),
    /// It belongs to another server, or it could not be checked.
    Unchecked,
}

impl OtherKey {
    /// Whether a login may replace it.
    pub(super) fn is_replaceable(&self) -> bool {
        match self {
            Self::Absent | Self::Rejected => true,
            Self::Valid(_) | Self::Unchecked => false,
        }
    }

    /// The organization, if the key tells it.
    pub(super) fn organization(&self) -> Option<ExpectedOrganization> {
        match self {
            Self::Valid(identity) if !identity.is_empty() => Some(ExpectedOrganization::Known(identity.clone())),
            Self::Valid(_) | Self::Absent | Self::Rejected | Self::Unchecked => None,
        }
    }
}

impl ClientState {
    /// The organization of the replacement of a key, as far as it is known without a request: the one that the caller
    /// named, that of the key, or that of the client's last login or call of `/v1/organization/me`.
    pub(super) fn expected(&self, host: &Host, rejected: &ApiKey) -> Option<ExpectedOrganization> {
        if let Some(name) = &self.options.organization {
            return Some(ExpectedOrganization::Named(name.clone()));
        }
        let known = known_keys::organization(host, self.server(), rejected).or_else(|| self.learned(rejected));
        known.map(ExpectedOrganization::Known)
    }

    /// Asks the server about the other key of a file.
    ///
    /// # Errors
    /// As reading the file; `cancelled`.
    pub(super) async fn other_key(
        &self,
        host: &Host,
        rejected: Environment,
        file: &Path,
        cancel: &Cancel,
    ) -> Result<OtherKey> {
        let other = rejected.other();
        let assignment = readable(&located(file)?)?.read(other.variable());
        let key = match assignment.map(|assignment| assignment.value) {
            None | Some(Value::Empty) => return Ok(OtherKey::Absent),
            Some(Value::Unusable(_)) => return Ok(OtherKey::Unchecked),
            Some(Value::Text(text)) => ApiKey::parse(text.reveal()).ok(),
        };
        let key = key.filter(|key| key.kind() == Kind::Secret && key.environment() == other);
        // A key of another server is not sent to this one.
        let Some(key) = key.filter(|key| known_keys::belongs_to(host, self.server(), key)) else {
            return Ok(OtherKey::Unchecked);
        };
        match cancel.run(api::owner(&self.http, &key, self.options.timeout)).await {
            Ok(owner) => {
                self.remember(host, &owner.identity, &key);
                Ok(OtherKey::Valid(owner.identity))
            }
            Err(error) if error.code == ErrorCode::Cancelled => Err(error),
            Err(error) if is_rejected(&error) => Ok(OtherKey::Rejected),
            Err(_) => Ok(OtherKey::Unchecked),
        }
    }
}

fn is_rejected(error: &Error) -> bool {
    matches!(error.code, ErrorCode::Unauthorized | ErrorCode::InvalidSecretKey)
        && error.context.get("status").is_some_and(|status| status == "401")
}
