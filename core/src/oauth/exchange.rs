//! The code for a token: one request, never repeated.
//!
//! A code redeemed twice revokes what it bought, so after any failure the login has to begin again.

use std::pin::Pin;
use std::time::Duration;

use oauth2::basic::{BasicClient, BasicTokenResponse, BasicTokenType};
use oauth2::{
    AsyncHttpClient, AuthorizationCode, ClientId, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, TokenResponse as _, TokenUrl,
};
use serde_json::Value;

use super::endpoint;
use crate::config::{CLIENT_ID, TOKEN_LIMIT, TOKEN_PATH};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::http::{Http, Request, Response};
use crate::secret::Secret;
use crate::text::safe_code;

/// What an exchange needs.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The code that the callback brought.
    pub code: &'a Secret,
    /// The verifier of the login that the code belongs to.
    pub verifier: &'a Secret,
    /// The redirect of that login.
    pub redirect_uri: &'a str,
}

/// An OAuth access token. It buys keys, and is stored nowhere.
#[derive(Clone, Debug)]
pub struct Token {
    /// The text for `Authorization: Bearer`.
    pub access_token: Secret,
}

/// Exchanges the code for a token (RFC 6749, 4.1.3), once.
///
/// # Errors
/// - `exchange_refused`: the server says no; context `status` and, if it gave one, `api_code`.
/// - `exchange_unreadable`: its answer makes no sense.
/// - As [`Http::send`]. Whatever it was, the code may be spent.
pub async fn exchange(http: &Http, exchange: &Exchange<'_>, timeout: Duration) -> Result<Token> {
    let invalid = |_| Error::invalid("redirect_uri", "The redirect is not an absolute address.");
    let client = BasicClient::new(ClientId::new(CLIENT_ID.to_owned()))
        .set_token_uri(TokenUrl::from_url(endpoint(http.server(), TOKEN_PATH)?))
        .set_redirect_uri(RedirectUrl::new(exchange.redirect_uri.to_owned()).map_err(invalid)?);
    let secrets = [exchange.code.clone(), exchange.verifier.clone()];
    let wire = Wire { http: http.clone(), secrets, timeout };
    let answer = client
        .exchange_code(AuthorizationCode::new(exchange.code.reveal().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(exchange.verifier.reveal().to_owned()))
        .request_async(&wire)
        .await;
    match answer {
        Ok(answer) => token(&answer),
        Err(RequestTokenError::Request(error)) => Err(error),
        // Its text would be the server's, with the token in it.
        Err(_) => Err(unreadable("it is not what RFC 6749 calls for")),
    }
}

/// Our client, as the crate wants one. A type and not a closure, since only so the compiler sees that a login may move
/// between threads.
struct Wire {
    http: Http,
    secrets: [Secret; 2],
    timeout: Duration,
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Wire {
    /// Carries the crate's request over our client, and its answer back if it is a success.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let (head, body) = request.into_parts();
        let mut request = Request::new(head.method.as_str(), head.uri.path()).timeout(self.timeout);
        for (name, value) in &head.headers {
            request = request.header(name.as_str(), value.to_str().unwrap_or_default());
        }
        let response = self.http.send(request.body(body)).await.map_err(spent)?;
        let status = response.status;
        let content_type = response.header("content-type").unwrap_or("application/json").to_owned();
        let body = judge(response, &self.secrets.each_ref().map(Secret::reveal))?;
        let answer = oauth2::http::Response::builder().status(status).header("content-type", content_type);
        answer.body(body).map_err(|_| unreadable("its head cannot be read"))
    }
}

/// The body of a success. Anything else is told apart here, since servers also fail with a 200.
fn judge(response: Response, secrets: &[&str]) -> Result<Vec<u8>> {
    let status = response.status;
    let answer = serde_json::from_slice::<Value>(&response.body).ok();
    let member = |name: &str| answer.as_ref()?.get(name);
    let text = |name: &str| member(name)?.as_str();
    // Better Auth's own validation has no `error`, but a `code`.
    let api_code = text("error").or_else(|| text("code")).and_then(|code| safe_code(code, secrets));
    let says_no = member("error").is_some_and(|error| !error.is_null());
    match status {
        200 if answer.is_none() => Err(unreadable("it is not JSON")),
        200 if !says_no => Ok(response.body),
        200 | 400..=499 => Err(refused(status, api_code)),
        300..=399 => Err(unreadable("it leads elsewhere").with("status", status.to_string())),
        _ => Err(unreadable(&format!("its status is {status}")).with("status", status.to_string())),
    }
}

fn token(answer: &BasicTokenResponse) -> Result<Token> {
    if *answer.token_type() != BasicTokenType::Bearer {
        return Err(unreadable("it is not a Bearer token"));
    }
    let text = answer.access_token().secret();
    // What a header can carry (RFC 6750, 2.1 is narrower).
    let sane = (1..=TOKEN_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if sane {
        Ok(Token { access_token: Secret::from(text.as_str()) })
    } else {
        Err(unreadable("the token is no token"))
    }
}

fn refused(status: u16, api_code: Option<String>) -> Error {
    let code = api_code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
    Error::new(ErrorCode::ExchangeRefused, format!("The server refused the code{code}."))
        .with_hint(again())
        .with("status", status.to_string())
        .with_option("api_code", api_code)
}

fn again() -> Hint {
    Hint::from("A login code can be used only once.").and(Hint::LogInAgain)
}

fn unreadable(reason: &str) -> Error {
    let message = format!("The server's answer to the login cannot be understood: {reason}.");
    Error::new(ErrorCode::ExchangeUnreadable, message).with_hint(again())
}

/// After a failure that may have come too late, only a new login helps.
fn spent(error: Error) -> Error {
    match error.code {
        ErrorCode::ConnectionLost | ErrorCode::RequestTimedOut | ErrorCode::ResponseTooLarge => {
            error.with_hint(again())
        }
        ErrorCode::ResponseUnreadable => unreadable("it is not HTTP as it should be").with_cause(error),
        _ => error,
    }
}
