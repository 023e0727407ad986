//! The server's metadata (RFC 8414), and the check that a callback comes from the requested server (RFC 9207).

use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::config::{DISCOVERY_PATH, ISSUER_LIMIT, ISSUER_PATH};
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::http::{Http, OutgoingRequest};
use crate::server::{Server, is_loopback};

/// The metadata that is used. The endpoints are not taken from the document: they are known, and a forged document could
/// name another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The server's issuer identifier.
    pub issuer: String,
    /// Whether a callback without `iss` is refused.
    pub requires_iss: bool,
}

/// Requests the server's metadata; `None` after any failure, and then `iss` is not required.
pub async fn discover(http: &Http, timeout: Duration) -> Option<Discovery> {
    let document = document(http, timeout).await?;
    let issuer = document.get("issuer")?.as_str()?;
    let fits = !issuer.is_empty() && issuer.len() <= ISSUER_LIMIT;
    let requires_iss = document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
    fits.then(|| Discovery { issuer: issuer.to_owned(), requires_iss })
}

/// The page with which a server describes itself (`service_documentation`; RFC 8414, 2), if it is at that server. A server
/// for tests has one in place of a dashboard.
pub(crate) async fn own_page(http: &Http, timeout: Duration) -> Option<String> {
    let document = document(http, timeout).await?;
    let page = document.get("service_documentation")?.as_str()?;
    is_at(http.server(), page).then(|| page.to_owned())
}

async fn document(http: &Http, timeout: Duration) -> Option<Value> {
    let request = OutgoingRequest::new("GET", DISCOVERY_PATH).header("accept", "application/json").timeout(timeout);
    let response = http.send(request).await.ok().filter(|response| response.status == 200)?;
    serde_json::from_slice(&response.body).ok()
}

/// Checks that a callback comes from the requested server. `iss` may be absent unless the discovery document requires
/// it; if present, it equals `<base>/api/auth` or the document's issuer, byte for byte. A document that names an issuer
/// at another origin is not used for that (RFC 8414, 3.3).
///
/// # Errors
/// `state_mismatch`: the response comes from another server. The error does not repeat the `iss`.
pub fn check_iss(server: &Server, iss: Option<&str>, discovery: Option<&Discovery>) -> Result<()> {
    let message = match iss {
        Some(iss) if iss == format!("{}{ISSUER_PATH}", server.api()) => return Ok(()),
        Some(iss) if discovery.is_some_and(|discovery| discovery.issuer == iss) && is_at(server, iss) => return Ok(()),
        None if !discovery.is_some_and(|discovery| discovery.requires_iss) => return Ok(()),
        Some(_) => "The response is from a different authorization server than the login used.",
        None => "The response does not name its authorization server, although this server always sends `iss`.",
    };
    Err(Error::new(ErrorCode::StateMismatch, message)
        .with_hint(Hint::LogInAgain.and("Open only the URL that is shown."))
        .with("server", server.api()))
}

/// Whether a URL, such as an issuer, is at the requested server. Otherwise a malicious server could claim the issuer of
/// another server, redirect the browser to it, and receive that server's code together with the verifier (a mix-up
/// attack; RFC 9207, 1).
fn is_at(server: &Server, issuer: &str) -> bool {
    let (Ok(base), Ok(issuer)) = (server.base(), Url::parse(issuer)) else { return false };
    let location = |url: &Url| (url.scheme().to_owned(), url.port_or_known_default());
    // This machine has three host names. A server that the client reaches by one name may have an issuer with another.
    let same_machine = is_loopback(&base) && is_loopback(&issuer) && location(&base) == location(&issuer);
    base.origin() == issuer.origin() || same_machine
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(requires_iss: bool) -> Discovery {
        Discovery { issuer: "https://api.useautumn.com/x".to_owned(), requires_iss }
    }

    #[test]
    fn check_iss_accepts_only_the_requested_server() {
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
    fn check_iss_rejects_issuer_of_another_origin() {
        let custom = |url: &str| Server::parse(url).unwrap();
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
            let document = Discovery { issuer: issuer.to_owned(), requires_iss: false };
            assert_eq!(check_iss(&server, Some(issuer), Some(&document)).is_ok(), good, "{server} {issuer}");
        }
    }
}
