//! Keys and `.env`: what needs no network and does not wait. The envelopes are JSON text.

use libatmn::{ApiKey, classify_key, explain_key, logout, resolve_key, save_keys};
use napi_derive::napi;
use serde_json::Value;

use crate::convert;
use crate::envelope::sealed_text;
use crate::options::{Logout, Resolve, Save};

/// `classifyKey`
#[napi(catch_unwind, js_name = "classifyKey")]
pub fn classify(text: String) -> String {
    sealed_text(|| Ok(classify_key(&text).map_or(Value::Null, convert::class)))
}

/// What `new ApiKey` knows.
#[napi(catch_unwind, js_name = "parseKey")]
pub fn parse(text: String) -> String {
    sealed_text(|| Ok(convert::key(&ApiKey::parse(&text)?)))
}

/// `resolveKey`
#[napi(catch_unwind, js_name = "resolveKey")]
pub fn resolve(options: Option<Resolve>) -> String {
    sealed_text(|| Ok(convert::resolved(&resolve_key(&options.unwrap_or_default().read()?)?)))
}

/// `explainKey`
#[napi(catch_unwind, js_name = "explainKey")]
pub fn explain(options: Option<Resolve>) -> String {
    sealed_text(|| Ok(convert::locations(&explain_key(&options.unwrap_or_default().read()?)?)))
}

/// `saveKeys`
#[napi(catch_unwind, js_name = "saveKeys")]
pub fn save(texts: Vec<String>, options: Save) -> String {
    sealed_text(|| {
        let keys: Vec<ApiKey> = texts.iter().map(|text| ApiKey::parse(text)).collect::<Result<_, _>>()?;
        Ok(convert::saved(&save_keys(&keys, &options.read()?)?))
    })
}

/// `logout`
#[napi(catch_unwind, js_name = "logout")]
pub fn log_out(options: Logout) -> String {
    sealed_text(|| Ok(convert::logout_result(&logout(&options.read()?)?)))
}
