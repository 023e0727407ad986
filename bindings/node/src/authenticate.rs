//! The rule book for programs that receive Autumn requests. JavaScript asks its own `verify` between the two functions
//! here.

use libatmn::{
    Accepts, Credential, Error, IncomingRequest, Refusal, Result, Verdict, conclude, read_credential, refusal,
};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::convert;
use crate::envelope::sealed;

/// What the rules need to know of a request.
#[napi(object, object_to_js = false)]
pub struct Incoming {
    /// As it came.
    pub method: String,
    /// With or without its query.
    pub path: String,
    /// The Authorization header; several joined by `, `.
    pub authorization: Option<String>,
    /// The `x-client-type` header.
    pub client_type: Option<String>,
    /// `any` or `publishable_only`.
    pub accepts: Option<String>,
}

impl Incoming {
    fn read(&self) -> Result<IncomingRequest<'_>> {
        let Self { method, path, authorization, client_type, accepts } = self;
        let accepts = accepts.as_deref().map(Accepts::parse).transpose()?.unwrap_or_default();
        let (authorization, client_type) = (authorization.as_deref(), client_type.as_deref());
        Ok(IncomingRequest { method, path, authorization, client_type, accepts })
    }
}

/// What the request claims, or `{refusal}`.
#[napi(catch_unwind, js_name = "readCredential")]
pub fn read(incoming: Incoming) -> Value {
    sealed(|| {
        let request = incoming.read()?;
        read_credential(&request).map(|credential| claimed(&credential)).or_else(|error| refused(error, &request))
    })
}

/// The refusal that fits where nobody has the credential, or where that could not be checked.
#[napi(catch_unwind, js_name = "refuseCredential")]
pub fn refuse(incoming: Incoming, unknown: bool) -> Value {
    sealed(|| {
        let request = incoming.read()?;
        let verdict: Verdict<Value> =
            if unknown { Verdict::Unknown } else { Verdict::CannotTell("verify could not tell".into()) };
        read_credential(&request)
            .and_then(|credential| conclude(&credential, verdict))
            .or_else(|error| refused(error, &request))
    })
}

fn claimed(credential: &Credential) -> Value {
    let key = credential.key();
    json!({
        "kind": credential.kind_name(),
        "environment": key.map(|key| key.environment().name()),
        "key": key.map(convert::key),
    })
}

/// The error with its answer and its event; errors of other kinds stay failures.
fn refused(error: Error, request: &IncomingRequest<'_>) -> Result<Value> {
    let Some(answer) = refusal(&error) else { return Err(error) };
    let event = convert::event(&answer.event(request));
    let Refusal { code, message, environment } = answer;
    let body = json!({ "message": message, "code": code.name(), "env": environment.name() });
    let failure = convert::failure(&error);
    Ok(json!({ "refusal": { "failure": failure, "status": Refusal::STATUS, "body": body, "event": event } }))
}
