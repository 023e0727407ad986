//! Authorization codes and access tokens (RFC 6749, 4.1.2 to 4.1.4), as in Better Auth 1.6.25.

use std::collections::HashMap;

use libatmn::__internal::config::CLIENT_ID;

use crate::accounts::{Organization, Person};
use crate::authorization::AuthorizationRequest;
use crate::random;

/// How long a code may be redeemed, in seconds.
const CODE_LIFETIME: u64 = 600;
/// How long an access token is valid, in seconds.
pub(crate) const TOKEN_LIFETIME: u64 = 3600;

/// An authorization code.
struct Code {
    request: AuthorizationRequest,
    person: &'static Person,
    organization: &'static Organization,
    expires: u64,
    state: CodeState,
}

enum CodeState {
    /// No client has tried to redeem the code.
    Unused,
    /// A client tried to redeem the code and failed.
    Spent,
    /// A client redeemed the code for this access token.
    Redeemed(String),
}

/// An access token.
pub(crate) struct AccessToken {
    pub(crate) person: &'static Person,
    pub(crate) organization: &'static Organization,
    pub(crate) scopes: Vec<String>,
    expires: u64,
}

/// Why a code cannot be redeemed: status, error, description.
pub(crate) type TokenError = (u16, &'static str, &'static str);

/// All codes and access tokens of the server. Every `now` is in seconds since 1970.
#[derive(Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    tokens: HashMap<String, AccessToken>,
}

impl Grants {
    /// Makes a code.
    pub(crate) fn issue_code(
        &mut self,
        request: &AuthorizationRequest,
        person: &'static Person,
        organization: &'static Organization,
        now: u64,
    ) -> Result<String, getrandom::Error> {
        let code = random::text(32)?;
        self.remove_expired(now);
        let expires = now + CODE_LIFETIME;
        let state = CodeState::Unused;
        self.codes.insert(code.clone(), Code { request: request.clone(), person, organization, expires, state });
        Ok(code)
    }

    /// Redeems a code for an access token. A code can be redeemed once, even if the rest of the request is wrong; a
    /// second attempt revokes the token of the first one (RFC 6749, 4.1.2).
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        code_verifier: &str,
        now: u64,
    ) -> Result<Result<String, TokenError>, getrandom::Error> {
        const INVALID_CODE: TokenError = (401, "invalid_grant", "invalid code");
        let Some(found) = self.codes.get_mut(code) else { return Ok(Err(INVALID_CODE)) };
        match std::mem::replace(&mut found.state, CodeState::Spent) {
            CodeState::Unused if found.expires > now => {}
            CodeState::Unused | CodeState::Spent => return Ok(Err(INVALID_CODE)),
            CodeState::Redeemed(token) => {
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
        if !found.request.is_verified_by(code_verifier) {
            return Ok(Err((401, "invalid_request", "code verification failed")));
        }
        // The prefix of Autumn's access tokens, so that tests notice a client that takes a token for a key.
        let text = format!("am_oauth_{}", random::text(32)?);
        found.state = CodeState::Redeemed(text.clone());
        let token = AccessToken {
            person: found.person,
            organization: found.organization,
            scopes: found.request.scopes.clone(),
            expires: now + TOKEN_LIFETIME,
        };
        self.tokens.insert(text.clone(), token);
        Ok(Ok(text))
    }

    /// The access token with this text, if it is still valid.
    pub(crate) fn token(&self, text: &str, now: u64) -> Option<&AccessToken> {
        self.tokens.get(text).filter(|token| token.expires > now)
    }

    /// Revokes an access token; `false` if it does not exist.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.tokens.remove(token).is_some()
    }

    /// The number of valid access tokens.
    pub(crate) fn active_tokens(&self, now: u64) -> usize {
        self.tokens.values().filter(|token| token.expires > now).count()
    }

    /// Keeps a spent code as long as its token, because a second attempt to redeem the code revokes the token.
    fn remove_expired(&mut self, now: u64) {
        self.codes.retain(|_, code| code.expires + TOKEN_LIFETIME > now);
        self.tokens.retain(|_, token| token.expires > now);
    }
}
