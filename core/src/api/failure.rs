//! Turns a failed API response into an error. The server's own message is quoted only if it repeats no secret.

use std::sync::Arc;

use serde_json::Value;

use crate::authenticate::refusal_code;
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::key::Environment;
use crate::redact::redacted;
use crate::response::ApiResponse;
use crate::scopes::{login_grants, named_in};
use crate::server::Server;
use crate::text::{contains_secret, quoted, safe_code, safe_token};

/// The code of a 403 for a key whose scopes do not include the request.
const INSUFFICIENT_SCOPES: &str = "insufficient_scopes";

/// The error for a response that is not 2xx: one of the eight shared codes if the server sent it, `unauthorized` for any
/// other 401, else `api_error`. Context: `server`, `status`, and `api_code`, `env`, `request_id`, `retry_after` and
/// `missing_scopes` if the server sent them. `secrets` are the key or token of the request; a message that repeats one of
/// them is not quoted, and the response is masked.
#[must_use]
pub fn failure(server: &Server, response: &ApiResponse, secrets: &[&str]) -> Error {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let api_code = text("code").and_then(|code| safe_code(code, secrets));
    let code = api_code.as_deref().and_then(refusal_code);
    let code = code.unwrap_or(if response.status == 401 { ErrorCode::Unauthorized } else { ErrorCode::ApiError });
    // Older servers send only `error`.
    let message = text("message").or_else(|| text("error")).filter(|message| !contains_secret(message, secrets));
    let missing = match (response.status, api_code.as_deref()) {
        (403, Some(INSUFFICIENT_SCOPES)) => message.map(named_in).unwrap_or_default().join(" "),
        _ => String::new(),
    };
    let mut error = Error::new(code, sentence(response.status, api_code.as_deref(), message))
        .with_hint(hint(server, response, api_code.as_deref(), &missing))
        .with_option("missing_scopes", Some(missing.clone()).filter(|missing| !missing.is_empty()))
        .with("server", server.api())
        .with("status", response.status.to_string())
        .with_option("retry_after", seconds_to_wait(response).map(|seconds| seconds.to_string()));
    error.response = Some(Arc::new(redacted(response, secrets)));
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

/// Whether a response says that the key is not valid. Any other failure says nothing about the key.
pub(crate) fn is_rejection(error: &Error) -> bool {
    matches!(error.code, ErrorCode::Unauthorized | ErrorCode::InvalidSecretKey)
        && error.context.get("status").is_some_and(|status| status == "401")
}

/// The pause that the server asks for, in whole seconds that are long enough.
fn seconds_to_wait(response: &ApiResponse) -> Option<u64> {
    let pause = response.retry_after()?;
    Some(pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0)))
}

fn sentence(status: u16, api_code: Option<&str>, message: Option<&str>) -> String {
    let code = api_code.map(|code| format!(" ({code})")).unwrap_or_default();
    match message.map(|text| text.trim().trim_end_matches('.')) {
        None | Some("") => format!("The server responded with {status}{code}."),
        Some(message) => format!("The server responded with {status}{code}: {}.", quoted(message)),
    }
}

fn hint(server: &Server, response: &ApiResponse, api_code: Option<&str>, missing_scopes: &str) -> Hint {
    let seconds = seconds_to_wait(response).unwrap_or_default();
    match response.status {
        304 => "The response has not changed since the one that `If-None-Match` or `If-Modified-Since` names. To receive it \
                again, remove that header."
            .into(),
        300..=399 => {
            "Redirects are not followed, since they could send the key to another server. Check the server's URL."
                .into()
        }
        // The server could not check the key, which may be valid.
        401 if api_code.is_some_and(|code| code.starts_with("failed_to_verify_")) => Hint::RetryLater,
        401 if api_code == Some("endpoint_not_public") => Hint::UseSecretKey,
        401 if *server == Server::Cloud => Hint::ReplaceKey { server: None },
        401 => Hint::ReplaceKey { server: Some(server.to_string()) },
        403 if api_code == Some(INSUFFICIENT_SCOPES) && login_grants(missing_scopes) => {
            Hint::LogInForScopes { scopes: missing_scopes.to_owned() }
        }
        403 if api_code == Some(INSUFFICIENT_SCOPES) => Hint::CreateKey {
            scopes: Some(missing_scopes.to_owned()).filter(|scopes| !scopes.is_empty()),
            dashboard: server.certain_dashboard().map(str::to_owned),
        },
        403 => "This key is not allowed to do that; logging in again will not help.".into(),
        404 if !names_object(api_code) => format!("Check the path and the server's URL, {server}.").into(),
        429 | 503 if seconds > 0 => wait(seconds),
        429 => "Too many requests were made. Wait, then try again.".into(),
        500.. => Hint::RetryLater,
        _ => "See the message above and the API documentation.".into(),
    }
}

/// Whether the code of a 404 is Autumn's own for an object that it does not have, such as `customer_not_found`. Without a
/// code, or with one that names no object, the path may be wrong.
fn names_object(api_code: Option<&str>) -> bool {
    api_code.is_some_and(|code| !code.eq_ignore_ascii_case("not_found"))
}

/// A pause in the largest unit of which there are at least two, rounded up.
fn wait(seconds: u64) -> Hint {
    const UNITS: [(u64, &str); 4] = [(24 * 60 * 60, "day"), (60 * 60, "hour"), (60, "minute"), (1, "second")];
    if seconds > 365 * UNITS[0].0 {
        return "The server asks for a pause of more than a year. Contact the server's operator.".into();
    }
    let (length, unit) = UNITS.into_iter().find(|(length, _)| seconds >= 2 * length).unwrap_or(UNITS[3]);
    let count = seconds.div_ceil(length);
    let plural = if count == 1 { "" } else { "s" };
    format!("The server asks for a pause. Wait {count} {unit}{plural}, then try again.").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure_of(status: u16, body: &str) -> Error {
        let headers = vec![("x-request-id".to_owned(), "req_1".to_owned())];
        let response = ApiResponse { status, headers, body: body.as_bytes().to_vec() };
        failure(&Server::Cloud, &response, &["t0ken-planted"])
    }

    #[test]
    fn pauses_are_readable() {
        for (seconds, pause) in [
            (1, "Wait 1 second,"),
            (119, "Wait 119 seconds,"),
            (121, "Wait 3 minutes,"),
            (7200, "Wait 2 hours,"),
            (172_801, "Wait 3 days,"),
            (365 * 86_400, "Wait 365 days,"),
            (2_300_234_777, "more than a year"),
            (u64::MAX, "more than a year"),
        ] {
            let hint = wait(seconds).to_string();
            assert!(hint.contains(pause), "{seconds}: {hint}");
        }
    }

    #[test]
    fn failure_maps_responses_to_codes() {
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
            let error = failure_of(status, body);
            assert_eq!(error.code, code, "{body}");
            assert_eq!(error.context["status"], status.to_string());
            assert_eq!(error.context["request_id"], "req_1");
            assert!(error.hint.is_some());
        }
    }

    #[test]
    fn unchanged_response_is_not_taken_for_a_redirect() {
        let hint = |status| format!("{:?}", failure_of(status, "").hint);
        assert!(hint(304).contains("If-None-Match") && !hint(304).contains("Redirects"), "{}", hint(304));
        assert!(hint(307).contains("Redirects"));
    }

    #[test]
    fn missing_object_is_not_blamed_on_the_path() {
        let hint =
            |code: &str| failure_of(404, &format!(r#"{{"message":"no","code":"{code}"}}"#)).hint.unwrap().to_string();
        for code in ["customer_not_found", "product_not_found", "feature_not_found"] {
            assert!(!hint(code).contains("path") && !hint(code).contains("URL"), "{}", hint(code));
        }
        for path_may_be_wrong in
            [hint("not_found"), hint("NOT_FOUND"), failure_of(404, "<html>").hint.unwrap().to_string()]
        {
            assert!(path_may_be_wrong.contains("Check the path"), "{path_may_be_wrong}");
        }
    }

    #[test]
    fn scope_that_a_login_grants_leads_to_a_login() {
        let hint = |missing: &str| {
            let body = format!(r#"{{"message":"Missing: {missing}","code":"insufficient_scopes"}}"#);
            failure_of(403, &body).hint.map(|hint| *hint)
        };
        assert_eq!(hint("customers:write"), Some(Hint::LogInForScopes { scopes: "customers:write".to_owned() }));
        assert!(matches!(hint("customers:write, balances:read"), Some(Hint::CreateKey { .. })));
    }

    #[test]
    fn missing_scopes_are_named_with_the_way_out() {
        let body =
            r#"{"message":"Insufficient scopes. Missing: balances:read, billing:write","code":"insufficient_scopes"}"#;
        let error = failure_of(403, body);
        assert_eq!(error.context["missing_scopes"], "balances:read billing:write");
        let hint = error.hint.unwrap().to_string();
        assert!(hint.contains("`balances:read` and `billing:write`") && hint.contains("app.useautumn.com"), "{hint}");
        for body in [r#"{"code":"insufficient_scopes"}"#, r#"{"message":"am_sk_x:read","code":"insufficient_scopes"}"#]
        {
            let error = failure_of(403, body);
            assert!(!error.context.contains_key("missing_scopes"), "{error:?}");
            assert!(error.hint.unwrap().to_string().contains("dashboard"));
        }
    }

    #[test]
    fn unverified_key_gets_server_failure_hint() {
        for code in ["failed_to_verify_secret_key", "failed_to_verify_publishable_key"] {
            let error = failure_of(401, &format!(r#"{{"message":"no","code":"{code}","env":"live"}}"#));
            assert_eq!((error.code.name(), error.hint), (code, Some(Hint::RetryLater.into())));
        }
    }

    #[test]
    fn server_message_is_quoted_and_sanitized() {
        let error = failure_of(
            404,
            r#"{"message":"Customer \u001b[2J\nnot found.","code":"customer_not_found","env":"sandbox"}"#,
        );
        assert_eq!(
            error.message,
            "The server responded with 404 (customer_not_found): `Customer \u{fffd}[2J\u{fffd}not found`."
        );
        assert_eq!(
            (error.context["api_code"].as_str(), error.context["env"].as_str()),
            ("customer_not_found", "sandbox")
        );
        let long = failure_of(500, &format!(r#"{{"message":"{}"}}"#, "x".repeat(5_000)));
        assert!(long.message.chars().count() < 300, "{}", long.message);
        let odd = failure_of(500, r#"{"code":"\u001b]0;x\u0007","env":"moon"}"#);
        assert!(!odd.context.contains_key("api_code") && !odd.context.contains_key("env"));
    }

    #[test]
    fn response_that_repeats_a_secret_is_not_quoted() {
        for body in [
            r#"{"message":"bad token t0ken-planted","code":"t0ken-planted"}"#,
            r#"{"message":"t0ken\u200b-planted"}"#,
            r#"{"error":"Bearer t0ken-planted"}"#,
            "t0ken-planted",
        ] {
            let error = failure_of(400, body);
            assert_eq!(error.message, "The server responded with 400.");
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }
}
