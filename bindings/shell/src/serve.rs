//! `atmn serve`

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use libatmn::__internal::text::quoted;
use libatmn::{Environment, Error, ErrorCode, Kind, Result};
use local_autumn::{
    LocalAutumn, LoggedRequest, Options, Organization, Person, Running, StoredKey, organizations, people,
};
use serde_json::{Value, json};

use crate::cli::ServeArguments;
use crate::output::Output;
use crate::signals::Signals;

pub(crate) fn run(arguments: &ServeArguments, output: &Output) -> Result<ExitCode> {
    let organization = organization(arguments.organization.as_deref())?;
    let signals = Signals::for_server();
    let (log, verbose) = (*output, *output);
    let options = Options {
        port: arguments.port,
        controls: arguments.controls,
        on_request: Some(Arc::new(move |request: &LoggedRequest| log.detail(&request.to_string()))),
        on_event: Some(Arc::new(move |event| verbose.detail(&event.message))),
        ..Options::default()
    };
    let server =
        LocalAutumn::bind(options).and_then(LocalAutumn::spawn).map_err(|error| port_in_use(arguments.port, error))?;
    let printed = print_start(&server, organization, output);
    if printed != ExitCode::SUCCESS {
        return Ok(printed);
    }
    signals.wait();
    drop(server);
    output.message("Stopped. All data is gone.");
    Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS))
}

fn port_in_use(port: u16, error: io::Error) -> Error {
    Error::new(ErrorCode::PortsInUse, format!("Port {port} is in use or not allowed on 127.0.0.1 or ::1."))
        .with_hint("Choose another port with `--port`; `--port 0` uses any free port.")
        .with("ports", port.to_string())
        .with_cause(error)
}

/// Prints the URL as the result, and how to log in as messages.
fn print_start(server: &Running, organization: &Organization, output: &Output) -> ExitCode {
    let (url, people) = (server.url(), people());
    if output.json {
        let people: Vec<Value> = people.iter().map(person).collect();
        let key = secret_key(server, organization, Environment::Sandbox);
        let keys: Vec<Value> =
            server.store().keys().iter().filter(|key| key.scopes.is_empty()).map(served_key).collect();
        return output.data_json(&json!({ "url": url, "people": people, "secret_key": key, "keys": keys }));
    }
    output.message("Local Autumn for development. All data is in memory and is lost when the server stops.");
    for person in people {
        let organizations: Vec<&str> = person.organizations.iter().map(|organization| organization.name).collect();
        output.message(&format!("{} ({}) can sign in to {}.", person.name, person.email, organizations.join(", ")));
    }
    let login = match server.port() {
        8080 => "atmn --local login".to_owned(),
        _ => format!("ATMN_BACKEND_URL={url} atmn login"),
    };
    output.message(&format!("Log in with `{login}`. The keys of a login have the scopes of the login."));
    let keys = [Environment::Sandbox, Environment::Live].into_iter().filter_map(|environment| {
        Some(format!("{}={}", environment.variable(), secret_key(server, organization, environment)?))
    });
    let variables = std::iter::once(format!("ATMN_BACKEND_URL={url}")).chain(keys).collect::<Vec<_>>().join(" ");
    output.message(&format!("For keys of {} with all scopes, set `{variables}`.", organization.name));
    output.message("Press Ctrl-C to stop the server.");
    output.data(&url)
}

/// The organization whose keys are printed. The default is the first one, in which the first person begins.
fn organization(name: Option<&str>) -> Result<&'static Organization> {
    let all = organizations();
    let wanted = name.unwrap_or(all[0].slug);
    all.iter().copied().find(|known| known.slug == wanted || known.id == wanted).ok_or_else(|| {
        let slugs: Vec<String> = all.iter().map(|known| format!("`{}`", known.slug)).collect();
        Error::invalid("organization", format!("The local Autumn has no organization {}.", quoted(wanted)))
            .with_hint(format!("Use one of {}.", slugs.join(", ")))
    })
}

/// A key with all scopes. It works on this server only, and until it stops, so it may be shown.
fn secret_key(server: &Running, organization: &Organization, environment: Environment) -> Option<String> {
    let fits = |key: &&StoredKey| {
        let is_its = key.organization.slug == organization.slug && key.scopes.is_empty();
        is_its && (key.key.kind(), key.key.environment()) == (Kind::Secret, environment)
    };
    Some(server.store().keys().iter().find(fits)?.key.reveal().to_owned())
}

fn served_key(known: &StoredKey) -> Value {
    json!({
        "organization": known.organization.slug,
        "environment": known.key.environment().name(),
        "kind": known.key.kind().name(),
        "key": known.key.reveal(),
    })
}

fn person(person: &Person) -> Value {
    let organizations: Vec<&str> = person.organizations.iter().map(|organization| organization.slug).collect();
    json!({ "name": person.name, "email": person.email, "organizations": organizations })
}
