//! Keys that a login keeps because they still work.

use super::{LoginOptions, LoginResult, is_named};
use crate::api;
use crate::config::REQUEST_TIMEOUT;
use crate::dotenv::Value;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Host;
use crate::http::Http;
use crate::key::{ApiKey, Environment, Kind};
use crate::save::{env_file, existing_directory, readable};

/// The keys of the file, if all wanted keys are there and the server accepts them; always `None` with `force`.
pub(super) async fn kept_keys(host: &Host, options: &LoginOptions, http: &Http) -> Result<Option<LoginResult>> {
    if options.force {
        return Ok(None);
    }
    let Some(keys) = present(host, options)? else { return Ok(None) };
    // The check takes no longer than the user may take to log in.
    let limit = REQUEST_TIMEOUT.min(options.login_timeout);
    let mut organization = None;
    for key in &keys {
        match api::organization(http, key, limit).await {
            // Keys of two organizations are replaced by a login.
            Ok(found) if organization.as_ref().is_some_and(|other| *other != found) => return Ok(None),
            Ok(found) => organization = Some(found),
            Err(error) if is_refusal(&error) => return Ok(None),
            // A server that cannot check the key could not complete a login either.
            Err(error) => return Err(error),
        }
    }
    let expected = options.organization.as_deref();
    let fits = organization.as_ref().is_some_and(|found| expected.is_none_or(|name| is_named(found, name)));
    Ok(fits.then(|| LoginResult { organization, environments: options.environments().to_vec(), keys, saved: None }))
}

/// Whether the server refused the key. A busy server, or one that could not check the key, did not refuse it.
fn is_refusal(error: &Error) -> bool {
    let status = error.context.get("status").and_then(|status| status.parse().ok());
    let is_unsure = matches!(error.code, ErrorCode::FailedToVerifySecretKey) || matches!(status, Some(408 | 429));
    !is_unsure && status.is_some_and(|status: u16| (400..500).contains(&status))
}

/// The keys of the wanted environments, if the file contains all of them.
fn present(host: &Host, options: &LoginOptions) -> Result<Option<Vec<ApiKey>>> {
    let document = readable(&env_file(&existing_directory(options.directory.as_deref(), host)?)?)?;
    let key = |environment: &Environment| match document.read(environment.variable())?.value {
        Value::Text(text) => ApiKey::parse(text.reveal())
            .ok()
            .filter(|key| key.kind() == Kind::Secret && key.environment() == *environment),
        Value::Empty | Value::Unusable(_) => None,
    };
    Ok(options.environments().iter().map(key).collect())
}
