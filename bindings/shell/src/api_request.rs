//! The request of `atmn api`: its method, fields and body.

use std::fmt;
use std::fs;
use std::io::{self, Read};

use libatmn::__internal::config::METHODS;
use libatmn::__internal::text::quoted;
use libatmn::{ApiRequest, Error, ErrorCode, Result};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::api_pages::{PARAMETERS, members};
use crate::cli::ApiArguments;
use crate::usage::{is_key, key_argument};

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
    let source = arguments.data.as_deref().map(BodySource::of);
    let mut body = source.as_ref().map(BodySource::read).transpose()?;
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
    if let Some(source) = source {
        check_json(&request, &source)?;
    }
    if arguments.paginate && members(request.body.as_deref()).is_none() {
        return Err(Error::invalid("--paginate", "`--paginate` needs a body that is a JSON object.")
            .with_hint("Pass the parameters of the list as members of an object, or remove `--paginate`."));
    }
    Ok(request)
}

/// `atmn api PATH`, `atmn api METHOD PATH` or `atmn api -X METHOD PATH`. Without a method, a body makes it a POST.
fn method_and_path(arguments: &ApiArguments) -> Result<(String, String)> {
    let ApiArguments { method: first, path: second, request_method, data, field, .. } = arguments;
    let Some(first) = first else { return Err(missing_path()) };
    match (second, request_method) {
        (Some(second), None) => {
            check_order(first, second)?;
            Ok((first.clone(), second.clone()))
        }
        (Some(_), Some(_)) if is_method(first) => Err(Error::invalid("--method", "The method is given twice.")
            .with_hint("Remove `-X`, or the method before the path.")),
        (Some(_), Some(_)) => Err(two_paths()),
        (None, _) if is_method(first) => Err(missing_path()),
        (None, Some(given)) if is_method(given) => Ok((given.clone(), first.clone())),
        (None, Some(given)) => Err(unknown_method("--method", given)),
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
        Err(unknown_method("method", first))
    }
}

fn missing_path() -> Error {
    Error::invalid("path", "The required argument `<PATH>` is missing.").with_hint("Run `atmn api --help` for help.")
}

fn two_paths() -> Error {
    Error::invalid("path", "There are two paths, and a request has one.")
        .with_hint("Quote a path that contains spaces, and encode them as `%20`.")
}

fn unknown_method(option: &str, typed: &str) -> Error {
    if is_key(typed) {
        return key_argument();
    }
    Error::invalid(option, format!("{} is not an allowed HTTP method.", quoted(typed)))
        .with_hint(format!("Use one of {}.", METHODS.join(", ")))
}

/// Each page is a further request, so only requests that read are accepted.
fn check_paginate(method: &str, path: &str) -> Result<()> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut names = query.split('&').filter_map(|pair| pair.split('=').next());
    if let Some(name) = names.find(|name| PARAMETERS.contains(name)) {
        return Err(Error::invalid("--paginate", format!("`--paginate` sets the query parameter `{name}` itself."))
            .with_hint(format!("To start later, pass `--query {name}=…` instead of a query in the path.")));
    }
    let operation = path.rsplit(['/', '.']).next().unwrap_or_default();
    let is_list = method.eq_ignore_ascii_case("POST") && operation.starts_with("list");
    if is_list || method.eq_ignore_ascii_case("GET") {
        return Ok(());
    }
    let message = "`--paginate` is for GET requests, and for POST requests to a list, such as `/v1/customers.list`.";
    Err(Error::invalid("--paginate", message).with_hint("Remove `--paginate`."))
}

/// Where the body comes from.
enum BodySource<'a> {
    Stdin,
    File(&'a str),
    Argument(&'a str),
}

impl<'a> BodySource<'a> {
    /// `-` and `@-` mean stdin, `@FILE` a file, and any other text is the body.
    fn of(text: &'a str) -> Self {
        match (text, text.strip_prefix('@')) {
            ("-", _) | (_, Some("-")) => Self::Stdin,
            (_, Some(path)) => Self::File(path),
            (text, None) => Self::Argument(text),
        }
    }

    fn read(&self) -> Result<Vec<u8>> {
        let unreadable =
            |error: io::Error| Error::new(ErrorCode::FileUnreadable, format!("Cannot read {self}.")).with_cause(error);
        match self {
            Self::Stdin => {
                let mut bytes = Vec::new();
                io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes).map_err(unreadable)
            }
            Self::File(path) => fs::read(path).map_err(|error| {
                unreadable(error).with_hint("Write the path of a readable file after `@`.").with("path", *path)
            }),
            Self::Argument(text) => Ok(text.as_bytes().to_vec()),
        }
    }
}

impl fmt::Display for BodySource<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => formatter.write_str("stdin"),
            Self::File(path) => write!(formatter, "`{path}`"),
            Self::Argument(_) => formatter.write_str("`--data`"),
        }
    }
}

/// Refuses a body that is not JSON, which is mostly a mistake in shell quoting, or an empty pipe.
fn check_json(request: &ApiRequest, source: &BodySource<'_>) -> Result<()> {
    let Some(body) = &request.body else { return Ok(()) };
    let has_type = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if has_type || serde_json::from_slice::<IgnoredAny>(body).is_ok() {
        return Ok(());
    }
    let state = if body.is_empty() { "empty" } else { "not JSON" };
    let advice = match source {
        BodySource::Argument(_) if !body.is_empty() => "Quote it for your shell, such as -d '{\"id\":\"cus_42\"}'",
        BodySource::Argument(_) | BodySource::File(_) => "Pass JSON",
        BodySource::Stdin => "Pass JSON on stdin, such as from a command before `|`",
    };
    let hint = format!("{advice}, or set its type with -H 'Content-Type: …'.");
    Err(Error::invalid("--data", format!("The body from {source} is {state}.")).with_hint(hint))
}
