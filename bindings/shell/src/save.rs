//! `atmn save`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::key::{PastedKeys, pasted_keys};
use libatmn::__internal::login::organization_filter;
use libatmn::__internal::text::{quoted, shown};
use libatmn::{
    ApiKey, Environment, Error, ErrorCode, Git, Kind, Organization, Result, SaveOptions, SaveResult, save_keys,
};
use serde_json::{Value, json};

use crate::cli::{Global, SaveArguments};
use crate::output::Output;
use crate::signals::Signals;
use crate::stdin;
use crate::verify::verify;

pub(crate) fn run(arguments: &SaveArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let text = stdin::read(global, output, "Paste one key, or both at once, then press Enter. They are not shown.")?;
    let PastedKeys { keys, misnamed, skipped } = pasted_keys(text.reveal())?;
    drop(text);
    if keys.is_empty() {
        return Err(Error::invalid("keys", "Stdin contains no key.")
            .with_hint("Pass one or two keys on stdin, such as `pbpaste | atmn save`."));
    }
    check_names(&misnamed, output)?;
    if skipped > 0 {
        let plural = if skipped == 1 { "" } else { "s" };
        output.message(&format!("Skipped {skipped} line{plural} that set other variables."));
    }
    let owners = if arguments.verify { verify_all(&keys, arguments, global, output)? } else { Vec::new() };
    let options = SaveOptions {
        directory: global.dir.clone(),
        file: arguments.git.file,
        allow_tracked: arguments.git.allow_tracked,
        gitignore: arguments.git.gitignore(),
        ..SaveOptions::default()
    };
    let saved = save_keys(&keys, &options)?;
    if output.json {
        let mut result = json::saved(&saved);
        // Without `--verify`, no organization is known. With it, `owners` has one for each key that can be saved.
        result["keys"] = keys.iter().enumerate().map(|(at, key)| saved_key(key, owners.get(at))).collect();
        return Ok(output.data_json(&result));
    }
    print(&keys, &saved, output);
    // A login reports it as an event.
    saved.note.iter().for_each(|note| output.warning(note));
    Ok(ExitCode::SUCCESS)
}

/// Refuses a sandbox key in the variable for live keys, which is a mistake. Deployments have a live key in the variable for
/// sandbox keys, so that key is saved, and the user learns its new name.
fn check_names(misnamed: &[ApiKey], output: &Output) -> Result<()> {
    for key in misnamed {
        let (sandbox, live) = (Environment::Sandbox.variable(), Environment::Live.variable());
        if key.environment() == Environment::Sandbox {
            let message = format!("Stdin sets {live}, which is for live keys, to the sandbox key {key}.");
            return Err(Error::new(ErrorCode::WrongEnvironment, message)
                .with_hint(format!("Name it {sandbox} or pass the key alone to save it, or copy the live key.")));
        }
        output.message(&format!("Stdin sets {sandbox} to the live key {key}, which is saved as {live}."));
    }
    Ok(())
}

/// A saved key as JSON, masked; its organization if the server was asked.
fn saved_key(key: &ApiKey, owner: Option<&Organization>) -> Value {
    let environment = key.environment();
    json!({
        "environment": environment.name(),
        "variable": environment.variable(),
        "key": key.to_string(),
        "organization": owner.map(json::organization),
    })
}

/// Asks the server about every secret key, before any is saved. Returns the organizations of the keys.
fn verify_all(
    keys: &[ApiKey],
    arguments: &SaveArguments,
    global: &Global,
    output: &Output,
) -> Result<Vec<Organization>> {
    let is_expected = organization_filter(arguments.organization.as_deref())?;
    let signals = Signals::for_call();
    // Publishable keys are refused by the save itself.
    let secret = keys.iter().filter(|key| key.kind() == Kind::Secret);
    let ask = |key: &ApiKey| {
        let organization = verify(key, global, &signals, output)?.organization;
        if !is_expected(&organization) {
            return Err(other_organization(key, organization, arguments.organization.as_deref().unwrap_or_default()));
        }
        let Organization { name, slug, id: _ } = &organization;
        output.message(&format!("The server accepts {key}, a key of {name} ({slug})."));
        Ok(organization)
    };
    secret.map(ask).collect()
}

/// The error for a key of another organization than the one that the user expects, as of a login.
fn other_organization(key: &ApiKey, found: Organization, expected: &str) -> Error {
    let Organization { name, slug, id: _ } = found;
    let (name, shown, expected) = (quoted(&name), quoted(&slug), quoted(expected));
    let message = format!("The key {key} belongs to {name} ({shown}), not to the expected organization {expected}.");
    Error::new(ErrorCode::OrganizationChanged, message)
        .with_hint("Nothing was saved. Copy a key of that organization, or correct `--organization`.")
        .with("organization", slug)
}

/// Prints what was saved, what it replaced and what takes precedence. `atmn login` prints the same.
pub(crate) fn print(keys: &[ApiKey], saved: &SaveResult, output: &Output) {
    let path = shown(&saved.path);
    for key in keys {
        output.done(&format!("Saved the {} key {key} in {path}.", key.environment().name()));
    }
    for location in &saved.replaced {
        output.message(&match &location.masked {
            Some(key) => format!("Replaced {key} ({location}). Unless it was revoked, it stays valid."),
            None => format!("Replaced a value that is not a key ({location})."),
        });
    }
    if saved.git == Git::Added {
        let name = shown(saved.path.file_name().unwrap_or_default().as_ref());
        output.message(&format!("Added /{name} to .gitignore, so that the keys are not committed."));
    }
    for location in &saved.shadowed_by {
        output.warning(&format!("{location} takes precedence over the saved key."));
    }
    if !saved.locked {
        output.warning("could not lock the file; avoid saving from two programs at once.");
    }
}
