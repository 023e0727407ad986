//! Why a login asks the user, and which organization the user has to choose.

use super::LoginOptions;
use crate::api::{ExpectedOrganization, OrganizationIdentity};
use crate::error::{ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::host::Host;
use crate::key::{ApiKey, Environment};
use crate::locations::Location;
use crate::resolve::{ResolveOptions, ResolvedKey, resolve_on};
use crate::save::existing_directory;

/// Why the user must log in, as far as it is known.
#[derive(Default)]
pub(super) struct Reasons {
    events: Vec<Event>,
    /// The organization of a rejected key.
    organization: Option<OrganizationIdentity>,
    /// The organization of a key that stays.
    kept_organization: Option<OrganizationIdentity>,
}

impl Reasons {
    pub(super) fn because(reason: String) -> Self {
        Self { events: vec![Event::new(EventCode::Hint, reason)], ..Self::default() }
    }

    pub(super) fn add(&mut self, reason: String) {
        self.events.push(Event::new(EventCode::Hint, reason));
    }

    /// The server rejected a saved key.
    pub(super) fn rejected(&mut self, key: &ApiKey, location: &Location, organization: Option<OrganizationIdentity>) {
        let message = format!("The server rejected the key {key} ({location}).");
        let event = Event::new(EventCode::KeyRejected, message).with("key", key.to_string());
        self.events.push(event.with("location", location.to_string()));
        self.organization = self.organization.take().or(organization);
    }

    /// A saved key stays. New keys must be of its organization.
    pub(super) fn kept(&mut self, key: &ApiKey, location: &Location, organization: &OrganizationIdentity) {
        let (name, other) = (key.environment().name(), key.environment().other().name());
        self.add(format!(
            "The {name} key {key} ({location}) still works and stays. This login saves only the {other} key."
        ));
        self.kept_organization = Some(organization.clone());
    }

    /// The events, the last of which names the organization to choose, if it is known.
    pub(super) fn events(self, expected: Option<&ExpectedOrganization>) -> Vec<Event> {
        let Self { mut events, organization, kept_organization } = self;
        let (known, kept) =
            (organization.map(ExpectedOrganization::Known), kept_organization.map(ExpectedOrganization::Known));
        // The browser shows no ids.
        let is_shown = |expected: &&ExpectedOrganization| match expected {
            ExpectedOrganization::Named(_) => true,
            ExpectedOrganization::Known(identity) => identity.slug.is_some(),
        };
        let choice = [kept.as_ref(), expected, known.as_ref()].into_iter().flatten().find(is_shown);
        events.extend(choice.map(|organization| {
            Event::new(EventCode::Hint, format!("Choose the organization {organization} in the browser."))
        }));
        events
    }
}

/// Keys in other locations, which a user may expect to be enough.
pub(super) fn elsewhere(host: &Host, options: &LoginOptions) -> Reasons {
    let find = |environment| find(host, options, environment);
    let is_absent = |found: &Result<ResolvedKey>| matches!(found, Err(error) if error.code == ErrorCode::KeyNotFound);
    let (sandbox, live) = (find(Environment::Sandbox), find(Environment::Live));
    let reason = match (&sandbox, &live) {
        (Ok(sandbox), _) if (options.sandbox_only || live.is_ok()) && is_above(sandbox, host, options) => format!(
            "Keys of a parent directory apply here ({}). This login saves keys for this directory alone.",
            sandbox.source
        ),
        (Ok(sandbox), _) if is_absent(&live) && !options.sandbox_only => {
            format!("There is a sandbox key ({}), but no live key.", sandbox.source)
        }
        (_, Ok(live)) if is_absent(&sandbox) => {
            format!("There is a live key ({}), but no sandbox key.", live.source)
        }
        _ => return Reasons::default(),
    };
    Reasons::because(reason)
}

fn find(host: &Host, options: &LoginOptions, environment: Environment) -> Result<ResolvedKey> {
    let directory = options.directory.clone();
    resolve_on(host, &ResolveOptions { environment: Some(environment), directory, ..ResolveOptions::default() })
}

/// Whether a key comes from a file of a parent directory.
fn is_above(found: &ResolvedKey, host: &Host, options: &LoginOptions) -> bool {
    let directory = existing_directory(options.directory.as_deref(), host).ok();
    let directory = directory.and_then(|directory| directory.canonicalize().ok());
    let parent = found.source.path.as_ref().and_then(|path| path.parent()).and_then(|path| path.canonicalize().ok());
    matches!((parent, directory), (Some(parent), Some(directory)) if directory != parent && directory.starts_with(&parent))
}

/// One event for each kept key over which another location takes precedence, such as a variable of the process.
pub(super) fn precedence(host: &Host, options: &LoginOptions, kept: &[ApiKey]) -> Vec<Event> {
    messages_of_precedence(host, options, kept)
        .into_iter()
        .map(|message| Event::new(EventCode::Hint, message))
        .collect()
}

/// The messages of these events, for a call without a listener.
#[must_use]
pub fn messages_of_precedence(host: &Host, options: &LoginOptions, kept: &[ApiKey]) -> Vec<String> {
    let message = |key: &ApiKey| match find(host, options, key.environment()) {
        Ok(found) if found.key == *key => None,
        Ok(found) => Some(format!("{} takes precedence over the kept key {key}.", found.source)),
        Err(error) => Some(error.message),
    };
    kept.iter().filter_map(message).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organization_without_a_slug_is_not_named() {
        let known = |id: Option<&str>, slug: Option<&str>| {
            let identity = OrganizationIdentity { id: id.map(str::to_owned), slug: slug.map(str::to_owned) };
            Some(ExpectedOrganization::Known(identity))
        };
        let named = Some(ExpectedOrganization::Named("org_1".to_owned()));
        for (expected, message) in [
            (known(Some("org_1"), None), None),
            (known(Some("org_1"), Some("kettle")), Some("Choose the organization `kettle` in the browser.")),
            (named, Some("Choose the organization `org_1` in the browser.")),
        ] {
            let events = Reasons::default().events(expected.as_ref());
            assert_eq!(events.first().map(|event| event.message.as_str()), message);
        }
    }
}
