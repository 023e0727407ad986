//! From the callback to the keys in the file, in an order in which nothing can be half done.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::attempt::{Events, Side};
use super::{LoggedIn, LoginOptions, is_named};
use crate::api::{self, MintedKeys, Organization};
use crate::callback::{Answer, Server as Callback};
use crate::config::{DISCOVERY_TIMEOUT_MS, ENV_FILE, FINISH_TIMEOUT_MS};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::http::Http;
use crate::key::ApiKey;
use crate::oauth::{self, Authorization, Discovery, Exchange, Token};
use crate::page::{self, Page};
use crate::save::{Saved, save_keys};
use crate::secret::Secret;

/// How long the last courtesies may take each: the organization's name, giving back the token.
const COURTESY: Duration = Duration::from_secs(3);

/// A part of the work, in a box: the compiler cannot yet see through the lifetimes of nested ones that they may be sent
/// to another thread.
type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// What a login needs once the callback is there.
pub(super) struct Finish<'a> {
    pub(super) options: &'a LoginOptions,
    pub(super) authorization: &'a Authorization,
    pub(super) http: &'a Http,
}

/// How it ended, and what the browser is to show.
pub(super) struct Finished {
    pub(super) result: Result<LoggedIn>,
    pub(super) page: Option<Page>,
}

impl Finish<'_> {
    /// Finishes the login while the callback server goes on answering.
    pub(super) async fn run(
        &self,
        server: &mut Callback,
        answer: Answer,
        mut side: Side<'_>,
        events: &mut Events<'_>,
    ) -> Finished {
        let denied = matches!(answer, Answer::Denied { .. });
        let work: Work<'_, LoggedIn> = Box::pin(async {
            let discovery = side.discovery(Duration::from_millis(DISCOVERY_TIMEOUT_MS)).await;
            self.to_keys(answer, discovery.as_ref(), events).await
        });
        let result = server.alongside(work).await;
        let page = match &result {
            Ok(done) => {
                let name = done.organization.as_ref().map(|organization| organization.name.as_str());
                page::saved(name, &done.environments, ENV_FILE)
            }
            Err(_) if denied => page::denied(),
            Err(error) => page::failed(&error.message),
        };
        Finished { result, page: Some(page) }
    }

    pub(super) async fn to_keys(
        &self,
        answer: Answer,
        discovery: Option<&Discovery>,
        events: &mut Events<'_>,
    ) -> Result<LoggedIn> {
        let limit = Duration::from_millis(FINISH_TIMEOUT_MS).min(self.options.timeout);
        let until = Instant::now() + limit;
        let code = self.checked(answer, discovery)?;
        let cancel = events.cancel.clone();
        let token = cancel.run(in_time(until, Box::pin(self.exchange(&code, limit)))).await?;
        let keys = cancel.run(in_time(until, Box::pin(api::mint_keys(self.http, &token, limit)))).await;
        // From here on the keys exist, so they are saved even if somebody cancels.
        let saved = match keys {
            Ok(keys) => {
                events.say(Event::info(EventCode::KeysReceived, "Autumn created the keys."));
                self.save(&keys).await
            }
            Err(error) if error.code == ErrorCode::Cancelled => Err(self.keys_may_exist(error)),
            Err(error) => Err(error),
        };
        let done = match saved {
            Ok((keys, saved)) => Ok(self.told(keys, saved, events).await),
            Err(error) => Err(error),
        };
        self.give_back(&token).await;
        done
    }

    /// The code, if the answer is a yes and comes from the server that was asked.
    fn checked(&self, answer: Answer, discovery: Option<&Discovery>) -> Result<Secret> {
        let check = |iss: Option<&str>| oauth::check_iss(&self.options.server, iss, discovery);
        match answer {
            Answer::Authorized { code, iss } => check(iss.as_deref()).map(|()| code),
            Answer::Denied { error, description, iss } => {
                check(iss.as_deref())?;
                Err(denied(&error, description.as_deref()))
            }
        }
    }

    async fn exchange(&self, code: &Secret, limit: Duration) -> Result<Token> {
        let exchange =
            Exchange { code, verifier: &self.authorization.verifier, redirect_uri: &self.authorization.redirect_uri };
        oauth::exchange(self.http, &exchange, limit).await
    }

    /// The keys that are wanted, saved.
    async fn save(&self, keys: &MintedKeys) -> Result<(Vec<ApiKey>, Saved)> {
        self.check_organization(keys).await.map_err(|error| self.keys_may_exist(error))?;
        let pair = [keys.sandbox.clone(), keys.live.clone()];
        let wanted: Vec<ApiKey> =
            pair.into_iter().filter(|key| self.options.environments().contains(&key.environment())).collect();
        let saved = save_keys(&wanted, &self.options.save()).map_err(|error| self.keys_may_exist(error))?;
        Ok((wanted, saved))
    }

    async fn check_organization(&self, keys: &MintedKeys) -> Result<()> {
        let Some(expected) = self.options.organization.as_deref().filter(|name| *name != keys.organization_id) else {
            return Ok(());
        };
        let found = api::organization(self.http, &keys.sandbox, COURTESY).await?;
        if is_named(&found, expected) {
            return Ok(());
        }
        let message = format!("The login was for {} ({}), and {expected} was expected.", found.name, found.slug);
        Err(Error::new(ErrorCode::OrganizationChanged, message)
            .with_hint("Log in again and choose the other organization.")
            .with("organization", found.slug))
    }

    /// Says what was saved, with the organization's name if the server tells it.
    async fn told(&self, keys: Vec<ApiKey>, saved: Saved, events: &mut Events<'_>) -> LoggedIn {
        let organization = match keys.first() {
            Some(key) => api::organization(self.http, key, COURTESY).await.ok(),
            None => None,
        };
        let whose = organization.as_ref().map(|Organization { name, .. }| format!(" of {name}")).unwrap_or_default();
        let path = crate::places::shown(&saved.path);
        events.say(
            Event::info(EventCode::KeysSaved, format!("Saved the keys{whose} in {path}.")).with("path", path.as_str()),
        );
        LoggedIn { organization, environments: self.options.environments().to_vec(), keys, saved: Some(saved) }
    }

    /// The token has done its work; whoever finds it should find it worthless.
    async fn give_back(&self, token: &Token) {
        api::revoke(self.http, token, COURTESY).await;
    }

    fn keys_may_exist(&self, error: Error) -> Error {
        let place = self
            .options
            .server
            .dashboard()
            .map_or_else(|| "the dashboard".into(), |url| format!("the dashboard, {url}"));
        let hint = error.hint.as_deref().map(|hint| format!("{hint} ")).unwrap_or_default();
        error
            .with_hint(format!("{hint}New keys may exist and were not saved: delete them in {place}."))
            .with("keys_may_exist", "true")
    }
}

fn denied(error: &str, description: Option<&str>) -> Error {
    let said = description.map(|text| format!(": {text}")).unwrap_or_default();
    let message = match error {
        "access_denied" => "Access was not granted; nothing was saved.".to_owned(),
        _ => format!("The server refused the login ({error}{said}); nothing was saved."),
    };
    Error::new(ErrorCode::LoginDenied, message)
        .with_hint("Start the login again if that was not intended.")
        .with("api_code", error)
}

/// What has to be done before the login's own time limit, whatever each request allows itself.
async fn in_time<T>(until: Instant, work: Work<'_, T>) -> Result<T> {
    timeout_at(until, work).await.unwrap_or_else(|_| {
        Err(Error::new(ErrorCode::TimedOut, "The server took too long to finish the login.")
            .with_hint("Start the login again; keys that may exist can be deleted in the dashboard.")
            .with("keys_may_exist", "true"))
    })
}
