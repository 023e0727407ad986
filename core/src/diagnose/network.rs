//! Checks of the server: its URL, the proxy, certificates and the clock.

use std::time::SystemTime;

use super::{Check, CheckOutcome, CheckSubject, DiagnoseOptions};
use crate::config::{
    CLOCK_TOLERANCE, DISCOVERY_PATH, EXTRA_ROOTS_VARIABLE, NO_PROXY_VARIABLES, PROXY_VARIABLES,
    ROOTS_DIRECTORIES_VARIABLE, ROOTS_FILE_VARIABLE,
};
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::{Http, OutgoingRequest, uses_bundled_roots};
use crate::response::ApiResponse;
use crate::server::Server;

/// Returns whether the server can be asked about keys.
pub(super) async fn check(options: &DiagnoseOptions, host: &Host, report: &mut (dyn FnMut(Check) + Send)) -> bool {
    let server = match Server::choose(options.server.as_ref(), host) {
        Ok(server) => server,
        Err(error) => {
            report(Check::of_error(CheckSubject::Server, CheckOutcome::Failed, error));
            return false;
        }
    };
    let proxies = [PROXY_VARIABLES, NO_PROXY_VARIABLES].concat();
    let prepared =
        [variables(CheckSubject::Proxy, &proxies, host, "No variable names a proxy."), certificates(&server, host)];
    let is_usable = prepared.iter().all(|check| check.outcome != CheckOutcome::Failed);
    if options.offline || !is_usable {
        prepared.into_iter().for_each(&mut *report);
        report(Check::ok(CheckSubject::Server, format!("{server} was not asked.")));
        return false;
    }
    let http = Http::new(server.clone(), host);
    match http.send(OutgoingRequest::new("GET", DISCOVERY_PATH).timeout(options.timeout)).await {
        Ok(response) => {
            prepared.into_iter().chain([answered(&server, &response), clock(&response)]).for_each(report);
            true
        }
        Err(error) => {
            failures(prepared, unreachable(error)).into_iter().for_each(report);
            false
        }
    }
}

/// The checks before a request that failed, and the failure. A failure of one of them takes its place, and says what the
/// check found.
fn failures(prepared: [Check; 2], failure: Check) -> Vec<Check> {
    let (same, mut checks): (Vec<_>, Vec<_>) = prepared.into_iter().partition(|check| check.subject == failure.subject);
    let found = same.into_iter().filter(|check| check.outcome == CheckOutcome::Ok).map(|check| check.message);
    let message = std::iter::once(failure.message).chain(found).collect::<Vec<_>>().join(" ");
    checks.push(Check { message, ..failure });
    checks
}

/// Which root certificates verify the server's.
fn certificates(server: &Server, host: &Host) -> Check {
    let subject = CheckSubject::Certificates;
    if server.base().is_ok_and(|base| base.scheme() == "http") {
        return Check::ok(subject, format!("{server} needs none: its connections stay on this machine."));
    }
    let names = [ROOTS_FILE_VARIABLE, ROOTS_DIRECTORIES_VARIABLE, EXTRA_ROOTS_VARIABLE];
    match uses_bundled_roots(host) {
        Ok(false) => variables(subject, &names, host, "The system's root certificates are used."),
        Ok(true) => Check::warning(
            subject,
            "This system has no root certificates, so libatmn uses its own copy of Mozilla's.",
            "Install `ca-certificates`.",
        ),
        Err(error) => Check::of_error(subject, CheckOutcome::Failed, error),
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
