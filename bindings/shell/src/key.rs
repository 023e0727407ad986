//! `atmn key`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::{Error, ErrorCode, Location, ResolveOptions, Result, classify_key, explain_key, resolve_key};
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
    let lines: Vec<String> = locations.iter().map(line).collect();
    Ok(output.data(&lines.join("\n")))
}

fn line(location: &Location) -> String {
    let masked = location.masked.as_ref().map(|key| format!(": {key}")).unwrap_or_default();
    format!("{:<8}  {location}{masked}", location.outcome.name())
}

fn check(output: &Output) -> Result<ExitCode> {
    let text = stdin::read(output, "Paste the key, then press Ctrl-D.")?;
    let class = classify_key(text.reveal().trim_end_matches(['\r', '\n']));
    if output.json {
        let printed = output.data_json(&class.map_or(Value::Null, json::class));
        return Ok(if class.is_some() { printed } else { ExitCode::FAILURE });
    }
    let class = class.ok_or_else(|| Error::new(ErrorCode::MalformedKey, "This is not an Autumn API key."))?;
    Ok(output.data(&format!("{} {}", class.kind.name(), class.environment.name())))
}
