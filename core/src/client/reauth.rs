//! Whether a rejected key may lead to a login, and the error if not.

use std::io::IsTerminal;

use crate::config::NO_RECOVERY_VARIABLE;
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host::Host;
use crate::key::ApiKey;
use crate::locations::{Location, shown};
use crate::resolve::with_location;
use crate::server::Server;
use crate::text::parse_enum;

enumeration! {
    /// Whether a rejected key may lead to a login. Every login needs a listener, which shows the login URL to the user,
    /// and `ATMN_DISABLE_AUTH_RECOVERY=1` disables automatic logins.
    pub enum Reauth("reauth", default Never) {
        /// Never: the call fails, with `login_needed` if a login could have replaced the key in its file.
        Never => "never",
        /// Only with Autumn's own server, if stdin and stderr are terminals and no variable such as `CI` is set.
        Auto => "auto",
        /// On any server, also in CI and without a terminal.
        Always => "always",
    }
}

/// The inputs of the decision.
pub(super) struct ReauthPolicy<'a> {
    pub(super) mode: Reauth,
    pub(super) server: &'a Server,
    pub(super) has_listener: bool,
    pub(super) has_terminal: bool,
    pub(super) automation: bool,
    pub(super) disabled: bool,
}

impl<'a> ReauthPolicy<'a> {
    pub(super) fn here(host: &Host, mode: Reauth, server: &'a Server, has_listener: bool) -> Self {
        Self {
            mode,
            server,
            has_listener,
            has_terminal: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            automation: host.is_automation(),
            disabled: host.is_set(NO_RECOVERY_VARIABLE),
        }
    }

    /// Why no login is allowed, as the end of a sentence; `None` if one is allowed.
    pub(super) fn denial_reason(&self) -> Option<&'static str> {
        let auto = self.mode == Reauth::Auto;
        match self.mode {
            Reauth::Never => Some("automatic login is off (`reauth` is `never`)"),
            _ if self.disabled => Some("automatic login is disabled by ATMN_DISABLE_AUTH_RECOVERY"),
            _ if !self.has_listener => Some("automatic login needs a listener that shows the login URL"),
            _ if auto && *self.server != Server::Cloud => Some(CUSTOM_SERVER),
            _ if auto && self.automation => Some("automatic login is off in CI"),
            _ if auto && !self.has_terminal => Some("automatic login is off without a terminal"),
            Reauth::Auto | Reauth::Always => None,
        }
    }
}

/// Why there is no automatic login for a server that is not Autumn's own.
const CUSTOM_SERVER: &str = "automatic login is off for custom servers";

/// The error if a login is required and not allowed.
pub(super) fn login_needed(rejected: &ApiKey, location: &Location, reason: &str, cause: Option<Error>) -> Error {
    let message = format!("The server rejected the key {rejected} ({location}), and {reason}.");
    let folder = location.path.as_deref().and_then(|path| path.parent()).map(shown).unwrap_or_default();
    let mut error = Error::new(ErrorCode::LoginNeeded, message)
        .with_hint(Hint::LogInThere { directory: folder })
        .with("env", rejected.environment().name());
    if reason == CUSTOM_SERVER {
        let purpose = "log in automatically";
        error = error.and_hint(Hint::PassOption { option: "reauth", value: "always", purpose });
    }
    let Some(cause) = cause else { return with_location(error, location) };
    for name in ["server", "status", "api_code", "request_id", "method", "url", "retry_after"] {
        if let Some(text) = cause.context.get(name) {
            error = error.with(name, text);
        }
    }
    let response = cause.response.clone();
    with_location(Error { response, ..error.with_cause(cause) }, location)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(mode: Reauth) -> ReauthPolicy<'static> {
        let server = &Server::Cloud;
        ReauthPolicy { mode, server, has_listener: true, has_terminal: true, automation: false, disabled: false }
    }

    #[test]
    fn denial_reason_follows_mode_server_and_terminal() {
        let custom = Server::Custom("https://api.example.com".to_owned());
        for (mode, auto, always) in [
            (ReauthPolicy { ..allowed(Reauth::Auto) }, true, true),
            (ReauthPolicy { has_listener: false, ..allowed(Reauth::Auto) }, false, false),
            (ReauthPolicy { disabled: true, ..allowed(Reauth::Auto) }, false, false),
            (ReauthPolicy { has_terminal: false, ..allowed(Reauth::Auto) }, false, true),
            (ReauthPolicy { automation: true, ..allowed(Reauth::Auto) }, false, true),
            (ReauthPolicy { server: &Server::Local, ..allowed(Reauth::Auto) }, false, true),
            (ReauthPolicy { server: &custom, ..allowed(Reauth::Auto) }, false, true),
        ] {
            assert_eq!(mode.denial_reason().is_none(), auto, "{:?}", mode.denial_reason());
            let mode = ReauthPolicy { mode: Reauth::Always, ..mode };
            assert_eq!(mode.denial_reason().is_none(), always, "{:?}", mode.denial_reason());
            assert!(ReauthPolicy { mode: Reauth::Never, ..mode }.denial_reason().is_some());
        }
    }
}
