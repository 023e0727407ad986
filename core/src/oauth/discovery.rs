//! What the server says about itself (RFC 8414), and whose answer the callback is (RFC 9207).

use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::config::{DISCOVERY_PATH, ISSUER_PATH};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::http::{Http, Request};
use crate::server::Server;
use crate::server::is_loopback;

/// Longest issuer that is remembered, in bytes.
const ISSUER_LIMIT: usize = 2048;

/// What of the server's description counts. Its endpoints do not: they are known, and a document could lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The server's name for itself.
    pub issuer: String,
    /// Whether a callback without `iss` is to be refused.
    pub demands_iss: bool,
}

/// Asks the server to describe itself. Whatever goes wrong, nothing is demanded then.
pub async fn discover(http: &Http, timeout: Duration) -> Option<Discovery> {
    let request = Request::new("GET", DISCOVERY_PATH).header("accept", "application/json").timeout(timeout);
    let response = http.send(request).await.ok().filter(|response| response.status == 200)?;
    let document: Value = serde_json::from_slice(&response.body).ok()?;
    let issuer = document.get("issuer")?.as_str()?;
    let fits = !issuer.is_empty() && issuer.len() <= ISSUER_LIMIT;
    let demands_iss = document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
    fits.then(|| Discovery { issuer: issuer.to_owned(), demands_iss })
}

/// Checks whose answer a callback is: `iss` may be absent unless the discovery document demands it; present, it is
/// `<base>/api/auth` or the document's issuer, byte for byte. A document that names an issuer elsewhere has no say in
/// that (RFC 8414, 3.3).
///
/// # Errors
/// `state_mismatch`: the answer is another server's. What the callback said is not repeated.
pub fn check_iss(server: &Server, iss: Option<&str>, discovery: Option<&Discovery>) -> Result<()> {
    let message = match iss {
        Some(iss) if iss == format!("{}{ISSUER_PATH}", server.api()) => return Ok(()),
        Some(iss) if discovery.is_some_and(|discovery| discovery.issuer == iss) && is_at(server, iss) => return Ok(()),
        None if !discovery.is_some_and(|discovery| discovery.demands_iss) => return Ok(()),
        Some(_) => "The answer comes from another authorization server than the one that was asked.",
        None => "The answer does not say which authorization server it comes from, and this one always does.",
    };
    Err(Error::new(ErrorCode::StateMismatch, message)
        .with_hint(Hint::LogInAgain.and("Open only the URL that is shown."))
        .with("server", server.api()))
}

/// Whether an issuer is at the server that was asked. Otherwise a server could pass itself off as another one, send the
/// browser on to that, and get the code that the other gave, with the verifier that redeems it (RFC 9207, 1).
fn is_at(server: &Server, issuer: &str) -> bool {
    let (Ok(base), Ok(issuer)) = (server.base(), Url::parse(issuer)) else { return false };
    let location = |url: &Url| (url.scheme().to_owned(), url.port_or_known_default());
    // This machine has three names, and a server behind one may call itself by another.
    let same_machine = is_loopback(&base) && is_loopback(&issuer) && location(&base) == location(&issuer);
    base.origin() == issuer.origin() || same_machine
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(demands_iss: bool) -> Discovery {
        Discovery { issuer: "https://api.useautumn.com/x".to_owned(), demands_iss }
    }

    #[test]
    fn an_answer_is_taken_from_the_server_that_was_asked() {
        let own = "https://api.useautumn.com/api/auth";
        let other = "https://api.useautumn.com/x";
        for (iss, discovery, good) in [
            (None, None, true),
            (None, Some(document(false)), true),
            (None, Some(document(true)), false),
            (Some(own), None, true),
            (Some(own), Some(document(true)), true),
            (Some(other), Some(document(false)), true),
            (Some(other), None, false),
            (Some(""), None, false),
            (Some("https://api.useautumn.com/api/auth/"), Some(document(false)), false),
            (Some("https://API.useautumn.com/api/auth"), None, false),
            (Some("https://evil.example/api/auth"), Some(document(true)), false),
        ] {
            let checked = check_iss(&Server::Cloud, iss, discovery.as_ref());
            assert_eq!(checked.is_ok(), good, "{iss:?} {discovery:?}");
            assert!(checked.is_ok() || checked.unwrap_err().code == ErrorCode::StateMismatch);
        }
    }

    #[test]
    fn a_server_does_not_speak_for_another() {
        let custom = |address: &str| Server::parse(address).unwrap();
        for (server, issuer, good) in [
            (Server::Cloud, "https://api.useautumn.com:443/id", true),
            (Server::Cloud, "https://id.useautumn.com", false),
            (Server::Cloud, "http://api.useautumn.com/api/auth", false),
            (Server::Cloud, "https://api.useautumn.com:8443/api/auth", false),
            (Server::Cloud, "https://api.useautumn.com.evil.example", false),
            (Server::Cloud, "https://api.useautumn.com@evil.example", false),
            (Server::Cloud, "api.useautumn.com", false),
            (custom("https://evil.example"), "https://api.useautumn.com/api/auth", false),
            (custom("http://127.0.0.1:8080"), "http://localhost:8080/api/auth", true),
            (custom("http://127.0.0.1:8080"), "http://localhost:8081/api/auth", false),
            (custom("http://127.0.0.1:8080"), "https://api.useautumn.com/api/auth", false),
        ] {
            let document = Discovery { issuer: issuer.to_owned(), demands_iss: false };
            assert_eq!(check_iss(&server, Some(issuer), Some(&document)).is_ok(), good, "{server} {issuer}");
        }
    }
}
