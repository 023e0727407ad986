//! API calls with the active key.

use std::time::Duration;

use libatmn::__internal::client::{OtherResult, OtherTries, pause_of_other};
use libatmn::{ApiKey, ApiRequest, ApiResponse, ErrorCode, Host, Result};
use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::call::{Answer, Call, JsCallback, start};
use crate::convert;
use crate::envelope::{answer, result};
use crate::host::HostView;
use crate::options::{self, duration, retries};

/// A request without its body.
#[napi(object, object_to_js = false)]
pub struct RequestObject {
    /// The HTTP method, such as `GET`.
    pub method: String,
    /// Starts with a slash.
    pub path: String,
    /// Names and values in turn, because Node-API has no tuples.
    pub query: Vec<String>,
    /// Names and values in turn.
    pub headers: Vec<String>,
    /// The media type of the body.
    pub content_type: Option<String>,
    /// The server runs requests with the same text once.
    pub idempotency_key: Option<String>,
    /// The time limit of each try.
    pub timeout_ms: Option<f64>,
    /// How many times the request is retried at most.
    pub retries: Option<f64>,
    /// Whether a response of any status is a result.
    pub any_status: bool,
    /// What the call sees of its host.
    pub host: HostView,
}

impl RequestObject {
    fn read(self, body: Option<Vec<u8>>) -> Result<ApiRequest> {
        let Self {
            method,
            path,
            query,
            headers,
            content_type,
            idempotency_key,
            timeout_ms,
            retries: given_retries,
            any_status,
            host,
        } = self;
        Ok(ApiRequest {
            method,
            path,
            query: pairs(&query),
            headers: pairs(&headers),
            body,
            content_type,
            idempotency_key,
            timeout: timeout_ms.map(|given| duration("timeout", Some(given), Duration::ZERO)).transpose()?,
            retries: retries(given_retries)?,
            any_status,
            host: Some(host.into()),
        })
    }
}

fn pairs(flat: &[String]) -> Vec<(String, String)> {
    flat.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

/// A request that fetch sent and the server answered with 401.
#[napi(object, object_to_js = false)]
pub struct RejectedRequest {
    /// The HTTP method.
    pub method: String,
    /// The key of the request.
    pub key: String,
    /// The status of the response.
    pub status: u16,
    /// What the call sees of its host.
    pub host: HostView,
}

/// A try of a request that fetch sent.
#[napi(object, object_to_js = false)]
pub struct Try {
    /// The HTTP method, in upper case.
    pub method: String,
    /// Whether the request has an idempotency key.
    pub has_idempotency_key: bool,
    /// How many tries were made.
    pub tries: u32,
    /// The time since the first one began.
    pub elapsed_ms: f64,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Its header `Retry-After`.
    pub retry_after: Option<String>,
    /// Its header `Date`.
    pub date: Option<String>,
    /// What failed otherwise, as `request` names it.
    pub failure: Option<String>,
    /// A sentence about the failure.
    pub message: Option<String>,
}

/// `new Client`: the client, or the envelope of the failure.
#[napi(catch_unwind, js_name = "openClient")]
pub fn open(options: options::ClientObject) -> Either<Client, String> {
    match options.read().and_then(libatmn::Client::new) {
        Ok(client) => Either::A(Client(client)),
        Err(error) => Either::B(result(Err(error))),
    }
}

/// A client. Running calls do not need it.
#[napi]
pub struct Client(libatmn::Client);

#[napi]
impl Client {
    /// `client.request`
    #[napi(catch_unwind)]
    pub fn request(
        &self,
        request: RequestObject,
        body: Option<Uint8Array>,
        has_listener: bool,
        callback: JsCallback,
    ) -> Call {
        let (client, request) = (self.0.clone(), request.read(body.map(|bytes| bytes.to_vec())));
        start(callback, has_listener, |mut events, cancel| async move {
            let ApiResponse { status, headers, body } = client.request(&request?, events.listener(), &cancel).await?;
            Ok(Answer { value: json!({ "status": status, "headers": headers }), body: Some(body) })
        })
    }

    /// `client.reauthenticate`
    #[napi(catch_unwind)]
    pub fn reauthenticate(&self, rejected: String, host: HostView, has_listener: bool, callback: JsCallback) -> Call {
        let (client, host) = (self.0.clone(), Host::from(host));
        start(callback, has_listener, |mut events, cancel| async move {
            let rejected = ApiKey::parse(&rejected)?;
            Ok(convert::resolved(&client.reauthenticate(&rejected, Some(&host), events.listener(), &cancel).await?)
                .into())
        })
    }

    /// `client.server`
    #[napi(catch_unwind)]
    pub fn server(&self) -> String {
        self.0.server().api().to_owned()
    }

    /// The pause before the next try of a request that fetch sends, and its event; `null` if there is no further try.
    #[napi(catch_unwind)]
    pub fn pause_before_next_try(&self, done: Try) -> String {
        let Try { method, has_idempotency_key, tries, elapsed_ms, status, retry_after, date, failure, message } = done;
        let request = OtherTries {
            method,
            has_idempotency_key,
            tries,
            elapsed: Duration::from_secs_f64(elapsed_ms.max(0.0) / 1000.0),
            retries: self.0.retries(),
        };
        let code = || ErrorCode::ALL.iter().copied().find(|code| Some(code.name()) == failure.as_deref());
        let result = match status {
            Some(status) => OtherResult::Responded { status, retry_after, date },
            None => OtherResult::Failed {
                code: code().unwrap_or(ErrorCode::ResponseUnreadable),
                message: message.unwrap_or_default(),
            },
        };
        let pause = pause_of_other(&request, &result);
        let found = pause.map(|(pause, event)| {
            let event = convert::event(&event);
            json!({ "pauseMs": pause.as_secs_f64() * 1000.0, "event": event })
        });
        found.unwrap_or_default().to_string()
    }

    /// The key for a request that fetch sent and the server rejected; `null` if the caller should return the response.
    #[napi(catch_unwind)]
    pub fn key_after_rejection(
        &self,
        rejected: RejectedRequest,
        body: Uint8Array,
        has_listener: bool,
        callback: JsCallback,
    ) -> Call {
        let RejectedRequest { method, key, status, host } = rejected;
        let (client, host) = (self.0.clone(), Host::from(host));
        let response = ApiResponse { status, headers: Vec::new(), body: body.to_vec() };
        start(callback, has_listener, |mut events, cancel| async move {
            let key = ApiKey::parse(&key)?;
            let (host, listener) = (Some(&host), events.listener());
            let found = client.key_after_rejection(&method, &key, &response, host, listener, &cancel).await?;
            Ok(found.as_ref().map_or(Value::Null, convert::resolved).into())
        })
    }

    /// `client.submit`
    #[napi(catch_unwind)]
    pub fn submit(&self, text: String) -> String {
        answer(|| self.0.submit(&text).map(|()| Value::Null))
    }
}
