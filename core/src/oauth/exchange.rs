//! Exchanges the code for a token: one request, never repeated.
//!
//! A server that sees a code twice revokes the tokens that it issued for it (RFC 6749, 4.1.2), so the user logs in again
//! after any failure.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
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
use crate::http::{Http, OutgoingRequest};
use crate::redact::redacted;
use crate::response::ApiResponse;
use crate::secret::Secret;
use crate::text::safe_code;

/// The input of an exchange.
#[derive(Clone, Copy, Debug)]
pub struct CodeExchange<'a> {
    /// The code from the callback.
    pub code: &'a Secret,
    /// The verifier of the same login.
    pub verifier: &'a Secret,
    /// The redirect URI of the same login.
    pub redirect_uri: &'a str,
}

/// An OAuth access token. It is exchanged for keys and never stored.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token for `Authorization: Bearer`.
    pub access_token: Secret,
}

/// Exchanges the code for a token (RFC 6749, 4.1.3), once.
///
/// # Errors
/// - `exchange_refused`: the server refused the code; context `status` and, if the server sent one, `api_code`.
/// - `exchange_unreadable`: the response is not a token response.
/// - Both carry the response, without code, verifier and tokens.
/// - As [`Http::send`]. After any error, the code may be spent.
pub async fn exchange(http: &Http, exchange: &CodeExchange<'_>, timeout: Duration) -> Result<Token> {
    let invalid = |_| Error::invalid("redirect_uri", "`redirect_uri` is not an absolute URL.");
    let client = BasicClient::new(ClientId::new(CLIENT_ID.to_owned()))
        .set_token_uri(TokenUrl::from_url(endpoint(http.server(), TOKEN_PATH)?))
        .set_redirect_uri(RedirectUrl::new(exchange.redirect_uri.to_owned()).map_err(invalid)?);
    let secrets = [exchange.code.clone(), exchange.verifier.clone()];
    let http_client = OAuthHttpClient { http: http.clone(), secrets, timeout, response: Mutex::default() };
    let response = client
        .exchange_code(AuthorizationCode::new(exchange.code.reveal().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(exchange.verifier.reveal().to_owned()))
        .request_async(&http_client)
        .await;
    let token = match response {
        Ok(response) => token(&response),
        Err(RequestTokenError::Request(error)) => Err(error),
        // The crate's error text quotes the response, which may contain the token.
        Err(_) => Err(unreadable("it does not follow RFC 6749")),
    };
    token.map_err(|error| http_client.with_response(error))
}

/// Adapts [`Http`] to the trait of the oauth2 crate. A type and not a closure, so that the compiler can prove the future
/// of a login to be `Send`.
struct OAuthHttpClient {
    http: Http,
    secrets: [Secret; 2],
    timeout: Duration,
    /// The response to the exchange, without secrets.
    response: Mutex<Option<ApiResponse>>,
}

impl<'c> AsyncHttpClient<'c> for OAuthHttpClient {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl OAuthHttpClient {
    /// Sends the crate's request with [`Http`], and returns the response if it is a success.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let (head, body) = request.into_parts();
        let mut request = OutgoingRequest::new(head.method.as_str(), head.uri.path()).timeout(self.timeout);
        for (name, value) in &head.headers {
            request = request.header(name.as_str(), value.to_str().unwrap_or_default());
        }
        let response = self.http.send(request.body(body)).await.map_err(spent)?;
        let status = response.status;
        let content_type = response.header("content-type").unwrap_or("application/json").to_owned();
        let secrets = &self.secrets.each_ref().map(Secret::reveal);
        *self.response.lock().unwrap_or_else(PoisonError::into_inner) = Some(without_tokens(&response, secrets));
        let body = success_body(response, secrets)?;
        let converted = oauth2::http::Response::builder().status(status).header("content-type", content_type);
        converted.body(body).map_err(|_| unreadable("its headers are invalid"))
    }
}

impl OAuthHttpClient {
    /// The error with the response that it is about, if there is one.
    fn with_response(&self, error: Error) -> Error {
        let response = self.response.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(response) = response else { return error };
        let error = error.with("server", self.http.server().api()).with("status", response.status.to_string());
        Error { response: Some(Arc::new(response)), ..error }
    }
}

/// The response without code, verifier and tokens. The body of a success, and one that cannot be parsed and speaks of tokens,
/// is left out.
fn without_tokens(response: &ApiResponse, secrets: &[&str]) -> ApiResponse {
    const TOKENS: [&str; 3] = ["access_token", "refresh_token", "id_token"];
    let document = serde_json::from_slice::<Value>(&response.body);
    let has_error = document.as_ref().is_ok_and(|document| document.get("error").is_some_and(|error| !error.is_null()));
    let body = match document {
        _ if response.is_success() && !has_error => Vec::new(),
        Ok(Value::Object(mut members)) if TOKENS.iter().any(|name| members.contains_key(*name)) => {
            members.retain(|name, _| !TOKENS.contains(&name.as_str()));
            Value::Object(members).to_string().into_bytes()
        }
        Err(_) if response.text().contains("token") => Vec::new(),
        Ok(_) | Err(_) => response.body.clone(),
    };
    redacted(&ApiResponse { status: response.status, headers: response.headers.clone(), body }, secrets)
}

/// The body of a success. Errors are classified here, since some servers report them with status 200.
fn success_body(response: ApiResponse, secrets: &[&str]) -> Result<Vec<u8>> {
    let status = response.status;
    let document = serde_json::from_slice::<Value>(&response.body).ok();
    let member = |name: &str| document.as_ref()?.get(name);
    let text = |name: &str| member(name)?.as_str();
    // Better Auth's own validation errors have a `code` instead of an `error`.
    let api_code = text("error").or_else(|| text("code")).and_then(|code| safe_code(code, secrets));
    let has_error = member("error").is_some_and(|error| !error.is_null());
    match status {
        200 if document.is_none() => Err(unreadable("it is not JSON")),
        200 if !has_error => Ok(response.body),
        200 | 400..=499 => Err(refused(status, api_code)),
        300..=399 => Err(unreadable("it is a redirect").with("status", status.to_string())),
        _ => Err(unreadable(&format!("its status is {status}")).with("status", status.to_string())),
    }
}

fn token(response: &BasicTokenResponse) -> Result<Token> {
    if *response.token_type() != BasicTokenType::Bearer {
        return Err(unreadable("it is not a Bearer token"));
    }
    let text = response.access_token().secret();
    // The characters that a header can carry; RFC 6750, 2.1 allows fewer.
    let is_valid = (1..=TOKEN_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_valid {
        Ok(Token { access_token: Secret::from(text.as_str()) })
    } else {
        Err(unreadable("the access token is invalid"))
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
    let message = format!("The server's token response is invalid: {reason}.");
    Error::new(ErrorCode::ExchangeUnreadable, message).with_hint(again())
}

/// After a failure that may have spent the code, only a new login helps.
fn spent(error: Error) -> Error {
    match error.code {
        ErrorCode::ConnectionLost | ErrorCode::RequestTimedOut | ErrorCode::ResponseTooLarge => {
            error.with_hint(again())
        }
        ErrorCode::ResponseUnreadable => unreadable("it is not valid HTTP").with_cause(error),
        _ => error,
    }
}
