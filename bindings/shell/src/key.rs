//! `atmn key`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::key::pasted_keys;
use libatmn::{Error, ErrorCode, Location, Outcome, ResolveOptions, Result, classify_key, explain_key, resolve_key};
use serde_json::Value;

use crate::cli::{Global, KeyArguments};
use crate::output::Output;
use crate::stdin;

pub(crate) fn run(arguments: &KeyArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    if arguments.check {
        return check(output);
    }
    let options = ResolveOptions {
        environment: Some(global.environment()),
        directory: global.dir.clone(),
        ..ResolveOptions::default()
    };
    if arguments.explain { explain(&options, output) } else { print(&options, arguments.reveal, output) }
}

fn print(options: &ResolveOptions, reveal: bool, output: &Output) -> Result<ExitCode> {
    let found = resolve_key(options);
    // Afterwards, since a pipe such as `<(command)` can be read only once.
    if output.verbose && !output.json {
        for location in explain_key(options)? {
            output.detail(&line(&location));
        }
    }
    let found = found?;
    if output.json {
        return Ok(output.data_json(&json::resolved(&found, reveal)));
    }
    let environment = found.key.environment().name();
    output.message(&format!("The active {environment} key is from {}.", found.source));
    for location in &found.skipped {
        output.message(&format!("Skipped: {location}."));
    }
    let masked = output.is_terminal() && !reveal;
    Ok(if masked { output.data(&found.key.to_string()) } else { output.data(found.key.reveal()) })
}

fn explain(options: &ResolveOptions, output: &Output) -> Result<ExitCode> {
    let locations = explain_key(options)?;
    if output.json {
        return Ok(output.data_json(&json::locations(&locations)));
    }
    Ok(output.data(&if output.verbose { lines(&locations) } else { summary(&locations) }.join("\n")))
}

fn lines<'a>(locations: impl IntoIterator<Item = &'a Location>) -> Vec<String> {
    locations.into_iter().map(line).collect()
}

/// The active key, then what was skipped or comes after it, then the number of locations without a key.
fn summary(locations: &[Location]) -> Vec<String> {
    let decides = |location: &&Location| matches!(location.outcome, Outcome::Used | Outcome::Refused);
    let has_nothing = |location: &&Location| matches!(location.outcome, Outcome::Absent | Outcome::Empty);
    let others = locations.iter().filter(|location| !decides(location) && !has_nothing(location));
    let mut summary = lines(locations.iter().filter(decides).chain(others));
    let count = locations.iter().filter(has_nothing).count();
    if count > 0 {
        let also = if summary.is_empty() { "checked" } else { "also checked" };
        let noun = if count == 1 { "location" } else { "locations" };
        summary.push(format!("{also}: {count} {noun} without a key"));
    }
    summary
}

fn line(location: &Location) -> String {
    let masked = location.masked.as_ref().map(|key| format!(": {key}")).unwrap_or_default();
    format!("{:<8}  {location}{masked}", location.outcome.name())
}

fn check(output: &Output) -> Result<ExitCode> {
    let text = stdin::read(output, "Paste the key, then press Ctrl-D.")?;
    let keys = pasted_keys(text.reveal());
    let class = match keys.as_deref() {
        Ok([key]) => classify_key(key.reveal()),
        _ => None,
    };
    if output.json {
        let printed = output.data_json(&class.map_or(Value::Null, json::class));
        return Ok(if class.is_some() { printed } else { ExitCode::FAILURE });
    }
    let unknown = || Error::new(ErrorCode::MalformedKey, "This is not an Autumn API key.");
    let class = class.ok_or_else(|| keys.err().unwrap_or_else(unknown))?;
    Ok(output.data(&format!("{} {}", class.kind.name(), class.environment.name())))
}
