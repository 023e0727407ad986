//! From the callback to the keys in the file, in an order in which nothing can be half done.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::attempt::{Events, Side};
use super::{Destination, LoginOptions, LoginResult, is_named};
use crate::api::{self, MintedKeys, Organization};
use crate::callback::{Answer, Server as Callback};
use crate::cancel::Cancel;
use crate::config::{DISCOVERY_TIMEOUT, FINISH_TIMEOUT, SHOWN_LIMIT};
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventCode};
use crate::hint::Hint;
use crate::http::Http;
use crate::key::ApiKey;
use crate::oauth::{self, Authorization, Discovery, Exchange, Token};
use crate::page::{self, Page};
use crate::save::SaveResult;
use crate::secret::Secret;
use crate::text::{contains_secret, safe_code, sanitize};

/// How long the last courtesies may take each: the organization's name, giving back the token, the browser's page.
const COURTESY: Duration = Duration::from_secs(3);
/// The same once somebody has cancelled, who waits for the port to be free.
const HASTE: Duration = Duration::from_millis(250);

/// A part of the work, in a box: the compiler cannot yet see through the lifetimes of nested ones that they may be sent
/// to another thread.
type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a login needs once the callback is there.
pub(super) struct Finish<'a> {
    pub(super) options: &'a LoginOptions,
    pub(super) destination: &'a Destination,
    pub(super) authorization: &'a Authorization,
    pub(super) http: &'a Http,
}

/// How it ended, and what the browser is to show.
pub(super) struct Finished {
    pub(super) result: Result<LoginResult>,
    pub(super) page: Page,
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
        let until = self.until();
        let work: Work<'_, Result<LoginResult>> = Box::pin(async {
            let discovery = side.discovery(DISCOVERY_TIMEOUT).await;
            self.to_keys(answer, discovery.as_ref(), until, events).await
        });
        let result = server.alongside(work).await;
        let page = match &result {
            Ok(done) => {
                let name = done.organization.as_ref().map(|organization| organization.name.as_str());
                page::saved(name, &done.environments, &self.destination.file_name())
            }
            Err(error) if error.code == ErrorCode::LoginDenied => page::denied(),
            Err(error) => page::failed(&error.message),
        };
        Finished { result, page }
    }

    /// When all of it has to be done, from now on; only the saving of keys that exist is never cut short.
    pub(super) fn until(&self) -> Instant {
        Instant::now() + FINISH_TIMEOUT.min(self.options.login_timeout)
    }

    pub(super) async fn to_keys(
        &self,
        answer: Answer,
        discovery: Option<&Discovery>,
        until: Instant,
        events: &mut Events<'_>,
    ) -> Result<LoginResult> {
        let limit = until.saturating_duration_since(Instant::now());
        let code = self.checked(answer, discovery)?;
        let cancel = events.cancel.clone();
        let token = cancel.run(in_time(until, Box::pin(self.exchange(&code, limit)))).await?;
        let done = self.spend(&token, until, events).await;
        // The token has done its work; whoever finds it should find it worthless.
        courtesy(&cancel, Box::pin(api::revoke(self.http, &token, COURTESY))).await;
        done
    }

    /// From the token to keys in the file.
    async fn spend(&self, token: &Token, until: Instant, events: &mut Events<'_>) -> Result<LoginResult> {
        let limit = until.saturating_duration_since(Instant::now());
        let mint = in_time(until, Box::pin(api::mint_keys(self.http, token, limit)));
        let keys = events.cancel.run(mint).await.map_err(|error| match error.code {
            ErrorCode::Cancelled | ErrorCode::TimedOut => self.keys_may_exist(error),
            _ => error,
        })?;
        // From here on the keys exist, so they are saved even if somebody cancels.
        events.say(&Event::new(EventCode::KeysReceived, "Autumn created the keys."));
        let (keys, saved) = self.save(&keys).await?;
        Ok(self.told(keys, saved, events).await)
    }

    /// The code, if the answer is a yes and comes from the server that was asked.
    fn checked(&self, answer: Answer, discovery: Option<&Discovery>) -> Result<Secret> {
        let check = |iss: Option<&str>| oauth::check_iss(self.http.server(), iss, discovery);
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
    async fn save(&self, keys: &MintedKeys) -> Result<(Vec<ApiKey>, SaveResult)> {
        self.check_organization(keys).await.map_err(|error| self.keys_may_exist(error))?;
        self.destination.save(&[&keys.sandbox, &keys.live]).map_err(|error| self.keys_may_exist(error))
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
            .with_hint(Hint::ChooseOrganization)
            .with("organization", found.slug))
    }

    /// Says what was saved, with the organization's name if the server tells it.
    async fn told(&self, keys: Vec<ApiKey>, saved: SaveResult, events: &mut Events<'_>) -> LoginResult {
        let organization = match keys.first() {
            Some(key) => {
                let asked = Box::pin(api::organization(self.http, key, COURTESY));
                courtesy(&events.cancel, asked).await.and_then(Result::ok)
            }
            None => None,
        };
        let whose = organization.as_ref().map(|Organization { name, .. }| format!(" of {name}")).unwrap_or_default();
        let path = crate::locations::shown(&saved.path);
        events.say(
            &Event::new(EventCode::KeysSaved, format!("Saved the keys{whose} in {path}.")).with("path", path.as_str()),
        );
        let environments = keys.iter().map(ApiKey::environment).collect();
        LoginResult { organization, environments, keys, saved: Some(saved) }
    }

    fn keys_may_exist(&self, error: Error) -> Error {
        let dashboard = self.http.server().dashboard();
        error.and_hint(Hint::DeleteKeys { dashboard: dashboard.map(str::to_owned) }).with("keys_may_exist", "true")
    }
}

fn denied(error: &str, description: Option<&str>) -> Error {
    let word = safe_code(error, &[]);
    let said = description.filter(|text| !contains_secret(text, &[])).map(|text| sanitize(text, SHOWN_LIMIT));
    let message = match (word.as_deref(), said) {
        (Some("access_denied"), _) => "Access was not granted; nothing was saved.".to_owned(),
        (Some(word), Some(said)) => format!("The server refused the login ({word}: {said}); nothing was saved."),
        (Some(word), None) => format!("The server refused the login ({word}); nothing was saved."),
        (None, _) => "The server refused the login; nothing was saved.".to_owned(),
    };
    let error = Error::new(ErrorCode::LoginDenied, message).with_hint(Hint::LogInAgain);
    word.into_iter().fold(error, |error, word| error.with("api_code", word))
}

/// What has to be done before the login's own time limit, whatever each request allows itself.
async fn in_time<T>(until: Instant, mut work: Work<'_, Result<T>>) -> Result<T> {
    let mut end = pin!(sleep_until(until));
    poll_fn(|context| match end.as_mut().poll(context) {
        // Asked first: the request's own limit is over at the same moment, and says less.
        Poll::Ready(()) => Poll::Ready(Err(too_late())),
        Poll::Pending => work.as_mut().poll(context),
    })
    .await
}

fn too_late() -> Error {
    Error::new(ErrorCode::TimedOut, "The server took too long to finish the login.").with_hint(Hint::LogInAgain)
}

/// What the login can do without: not waited for long, and hardly at all once somebody has cancelled.
pub(super) async fn courtesy<T>(cancel: &Cancel, mut work: Work<'_, T>) -> Option<T> {
    let mut patience = pin!(async {
        let _ = timeout(COURTESY, cancel.cancelled()).await;
        sleep(HASTE).await;
    });
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => patience.as_mut().poll(context).map(|()| None),
    })
    .await
}
