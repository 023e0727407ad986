//! What a failure of the API says, in our words. The server's own are shown only where they give nothing away.

use serde_json::Value;

use crate::config::SHOWN_LIMIT;
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::http::Response;
use crate::key::Environment;
use crate::server::Server;
use crate::text::{contains_secret, safe_code, safe_token, sanitize};

/// The codes that server and client share, see `access`.
const SHARED: [ErrorCode; 8] = [
    ErrorCode::NoSecretKey,
    ErrorCode::InvalidSecretKey,
    ErrorCode::InvalidAuthHeader,
    ErrorCode::NoPublishableKey,
    ErrorCode::InvalidPublishableKey,
    ErrorCode::EndpointNotPublic,
    ErrorCode::FailedToVerifySecretKey,
    ErrorCode::FailedToVerifyPublishableKey,
];

/// The error for an answer that is not 2xx: one of the eight codes of the rule book if the server gave it, `unauthorized`
/// for any other 401, else `api_error`. Context: `server`, `status`, and as far as the server told them `api_code`,
/// `env`, `request_id`. `secrets` are the key or token of the request; an answer that repeats them is not quoted.
#[must_use]
pub fn failure(server: &Server, response: &Response, secrets: &[&str]) -> Error {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let api_code = text("code").and_then(|code| safe_code(code, secrets));
    let code = api_code.as_deref().and_then(shared);
    let code = code.unwrap_or(if response.status == 401 { ErrorCode::Unauthorized } else { ErrorCode::ApiError });
    // Older servers say `error` and no more.
    let message = text("message").or_else(|| text("error")).filter(|message| !contains_secret(message, secrets));
    let mut error = Error::new(code, sentence(response.status, api_code.as_deref(), message))
        .with_hint(hint(server, response, api_code.as_deref()))
        .with("server", server.api())
        .with("status", response.status.to_string());
    if let Some(environment) = text("env").and_then(|name| Environment::parse(name).ok()) {
        error = error.with("env", environment.name());
    }
    if let Some(id) = response.header("x-request-id").and_then(|id| safe_token(id, secrets)) {
        error = error.with("request_id", id);
    }
    match api_code {
        Some(api_code) => error.with("api_code", api_code),
        None => error,
    }
}

fn shared(api_code: &str) -> Option<ErrorCode> {
    SHARED.into_iter().find(|code| code.name() == api_code)
}

fn sentence(status: u16, api_code: Option<&str>, message: Option<&str>) -> String {
    let code = api_code.map(|code| format!(" ({code})")).unwrap_or_default();
    let message = message.map(|text| sanitize(text, SHOWN_LIMIT)).unwrap_or_default();
    match message.trim_end_matches('.') {
        "" => format!("The server answered {status}{code}."),
        message => format!("The server answered {status}{code}: {message}."),
    }
}

fn hint(server: &Server, response: &Response, api_code: Option<&str>) -> Hint {
    match response.status {
        300..=399 => "Redirects are not followed, since they could leak the key. Check the server's URL.".into(),
        // The key may be as good as ever.
        401 if api_code.is_some_and(|code| code.starts_with("failed_to_verify_")) => Hint::RetryLater,
        401 if api_code == Some("endpoint_not_public") => Hint::UseSecretKey,
        401 if *server == Server::Cloud => Hint::ReplaceKey { server: None },
        401 => Hint::ReplaceKey { server: Some(server.to_string()) },
        403 => "This key is not allowed to do that; logging in again will not help.".into(),
        404 => format!("Check the path and the server's URL, {server}.").into(),
        429 => "Too many requests were made. Wait, then try again.".into(),
        500.. => Hint::RetryLater,
        _ => "See the message above and the API documentation.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Error {
        let headers = vec![("x-request-id".to_owned(), "req_1".to_owned())];
        let response = Response { status, headers, body: body.as_bytes().to_vec() };
        failure(&Server::Cloud, &response, &["t0ken-planted"])
    }

    #[test]
    fn each_kind_of_answer_has_its_code() {
        for (status, body, code) in [
            (401, r#"{"message":"no","code":"invalid_secret_key","env":"live"}"#, ErrorCode::InvalidSecretKey),
            (401, r#"{"message":"no","code":"endpoint_not_public","env":"live"}"#, ErrorCode::EndpointNotPublic),
            (401, r#"{"message":"no","code":"invalid_request","env":"live"}"#, ErrorCode::Unauthorized),
            (401, "<html>", ErrorCode::Unauthorized),
            (401, "", ErrorCode::Unauthorized),
            (403, r#"{"message":"no","code":"insufficient_scopes"}"#, ErrorCode::ApiError),
            (404, r#"{"error":"gone"}"#, ErrorCode::ApiError),
            (307, "", ErrorCode::ApiError),
            (500, "[1,2]", ErrorCode::ApiError),
            (500, r#"{"message":{"a":1},"code":7,"env":[]}"#, ErrorCode::ApiError),
        ] {
            let error = answer(status, body);
            assert_eq!(error.code, code, "{body}");
            assert_eq!(error.context["status"], status.to_string());
            assert_eq!(error.context["request_id"], "req_1");
            assert!(error.hint.is_some());
        }
    }

    #[test]
    fn a_key_that_could_not_be_checked_is_not_blamed() {
        for code in ["failed_to_verify_secret_key", "failed_to_verify_publishable_key"] {
            let error = answer(401, &format!(r#"{{"message":"no","code":"{code}","env":"live"}}"#));
            assert_eq!((error.code.name(), error.hint), (code, Some(Hint::RetryLater.into())));
        }
    }

    #[test]
    fn the_servers_words_are_quoted_clean() {
        let error =
            answer(404, r#"{"message":"Customer \u001b[2J\nnot found.","code":"customer_not_found","env":"sandbox"}"#);
        assert_eq!(
            error.message,
            "The server answered 404 (customer_not_found): Customer \u{fffd}[2J\u{fffd}not found."
        );
        assert_eq!(
            (error.context["api_code"].as_str(), error.context["env"].as_str()),
            ("customer_not_found", "sandbox")
        );
        let long = answer(500, &format!(r#"{{"message":"{}"}}"#, "x".repeat(5_000)));
        assert!(long.message.chars().count() < 300, "{}", long.message);
        let odd = answer(500, r#"{"code":"\u001b]0;x\u0007","env":"moon"}"#);
        assert!(!odd.context.contains_key("api_code") && !odd.context.contains_key("env"));
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_not_quoted() {
        for body in [
            r#"{"message":"bad token t0ken-planted","code":"t0ken-planted"}"#,
            r#"{"message":"t0ken\u200b-planted"}"#,
            r#"{"error":"Bearer t0ken-planted"}"#,
            "t0ken-planted",
        ] {
            let error = answer(400, body);
            assert_eq!(error.message, "The server answered 400.");
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }
}
