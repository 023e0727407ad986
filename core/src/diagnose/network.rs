//! Checks of the server: its URL, the proxy, certificates, the clock, and whether it accepts the keys.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Check, CheckOutcome, CheckSubject, DiagnoseOptions, resolve_options, subject};
use crate::api::Organization;
use crate::config::DISCOVERY_PATH;
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::http::{ApiResponse, Http, OutgoingRequest};
use crate::key::Environment;
use crate::resolve::resolve_key;
use crate::scopes;
use crate::server::Server;
use crate::text::quoted;
use crate::whoami::{WhoamiOptions, whoami};

/// Certificates and tokens tolerate a few minutes.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);
const PROXY_VARIABLES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
const CERTIFICATE_VARIABLES: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "ATMN_EXTRA_CA_CERTS"];

pub(super) async fn check(options: &DiagnoseOptions, host: &Host, report: &mut (dyn FnMut(Check) + Send)) {
    let server = match Server::choose(options.server.as_ref(), host) {
        Ok(server) => server,
        Err(error) => return report(Check::of_error(CheckSubject::Server, CheckOutcome::Failed, error)),
    };
    report(variables(CheckSubject::Proxy, &PROXY_VARIABLES, host, "No variable names a proxy."));
    let roots = "The system's root certificates are used.";
    report(variables(CheckSubject::Certificates, &CERTIFICATE_VARIABLES, host, roots));
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
    let Some(server) = response.header("date").and_then(seconds_of_date) else {
        return Check::ok(CheckSubject::Clock, "The server does not tell its time.");
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let apart = Duration::from_secs(now.abs_diff(server));
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

/// The seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
fn seconds_of_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_once(", ")?.1.split(' ').collect();
    let [day, month, year, time, "GMT"] = words[..] else { return None };
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let month = MONTHS.iter().position(|name| *name == month)? as u64;
    let parts: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hour, minute, second] = parts[..] else { return None };
    let is_possible =
        (1..=31).contains(&day) && (1970..10_000).contains(&year) && hour < 24 && minute < 60 && second <= 60;
    // The years begin in March, so that the leap day is the last day of a year.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    is_possible.then(|| ((days - 719_468) * 24 + hour) * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_servers_are_parsed() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Mon, 01 Mar 2100 00:00:00 GMT", Some(4_107_542_400)),
            ("06 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 06 Nov 0001 08:49:37 GMT", None),
            ("Sun, 99999999999999999999 Nov 1994 08:49:37 GMT", None),
            ("", None),
        ] {
            assert_eq!(seconds_of_date(text), seconds, "{text}");
        }
    }
}
