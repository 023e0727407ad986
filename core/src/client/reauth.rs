//! Whether a rejected key may lead to a login, and what is said if not.

use std::io::IsTerminal;

use crate::config::NO_RECOVERY_VARIABLE;
use crate::error::{Error, ErrorCode, Result};
use crate::hint::Hint;
use crate::host;
use crate::key::ApiKey;
use crate::locations::{Location, Origin, shown};
use crate::resolve::with_location;
use crate::server::Server;
use crate::text::parse_enum;

enumeration! {
    /// Whether a rejected key may lead to a login. A listener for events is needed in any case, since somebody has to see
    /// the address, and `ATMN_DISABLE_AUTH_RECOVERY=1` forbids it in any case.
    pub enum Reauth("reauth", default Never) {
        /// No: it ends in `login_needed`.
        Never => "never",
        /// With Autumn's own server, if stdin and stderr are terminals and this is no automation (`CI` and the
        /// like).
        Auto => "auto",
        /// Yes.
        Always => "always",
    }
}

/// What the decision depends on.
pub(super) struct Circumstances<'a> {
    pub(super) mode: Reauth,
    pub(super) server: &'a Server,
    pub(super) has_listener: bool,
    pub(super) has_terminal: bool,
    pub(super) automation: bool,
    pub(super) disabled: bool,
}

impl<'a> Circumstances<'a> {
    pub(super) fn here(mode: Reauth, server: &'a Server, has_listener: bool) -> Self {
        Self {
            mode,
            server,
            has_listener,
            has_terminal: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            automation: host::is_automation(|name| std::env::var_os(name)),
            disabled: host::is_set(std::env::var_os(NO_RECOVERY_VARIABLE)),
        }
    }

    /// Why there is no login, to complete "and …"; nothing if there may be one.
    pub(super) fn obstacle(&self) -> Option<&'static str> {
        let auto = self.mode == Reauth::Auto;
        match self.mode {
            Reauth::Never => Some("this program does not log in by itself (reauth: never)"),
            _ if self.disabled => Some("ATMN_DISABLE_AUTH_RECOVERY forbids to log in by itself"),
            _ if !self.has_listener => {
                Some("nobody could see the address to log in at, since nothing listens for events")
            }
            _ if auto && *self.server != Server::Cloud => {
                Some("on a server other than Autumn's own, only reauth: always logs in by itself")
            }
            _ if auto && self.automation => Some("this looks like automation, such as CI, where nobody can log in"),
            _ if auto && !self.has_terminal => Some("there is no terminal, so perhaps nobody who could log in"),
            Reauth::Auto | Reauth::Always => None,
        }
    }
}

/// A login is needed, and may not be made here.
pub(super) fn login_needed(rejected: &ApiKey, location: &Location, obstacle: &str, cause: Option<Error>) -> Error {
    let message = format!("The server rejected the key {rejected} ({location}), and {obstacle}.");
    let folder = location.path.as_deref().and_then(|path| path.parent()).map(shown).unwrap_or_default();
    let mut error = Error::new(ErrorCode::LoginNeeded, message)
        .with_hint(Hint::LogInThere { directory: folder })
        .with("env", rejected.environment().name());
    let Some(cause) = cause else { return with_location(error, location) };
    for name in ["server", "status", "api_code", "request_id"] {
        if let Some(text) = cause.context.get(name) {
            error = error.with(name, text);
        }
    }
    with_location(error.with_cause(cause), location)
}

/// Why a login would not help against a key from this place; nothing if it would.
pub(super) fn irreplaceable(location: &Location) -> Option<Hint> {
    match location.origin {
        Origin::Argument => Some(Hint::PassAnotherKey),
        Origin::Process | Origin::SecretFile => {
            let variable = location.variable.unwrap_or_default();
            let suffix = if location.origin == Origin::SecretFile { "_FILE" } else { "" };
            Some(Hint::ReplaceKeyAtSource { location: location.to_string(), variable: format!("{variable}{suffix}") })
        }
        Origin::EnvFile => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(mode: Reauth) -> Circumstances<'static> {
        let server = &Server::Cloud;
        Circumstances { mode, server, has_listener: true, has_terminal: true, automation: false, disabled: false }
    }

    #[test]
    fn who_may_log_in() {
        let custom = Server::Custom("https://api.example.com".to_owned());
        for (mode, auto, always) in [
            (Circumstances { ..allowed(Reauth::Auto) }, true, true),
            (Circumstances { has_listener: false, ..allowed(Reauth::Auto) }, false, false),
            (Circumstances { disabled: true, ..allowed(Reauth::Auto) }, false, false),
            (Circumstances { has_terminal: false, ..allowed(Reauth::Auto) }, false, true),
            (Circumstances { automation: true, ..allowed(Reauth::Auto) }, false, true),
            (Circumstances { server: &Server::Local, ..allowed(Reauth::Auto) }, false, true),
            (Circumstances { server: &custom, ..allowed(Reauth::Auto) }, false, true),
        ] {
            assert_eq!(mode.obstacle().is_none(), auto, "{:?}", mode.obstacle());
            let mode = Circumstances { mode: Reauth::Always, ..mode };
            assert_eq!(mode.obstacle().is_none(), always, "{:?}", mode.obstacle());
            assert!(Circumstances { mode: Reauth::Never, ..mode }.obstacle().is_some());
        }
    }
}
