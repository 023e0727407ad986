//! Asks the server about keys that are not saved yet.

use libatmn::{
    ApiKey, Error, ErrorCode, Hint, Host, Identity, ResolveOptions, Result, Secret, Server, WhoamiOptions, blocking,
};

use crate::cli::Global;
use crate::output::Output;
use crate::signals::Signals;

/// The organization of a key, if the server accepts the key.
///
/// # Errors
/// As [`blocking::whoami`].
pub(crate) fn verify(key: &ApiKey, global: &Global, signals: &Signals, output: &Output) -> Result<Identity> {
    let resolve = ResolveOptions {
        key: Some(Secret::from(key.reveal())),
        environment: Some(key.environment()),
        ..ResolveOptions::default()
    };
    let options = WhoamiOptions { server: global.server(), resolve, ..WhoamiOptions::default() };
    let _waiting = output.contacting(Server::choose(options.server.as_ref(), &Host::current())?.api());
    blocking::whoami(&options, signals.cancel()).map_err(|error| match error.hint {
        // The key is in no location yet.
        Some(_) if matches!(error.code, ErrorCode::Unauthorized | ErrorCode::InvalidSecretKey) => {
            Error { hint: None, ..error }.with_hint(Hint::CopyKey)
        }
        _ => error,
    })
}
