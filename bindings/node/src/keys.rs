//! Keys and `.env`: what needs no network and does not wait.

use libatmn::{ApiKey, classify_key, explain_key, logout, resolve_key, save_keys};
use napi_derive::napi;
use serde_json::Value;

use crate::envelope::sealed;
use crate::options::{Logout, Resolve, Save};
use crate::plain;

/// `classifyKey`
#[napi(catch_unwind, js_name = "classifyKey")]
pub fn classify(text: String) -> Value {
    sealed(|| Ok(classify_key(&text).map_or(Value::Null, plain::class)))
}

/// What `new ApiKey` knows.
#[napi(catch_unwind, js_name = "parseKey")]
pub fn parse(text: String) -> Value {
    sealed(|| Ok(plain::key(&ApiKey::parse(&text)?)))
}

/// `resolveKey`
#[napi(catch_unwind, js_name = "resolveKey")]
pub fn resolve(options: Option<Resolve>) -> Value {
    sealed(|| Ok(plain::resolved(&resolve_key(&options.unwrap_or_default().read()?)?)))
}

/// `explainKey`
#[napi(catch_unwind, js_name = "explainKey")]
pub fn explain(options: Option<Resolve>) -> Value {
    sealed(|| Ok(plain::places(&explain_key(&options.unwrap_or_default().read()?)?)))
}

/// `saveKeys`
#[napi(catch_unwind, js_name = "saveKeys")]
pub fn save(texts: Vec<String>, options: Save) -> Value {
    sealed(|| {
        let keys: Vec<ApiKey> = texts.iter().map(|text| ApiKey::parse(text)).collect::<Result<_, _>>()?;
        Ok(plain::saved(&save_keys(&keys, &options.read()?)?))
    })
}

/// `logout`
#[napi(catch_unwind, js_name = "logout")]
pub fn log_out(options: Logout) -> Value {
    sealed(|| Ok(plain::logged_out(&logout(&options.read()?)?)))
}
