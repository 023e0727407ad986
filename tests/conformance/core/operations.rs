//! Calls the core's function for a request.

use std::ops::ControlFlow;

use libatmn::__internal::json;
use libatmn::{
    Accepts, ApiKey, ApiRequest, Boundary, Caller, Cancel, ClientOptions, CompleteOptions, Credential, DiagnoseOptions,
    EnvFile, Environment, Event, Gitignore, IncomingRequest, Language, Listener, LoginOptions, LogoutOptions, Reauth,
    ResolveOptions, SaveOptions, Secret, Server, ServerInfoOptions, Verdict, WhoamiOptions, authenticate, blocking,
    classify_key, explain_key, find_key, logout, refusal, resolve_key, save_keys, server_info, start_login,
};
use serde_json::Value;

use super::answer;
use super::request::DriverRequest;
use super::surface::surface;
use super::{DriverResult, Failure};

pub(crate) fn run(request: &mut DriverRequest) -> DriverResult<Value> {
    match request.needed("op")?.as_str() {
        "classify_key" => {
            let text = request.needed("text")?;
            request.end()?;
            Ok(classify_key(&text).map_or(Value::Null, json::class))
        }
        "resolve_key" => Ok(json::resolved(&resolve_key(&resolve_alone(request)?)?, true)),
        "find_key" => {
            let found = find_key(&resolve_alone(request)?)?;
            Ok(found.map_or(Value::Null, |found| json::resolved(&found, true)))
        }
        "explain_key" => Ok(json::locations(&explain_key(&resolve_alone(request)?)?)),
        "save_keys" => save(request),
        "logout" => {
            let directory = request.directory()?;
            let file = request.word("file", EnvFile::parse)?;
            let server = request.word("server", Server::parse)?;
            let environment = request.word("environment", Environment::parse)?;
            let options = LogoutOptions { directory, file, environment, server, ..LogoutOptions::default() };
            request.end()?;
            Ok(json::logout_result(&logout(&options)?))
        }
        "login" => {
            let options = login_options(request)?;
            let done = with_listener(request, |listener| blocking::login(&options, listener, &Cancel::new()))?;
            Ok(json::login_result(&done))
        }
        "start_login" => Ok(answer::attempt(&start_login(&login_options(request)?)?)),
        "begin_login" => {
            Ok(json::begin_login_result(&blocking::begin_login(&login_options(request)?, &Cancel::new())?))
        }
        "complete_login" => complete(request),
        "whoami" => who(request),
        "server_info" => {
            let options = ServerInfoOptions { server: request.word("server", Server::parse)?, host: None };
            request.end()?;
            Ok(json::server_info(&server_info(&options)?))
        }
        "diagnose" => diagnosis(request),
        "request" => call(request),
        "reauthenticate" => reauthenticate(request),
        "authenticate" => verify(request),
        "surface" => Ok(surface()),
        other => Err(Failure::Protocol(format!("unknown operation `{other}`"))),
    }
}

fn resolve(request: &mut DriverRequest) -> DriverResult<ResolveOptions> {
    Ok(ResolveOptions {
        key: request.text("key")?.map(Secret::from),
        environment: request.word("environment", Environment::parse)?,
        directory: request.directory()?,
        boundary: request.text("boundary")?.map(Boundary::parse).unwrap_or_default(),
        host: None,
    })
}

fn resolve_alone(request: &mut DriverRequest) -> DriverResult<ResolveOptions> {
    let options = resolve(request)?;
    request.end()?;
    Ok(options)
}

fn save_options(request: &mut DriverRequest) -> DriverResult<SaveOptions> {
    Ok(SaveOptions {
        directory: request.directory()?,
        file: request.word("file", EnvFile::parse)?,
        allow_tracked: request.flag("allow_tracked")?.unwrap_or_default(),
        gitignore: request.word("gitignore", Gitignore::parse)?.unwrap_or_default(),
        ..SaveOptions::default()
    })
}

fn save(request: &mut DriverRequest) -> DriverResult<Value> {
    let texts = request.texts("keys")?;
    let options = save_options(request)?;
    request.end()?;
    let keys = texts.iter().map(|text| ApiKey::parse(text)).collect::<libatmn::Result<Vec<_>>>()?;
    Ok(json::saved(&save_keys(&keys, &options)?))
}

fn login_options(request: &mut DriverRequest) -> DriverResult<LoginOptions> {
    let defaults = LoginOptions::default();
    let SaveOptions { directory, file, allow_tracked, gitignore, host, cancel: _ } = save_options(request)?;
    let options = LoginOptions {
        server: request.word("server", Server::parse)?,
        directory,
        file,
        login_timeout: request.time("login_timeout_ms")?.unwrap_or(defaults.login_timeout),
        open_browser: request.flag("open_browser")?.unwrap_or(defaults.open_browser),
        force: request.flag("force")?.unwrap_or(defaults.force),
        sandbox_only: request.flag("sandbox_only")?.unwrap_or(defaults.sandbox_only),
        allow_tracked,
        gitignore,
        organization: request.text("organization")?,
        scopes: request.given_texts("scopes")?,
        host,
        ports: defaults.ports,
    };
    request.end()?;
    Ok(options)
}

/// Calls with a listener that records every event, if the request has a listener.
fn with_listener<T>(
    request: &mut DriverRequest,
    call: impl FnOnce(Option<Listener<'_>>) -> libatmn::Result<T>,
) -> DriverResult<T> {
    let Some(events) = request.events.as_mut() else { return Ok(call(None)?) };
    let mut note = |event: &Event| {
        events.push(event.clone());
        ControlFlow::Continue(())
    };
    Ok(call(Some(&mut note))?)
}

fn complete(request: &mut DriverRequest) -> DriverResult<Value> {
    let text = request.needed("text")?;
    let defaults = CompleteOptions::default();
    let login_timeout = request.time("login_timeout_ms")?.unwrap_or(defaults.login_timeout);
    let options = CompleteOptions { login_timeout, host: None };
    request.end()?;
    let done = with_listener(request, |listener| blocking::complete_login(&text, &options, listener, &Cancel::new()))?;
    Ok(json::login_result(&done))
}

fn who(request: &mut DriverRequest) -> DriverResult<Value> {
    let defaults = WhoamiOptions::default();
    let options = WhoamiOptions {
        server: request.word("server", Server::parse)?,
        resolve: resolve(request)?,
        timeout: request.time("timeout_ms")?.unwrap_or(defaults.timeout),
    };
    request.end()?;
    Ok(json::identity(&blocking::whoami(&options, &Cancel::new())?))
}

fn diagnosis(request: &mut DriverRequest) -> DriverResult<Value> {
    let defaults = DiagnoseOptions::default();
    let options = DiagnoseOptions {
        directory: request.directory()?,
        server: request.word("server", Server::parse)?,
        offline: request.flag("offline")?.unwrap_or(defaults.offline),
        timeout: request.time("timeout_ms")?.unwrap_or(defaults.timeout),
        ..defaults
    };
    request.end()?;
    let caller = Caller::new(Language::Rust);
    Ok(json::diagnosis(&blocking::diagnose(&options, &Cancel::new())?.for_caller(&caller)))
}

fn client_options(request: &mut DriverRequest) -> DriverResult<ClientOptions> {
    let defaults = ClientOptions::default();
    let limit = request.number("response_limit")?.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(ClientOptions {
        server: request.word("server", Server::parse)?,
        resolve: resolve(request)?,
        timeout: request.time("timeout_ms")?.unwrap_or(defaults.timeout),
        retries: request.count("retries")?.unwrap_or(defaults.retries),
        response_limit: limit.unwrap_or(defaults.response_limit),
        reauth: request.word("reauth", Reauth::parse)?.unwrap_or(defaults.reauth),
        organization: request.text("organization")?,
        login_timeout: request.time("login_timeout_ms")?.unwrap_or(defaults.login_timeout),
        open_browser: request.flag("open_browser")?.unwrap_or(defaults.open_browser),
        ports: defaults.ports,
    })
}

fn call(request: &mut DriverRequest) -> DriverResult<Value> {
    let options = client_options(request)?;
    let outgoing = ApiRequest {
        method: request.needed("method")?,
        path: request.needed("path")?,
        query: request.pairs("query")?,
        headers: request.pairs("headers")?,
        body: request.bytes("body")?,
        content_type: request.text("content_type")?,
        idempotency_key: request.text("idempotency_key")?,
        timeout: request.time("request_timeout_ms")?,
        retries: request.count("request_retries")?,
        any_status: request.flag("any_status")?.unwrap_or_default(),
        host: None,
    };
    request.end()?;
    let client = blocking::Client::new(options)?;
    let response = with_listener(request, |listener| client.request(&outgoing, listener, &Cancel::new()))?;
    Ok(answer::response(&response))
}

fn reauthenticate(request: &mut DriverRequest) -> DriverResult<Value> {
    let options = client_options(request)?;
    let rejected = request.needed("rejected")?;
    request.end()?;
    let rejected = ApiKey::parse(&rejected)?;
    let client = blocking::Client::new(options)?;
    let found = with_listener(request, |listener| client.reauthenticate(&rejected, None, listener, &Cancel::new()))?;
    Ok(json::resolved(&found, true))
}

fn verify(request: &mut DriverRequest) -> DriverResult<Value> {
    let (method, path) = (request.needed("method")?, request.needed("path")?);
    let (authorization, client_type) = (request.text("authorization")?, request.text("client_type")?);
    let incoming = IncomingRequest {
        method: &method,
        path: &path,
        authorization: authorization.as_deref(),
        client_type: client_type.as_deref(),
        accepts: request.word("accepts", Accepts::parse)?.unwrap_or_default(),
    };
    let store = request.text("store")?;
    request.end()?;
    let mut uncalled_for = false;
    let verdict = |credential: &Credential| match store.as_deref() {
        Some("valid") => Verdict::Valid(answer::principal(credential)),
        Some("cannot_tell") => Verdict::CannotTell("store is down".into()),
        Some(_) => Verdict::Unknown,
        None => {
            uncalled_for = true;
            Verdict::Unknown
        }
    };
    let result = authenticate(&incoming, verdict);
    if uncalled_for {
        return Err(Failure::Protocol("verify was called".into()));
    }
    if let (Some(events), Err(error)) = (request.events.as_mut(), &result) {
        events.extend(refusal(error).map(|refusal| refusal.event(&incoming)));
    }
    result.map_err(Failure::Refused)
}
