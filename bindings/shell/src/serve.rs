//! `atmn serve`

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use libatmn::{Error, ErrorCode, Result};
use local_autumn::{LocalAutumn, LoggedRequest, Options, Person, Running, people};
use serde_json::{Value, json};

use crate::cli::ServeArguments;
use crate::output::Output;
use crate::signals::Ending;

pub(crate) fn run(arguments: &ServeArguments, output: &Output) -> Result<ExitCode> {
    let ending = Ending::of_server();
    let (log, verbose) = (*output, *output);
    let options = Options {
        port: arguments.port,
        controls: arguments.controls,
        on_request: Some(Arc::new(move |request: &LoggedRequest| log.detail(&request.to_string()))),
        on_event: Some(Arc::new(move |event| verbose.detail(&event.message))),
        ..Options::default()
    };
    let server = LocalAutumn::bind(options).and_then(LocalAutumn::spawn).map_err(|error| taken(arguments.port, error))?;
    let printed = announce(&server, output);
    if printed != ExitCode::SUCCESS {
        return Ok(printed);
    }
    ending.wait();
    drop(server);
    output.talk("Stopped; everything it knew is gone.");
    Ok(ending.exit_code().unwrap_or(ExitCode::SUCCESS))
}

fn taken(port: u16, error: io::Error) -> Error {
    Error::new(ErrorCode::PortsInUse, format!("Port {port} cannot be used on 127.0.0.1 and ::1."))
        .with_hint("Choose another one with `--port`; 0 takes any that is free.")
        .with("ports", port.to_string())
        .with_cause(error)
}

/// The address is the result; what to do with it is talk.
fn announce(server: &Running, output: &Output) -> ExitCode {
    let (url, people) = (server.url(), people());
    if output.json {
        let people: Vec<Value> = people.iter().map(person).collect();
        return output.data_json(&json!({ "url": url, "people": people }));
    }
    output.talk("A small Autumn for development, in memory; nothing here is real, and nothing is kept.");
    for person in people {
        let organizations: Vec<&str> = person.organizations.iter().map(|whose| whose.name).collect();
        output.talk(&format!("{} ({}) can sign in: {}.", person.name, person.email, organizations.join(", ")));
    }
    let way = match server.port() {
        8080 => "atmn --local login".to_owned(),
        _ => format!("ATMN_BACKEND_URL={url} atmn login"),
    };
    output.talk(&format!("Log in with `{way}`. Ctrl-C ends the server."));
    output.data(&url)
}

fn person(person: &Person) -> Value {
    let organizations: Vec<&str> = person.organizations.iter().map(|whose| whose.slug).collect();
    json!({ "name": person.name, "email": person.email, "organizations": organizations })
}
