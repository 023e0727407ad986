//! Which organization a replaced key must belong to, and what the key of the other environment says about it.

use std::path::{Path, PathBuf};

use super::ClientState;
use crate::api::{self, ExpectedOrganization, OrganizationIdentity};
use crate::cancel::Cancel;
use crate::error::{ErrorCode, Result};
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::known_keys;
use crate::locations::{Boundary, Origin};
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
        let variable = rejected.other().variable();
        let (mut here, mut is_elsewhere) = (None, false);
        for search in self.searches(rejected.other(), file) {
            match resolve_on(host, &search) {
                Ok(found) => {
                    let path = found.source.path.as_deref().filter(|_| found.source.origin == Origin::EnvFile);
                    is_elsewhere |= path != Some(file) || found.source.variable != Some(variable);
                    here = here.or(Some(found.key).filter(|_| path.and_then(Path::parent) == file.parent()));
                }
                Err(error) if error.code == ErrorCode::KeyNotFound => {}
                Err(_) => is_elsewhere = true,
            }
        }
        let key = match here {
            None if !is_elsewhere => return Ok(OtherKey::Absent),
            Some(key) if known_keys::belongs_to(host, self.server(), &key) => key,
            // A key of another server is not sent to this one.
            None | Some(_) => return Ok(OtherKey::Untouched),
        };
        match cancel.run(api::owner(&self.http, &key, self.options.timeout)).await {
            Ok(owner) => {
                self.remember(host, &owner.identity, &key);
                Ok(OtherKey::Valid(owner.identity))
            }
            Err(error) if error.code == ErrorCode::Cancelled => Err(error),
            Err(error) if api::is_rejection(&error) && !is_elsewhere => Ok(OtherKey::Rejected),
            Err(_) => Ok(OtherKey::Untouched),
        }
    }

    /// Where programs may look for the key of an environment, so that a new key in this file would hide it from them: as
    /// this client does, and from the directory of the file and of its link's target, with the usual boundary.
    fn searches(&self, environment: Environment, file: &Path) -> Vec<ResolveOptions> {
        let own = ResolveOptions { key: None, environment: Some(environment), ..self.options.resolve.clone() };
        let from =
            |directory: Option<PathBuf>| ResolveOptions { directory, boundary: Boundary::default(), ..own.clone() };
        let directory = |file: &Path| file.parent().map(Path::to_path_buf);
        let target = dunce::canonicalize(file).ok().and_then(|real| directory(&real));
        vec![from(directory(file)), from(own.directory.clone()), from(target), own]
    }
}
