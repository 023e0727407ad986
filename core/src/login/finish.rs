//! Finishes a login: from the callback to the saved keys, in an order that leaves no partial result.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::background::{BackgroundTasks, BoxFuture};
use super::events::EventSink;
use super::kept::scopes_with;
use super::{Destination, LoginOptions, LoginResult};
use crate::api::{self, KeyOwner, MintedKeys, Organization, OrganizationIdentity};
use crate::callback::{AuthorizationResponse, CallbackServer};
use crate::cancel::Cancel;
use crate::config::{BEST_EFFORT_TIMEOUT, DISCOVERY_TIMEOUT, FINISH_TIMEOUT, GRACE_AFTER_CANCEL};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::http::Http;
use crate::key::{ApiKey, Environment};
use crate::known_keys::{self, Accepted};
use crate::oauth::{self, Authorization, CodeExchange, Discovery, Token};
use crate::page::{self, Page};
use crate::save::SaveResult;
use crate::scopes::{self, ScopeNotice};
use crate::secret::Secret;
use crate::text::{contains_secret, quoted, safe_code};

/// Finishes a login after the callback.
pub(super) struct Finish<'a> {
    pub(super) options: &'a LoginOptions,
    pub(super) destination: &'a Destination,
    pub(super) authorization: &'a Authorization,
    pub(super) http: &'a Http,
}

/// The result of a login, and the page for the browser.
pub(super) struct FinishedLogin {
    pub(super) result: Result<LoginResult>,
    pub(super) page: Page,
}

/// The deadline of the steps after the approval, counted from now. Saving keys that exist is never cut short.
pub(super) fn finish_deadline(options: &LoginOptions) -> Instant {
    Instant::now() + FINISH_TIMEOUT.min(options.login_timeout)
}

impl Finish<'_> {
    /// Finishes the login while the callback server keeps serving.
    pub(super) async fn run(
        &self,
        server: &mut CallbackServer,
        response: AuthorizationResponse,
        mut tasks: BackgroundTasks<'_>,
        events: &mut EventSink<'_>,
    ) -> FinishedLogin {
        let until = finish_deadline(self.options);
        let work: BoxFuture<'_, Result<LoginResult>> = Box::pin(async {
            let discovery = tasks.discovery(DISCOVERY_TIMEOUT).await;
            self.obtain_keys(response, discovery.as_ref(), until, events).await
        });
        let result = server.alongside(work).await;
        let page = match &result {
            Ok(login) => {
                let name = login.organization.as_ref().map(|organization| organization.name.as_str());
                let file = self.destination.file_name(login.saved.as_ref());
                page::saved(name, &login.saved_environments(), &file, &self.destination.project())
            }
            Err(error) if error.code == ErrorCode::LoginDenied => page::denied(),
            Err(error) => page::failed(&error.message),
        };
        FinishedLogin { result, page }
    }

    /// Exchanges the code, creates the keys and saves them.
    pub(super) async fn obtain_keys(
        &self,
        response: AuthorizationResponse,
        discovery: Option<&Discovery>,
        until: Instant,
        events: &mut EventSink<'_>,
    ) -> Result<LoginResult> {
        let limit = until.saturating_duration_since(Instant::now());
        let code = self.code(response, discovery)?;
        let cancel = events.cancel.clone();
        let token = cancel.run(in_time(until, Box::pin(self.exchange(&code, limit)))).await?;
        let result = self.create_and_save(&token, until, events).await;
        // The token is not needed any more. It expires within the hour if the revocation fails.
        best_effort(&cancel, Box::pin(api::revoke(self.http, &token, BEST_EFFORT_TIMEOUT))).await;
        result
    }

    /// Creates the keys with the token and saves them.
    async fn create_and_save(&self, token: &Token, until: Instant, events: &mut EventSink<'_>) -> Result<LoginResult> {
        let limit = until.saturating_duration_since(Instant::now());
        let scopes = self.options.wanted_scopes()?;
        let mint = in_time(until, Box::pin(api::mint_keys(self.http, token, scopes.as_deref(), limit)));
        let keys = events.cancel.run(mint).await.map_err(|error| match error.code {
            ErrorCode::Cancelled | ErrorCode::TimedOut => api::keys_may_exist(error, self.http.server()),
            _ => error,
        })?;
        // From here on the keys exist, so they are saved even after a cancellation.
        events.emit(&Event::new(EventCode::KeysReceived, "Autumn created the keys."));
        let notice = scopes::notice(self.http.server(), keys.scopes.as_deref());
        notice.iter().for_each(|notice| events.emit(&lacking(notice)));
        let (saved_keys, saved) = self.save(&keys).await?;
        let owner = self.owner(&saved_keys, &events.cancel).await;
        self.remember(&keys, &saved_keys, owner.as_ref());
        let organization = owner.map(|owner| owner.organization);
        report(organization.as_ref(), &saved, events);
        let kept = self.destination.kept();
        let notes: Vec<String> =
            self.destination.kept_note(kept).into_iter().chain(self.unsaved_note(&keys, &saved_keys)).collect();
        notes.iter().for_each(|note| events.emit(&Event::new(EventCode::Hint, note)));
        let saved = with_notes(saved, notes);
        Ok(self.result(organization, &saved_keys, saved, keys.scopes, kept))
    }

    /// The server creates both keys, so the one that is not saved exists too, and no program has it.
    fn unsaved_note(&self, minted: &MintedKeys, saved: &[ApiKey]) -> Option<String> {
        let key = [&minted.sandbox, &minted.live]
            .into_iter()
            .find(|key| saved.iter().all(|saved| saved.environment() != key.environment()))?;
        let place = self.http.server().certain_dashboard().map(|url| format!("in the dashboard ({url})"));
        let (name, place) = (key.environment().name(), place.as_deref().unwrap_or("on the server"));
        Some(format!("Autumn also created the {name} key {key}, which was not saved. You can delete it {place}."))
    }

    /// The result with the saved keys and those that were kept.
    fn result(
        &self,
        organization: Option<Organization>,
        new: &[ApiKey],
        saved: SaveResult,
        scopes: Option<Vec<String>>,
        kept: Option<&ApiKey>,
    ) -> LoginResult {
        let kept = kept.cloned();
        let mut keys = [kept.as_slice(), new].concat();
        keys.sort_by_key(|key| key.environment() == Environment::Live);
        LoginResult {
            organization,
            environments: keys.iter().map(ApiKey::environment).collect(),
            keys,
            saved: Some(saved),
            scopes: scopes_with(self.destination.host(), self.http.server(), kept.as_slice(), scopes),
            kept: kept.as_ref().map(ApiKey::environment),
        }
    }

    /// The code, if the user approved and the response comes from the requested server.
    fn code(&self, response: AuthorizationResponse, discovery: Option<&Discovery>) -> Result<Secret> {
        let check = |iss: Option<&str>| oauth::check_iss(self.http.server(), iss, discovery);
        match response {
            AuthorizationResponse::Authorized { code, iss } => check(iss.as_deref()).map(|()| code),
            AuthorizationResponse::Denied { error, description, iss } => {
                check(iss.as_deref())?;
                Err(denied(&error, description.as_deref()))
            }
        }
    }

    async fn exchange(&self, code: &Secret, limit: Duration) -> Result<Token> {
        let exchange = CodeExchange {
            code,
            verifier: &self.authorization.verifier,
            redirect_uri: &self.authorization.redirect_uri,
        };
        oauth::exchange(self.http, &exchange, limit).await
    }

    /// Saves the wanted keys.
    async fn save(&self, keys: &MintedKeys) -> Result<(Vec<ApiKey>, SaveResult)> {
        let unsaved = |error| api::keys_may_exist(error, self.http.server());
        self.check_organization(keys).await.map_err(unsaved)?;
        self.destination.save(&[&keys.sandbox, &keys.live]).map_err(unsaved)
    }

    /// Checks that the keys belong to the expected organization. Keys that cannot be compared are not saved.
    async fn check_organization(&self, keys: &MintedKeys) -> Result<()> {
        let Some(expected) = &self.destination.expected else { return Ok(()) };
        let identity = OrganizationIdentity { id: Some(keys.organization_id.clone()), slug: None };
        if expected.accepts(&identity) == Some(true) {
            return Ok(());
        }
        let KeyOwner { organization, identity: found } =
            api::owner(self.http, &keys.sandbox, BEST_EFFORT_TIMEOUT).await?;
        if expected.accepts(&identity.or(found)) == Some(true) {
            return Ok(());
        }
        let Organization { name, slug, id: _ } = organization;
        let (name, shown) = (quoted(&name), quoted(&slug));
        let message = format!("The login was for {name} ({shown}), not for the expected organization {expected}.");
        let error = Error::new(ErrorCode::OrganizationChanged, message).with("organization", slug);
        let choose = Hint::ChooseOrganization { expected: expected.to_string() };
        Err(error.with_hint(choose))
    }

    /// The organization of the saved keys, if the server sends it in time.
    async fn owner(&self, keys: &[ApiKey], cancel: &Cancel) -> Option<KeyOwner> {
        let request = Box::pin(api::owner(self.http, keys.first()?, BEST_EFFORT_TIMEOUT));
        best_effort(cancel, request).await.and_then(Result::ok)
    }

    /// Remembers the server and the organization of the saved keys.
    fn remember(&self, minted: &MintedKeys, saved: &[ApiKey], owner: Option<&KeyOwner>) {
        let slug = owner.and_then(|owner| owner.identity.slug.clone());
        let organization = OrganizationIdentity { id: Some(minted.organization_id.clone()), slug };
        let (server, scopes) = (self.http.server(), minted.scopes.as_deref());
        let accepted = Accepted { server, organization: &organization, scopes };
        known_keys::remember_created(self.destination.host(), saved, &accepted);
    }
}

/// The event about calls that the server refuses to the new keys.
fn lacking(notice: &ScopeNotice) -> Event {
    let ScopeNotice { message, missing } = notice;
    Event::new(EventCode::Hint, message).with("missing_scopes", missing)
}

/// Reports what was saved.
fn report(organization: Option<&Organization>, saved: &SaveResult, events: &mut EventSink<'_>) {
    let owner = organization.map(|Organization { name, .. }| format!(" of {}", quoted(name))).unwrap_or_default();
    let path = crate::locations::shown(&saved.path);
    events.emit(
        &Event::new(EventCode::KeysSaved, format!("Saved the keys{owner} in {path}.")).with("path", path.as_str()),
    );
    if let Some(note) = &saved.note {
        events.emit(&Event::new(EventCode::Hint, note.as_str()).with("path", path.as_str()));
    }
}

/// The result of saving with more to say.
fn with_notes(saved: SaveResult, more: Vec<String>) -> SaveResult {
    let notes: Vec<String> = saved.note.into_iter().chain(more).collect();
    SaveResult { note: (!notes.is_empty()).then(|| notes.join(" ")), ..saved }
}

fn denied(error: &str, description: Option<&str>) -> Error {
    let code = safe_code(error, &[]);
    let description = description.filter(|text| !contains_secret(text, &[])).map(quoted);
    let message = match (code.as_deref(), description) {
        (Some("access_denied"), _) => "Access was not granted; nothing was saved.".to_owned(),
        (Some(code), Some(text)) => format!("The server refused the login ({code}: {text}); nothing was saved."),
        (Some(code), None) => format!("The server refused the login ({code}); nothing was saved."),
        (None, _) => "The server refused the login; nothing was saved.".to_owned(),
    };
    Error::new(ErrorCode::LoginDenied, message).with_hint(Hint::LogInAgain).with_option("api_code", code)
}

/// Runs work within the login's own deadline.
async fn in_time<T>(until: Instant, work: BoxFuture<'_, Result<T>>) -> Result<T> {
    tokio::select! {
        biased;
        // Checked first: a request may time out at the same moment, with a less precise error.
        () = sleep_until(until) => Err(Error::new(ErrorCode::TimedOut, "The server took too long to finish the login.")
            .with_hint("Start the login again.")),
        result = work => result,
    }
}

/// Runs a step that the login can do without: for a limited time, which is short after a cancellation.
pub(super) async fn best_effort<T>(cancel: &Cancel, work: BoxFuture<'_, T>) -> Option<T> {
    let expired = async {
        let _ = timeout(BEST_EFFORT_TIMEOUT, cancel.cancelled()).await;
        sleep(GRACE_AFTER_CANCEL).await;
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = expired => None,
    }
}
