//! Checks of the server: its URL, the proxy, certificates, the clock, and whether it accepts the keys.

use std::time::SystemTime;

use super::{Check, CheckOutcome, CheckSubject, DiagnoseOptions, resolve_options, subject};
use crate::api::Organization;
use crate::config::{
    CLOCK_TOLERANCE, DISCOVERY_PATH, EXTRA_ROOTS_VARIABLE, NO_PROXY_VARIABLES, PROXY_VARIABLES,
    ROOTS_DIRECTORIES_VARIABLE, ROOTS_FILE_VARIABLE,
};
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::{Http, OutgoingRequest};
use crate::key::Environment;
use crate::resolve::resolve_key;
use crate::response::ApiResponse;
use crate::scopes;
use crate::server::Server;
use crate::text::quoted;
use crate::whoami::{WhoamiOptions, whoami};

pub(super) async fn check(options: &DiagnoseOptions, host: &Host, report: &mut (dyn FnMut(Check) + Send)) {
    let server = match Server::choose(options.server.as_ref(), host) {
        Ok(server) => server,
        Err(error) => return report(Check::of_error(CheckSubject::Server, CheckOutcome::Failed, error)),
    };
    let proxies = [PROXY_VARIABLES, NO_PROXY_VARIABLES].concat();
    report(variables(CheckSubject::Proxy, &proxies, host, "No variable names a proxy."));
    let roots = "The system's root certificates are used.";
    let certificates = [ROOTS_FILE_VARIABLE, ROOTS_DIRECTORIES_VARIABLE, EXTRA_ROOTS_VARIABLE];
    report(variables(CheckSubject::Certificates, &certificates, host, roots));
    if options.offline {
        return report(Check::ok(CheckSubject::Server, format!("{server} was not asked.")));
    }
    let http = Http::new(server.clone(), host);
    let answer = http.send(OutgoingRequest::new("GET", DISCOVERY_PATH).timeout(options.timeout)).await;
    match answer {
        Ok(response) => {
            report(answered(&server, &response));
            report(clock(&response));
        }
        Err(error) => return report(unreachable(error)),
    }
    for environment in [Environment::Sandbox, Environment::Live] {
        accepted(environment, options, host, report).await;
    }
}

/// Which variables are set. Their values may contain passwords.
fn variables(subject: CheckSubject, names: &[&str], host: &Host, otherwise: &str) -> Check {
    let set: Vec<&str> = names.iter().copied().filter(|name| host.nonempty(name).is_some()).collect();
    let message = if set.is_empty() { otherwise.to_owned() } else { format!("Set: {}.", set.join(", ")) };
    Check::ok(subject, message)
}

fn answered(server: &Server, response: &ApiResponse) -> Check {
    let message = format!("{server} responded with {}.", response.status);
    match response.status {
        200 => Check::ok(CheckSubject::Server, message),
        500.. => Check::failed(CheckSubject::Server, message, Hint::RetryLater),
        _ => Check::warning(CheckSubject::Server, message, Hint::CheckUrl),
    }
}

fn unreachable(error: Error) -> Check {
    let subject = match error.code {
        ErrorCode::TlsFailed => CheckSubject::Certificates,
        ErrorCode::ProxyFailed => CheckSubject::Proxy,
        _ => CheckSubject::Server,
    };
    Check::of_error(subject, CheckOutcome::Failed, error)
}

/// Compares the clock with that of the server.
fn clock(response: &ApiResponse) -> Check {
    let date = response.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
    let Some(server) = date else {
        return Check::ok(CheckSubject::Clock, "The server does not tell its time.");
    };
    let now = SystemTime::now();
    let apart = now.duration_since(server).unwrap_or_else(|error| error.duration());
    if apart <= CLOCK_TOLERANCE {
        return Check::ok(CheckSubject::Clock, "This machine and the server agree on the time.");
    }
    let minutes = apart.as_secs() / 60;
    let message = format!("The clock of this machine and that of the server differ by {minutes} minutes.");
    Check::warning(
        CheckSubject::Clock,
        message,
        "Set the clock of this machine, such as with `timedatectl set-ntp true`.",
    )
}

/// Whether the server accepts the key of an environment, if there is one, and what the key may do.
async fn accepted(
    environment: Environment,
    options: &DiagnoseOptions,
    host: &Host,
    report: &mut (dyn FnMut(Check) + Send),
) {
    let resolve = resolve_options(environment, options, host);
    if resolve_key(&resolve).is_err() {
        return;
    }
    let options = WhoamiOptions { server: options.server.clone(), resolve, timeout: options.timeout };
    match whoami(&options).await {
        Ok(identity) => {
            let Organization { name, slug, id: _ } = &identity.organization;
            let message = format!("The server accepts it: {} ({}).", quoted(name), quoted(slug));
            report(Check::ok(subject(environment), message));
            if let Some(notice) = scopes::notice(&identity.server, identity.scopes.as_deref()) {
                let outcome = CheckOutcome::Warning;
                report(Check { subject: CheckSubject::Scopes, outcome, message: notice.message, hint: None });
            }
        }
        Err(error) => report(Check::of_error(subject(environment), CheckOutcome::Failed, error)),
    }
}
