//! The request of `atmn api`: its method, fields, body and pages.

use std::fs;
use std::io::{self, Read};

use libatmn::__internal::config::METHODS;
use libatmn::{ApiRequest, Error, ErrorCode, Result};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::cli::ApiArguments;

/// Builds the request.
///
/// # Errors
/// `invalid_argument`: the arguments do not fit together; `file_unreadable`: the file with the body.
pub(crate) fn request(arguments: &ApiArguments) -> Result<ApiRequest> {
    let (method, path) = method_and_path(arguments)?;
    let reads = method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD");
    if arguments.paginate {
        check_paginate(&method, &path)?;
    }
    let mut query = arguments.query.clone();
    let mut body = arguments.data.as_deref().map(data).transpose()?;
    if !arguments.field.is_empty() && reads {
        query.extend(arguments.field.iter().cloned());
    } else if !arguments.field.is_empty() {
        let fields = arguments.field.iter().map(|(name, value)| (name.clone(), Value::from(value.clone())));
        body = Some(Value::Object(fields.collect::<Map<_, _>>()).to_string().into_bytes());
    }
    let request = ApiRequest {
        method,
        path,
        query,
        headers: arguments.header.clone(),
        body,
        content_type: None,
        idempotency_key: arguments.idempotency_key.clone(),
        timeout: None,
        retries: None,
        any_status: false,
        host: None,
    };
    check_json(&request)?;
    Ok(request)
}

/// `atmn api PATH`, `atmn api METHOD PATH` or `atmn api -X METHOD PATH`. Without a method, a body makes it a POST.
fn method_and_path(arguments: &ApiArguments) -> Result<(String, String)> {
    let ApiArguments { method: first, path: second, request_method, data, field, .. } = arguments;
    match (second, request_method) {
        (Some(second), None) => {
            check_order(first, second)?;
            Ok((first.clone(), second.clone()))
        }
        (Some(_), Some(_)) if is_method(first) => Err(Error::invalid("--method", "The method is given twice.")
            .with_hint("Remove `-X`, or the method before the path.")),
        (Some(_), Some(_)) => Err(two_paths()),
        (None, _) if is_method(first) => Err(Error::invalid("path", "The required argument `<PATH>` is missing.")
            .with_hint("Run `atmn api --help` for help.")),
        (None, Some(given)) if is_method(given) => Ok((given.clone(), first.clone())),
        (None, Some(_)) => Err(unknown_method("--method")),
        (None, None) => {
            let default = if data.is_some() || !field.is_empty() { "POST" } else { "GET" };
            Ok((default.to_owned(), first.clone()))
        }
    }
}

fn is_method(text: &str) -> bool {
    METHODS.iter().any(|known| known.eq_ignore_ascii_case(text))
}

/// Refuses two words that are not a method and then a path.
fn check_order(first: &str, second: &str) -> Result<()> {
    if is_method(first) {
        Ok(())
    } else if is_method(second) {
        Err(Error::invalid("method", "The method must be before the path.")
            .with_hint("Write `atmn api METHOD PATH`, such as `atmn api GET /v1/customers`."))
    } else if first.contains('/') {
        Err(two_paths())
    } else {
        Err(unknown_method("method"))
    }
}

fn two_paths() -> Error {
    Error::invalid("path", "There are two paths, and a request has one.")
        .with_hint("Quote a path that contains spaces, and encode them as `%20`.")
}

/// The core names the method before the path; here it is named after the option.
fn unknown_method(option: &str) -> Error {
    Error::invalid(option, format!("`{option}` is not an allowed HTTP method."))
        .with_hint(format!("Use one of {}.", METHODS.join(", ")))
}

fn check_paginate(method: &str, path: &str) -> Result<()> {
    let offset_in_path = path.split_once('?').is_some_and(|(_, query)| query.contains("offset="));
    if offset_in_path {
        return Err(Error::invalid("--paginate", "`--paginate` sets the query parameter `offset` itself.")
            .with_hint("To start later, pass `--query offset=…` instead of a query in the path."));
    }
    if method.eq_ignore_ascii_case("GET") {
        return Ok(());
    }
    Err(Error::invalid("--paginate", "`--paginate` is for GET requests only.").with_hint("Remove `--paginate`."))
}

/// The offset of the next page, if the response says that there is one: `has_more`, `offset` and `list`, as the lists of
/// the API have them.
pub(crate) fn next_offset(body: &[u8]) -> Option<u64> {
    let page: Value = serde_json::from_slice(body).ok()?;
    let length = u64::try_from(page.get("list")?.as_array()?.len()).ok()?;
    let more = page.get("has_more")?.as_bool()? && length > 0;
    more.then(|| page.get("offset").and_then(Value::as_u64).unwrap_or(0).saturating_add(length))
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
    Err(Error::invalid("--data", "The body from `--data` is not JSON.").with_hint(
        "Quote it for your shell, such as -d '{\"id\":\"cus_42\"}', or set its type with -H 'Content-Type: …'.",
    ))
}
