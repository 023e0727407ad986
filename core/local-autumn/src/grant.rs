//! The authorization code grant with PKCE (RFC 6749, 4.1; RFC 7636), as Better Auth 1.6.25 answers it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libatmn::__internal::config::{CLIENT_ID, SCOPES};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::accounts::{Organization, Person};
use crate::form::Parameters;
use crate::random;
use crate::store::State;

/// How long a code may be redeemed, in seconds.
const CODE_LIFETIME: u64 = 600;
/// How long an access token may buy keys, in seconds.
pub(crate) const TOKEN_LIFETIME: u64 = 3600;

/// An authorization request that may go on to the person.
#[derive(Clone)]
pub(crate) struct AuthorizationRequest {
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    state: Option<String>,
    code_challenge: String,
    /// `prompt=consent`: ask even who has allowed it before.
    pub(crate) consent: bool,
}

/// An authorization request that may not.
pub(crate) enum Rejection {
    /// The redirect cannot be trusted, or there is no telling what is asked: the server's own page, with code and
    /// description.
    Page(&'static str, &'static str),
    /// The program is told, at this address.
    Callback(String),
}

/// A code on its way through the browser.
pub(crate) struct Code {
    request: AuthorizationRequest,
    person: &'static Person,
    organization: &'static Organization,
    expires: u64,
    /// What it bought, once it is spent.
    fate: Fate,
}

enum Fate {
    Fresh,
    Spent,
    Bought(String),
}

/// What a code bought.
pub(crate) struct AccessToken {
    pub(crate) person: &'static Person,
    pub(crate) organization: &'static Organization,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: u64,
}

/// Why a code buys nothing: status, error, description.
pub(crate) type TokenError = (u16, &'static str, &'static str);

impl AuthorizationRequest {
    /// Checks a query in the order of the real server: client, response type, redirect, scopes, PKCE.
    pub(crate) fn read(query: &str, state: &State) -> Result<Self, Rejection> {
        let Ok(parameters) = Parameters::parse(query.as_bytes()) else {
            return Err(Rejection::Page("invalid_request", "A parameter stands in the address twice"));
        };
        if parameters.get("client_id") != Some(CLIENT_ID) {
            return Err(Rejection::Page("invalid_client", "The program that sent you here is not known"));
        }
        match parameters.get("response_type") {
            Some("code") => {}
            None => return Err(Rejection::Page("invalid_request", "The address says nothing of what is asked for")),
            Some(_) => {
                return Err(Rejection::Page("unsupported_response_type", "Only response_type=code is answered"));
            }
        }
        let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
        if !state.callback_ports.iter().any(|port| redirect_uri == format!("http://localhost:{port}/")) {
            return Err(Rejection::Page("invalid_redirect", "The address to go back to is not registered"));
        }
        let method = parameters.get("code_challenge_method");
        if method.is_some_and(|method| method != "S256") {
            return Err(Rejection::Page("invalid_request", "Only code_challenge_method=S256 is answered"));
        }
        let mut request = Self {
            redirect_uri: redirect_uri.to_owned(),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            state: parameters.get("state").map(str::to_owned),
            code_challenge: parameters.get("code_challenge").unwrap_or_default().to_owned(),
            consent: parameters.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "consent")),
        };
        let fault = request.read_scopes(parameters.get("scope")).or_else(|| request.pkce_fault(method));
        match fault {
            Some((error, description)) => Err(Rejection::Callback(
                request.callback(&state.issuer(), &[("error", error), ("error_description", &description)]),
            )),
            None => Ok(request),
        }
    }

    /// Without the parameter, everything that the client may have.
    fn read_scopes(&mut self, scope: Option<&str>) -> Option<(&'static str, String)> {
        let scopes: Vec<_> = scope?.split(' ').filter(|scope| !scope.is_empty()).collect();
        let unknown: Vec<_> = scopes.iter().copied().filter(|scope| !SCOPES.contains(scope)).collect();
        self.scopes = scopes.into_iter().map(str::to_owned).collect();
        let description = format!("The following scopes are invalid: {}", unknown.join(", "));
        (!unknown.is_empty()).then_some(("invalid_scope", description))
    }

    /// A challenge is the 43 characters of a SHA-256 (RFC 7636, 4.2); the real server does not look at its shape.
    fn pkce_fault(&self, method: Option<&str>) -> Option<(&'static str, String)> {
        let challenge = &self.code_challenge;
        if challenge.is_empty() || method.is_none() {
            return Some(("invalid_request", "pkce is required for public clients".to_owned()));
        }
        let shaped = URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|digest| digest.len() == 32);
        (!shaped).then(|| ("invalid_request", "invalid code_challenge".to_owned()))
    }

    /// The redirect with these parameters, the state, and always `iss` (RFC 9207).
    fn callback(&self, issuer: &str, parameters: &[(&str, &str)]) -> String {
        let Ok(mut url) = Url::parse(&self.redirect_uri) else { return self.redirect_uri.clone() };
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(parameters);
            query.extend_pairs(self.state.iter().map(|state| ("state", state)));
            query.append_pair("iss", issuer);
        }
        url.into()
    }

    pub(crate) fn denial(&self, issuer: &str) -> String {
        self.callback(issuer, &[("error", "access_denied"), ("error_description", "User denied access")])
    }
}

impl State {
    /// Makes a code and the address that carries it back.
    pub(crate) fn allow(
        &mut self,
        request: &AuthorizationRequest,
        person: &'static Person,
        organization: &'static Organization,
    ) -> Result<String, getrandom::Error> {
        let code = random::text(32)?;
        self.forget_expired();
        self.remember_choice(person, organization);
        let callback = request.callback(&self.issuer(), &[("code", &code)]);
        let expires = self.now() + CODE_LIFETIME;
        self.codes.insert(code, Code { request: request.clone(), person, organization, expires, fate: Fate::Fresh });
        Ok(callback)
    }

    /// Spends a code: whatever is wrong with the rest of the request, it cannot be used again, and a second try revokes
    /// what the first one bought.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        code_verifier: &str,
    ) -> Result<Result<String, TokenError>, getrandom::Error> {
        const INVALID_CODE: TokenError = (401, "invalid_grant", "invalid code");
        let now = self.now();
        let Some(found) = self.codes.get_mut(code) else { return Ok(Err(INVALID_CODE)) };
        match std::mem::replace(&mut found.fate, Fate::Spent) {
            Fate::Fresh if found.expires > now => {}
            Fate::Fresh | Fate::Spent => return Ok(Err(INVALID_CODE)),
            Fate::Bought(token) => {
                self.tokens.remove(&token);
                return Ok(Err(INVALID_CODE));
            }
        }
        if client_id != CLIENT_ID {
            return Ok(Err((401, "invalid_client", "invalid client_id")));
        }
        if redirect_uri != found.request.redirect_uri {
            return Ok(Err((400, "invalid_request", "redirect_uri mismatch")));
        }
        if URL_SAFE_NO_PAD.encode(Sha256::digest(code_verifier)) != found.request.code_challenge {
            return Ok(Err((401, "invalid_request", "code verification failed")));
        }
        // The prefix of Autumn's access tokens: whoever takes one for a key is found out.
        let token = format!("am_oauth_{}", random::text(32)?);
        found.fate = Fate::Bought(token.clone());
        let bought = AccessToken {
            person: found.person,
            organization: found.organization,
            scopes: found.request.scopes.clone(),
            expires: now + TOKEN_LIFETIME,
        };
        self.tokens.insert(token.clone(), bought);
        Ok(Ok(token))
    }

    /// The token, as long as it is worth something.
    pub(crate) fn token(&self, text: &str) -> Option<&AccessToken> {
        self.tokens.get(text).filter(|token| token.expires > self.now())
    }

    /// Spent codes are kept as long as what they bought: a second try has to find it.
    fn forget_expired(&mut self) {
        let now = self.now();
        self.codes.retain(|_, code| code.expires + TOKEN_LIFETIME > now);
        self.tokens.retain(|_, token| token.expires > now);
    }
}
