//! Which organization a replaced key must belong to, and what the key of the other environment says about it.

use std::path::Path;

use super::ClientState;
use crate::api::{self, ExpectedOrganization, OrganizationIdentity};
use crate::cancel::Cancel;
use crate::error::{ErrorCode, Result};
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::known_keys;
use crate::locations::Origin;
use crate::resolve::{ResolveOptions, ResolvedKey, resolve_on};

/// A key that replaces a rejected one.
#[derive(Clone, Debug)]
pub(super) struct ReplacementKey {
    pub(super) found: ResolvedKey,
    /// Whether it is known to belong to the organization of the rejected key, or to the one that the caller named.
    pub(super) same_organization: bool,
}

/// The key of the other environment, as programs in the directory of a rejected key find it.
pub(super) enum OtherKey {
    /// There is none, so a login may save one.
    Absent,
    /// The server rejects it too. It is in the file of the rejected key.
    Rejected,
    /// It still works. It is in a file of the directory.
    Valid(OrganizationIdentity),
    /// It stays: it is in another location, belongs to another server, or could not be checked.
    Untouched,
}

impl OtherKey {
    /// Whether a login may replace it.
    pub(super) fn is_replaceable(&self) -> bool {
        match self {
            Self::Absent | Self::Rejected => true,
            Self::Valid(_) | Self::Untouched => false,
        }
    }

    /// The organization, if the key tells it.
    pub(super) fn organization(&self) -> Option<ExpectedOrganization> {
        match self {
            Self::Valid(identity) if !identity.is_empty() => Some(ExpectedOrganization::Known(identity.clone())),
            Self::Valid(_) | Self::Absent | Self::Rejected | Self::Untouched => None,
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

    /// Finds the other key, and asks the server about it if it is in the directory of the rejected one. A new key in the
    /// file of the rejected key would take precedence over one that is found elsewhere.
    ///
    /// # Errors
    /// `cancelled`.
    pub(super) async fn other_key(
        &self,
        host: &Host,
        rejected: Environment,
        file: &Path,
        cancel: &Cancel,
    ) -> Result<OtherKey> {
        let (other, directory) = (rejected.other(), file.parent());
        let options = ResolveOptions {
            environment: Some(other),
            directory: directory.map(Path::to_path_buf),
            boundary: self.options.resolve.boundary.clone(),
            ..ResolveOptions::default()
        };
        let ResolvedKey { key, source, .. } = match resolve_on(host, &options) {
            Ok(found) => found,
            Err(error) if error.code == ErrorCode::KeyNotFound => return Ok(OtherKey::Absent),
            Err(_) => return Ok(OtherKey::Untouched),
        };
        let path = source.path.as_deref().filter(|_| source.origin == Origin::EnvFile);
        // A key of another server is not sent to this one.
        if path.and_then(Path::parent) != directory || !known_keys::belongs_to(host, self.server(), &key) {
            return Ok(OtherKey::Untouched);
        }
        match cancel.run(api::owner(&self.http, &key, self.options.timeout)).await {
            Ok(owner) => {
                self.remember(host, &owner.identity, &key);
                Ok(OtherKey::Valid(owner.identity))
            }
            Err(error) if error.code == ErrorCode::Cancelled => Err(error),
            Err(error)
                if api::is_rejection(&error) && path == Some(file) && source.variable == Some(other.variable()) =>
            {
                Ok(OtherKey::Rejected)
            }
            Err(_) => Ok(OtherKey::Untouched),
        }
    }
}
