//! `atmn env`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::known_keys::{LastKnown, last_known};
use libatmn::__internal::scopes::notice;
use libatmn::__internal::text::quoted;
use libatmn::{
    Error, ErrorCode, Host, Identity, ResolveOptions, ResolvedKey, Result, Server, WhoamiOptions, blocking, resolve_key,
};

use crate::cli::Global;
use crate::output::Output;
use crate::signals::Signals;

pub(crate) fn run(global: &Global, output: &Output) -> Result<ExitCode> {
    let resolve = ResolveOptions {
        environment: Some(global.environment()),
        directory: global.dir.clone(),
        ..ResolveOptions::default()
    };
    let options = WhoamiOptions { server: global.server(), resolve, ..WhoamiOptions::default() };
    let server = Server::choose(options.server.as_ref(), &Host::current())?;
    // In a terminal, what is known without the server appears at once.
    let early = output.is_terminal() && !output.json;
    let mut unknown = UNKNOWN.to_owned();
    if early {
        let waiting = output.finding_key(global.dir.clone());
        let found = resolve_key(&options.resolve)?;
        drop(waiting);
        let _ = output.table(&local_lines(server.api(), &found));
        unknown = remembered_lines(last_known(&Host::current(), &server, &found.key).as_ref());
    }
    let signals = Signals::for_call();
    let waiting = output.contacting(server.api());
    let result = blocking::whoami(&options, signals.cancel());
    drop(waiting);
    match result {
        Ok(identity) if early => {
            let printed = output.table(&answered_lines(&identity));
            warn_of_scopes(&identity, output);
            Ok(printed)
        }
        Ok(identity) => Ok(print(&identity, output)),
        Err(error) if early || error.code == ErrorCode::Cancelled => {
            if early {
                let _ = output.table(&unknown);
            }
            signals.fail(error, "Request", "", output)
        }
        Err(error) => print_without_organization(error, &options, output),
    }
}

const UNKNOWN: &str = "Organization  unknown";

/// What this machine remembers of a key that the server did not identify.
fn remembered_lines(known: Option<&LastKnown>) -> String {
    let Some(LastKnown { organization, scopes }) = known else { return UNKNOWN.to_owned() };
    let organization = organization.as_deref().map(|name| format!("Organization  {} (last known)", quoted(name)));
    let scopes = scopes.iter().map(|scopes| format!("Scopes        {} (last known)", scopes.join(" ")));
    let lines: Vec<String> =
        std::iter::once(organization.unwrap_or_else(|| UNKNOWN.to_owned())).chain(scopes).collect();
    lines.join("\n")
}

/// What the server said, now and at the login.
fn answered_lines(Identity { organization, scopes, .. }: &Identity) -> String {
    let mut lines = vec![format!("Organization  {} ({})", organization.name, organization.slug)];
    lines.extend(scopes.iter().map(|scopes| format!("Scopes        {}", scopes.join(" "))));
    lines.join("\n")
}

fn warn_of_scopes(identity: &Identity, output: &Output) {
    let notice = notice(&identity.server, identity.scopes.as_deref());
    notice.iter().for_each(|notice| output.message(&notice.message));
}

fn print(identity: &Identity, output: &Output) -> ExitCode {
    if output.json {
        return output.data_json(&json::identity(identity));
    }
    let Identity { organization: _, server, key, source, skipped, scopes: _ } = identity;
    let found = ResolvedKey { key: key.clone(), source: source.clone(), skipped: skipped.clone() };
    let printed = output.table(&format!("{}\n{}", local_lines(server.api(), &found), answered_lines(identity)));
    warn_of_scopes(identity, output);
    printed
}

/// Prints what is known without the server, and then fails with the server's error.
fn print_without_organization(error: Error, options: &WhoamiOptions, output: &Output) -> Result<ExitCode> {
    let (Ok(found), Ok(server)) =
        (resolve_key(&options.resolve), Server::choose(options.server.as_ref(), &Host::current()))
    else {
        return Err(error);
    };
    let known = last_known(&Host::current(), &server, &found.key);
    if output.json {
        output.data_json(&json::unidentified(&found, &server, known.as_ref()));
    } else {
        output.table(&format!("{}\n{}", local_lines(server.api(), &found), remembered_lines(known.as_ref())));
    }
    Err(error)
}

/// What is known without the server.
fn local_lines(server: &str, found: &ResolvedKey) -> String {
    let ResolvedKey { key, source, skipped } = found;
    let mut lines = vec![
        format!("Environment   {}", key.environment().name()),
        format!("Server        {server}"),
        format!("Key           {key}"),
        format!("From          {source}"),
    ];
    lines.extend(skipped.iter().map(|location| format!("Skipped       {location}")));
    lines.join("\n")
}
