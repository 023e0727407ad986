//! `atmn key`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::{
    ApiKey, Error, ErrorCode, Kind, Location, Organization, ResolveOptions, Result, classify_key, explain_key,
    resolve_key,
};
use serde_json::Value;

use crate::cli::{Global, KeyArguments};
use crate::output::Output;
use crate::signals::Signals;
use crate::stdin;
use crate::verify::verify;

pub(crate) fn run(arguments: &KeyArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    if arguments.check {
        return check(arguments.verify, global, output);
    }
    let options = ResolveOptions {
        environment: Some(global.environment()),
        directory: global.dir.clone(),
        ..ResolveOptions::default()
    };
    if arguments.explain { explain(&options, output) } else { print(&options, arguments.reveal, output) }
}

fn print(options: &ResolveOptions, reveal: bool, output: &Output) -> Result<ExitCode> {
    if output.verbose && !output.json {
        for location in explain_key(options)? {
            output.detail(&line(&location));
        }
    }
    let found = resolve_key(options)?;
    if output.json {
        return Ok(output.data_json(&json::resolved(&found, reveal)));
    }
    let environment = found.key.environment().name();
    if output.is_terminal() {
        output.message(&format!("The active {environment} key is from {}.", found.source));
    }
    for location in &found.skipped {
        output.warning(&format!("Skipped: {location}."));
    }
    let masked = output.is_terminal() && !reveal;
    Ok(if masked { output.data(&found.key.to_string()) } else { output.data(found.key.reveal()) })
}

fn explain(options: &ResolveOptions, output: &Output) -> Result<ExitCode> {
    let locations = explain_key(options)?;
    if output.json {
        return Ok(output.data_json(&json::locations(&locations)));
    }
    let lines: Vec<String> = locations.iter().map(line).collect();
    Ok(output.data(&lines.join("\n")))
}

fn line(location: &Location) -> String {
    let masked = location.masked.as_ref().map(|key| format!(": {key}")).unwrap_or_default();
    format!("{:<8}  {location}{masked}", location.outcome.name())
}

fn check(ask_server: bool, global: &Global, output: &Output) -> Result<ExitCode> {
    let text = stdin::read(global, output, "Paste the key, then press Enter. It is not shown.")?;
    let text = text.reveal().trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    let Some(class) = classify_key(text) else { return not_a_key(output) };
    if !ask_server {
        if output.json {
            return Ok(output.data_json(&json::class(class)));
        }
        if output.is_terminal() {
            output.message("The key is well-formed. To ask the server whether it accepts the key, add `--verify`.");
        }
        return Ok(output.data(&format!("{} {}", class.kind.name(), class.environment.name())));
    }
    let key = ApiKey::parse(text)?;
    if key.kind() == Kind::Publishable {
        return Err(Error::new(ErrorCode::WrongKeyKind, "Only secret keys (am_sk_…) can be verified.")
            .with_hint("Remove `--verify` to check how the key is written."));
    }
    let signals = Signals::for_call();
    match verify(&key, global, &signals, output) {
        Ok(identity) if output.json => Ok(output.data_json(&json::identity(&identity))),
        Ok(identity) => {
            let Organization { name, slug, id: _ } = identity.organization;
            output.message(&format!("The server accepts this key of {name} ({slug})."));
            Ok(output.data(&format!("{} {}", class.kind.name(), class.environment.name())))
        }
        Err(error) => signals.fail(error, "Check", "", output),
    }
}

fn not_a_key(output: &Output) -> Result<ExitCode> {
    if output.json {
        let _ = output.data_json(&Value::Null);
        return Ok(ExitCode::FAILURE);
    }
    Err(Error::new(ErrorCode::MalformedKey, "This is not an Autumn API key."))
}
