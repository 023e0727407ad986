//! `atmn key`

use std::process::ExitCode;

use libatmn::__internal::json;
use libatmn::__internal::key::{PastedKeys, pasted_keys};
use libatmn::__internal::text::quoted;
use libatmn::{
    ApiKey, Error, ErrorCode, Kind, Location, Organization, Outcome, ResolveOptions, Result, classify_key, explain_key,
    resolve_key,
};

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
    let waiting = output.finding_key(options.directory.clone());
    let found = resolve_key(options);
    drop(waiting);
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
    let waiting = output.finding_key(options.directory.clone());
    let locations = explain_key(options)?;
    drop(waiting);
    if output.json {
        return Ok(output.data_json(&json::locations(&locations)));
    }
    let lines = if output.verbose { lines(&locations) } else { summary(&locations) };
    Ok(output.lines(&lines.join("\n"), 10))
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

fn check(ask_server: bool, global: &Global, output: &Output) -> Result<ExitCode> {
    let text = stdin::read(global, output, "Paste the key, then press Enter. It is not shown.")?;
    let key = one_key(pasted_keys(text.reveal())?)?;
    if ask_server { check_at_server(&key, global, output) } else { Ok(print_class(&key, output)) }
}

fn one_key(PastedKeys { keys, misnamed: _, skipped }: PastedKeys) -> Result<ApiKey> {
    let message = match (<[ApiKey; 1]>::try_from(keys), skipped) {
        (Ok([key]), 0) => return Ok(key),
        (Ok(_), _) => "Stdin contains not only a key, but also lines that set other variables.".to_owned(),
        (Err(keys), 0) if keys.is_empty() => "Stdin contains no text.".to_owned(),
        (Err(keys), _) if keys.is_empty() => "Stdin contains no key, only lines that set other variables.".to_owned(),
        (Err(keys), _) => format!("Stdin contains {} keys.", keys.len()),
    };
    Err(Error::new(ErrorCode::MalformedKey, message)
        .with_hint("Pass one key on stdin, such as `atmn key --check <FILE`."))
}

fn print_class(key: &ApiKey, output: &Output) -> ExitCode {
    if output.json {
        return classify_key(key.reveal()).map_or(ExitCode::FAILURE, |class| output.data_json(&json::class(class)));
    }
    if output.is_terminal() {
        output.message("The key is well-formed. To ask the server whether it accepts the key, add `--verify`.");
    }
    output.data(&class_of(key))
}

fn class_of(key: &ApiKey) -> String {
    format!("{} {}", key.kind().name(), key.environment().name())
}

fn check_at_server(key: &ApiKey, global: &Global, output: &Output) -> Result<ExitCode> {
    if key.kind() == Kind::Publishable {
        return Err(Error::new(ErrorCode::WrongKeyKind, "Only secret keys (am_sk_…) can be verified.")
            .with_hint("Remove `--verify` to check how the key is written."));
    }
    let signals = Signals::for_call();
    match verify(key, global, &signals, output) {
        Ok(identity) if output.json => Ok(output.data_json(&json::identity(&identity))),
        Ok(identity) => {
            let Organization { name, slug, id: _ } = identity.organization;
            output.message(&format!("The server accepts this key of {} ({}).", quoted(&name), quoted(&slug)));
            Ok(output.data(&class_of(key)))
        }
        Err(error) => signals.fail(error, "Check", "", output),
    }
}
