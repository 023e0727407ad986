//! `atmn serve`

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use libatmn::{Environment, Error, ErrorCode, Kind, Result};
use local_autumn::{LocalAutumn, LoggedRequest, Options, Person, Running, StoredKey, people};
use serde_json::{Value, json};

use crate::cli::ServeArguments;
use crate::output::Output;
use crate::signals::Signals;

pub(crate) fn run(arguments: &ServeArguments, output: &Output) -> Result<ExitCode> {
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
    let printed = print_start(&server, output);
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
fn print_start(server: &Running, output: &Output) -> ExitCode {
    let (url, people) = (server.url(), people());
    if output.json {
        let people: Vec<Value> = people.iter().map(person).collect();
        let key = secret_key(server);
        return output.data_json(&json!({ "url": url, "people": people, "secret_key": key }));
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
    if let Some(key) = secret_key(server) {
        let variables = format!("ATMN_BACKEND_URL={url} AUTUMN_SECRET_KEY={key}");
        output.message(&format!("For a key with all scopes, set `{variables}`."));
    }
    output.message("Press Ctrl-C to stop the server.");
    output.data(&url)
}

/// A sandbox key with all scopes, of the organization in which the first person begins. It works on this server only, and
/// until it stops, so it may be shown.
fn secret_key(server: &Running) -> Option<String> {
    let slug = people().first()?.home.slug;
    let fits = |key: &&StoredKey| {
        (key.key.kind(), key.key.environment(), key.organization.slug) == (Kind::Secret, Environment::Sandbox, slug)
            && key.scopes.is_empty()
    };
    Some(server.store().keys().iter().find(fits)?.key.reveal().to_owned())
}

fn person(person: &Person) -> Value {
    let organizations: Vec<&str> = person.organizations.iter().map(|organization| organization.slug).collect();
    json!({ "name": person.name, "email": person.email, "organizations": organizations })
}
