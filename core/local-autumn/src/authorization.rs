//! Authorization requests: their checks (RFC 6749, 4.1.1; RFC 7636) and their callback URLs, as in Better Auth 1.6.25.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libatmn::__internal::config::{CLIENT_ID, SCOPES};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::form::Parameters;

/// A valid authorization request.
#[derive(Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    state: Option<String>,
    code_challenge: String,
    /// `prompt=consent`: show the consent page even if the person has allowed access before.
    pub(crate) consent: bool,
}

/// Why an authorization request is refused.
pub(crate) enum Rejection {
    /// The server shows its own page, with an error code and a description, because it cannot trust the callback URL or
    /// cannot determine what is requested.
    Page(&'static str, &'static str),
    /// The server sends the error to the client, at this callback URL.
    Callback(String),
}

impl AuthorizationRequest {
    /// Checks a query in the order of the real server: client, response type, redirect, scopes, PKCE.
    pub(crate) fn read(query: &str, issuer: &str, callback_ports: &BTreeSet<u16>) -> Result<Self, Rejection> {
        let Ok(parameters) = Parameters::parse(query.as_bytes()) else {
            return Err(Rejection::Page("invalid_request", "The URL contains a parameter twice"));
        };
        if parameters.get("client_id") != Some(CLIENT_ID) {
            return Err(Rejection::Page("invalid_client", "The client is not registered"));
        }
        match parameters.get("response_type") {
            Some("code") => {}
            None => return Err(Rejection::Page("invalid_request", "The URL has no response_type")),
            Some(_) => {
                return Err(Rejection::Page("unsupported_response_type", "Only response_type=code is supported"));
            }
        }
        let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
        if !callback_ports.iter().any(|port| redirect_uri == format!("http://localhost:{port}/")) {
            return Err(Rejection::Page("invalid_redirect", "The callback URL is not registered"));
        }
        let method = parameters.get("code_challenge_method");
        if method.is_some_and(|method| method != "S256") {
            return Err(Rejection::Page("invalid_request", "Only code_challenge_method=S256 is supported"));
        }
        let mut request = Self {
            redirect_uri: redirect_uri.to_owned(),
            scopes: SCOPES.iter().copied().map(str::to_owned).collect(),
            state: parameters.get("state").map(str::to_owned),
            code_challenge: parameters.get("code_challenge").unwrap_or_default().to_owned(),
            consent: parameters.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "consent")),
        };
        let failure = request.read_scopes(parameters.get("scope")).or_else(|| request.pkce_error(method));
        match failure {
            Some((error, description)) => Err(Rejection::Callback(
                request.callback(issuer, &[("error", error), ("error_description", &description)]),
            )),
            None => Ok(request),
        }
    }

    /// Without the parameter, the request asks for every scope of the client.
    fn read_scopes(&mut self, scope: Option<&str>) -> Option<(&'static str, String)> {
        let scopes: Vec<_> = scope?.split(' ').filter(|scope| !scope.is_empty()).collect();
        let unknown: Vec<_> = scopes.iter().copied().filter(|scope| !SCOPES.contains(scope)).collect();
        self.scopes = scopes.into_iter().map(str::to_owned).collect();
        let description = format!("The following scopes are invalid: {}", unknown.join(", "));
        (!unknown.is_empty()).then_some(("invalid_scope", description))
    }

    /// A challenge is the 43 characters of a SHA-256 (RFC 7636, 4.2). The real server does not check this.
    fn pkce_error(&self, method: Option<&str>) -> Option<(&'static str, String)> {
        let challenge = &self.code_challenge;
        if challenge.is_empty() || method.is_none() {
            return Some(("invalid_request", "pkce is required for public clients".to_owned()));
        }
        let valid = URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|digest| digest.len() == 32);
        (!valid).then(|| ("invalid_request", "invalid code_challenge".to_owned()))
    }

    /// The callback URL with these parameters, the state and `iss` (RFC 9207).
    pub(crate) fn callback(&self, issuer: &str, parameters: &[(&str, &str)]) -> String {
        let Ok(mut url) = Url::parse(&self.redirect_uri) else { return self.redirect_uri.clone() };
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(parameters);
            query.extend_pairs(self.state.iter().map(|state| ("state", state)));
            query.append_pair("iss", issuer);
        }
        url.into()
    }

    /// The callback URL after the person denied access.
    pub(crate) fn denial(&self, issuer: &str) -> String {
        self.callback(issuer, &[("error", "access_denied"), ("error_description", "User denied access")])
    }

    /// Whether a code verifier belongs to the challenge of this request (RFC 7636, 4.6).
    pub(crate) fn is_verified_by(&self, code_verifier: &str) -> bool {
        URL_SAFE_NO_PAD.encode(Sha256::digest(code_verifier)) == self.code_challenge
    }
}
