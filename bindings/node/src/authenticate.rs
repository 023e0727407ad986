//! `authenticate`, for servers that receive Autumn requests. JavaScript calls the program's `verify` between the two
//! functions of this module.

use libatmn::{
    Accepts, Credential, Error, IncomingRequest, Refusal, Result, Verdict, conclude, read_credential, refusal,
};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::convert;
use crate::envelope::answer;

/// The parts of a request that decide about it.
#[napi(object, object_to_js = false)]
pub struct Incoming {
    /// As received.
    pub method: String,
    /// With or without the query.
    pub path: String,
    /// The `Authorization` header; several are joined by `, `.
    pub authorization: Option<String>,
    /// The `x-client-type` header.
    pub client_type: Option<String>,
    /// A name of `Accepts`.
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

/// `{credential, refusal}` of a request; one of the two is `null`.
#[napi(catch_unwind, js_name = "readCredential")]
pub fn read(incoming: Incoming) -> String {
    answer(|| {
        let request = incoming.read()?;
        read_credential(&request).map(|credential| accepted(&credential)).or_else(|error| refused(error, &request))
    })
}

/// The same for a request whose credential is unknown, or could not be verified.
#[napi(catch_unwind, js_name = "refuseCredential")]
pub fn refuse(incoming: Incoming, is_unknown: bool) -> String {
    answer(|| {
        let request = incoming.read()?;
        let verdict: Verdict<Value> =
            if is_unknown { Verdict::Unknown } else { Verdict::CannotTell("verify failed".into()) };
        read_credential(&request)
            .and_then(|credential| conclude(&credential, verdict))
            .or_else(|error| refused(error, &request))
    })
}

fn accepted(credential: &Credential) -> Value {
    let key = credential.key();
    let credential = json!({
        "kind": credential.kind_name(),
        "environment": key.map(|key| key.environment().name()),
        "key": key.map(convert::key),
    });
    json!({ "credential": credential, "refusal": null })
}

/// The error with the response to send and the event; other errors stay failures.
fn refused(error: Error, request: &IncomingRequest<'_>) -> Result<Value> {
    let Some(response) = refusal(&error) else { return Err(error) };
    let event = convert::event(&response.event(request));
    let Refusal { code, message, environment } = response;
    let body = json!({ "message": message, "code": code.name(), "env": environment.name() });
    let failure = convert::failure(&error);
    let refusal = json!({ "failure": failure, "status": Refusal::STATUS, "body": body, "event": event });
    Ok(json!({ "credential": null, "refusal": refusal }))
}
