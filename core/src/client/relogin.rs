//! The work of a shared login: it waits until no other program logs in for the same file, resolves the key again, and
//! only then asks the user to log in.

use std::path::Path;
use std::sync::Arc;

use super::ClientState;
use super::organization::ReplacementKey;
use super::shared_login::SharedLogin;
use crate::api::{ExpectedOrganization, OrganizationIdentity};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::key::ApiKey;
use crate::known_keys;
use crate::locations::{Location, shown};
use crate::login::{Attempt, Destination, EventsHandled, LoginLock, LoginOptions, LoginResult};
use crate::scopes::within;

/// Replaces a rejected key in its file.
pub(super) struct Relogin {
    pub(super) client: Arc<ClientState>,
    /// The host of the call that started the login.
    pub(super) host: Host,
    pub(super) rejected: ApiKey,
    /// The file and the variable that contain the key.
    pub(super) location: Location,
}

impl Relogin {
    pub(super) async fn run(self, login: Arc<SharedLogin>) -> Result<ReplacementKey> {
        let (Some(variable), Some(file)) = (self.location.variable, self.location.path.as_deref()) else {
            return Err(Error::invalid("key", "The key does not come from a file, so a login cannot replace it."));
        };
        let environment = self.rejected.environment();
        let mut destination = Destination::in_place_of(environment, variable, file, &self.host);
        let written = destination.check(login.cancel()).unwrap_or_else(|_| file.to_path_buf());
        destination.remember(&written);
        // Asked before another program's login may replace both keys: then the other key says nothing about the old one.
        let mut other = self.client.other_key(&self.host, environment, file, login.cancel()).await?;
        let expected = self.client.expected(&self.host, &self.rejected).or_else(|| other.organization());
        let lock = self.lock(&destination, file, &login).await?;
        destination.remember(&lock.file);
        if lock.waited || lock.file != written {
            other = self.client.other_key(&self.host, environment, file, login.cancel()).await?;
        }
        let found = self.client.re_resolve(&self.host, &self.rejected, expected.as_ref(), login.cancel()).await?;
        if let Some(found) = found {
            return Ok(found);
        }
        if !other.is_replaceable() {
            destination = destination.without(environment.other());
        }
        let destination = destination.expecting(expected.clone());
        let attempt = Attempt::start(&self.host, &self.login_options(), destination, login.cancel().clone())?;
        login.set_handle(attempt.handle());
        let sink = Arc::clone(&login);
        let mut listener = move |event: &Event| {
            sink.on_event(event.clone());
            std::ops::ControlFlow::Continue(())
        };
        let shared = Arc::clone(&login);
        let handled: EventsHandled = Box::new(move || {
            let login = Arc::clone(&shared);
            Box::pin(async move { login.events_handled().await })
        });
        match attempt.wait_with_lock(&mut listener, handled, lock).await {
            Ok(result) => self.conclude(result, expected.as_ref(), login.cancel()).await,
            Err(error) if error.code == ErrorCode::FileLocked => {
                // The user or another program may have replaced the rejected key during the login.
                let created =
                    if error.context.contains_key("keys_may_exist") { " Autumn had created new keys." } else { "" };
                login.on_event(Event::new(EventCode::Hint, format!("{}{created}", error.message)));
                let found =
                    self.client.re_resolve(&self.host, &self.rejected, expected.as_ref(), login.cancel()).await?;
                found.ok_or(error)
            }
            Err(error) => Err(in_its_directory(error, file)),
        }
    }

    fn login_options(&self) -> LoginOptions {
        let options = &self.client.options;
        LoginOptions {
            server: Some(self.client.server().clone()),
            login_timeout: options.login_timeout,
            open_browser: options.open_browser,
            // The rejected key does not work, so there are no keys to keep.
            force: true,
            ports: options.ports.clone(),
            // The new key may do no more than the rejected one.
            scopes: within(known_keys::scopes(&self.host, self.client.server(), &self.rejected).as_deref()),
            ..LoginOptions::default()
        }
    }

    /// Waits for the login lock of the file that the login would write. If the holder's login failed, that failure is the
    /// result.
    async fn lock(&self, destination: &Destination, file: &Path, login: &SharedLogin) -> Result<LoginLock> {
        let waiting =
            |path: &str| format!("Another program is logging in for the key in {path}; its result will be used.");
        let limit = self.client.options.login_timeout;
        let emit = |event| login.on_event(event);
        // A file that cannot be written ends the login later: another program may have replaced the key.
        let file = || Ok(destination.check(login.cancel()).unwrap_or_else(|_| file.to_path_buf()));
        let mut lock = LoginLock::acquire(&self.host, file, limit, login.cancel(), waiting, emit).await?;
        match lock.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(lock),
        }
    }

    /// Resolves the key again: another location may take precedence over the saved key.
    async fn conclude(
        &self,
        result: LoginResult,
        expected: Option<&ExpectedOrganization>,
        cancel: &Cancel,
    ) -> Result<ReplacementKey> {
        let new = result.keys.iter().find(|key| key.environment() == self.rejected.environment());
        if let (Some(new), Some(organization)) = (new, result.organization) {
            // The shown slug may be a name, so only the id counts here.
            let identity = OrganizationIdentity { id: organization.id, slug: None };
            self.client.remember(&self.host, &identity, new);
            if expected.is_none() {
                self.client.remember_replaced(&self.rejected);
            }
        }
        self.client.re_resolve(&self.host, &self.rejected, expected, cancel).await?.ok_or_else(|| {
            let message = format!("New keys were saved, but the rejected key is still active ({}).", self.location);
            Error::new(ErrorCode::Unauthorized, message).with_hint(Hint::ExplainKey)
        })
    }
}

/// An error whose way out is an option of a login, which a call of a client does not have.
fn in_its_directory(error: Error, file: &Path) -> Error {
    let Some(hint) = error.hint.as_deref().cloned() else { return error };
    let options = ["file", "allow_tracked", "force"];
    let left = options.iter().try_fold(hint.clone(), |hint, option| hint.without_option(option));
    let there = Hint::LogInThere { directory: shown(file.parent().unwrap_or(file)) };
    match left {
        Some(left) if left == hint => error,
        Some(left) => error.with_hint(left.and(there)),
        None => error.with_hint(there),
    }
}
