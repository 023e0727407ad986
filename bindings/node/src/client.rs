//! Calls of the API with the key in force.

use libatmn::{ApiKey, ApiRequest, ApiResponse, Listener};
use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::call::{Answer, Call, Deliver, start};
use crate::convert;
use crate::envelope::sealed;
use crate::options;

/// What `request` sends, but for its body.
#[napi(object, object_to_js = false)]
pub struct Request {
    /// `GET` and so on.
    pub method: String,
    /// From its first slash on.
    pub path: String,
    /// Names and values in turn.
    pub query: Vec<String>,
    /// Names and values in turn.
    pub headers: Vec<String>,
    /// What the body is.
    pub content_type: Option<String>,
    /// Says that requests with the same text count once.
    pub idempotency_key: Option<String>,
}

impl Request {
    fn read(self, body: Option<Vec<u8>>) -> ApiRequest {
        let Self { method, path, query, headers, content_type, idempotency_key } = self;
        let (query, headers) = (pairs(&query), pairs(&headers));
        ApiRequest { method, path, query, headers, body, content_type, idempotency_key }
    }
}

fn pairs(flat: &[String]) -> Vec<(String, String)> {
    flat.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

/// `new Client`
#[napi(catch_unwind, js_name = "openClient")]
pub fn open(options: options::Client) -> Either<Client, Value> {
    let mut client = None;
    let reply = sealed(|| {
        client = Some(Client(libatmn::Client::new(options.read()?)?));
        Ok(Value::Null)
    });
    client.map_or(Either::B(reply), Either::A)
}

/// A client; what is under way goes on without it.
#[napi]
pub struct Client(libatmn::Client);

#[napi]
impl Client {
    /// `client.request`
    #[napi(catch_unwind)]
    pub fn request(&self, request: Request, body: Option<Uint8Array>, attended: bool, deliver: Deliver) -> Call {
        let (client, request) = (self.0.clone(), request.read(body.map(|bytes| bytes.to_vec())));
        start(deliver, move |teller, cancel| async move {
            let mut hear = teller.listener();
            let listener: Option<Listener<'_>> = if attended { Some(&mut hear) } else { None };
            Ok(answered(client.request(&request, listener, &cancel).await?))
        })
    }

    /// `client.reauthenticate`
    #[napi(catch_unwind)]
    pub fn reauthenticate(&self, rejected: String, attended: bool, deliver: Deliver) -> Call {
        let client = self.0.clone();
        start(deliver, move |teller, cancel| async move {
            let rejected = ApiKey::parse(&rejected)?;
            let mut hear = teller.listener();
            let listener: Option<Listener<'_>> = if attended { Some(&mut hear) } else { None };
            Ok(convert::resolved(&client.reauthenticate(&rejected, listener, &cancel).await?).into())
        })
    }

    /// `client.submit`
    #[napi(catch_unwind)]
    pub fn submit(&self, text: String) -> Value {
        sealed(|| self.0.submit(&text).map(|()| Value::Null))
    }
}

fn answered(response: ApiResponse) -> Answer {
    let ApiResponse { status, headers, body } = response;
    Answer { value: json!({ "status": status, "headers": headers }), body: Some(body) }
}
