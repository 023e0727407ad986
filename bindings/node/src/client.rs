//! API calls with the active key.

use std::time::Duration;

use libatmn::{ApiKey, ApiRequest, ApiResponse, Host, Result};
use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::call::{Answer, Call, JsCallback, start};
use crate::convert;
use crate::envelope::{answer, result};
use crate::host::HostView;
use crate::options::{self, duration};

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
    /// What the call sees of its host.
    pub host: HostView,
}

impl RequestObject {
    fn read(self, body: Option<Vec<u8>>) -> Result<ApiRequest> {
        let Self { method, path, query, headers, content_type, idempotency_key, timeout_ms, host } = self;
        let (query, headers, host) = (pairs(&query), pairs(&headers), Some(host.into()));
        let timeout = timeout_ms.map(|given| duration("timeout", Some(given), Duration::ZERO)).transpose()?;
        Ok(ApiRequest { method, path, query, headers, body, content_type, idempotency_key, timeout, host })
    }
}

fn pairs(flat: &[String]) -> Vec<(String, String)> {
    flat.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
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

    /// `client.submit`
    #[napi(catch_unwind)]
    pub fn submit(&self, text: String) -> String {
        answer(|| self.0.submit(&text).map(|()| Value::Null))
    }
}
