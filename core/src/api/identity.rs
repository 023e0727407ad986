//! What identifies an organization, and what a caller expects it to be.

use std::fmt;

use crate::text::quoted;

/// What identifies an organization, byte for byte as the server sent it. A name identifies nothing: anyone can choose it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OrganizationIdentity {
    pub(crate) id: Option<String>,
    pub(crate) slug: Option<String>,
}

impl OrganizationIdentity {
    pub(crate) fn is_empty(&self) -> bool {
        self.id.is_none() && self.slug.is_none()
    }

    /// This identity; what it lacks comes from another one of the same organization.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { id: self.id.or(other.id), slug: self.slug.or(other.slug) }
    }

    /// Whether both are the same organization: by id, or by slug where an id is missing; `None` if neither can be compared.
    pub(crate) fn is_same(&self, other: &Self) -> Option<bool> {
        let same = |a: &Option<String>, b: &Option<String>| Some(a.as_ref()? == b.as_ref()?);
        same(&self.id, &other.id).or_else(|| same(&self.slug, &other.slug))
    }
}

/// The organization that new keys must belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ExpectedOrganization {
    /// The id or the slug, as the caller wrote it.
    Named(String),
    /// The organization of a key.
    Known(OrganizationIdentity),
}

impl ExpectedOrganization {
    /// Whether this organization is the expected one; `None` if the two cannot be compared.
    pub(crate) fn accepts(&self, found: &OrganizationIdentity) -> Option<bool> {
        match self {
            Self::Named(name) if found.id.as_ref() == Some(name) || found.slug.as_ref() == Some(name) => Some(true),
            // The name may be the one that is missing.
            Self::Named(_) => (found.id.is_some() && found.slug.is_some()).then_some(false),
            Self::Known(known) => known.is_same(found),
        }
    }
}

impl fmt::Display for ExpectedOrganization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&quoted(match self {
            Self::Named(name) => name,
            Self::Known(known) => known.slug.as_ref().or(known.id.as_ref()).map_or("", String::as_str),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(id: Option<&str>, slug: Option<&str>) -> OrganizationIdentity {
        OrganizationIdentity { id: id.map(str::to_owned), slug: slug.map(str::to_owned) }
    }

    #[test]
    fn name_is_compared_with_id_and_slug() {
        let found = identity(Some("org_1"), Some("kettle"));
        for (name, accepted) in [("org_1", true), ("kettle", true), ("Kettle", false), ("org_1 ", false), ("", false)] {
            assert_eq!(ExpectedOrganization::Named(name.to_owned()).accepts(&found), Some(accepted), "{name:?}");
        }
        for (id, slug) in [(None, None), (Some("org_1"), None), (None, Some("kettle"))] {
            let named = ExpectedOrganization::Named("library".to_owned());
            assert_eq!(named.accepts(&identity(id, slug)), None);
        }
    }

    #[test]
    fn known_organization_compares_id_with_id_and_slug_with_slug() {
        for (known, found, same) in [
            ((Some("1"), Some("a")), (Some("1"), Some("b")), Some(true)),
            ((Some("1"), Some("a")), (Some("2"), Some("a")), Some(false)),
            ((Some("1"), Some("a")), (None, Some("a")), Some(true)),
            ((Some("1"), None), (None, Some("1")), None),
            ((None, None), (Some("1"), Some("a")), None),
        ] {
            let expected = ExpectedOrganization::Known(identity(known.0, known.1));
            assert_eq!(expected.accepts(&identity(found.0, found.1)), same, "{known:?} {found:?}");
        }
    }
}
