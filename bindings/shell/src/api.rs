//! `atmn api`

use std::fs;
use std::io::{self, Read};
use std::process::ExitCode;

use libatmn::{ApiRequest, ApiResponse, ClientOptions, Error, ErrorCode, ResolveOptions, Result};
use serde::de::IgnoredAny;

use crate::cli::{ApiArguments, Global};
use crate::output::Output;
use crate::signals::Ending;
use crate::{progress, terminal};

pub(crate) fn run(arguments: &ApiArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let (options, request) = (options(arguments, global), request(arguments)?);
    let attended = terminal::is_attended() && !global.headless && !global.json;
    // From here on: while stdin is read, a signal ends the process by itself.
    let ending = Ending::of_call();
    match progress::call(options, &request, attended, &ending, output) {
        Ok(answer) => Ok(print(&answer, arguments.include, output)),
        Err(error) => ending.fail(error, "", output),
    }
}

fn options(arguments: &ApiArguments, global: &Global) -> ClientOptions {
    let defaults = ClientOptions::default();
    ClientOptions {
        server: global.server(),
        resolve: ResolveOptions {
            environment: Some(global.environment()),
            directory: global.dir.clone(),
            ..ResolveOptions::default()
        },
        timeout: arguments.timeout.unwrap_or(defaults.timeout),
        reauth: arguments.reauth,
        organization: arguments.organization.clone(),
        open_browser: !arguments.no_browser,
        ports: arguments.ports.clone().unwrap_or(defaults.ports),
        response_limit: defaults.response_limit,
        login_timeout: defaults.login_timeout,
    }
}

fn request(arguments: &ApiArguments) -> Result<ApiRequest> {
    let body = arguments.data.as_deref().map(data).transpose()?;
    let request = ApiRequest {
        method: arguments.method.clone(),
        path: arguments.path.clone(),
        query: arguments.query.clone(),
        headers: arguments.header.clone(),
        body,
        content_type: None,
        idempotency_key: arguments.idempotency_key.clone(),
        host: None,
    };
    check_json(&request)?;
    Ok(request)
}

/// `-` and `@-` are stdin, `@file` is a file, and everything else is meant as it stands.
fn data(text: &str) -> Result<Vec<u8>> {
    let unreadable = |what: String, error: io::Error| {
        Error::new(ErrorCode::FileUnreadable, format!("{what} could not be read.")).with_cause(error)
    };
    match (text, text.strip_prefix('@')) {
        ("-", _) | (_, Some("-")) => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map(|_| bytes).map_err(|error| unreadable("Stdin".to_owned(), error))
        }
        (_, Some(path)) => fs::read(path).map_err(|error| {
            unreadable(path.to_owned(), error).with_hint("Give the path of a file behind @.").with("path", path)
        }),
        (text, None) => Ok(text.as_bytes().to_vec()),
    }
}

/// A slip of the shell's quoting is better found here than explained by a server.
fn check_json(request: &ApiRequest) -> Result<()> {
    let Some(body) = &request.body else { return Ok(()) };
    let own_kind = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if own_kind || serde_json::from_slice::<IgnoredAny>(body).is_ok() {
        return Ok(());
    }
    Err(Error::invalid("data", "The data is not JSON.").with_hint(
        "Quote it for your shell, such as -d '{\"id\":\"cus_42\"}', or name its kind: -H 'Content-Type: …'.",
    ))
}

fn print(answer: &ApiResponse, include: bool, output: &Output) -> ExitCode {
    let mut bytes = Vec::new();
    if include {
        bytes.extend(format!("HTTP {}\n", answer.status).bytes());
        for (name, value) in &answer.headers {
            bytes.extend(format!("{name}: {value}\n").bytes());
        }
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(&answer.body);
    output.bytes(&bytes)
}
