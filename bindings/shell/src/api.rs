//! `atmn api`

use std::fs;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use libatmn::{
    ApiRequest, ApiResponse, ClientOptions, Error, ErrorCode, Event, EventCode, ResolveOptions, Result, blocking,
};
use serde::de::IgnoredAny;

use crate::cli::{ApiArguments, Global};
use crate::output::Output;
use crate::signals::Signals;
use crate::{events, terminal};

pub(crate) fn run(arguments: &ApiArguments, global: &Global, output: &Output) -> Result<ExitCode> {
    let (options, request) = (options(arguments, global), request(arguments)?);
    // Signals are caught only from here on, so that they end the process while it reads stdin.
    let signals = Signals::for_call();
    match call(options, &request, terminal::accepts_paste(global), &signals, output) {
        Ok(response) => Ok(print(&response, arguments.include, output)),
        Err(error) => signals.fail(error, "Request", "", output),
    }
}

/// Calls the API. If the client logs in, pasted lines go to that login.
fn call(
    options: ClientOptions,
    request: &ApiRequest,
    accepts_paste: bool,
    signals: &Signals,
    output: &Output,
) -> Result<ApiResponse> {
    let login_timeout = options.login_timeout;
    let client = blocking::Client::new(options)?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut on_event = |event: &Event| {
            events::print(event, output);
            if event.code == EventCode::LoginUrl {
                let deadline = SystemTime::now() + login_timeout;
                output.message(&events::wait_message(login_timeout, deadline, accepts_paste));
                // The request blocks this thread, so another one reads pasted lines.
                if accepts_paste {
                    scope.spawn(|| submit_typed_lines(&done, &client, output));
                }
            }
            ControlFlow::Continue(())
        };
        let result = client.request(request, Some(&mut on_event), signals.cancel());
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn submit_typed_lines(done: &AtomicBool, client: &blocking::Client, output: &Output) {
    while !done.load(Ordering::Relaxed) {
        events::submit_typed_line(|text| client.submit(text), output);
        std::thread::sleep(events::POLL_INTERVAL);
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
        timeout: None,
        host: None,
    };
    check_json(&request)?;
    Ok(request)
}

/// The request body: `-` and `@-` read stdin, `@FILE` reads a file, any other text is the body.
fn data(text: &str) -> Result<Vec<u8>> {
    let unreadable = |source: &str, error: io::Error| {
        Error::new(ErrorCode::FileUnreadable, format!("Cannot read {source}.")).with_cause(error)
    };
    match (text, text.strip_prefix('@')) {
        ("-", _) | (_, Some("-")) => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map(|_| bytes).map_err(|error| unreadable("stdin", error))
        }
        (_, Some(path)) => fs::read(path).map_err(|error| {
            unreadable(&format!("`{path}`"), error)
                .with_hint("Write the path of a readable file after `@`.")
                .with("path", path)
        }),
        (text, None) => Ok(text.as_bytes().to_vec()),
    }
}

/// Refuses a body that is not JSON, which is mostly a mistake in shell quoting.
fn check_json(request: &ApiRequest) -> Result<()> {
    let Some(body) = &request.body else { return Ok(()) };
    let has_type = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if has_type || serde_json::from_slice::<IgnoredAny>(body).is_ok() {
        return Ok(());
    }
    Err(Error::invalid("data", "The value of `data` is not JSON.").with_hint(
        "Quote it for your shell, such as -d '{\"id\":\"cus_42\"}', or set its type with -H 'Content-Type: …'.",
    ))
}

fn print(response: &ApiResponse, include: bool, output: &Output) -> ExitCode {
    let mut bytes = Vec::new();
    if include {
        bytes.extend(format!("HTTP {}\n", response.status).bytes());
        for (name, value) in &response.headers {
            bytes.extend(format!("{name}: {value}\n").bytes());
        }
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(&response.body);
    output.bytes(&bytes)
}
