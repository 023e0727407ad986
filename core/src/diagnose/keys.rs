//! Checks of the keys: where they are, what hides them, whether the server accepts them, and what they may do.

use super::{Check, CheckOutcome, CheckSubject, DiagnoseOptions};
use crate::api::Organization;
use crate::error::{Error, ErrorCode};
use crate::hint::Hint;
use crate::host::Host;
use crate::key::Environment;
use crate::locations::Outcome;
use crate::resolve::{ResolveOptions, ResolvedKey, explain_key, resolve_key};
use crate::scopes;
use crate::text::quoted;
use crate::whoami::{Identity, WhoamiOptions, whoami};

/// `ask` says whether the server is asked about the keys.
pub(super) async fn check(options: &DiagnoseOptions, host: &Host, ask: bool, report: &mut (dyn FnMut(Check) + Send)) {
    let mut owners = Vec::new();
    for environment in [Environment::Sandbox, Environment::Live] {
        let resolve = resolve_options(environment, options, host);
        match resolve_key(&resolve) {
            Ok(found) if ask => owners.extend(accepted(&found, &resolve, options, report).await),
            Ok(found) => report(Check::ok(subject(environment), located(&found))),
            Err(error) => report(missing(environment, error)),
        }
        others(environment, &resolve).into_iter().for_each(&mut *report);
    }
    if let [sandbox, live] = owners.as_slice() {
        different_organizations(sandbox, live).into_iter().for_each(report);
    }
}

/// A program that is tested with the key of one organization would run with that of another one.
fn different_organizations(sandbox: &Organization, live: &Organization) -> Option<Check> {
    let are_different = sandbox.identity().is_same(&live.identity()) == Some(false);
    let named = |owner: &Organization| format!("{} ({})", quoted(&owner.name), quoted(&owner.slug));
    let message = format!(
        "The sandbox key and the live key belong to different organizations: {} and {}.",
        named(sandbox),
        named(live)
    );
    let hint = Hint::from("If this is not intended, replace one of them.").and(Hint::ExplainKey);
    are_different.then(|| Check::warning(CheckSubject::LiveKey, message, hint))
}

/// Where to look for the key of an environment.
fn resolve_options(environment: Environment, options: &DiagnoseOptions, host: &Host) -> ResolveOptions {
    ResolveOptions {
        environment: Some(environment),
        directory: options.directory.clone(),
        host: Some(host.clone()),
        ..ResolveOptions::default()
    }
}

fn subject(environment: Environment) -> CheckSubject {
    match environment {
        Environment::Sandbox => CheckSubject::SandboxKey,
        Environment::Live => CheckSubject::LiveKey,
    }
}

fn located(found: &ResolvedKey) -> String {
    format!("{} from {}.", found.key, found.source)
}

fn missing(environment: Environment, error: Error) -> Check {
    let outcome = match error.code {
        ErrorCode::KeyNotFound => CheckOutcome::Warning,
        ErrorCode::WrongEnvironment if environment == Environment::Sandbox => {
            let hint = "A deployment has its live key there, and needs no sandbox key. Elsewhere, replace it.";
            return Check::warning(subject(environment), error.message, hint);
        }
        _ => CheckOutcome::Failed,
    };
    Check::of_error(subject(environment), outcome, error)
}

/// Where the key is and whether the server accepts it, in one check, and what the key may do. Returns the organization of
/// a key that the server accepts.
async fn accepted(
    found: &ResolvedKey,
    resolve: &ResolveOptions,
    options: &DiagnoseOptions,
    report: &mut (dyn FnMut(Check) + Send),
) -> Option<Organization> {
    let subject = subject(found.key.environment());
    let whoami_options =
        WhoamiOptions { server: options.server.clone(), resolve: resolve.clone(), timeout: options.timeout };
    match whoami(&whoami_options).await {
        Ok(identity) => {
            let Organization { name, slug, id: _ } = &identity.organization;
            let accepted = format!("The server accepts it: {} ({}).", quoted(name), quoted(slug));
            report(Check::ok(subject, format!("{} {accepted}", located(found))));
            limits(&identity).into_iter().for_each(report);
            Some(identity.organization)
        }
        Err(error) => {
            let failed = Check::of_error(subject, CheckOutcome::Failed, error);
            report(Check { message: format!("{} {}", located(found), failed.message), ..failed });
            None
        }
    }
}

fn limits(identity: &Identity) -> Option<Check> {
    let notice = scopes::notice(&identity.server, identity.scopes.as_deref())?;
    let outcome = CheckOutcome::Warning;
    Some(Check { subject: CheckSubject::Scopes, outcome, message: notice.message, hint: None })
}

/// Locations with a key that another one hides, and files that were skipped although they may have one.
fn others(environment: Environment, resolve: &ResolveOptions) -> Vec<Check> {
    let locations = explain_key(resolve).unwrap_or_default();
    let used = locations.iter().find(|location| location.outcome == Outcome::Used);
    let first = used.map(|used| format!(": {used} comes first")).unwrap_or_default();
    let of = |outcome| locations.iter().filter(move |location| location.outcome == outcome);
    let hidden = of(Outcome::Shadowed).map(|location| {
        let hint = Hint::from("Remove the one that you do not want.").and(Hint::ExplainKey);
        Check::warning(subject(environment), format!("{location} is not used{first}."), hint)
    });
    // A variable is skipped if it has the key of the other environment, which is as it should be.
    let skipped = of(Outcome::Skipped)
        .filter(|location| location.variable.is_none())
        .map(|location| Check::warning(subject(environment), format!("Not read: {location}."), Hint::ExplainKey));
    hidden.chain(skipped).collect()
}
