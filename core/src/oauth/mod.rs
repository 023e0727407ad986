//! The client's part of the authorization code grant with PKCE (RFC 6749, 4.1; RFC 7636): the URL for the browser, and
//! the exchange of the code.

mod discovery;
mod exchange;

pub(crate) use discovery::own_page;
pub use discovery::{Discovery, check_iss, discover};
pub use exchange::{CodeExchange, Token, exchange};

use std::fmt;

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use zeroize::Zeroizing;

use crate::config::{AUTHORIZE_PATH, CALLBACK_HOST, CLIENT_ID, SCOPES, STATE_BYTES, VERIFIER_BYTES};
use crate::error::{Error, ErrorCode, Result};
use crate::secret::Secret;
use crate::server::Server;

/// An authorization request. `Debug` shows only the redirect URI.
pub struct Authorization {
    /// The URL for the browser. It contains the state, so show it only to the user who logs in.
    pub url: String,
    /// The value that the callback must repeat (RFC 6749, 10.12).
    pub state: Secret,
    /// The code verifier, which proves to the server that this program requested the code (RFC 7636, 4.1).
    pub verifier: Secret,
    /// The URL to which the server redirects the browser.
    pub redirect_uri: String,
}

impl Authorization {
    /// Creates state, verifier and URL for a redirect URI, see [`redirect_uri`].
    ///
    /// # Errors
    /// `invalid_argument`: the server's URL, or the redirect URI.
    pub fn new(server: &Server, redirect_uri: &str) -> Result<Self> {
        let invalid = |_| Error::invalid("redirect_uri", "`redirect_uri` is not an absolute URL.");
        let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(invalid)?;
        let client = BasicClient::new(ClientId::new(CLIENT_ID.to_owned()))
            .set_auth_uri(AuthUrl::from_url(endpoint(server, AUTHORIZE_PATH)?))
            .set_redirect_uri(redirect);
        let verifier = PkceCodeVerifier::new(random_verifier()?);
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let (url, state) = client
            .authorize_url(|| CsrfToken::new_random_len(STATE_BYTES))
            .add_scopes(SCOPES.iter().copied().map(str::to_owned).map(Scope::new))
            .set_pkce_challenge(challenge)
            // Without `prompt=consent`, a second login in the same browser offers no choice of organization.
            .add_extra_param("prompt", "consent")
            .url();
        Ok(Self {
            url: url.into(),
            state: Secret::from(state.into_secret()),
            verifier: Secret::from(verifier.into_secret()),
            redirect_uri: redirect_uri.to_owned(),
        })
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Authorization").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

/// A verifier of 64 characters with 256 random bits. The library's own would leave the random bytes in memory for as long as
/// the login waits.
fn random_verifier() -> Result<String> {
    let mut bytes = Zeroizing::new([0; VERIFIER_BYTES]);
    getrandom::fill(&mut *bytes).map_err(|error| {
        let message = "The system has no random numbers for the login.";
        Error::new(ErrorCode::Panic, message).with_cause(std::io::Error::other(error))
    })?;
    // Allocated once: a growing buffer would leave copies in memory that are not overwritten.
    let mut text = String::with_capacity(2 * VERIFIER_BYTES);
    for byte in bytes.iter() {
        text.extend([byte >> 4, *byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    Ok(text)
}

/// The redirect URI for a callback port. The server compares it byte for byte, including the trailing slash.
#[must_use]
pub fn redirect_uri(port: u16) -> String {
    format!("http://{CALLBACK_HOST}:{port}/")
}

fn endpoint(server: &Server, path: &str) -> Result<url::Url> {
    server.base()?.join(path).map_err(|_| Error::invalid("server", "The server URL is invalid."))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn parameters(url: &str) -> BTreeMap<String, String> {
        let url = url::Url::parse(url).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let parameters: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(parameters.len(), pairs.len(), "a parameter occurs twice");
        parameters
    }

    #[test]
    fn authorize_url_has_exactly_the_registered_parameters() {
        let login = Authorization::new(&Server::Cloud, &redirect_uri(31448)).unwrap();
        assert!(login.url.starts_with("https://api.useautumn.com/api/auth/oauth2/authorize?"), "{}", login.url);
        let mut parameters = parameters(&login.url);
        assert_eq!(parameters.remove("state").as_deref(), Some(login.state.reveal()));
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(login.verifier.reveal().to_owned()));
        assert_eq!(parameters.remove("code_challenge").as_deref(), Some(challenge.as_str()));
        let rest: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let scopes = SCOPES.join(" ");
        let expected = [
            ("client_id", CLIENT_ID),
            ("code_challenge_method", "S256"),
            ("prompt", "consent"),
            ("redirect_uri", "http://localhost:31448/"),
            ("response_type", "code"),
            ("scope", scopes.as_str()),
        ];
        assert_eq!(rest, expected);
    }

    #[test]
    fn state_and_verifier_are_random_and_redacted() {
        let logins: Vec<_> =
            (0..50).map(|_| Authorization::new(&Server::Local, &redirect_uri(31452)).unwrap()).collect();
        for secret in logins.iter().flat_map(|login| [&login.state, &login.verifier]) {
            // 43 characters of base64url or 64 hexadecimal digits hold 256 bits.
            assert!([43, 64].contains(&secret.reveal().len()));
            let known = logins
                .iter()
                .filter(|login| login.state.reveal() == secret.reveal() || login.verifier.reveal() == secret.reveal());
            assert_eq!(known.count(), 1);
        }
        let shown = format!("{:?} {:#?}", logins[0], logins[0]);
        assert!(!shown.contains(logins[0].state.reveal()) && !shown.contains(logins[0].verifier.reveal()), "{shown}");
        assert!(!logins[0].url.contains(logins[0].verifier.reveal()));
    }

    #[test]
    fn authorization_rejects_unchecked_server_urls() {
        for url in ["http://evil.example", "http://localhost.evil.example", "ftp://localhost", "https://u:p@x.org"] {
            let server = Server::Custom(url.to_owned());
            let error = Authorization::new(&server, &redirect_uri(31448)).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidArgument, "{url}");
        }
    }
}
