//! Checks of the server: its URL, the proxy, certificates, the clock, and whether it accepts the keys.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use libatmn::__internal::config::{
    EXTRA_ROOTS_VARIABLE, NO_PROXY_VARIABLES, PROXY_VARIABLES, ROOTS_DIRECTORIES_VARIABLE, ROOTS_FILE_VARIABLE,
};
use libatmn::{
    ApiResponse, Environment, Error, ErrorCode, Host, Organization, Server, WhoamiOptions, blocking, resolve_key,
};

use super::checks::{resolve_options, subject};
use super::{Check, CheckOutcome};
use crate::cli::{DoctorArguments, Global};
use crate::output::Output;
use crate::signals::Signals;

/// A server that needs longer is of no use to a login.
const TIMEOUT: Duration = Duration::from_secs(15);
/// A login compares no times; certificates and tokens tolerate a few minutes.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

pub(super) fn of_server(
    arguments: &DoctorArguments,
    global: &Global,
    signals: &Signals,
    output: &Output,
    report: &mut impl FnMut(Check),
) {
    let host = Host::current();
    let server = match Server::choose(global.server().as_ref(), &host) {
        Ok(server) => server,
        Err(error) => return report(Check::of_error("server", CheckOutcome::Failed, &error)),
    };
    let proxies = [PROXY_VARIABLES, NO_PROXY_VARIABLES].concat();
    report(variables("proxy", &proxies, &host, "no variable names a proxy"));
    let certificates = [ROOTS_FILE_VARIABLE, ROOTS_DIRECTORIES_VARIABLE, EXTRA_ROOTS_VARIABLE];
    report(variables("certificates", &certificates, &host, "the system's root certificates are used"));
    if arguments.offline {
        return report(Check::ok("server", format!("{server} was not asked (--offline).")));
    }
    let waiting = output.contacting(server.api());
    let answer = blocking::probe(&server, &host, TIMEOUT, signals.cancel());
    drop(waiting);
    match answer {
        Ok(response) => {
            report(answered(&server, &response));
            report(clock(&response));
        }
        Err(error) => return report(unreachable(&error)),
    }
    for environment in [Environment::Sandbox, Environment::Live] {
        accepted(environment, global, signals, output).into_iter().for_each(&mut *report);
    }
}

/// Which variables are set. Their values may contain passwords.
fn variables(subject: &'static str, names: &[&str], host: &Host, otherwise: &str) -> Check {
    let set: Vec<&str> =
        names.iter().copied().filter(|name| host.var(name).is_some_and(|value| !value.is_empty())).collect();
    if set.is_empty() {
        Check::ok(subject, format!("{otherwise}."))
    } else {
        Check::ok(subject, format!("set: {}.", set.join(", ")))
    }
}

fn answered(server: &Server, response: &ApiResponse) -> Check {
    let message = format!("{server} responded with {}.", response.status);
    match response.status {
        200 => Check::ok("server", message),
        500.. => Check::failed("server", message, "The server failed. Try again later."),
        _ => Check::warning("server", message, "It may be another program. Check the URL of the server."),
    }
}

fn unreachable(error: &Error) -> Check {
    let subject = match error.code {
        ErrorCode::TlsFailed => "certificates",
        ErrorCode::ProxyFailed => "proxy",
        _ => "server",
    };
    Check::of_error(subject, CheckOutcome::Failed, error)
}

/// Compares the clock with that of the server.
fn clock(response: &ApiResponse) -> Check {
    let date = response.header("date").and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let Some(date) = date else { return Check::ok("clock", "the server does not tell its time.") };
    let server = SystemTime::from(date.with_timezone(&Utc));
    let now = SystemTime::now();
    let apart = now.duration_since(server).or_else(|_| server.duration_since(now)).unwrap_or_default();
    if apart <= CLOCK_TOLERANCE {
        return Check::ok("clock", "This machine and the server agree on the time.");
    }
    let minutes = apart.as_secs() / 60;
    let message = format!("The clock of this machine and that of the server differ by {minutes} minutes.");
    Check::warning("clock", message, "Set the clock of this machine, such as with `timedatectl set-ntp true`.")
}

/// Whether the server accepts the key of an environment, if there is one.
fn accepted(environment: Environment, global: &Global, signals: &Signals, output: &Output) -> Option<Check> {
    let resolve = resolve_options(environment, global);
    resolve_key(&resolve).ok()?;
    let options = WhoamiOptions { server: global.server(), resolve, timeout: TIMEOUT };
    let waiting = output.contacting("the server");
    let result = blocking::whoami(&options, signals.cancel());
    drop(waiting);
    Some(match result {
        Ok(identity) => {
            let Organization { name, slug, id: _ } = identity.organization;
            Check::ok(subject(environment), format!("The server accepts it: {name} ({slug})."))
        }
        Err(error) => Check::of_error(subject(environment), CheckOutcome::Failed, &error),
    })
}
