//! `atmn env`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::scopes::notice;
use libatmn::{
    Cancel, Error, Host, Identity, ResolveOptions, ResolvedKey, Result, Server, WhoamiOptions, blocking, resolve_key,
};

use crate::cli::Global;
use crate::output::Output;

pub(crate) fn run(global: &Global, output: &Output) -> Result<ExitCode> {
    let resolve = ResolveOptions {
        environment: Some(global.environment()),
        directory: global.dir.clone(),
        ..ResolveOptions::default()
    };
    let options = WhoamiOptions { server: global.server(), resolve, ..WhoamiOptions::default() };
    match blocking::whoami(&options, &Cancel::new()) {
        Ok(identity) => Ok(print(&identity, output)),
        Err(error) => print_without_organization(error, &options, output),
    }
}

fn print(identity: &Identity, output: &Output) -> ExitCode {
    if output.json {
        return output.data_json(&json::identity(identity));
    }
    let Identity { organization, server, key, source, skipped, scopes } = identity;
    let found = ResolvedKey { key: key.clone(), source: source.clone(), skipped: skipped.clone() };
    let mut text = lines(&format!("{} ({})", organization.name, organization.slug), server.api(), &found);
    text.extend(scopes.iter().map(|scopes| format!("Scopes        {}", scopes.join(" "))));
    let printed = output.data(&text.join("\n"));
    notice(server, scopes.as_deref()).iter().for_each(|notice| output.message(&notice.message));
    printed
}

/// Prints what is known without the server, and then fails with the server's error.
fn print_without_organization(error: Error, options: &WhoamiOptions, output: &Output) -> Result<ExitCode> {
    let (Ok(found), Ok(server)) =
        (resolve_key(&options.resolve), Server::choose(options.server.as_ref(), &Host::current()))
    else {
        return Err(error);
    };
    if output.json {
        output.data_json(&json::unidentified(&found, &server));
    } else {
        output.data(&lines("unknown", server.api(), &found).join("\n"));
    }
    Err(error)
}

fn lines(organization: &str, server: &str, found: &ResolvedKey) -> Vec<String> {
    let ResolvedKey { key, source, skipped } = found;
    let mut lines = vec![
        format!("Organization  {organization}"),
        format!("Environment   {}", key.environment().name()),
        format!("Server        {server}"),
        format!("Key           {key}"),
        format!("From          {source}"),
    ];
    lines.extend(skipped.iter().map(|location| format!("Skipped       {location}")));
    lines
}
