//! The core's answer to `surface`. The compiler checks it: a field, a value or a method that is added to the core,
//! renamed or removed stops this file from compiling.

use libatmn::blocking::{Attempt, Client};
use libatmn::{
    Accepts, ApiRequest, ApiResponse, AttemptHandle, Check, CheckOutcome, ClientOptions, CompleteOptions,
    DiagnoseOptions, Diagnosis, Environment, Error, ErrorCode, Event, EventCode, Git, Gitignore, Identity, KeyClass,
    Kind, Location, LoginOptions, LoginResult, LogoutOptions, LogoutResult, Organization, Origin, Outcome,
    PendingLogin, Reauth, ResolveOptions, ResolvedKey, SaveOptions, SaveResult, ServerFacts, ServerInfoOptions,
    WhoamiOptions,
};
use serde_json::{Value, json};

/// The names of a struct's fields, without those after `but`. Of the options that is `host`, which each language takes
/// from its own process; of the result of a login it is `kept`, which only the command reads, and of an event
/// `held_until`, which the bindings read.
macro_rules! fields {
    ($type:ident { $($field:ident),* } $(but $($other:ident),*)?) => {{
        let _ = |value: &$type| {
            let $type { $($field: _,)* $($($other: _,)*)? } = value;
        };
        json!([$(stringify!($field)),*])
    }};
}

/// The names of an enumeration's values.
macro_rules! values {
    ($type:ident { $($value:ident),* }) => {{
        let _ = |value: $type| match value {
            $($type::$value)|* => (),
        };
        json!([$($type::$value.name()),*])
    }};
}

pub(crate) fn surface() -> Value {
    let _ = (
        AttemptHandle::submit,
        AttemptHandle::cancel,
        Attempt::wait,
        Attempt::poll,
        Client::request,
        Client::reauthenticate,
        Client::submit,
    );
    json!({
        "operations": operations(),
        "methods": {
            "attempt": ["submit", "cancel", "wait", "poll"],
            "client": ["request", "reauthenticate", "submit"],
        },
        "options": options(),
        "results": results(),
        "words": {
            "kind": values!(Kind { Secret, Publishable }),
            "environment": values!(Environment { Sandbox, Live }),
            "origin": values!(Origin { Argument, Process, SecretFile, EnvFile }),
            "outcome": values!(Outcome { Used, Absent, Empty, Shadowed, Refused, Skipped, Removed }),
            "git": values!(Git { None, Ignored, Added, NotIgnored, Tracked, Unknown }),
            "gitignore": values!(Gitignore { Add, Never }),
            "reauth": values!(Reauth { Never, Auto, Always }),
            "accepts": values!(Accepts { Any, PublishableOnly }),
            "check_outcome": values!(CheckOutcome { Ok, Warning, Failed }),
        },
        "error_codes": ErrorCode::ALL.iter().map(|code| code.name()).collect::<Vec<_>>(),
        "event_codes": EventCode::ALL.iter().map(|code| code.name()).collect::<Vec<_>>(),
    })
}

/// The functions that `lib.rs` exports, and the client's. The compiler cannot list exports, so this reads the file.
fn operations() -> Vec<&'static str> {
    /// Exported functions that are parts of an operation, or the same operation for async callers.
    const PARTS: &[&str] =
        &["authenticate_async", "conclude", "is_public_endpoint", "read_credential", "refusal", "terminal_listener"];
    let exports = include_str!("../../../core/src/lib.rs").split("\npub use ").skip(1);
    let lists = exports.filter_map(|export| Some(export.split(';').next()?.split_once("::")?.1));
    let names = lists.flat_map(|names| names.split(['{', '}', ','])).map(str::trim);
    let functions = names.filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()));
    let mut operations: Vec<_> = functions.filter(|name| !PARTS.contains(name)).collect();
    operations.extend(["request", "reauthenticate"]);
    operations
}

fn options() -> Value {
    let resolve = fields!(ResolveOptions { key, environment, directory, boundary } but host);
    let with_resolve = |options: Value| json!([array(&resolve), array(&options)].concat());
    let login = fields!(LoginOptions {
        server, directory, file, login_timeout, open_browser, force, sandbox_only, allow_tracked, gitignore,
        organization, scopes
    } but ports, host);
    json!({
        "resolve_key": resolve,
        "find_key": resolve,
        "explain_key": resolve,
        "save_keys": fields!(SaveOptions { directory, file, allow_tracked, gitignore } but host, cancel),
        "logout": fields!(LogoutOptions { directory, file, environment, server } but host, cancel),
        "login": login,
        "start_login": login,
        "begin_login": login,
        "complete_login": fields!(CompleteOptions { login_timeout } but host),
        "whoami": with_resolve(fields!(WhoamiOptions { server, timeout } but resolve)),
        "server_info": fields!(ServerInfoOptions { server } but host),
        "diagnose": fields!(DiagnoseOptions { directory, server, offline, timeout } but host, ports, command),
        "client": with_resolve(fields!(ClientOptions {
            server, timeout, retries, response_limit, reauth, organization, login_timeout, open_browser
        } but resolve, ports)),
        "request": fields!(ApiRequest {
            query, headers, body, content_type, idempotency_key, timeout, retries, any_status
        } but method, path, host),
        "authenticate": ["accepts"],
    })
}

fn results() -> Value {
    let _ = (Attempt::url, Attempt::port, Attempt::hint, Attempt::deadline);
    json!({
        "key_class": fields!(KeyClass { kind, environment }),
        "location": fields!(Location { origin, variable, path, line, outcome, masked, reason }),
        "resolved_key": fields!(ResolvedKey { key, source, skipped }),
        "save_result": fields!(SaveResult { path, created, git, replaced, shadowed_by, locked, note }),
        "logout_result": fields!(LogoutResult { path, removed, remaining, note, locked }),
        "login_result": fields!(LoginResult { organization, environments, keys, saved, scopes } but kept),
        "organization": fields!(Organization { id, name, slug }),
        "pending_login": fields!(PendingLogin { url, deadline, note }),
        "attempt": ["url", "port", "hint", "deadline"],
        "identity": fields!(Identity { organization, server, key, source, skipped, scopes }),
        "server_facts": fields!(ServerFacts { api_url, dashboard_url, scopes, client_id }),
        "diagnosis": fields!(Diagnosis { checks }),
        "check": fields!(Check { subject, outcome, message, hint }),
        "response": fields!(ApiResponse { status, headers, body }),
        "credential": ["kind", "key"],
        "event": fields!(Event { code, message, context } but held_until),
        "error": fields!(Error { code, message, hint, context, cause, response }),
    })
}

fn array(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}
