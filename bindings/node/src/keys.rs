//! Operations on keys and `.env` files, which need no network. Those that may wait for git or for the lock of another
//! process also have a form that runs on another thread.

use libatmn::__internal::key::mask_segments;
use libatmn::__internal::text::nearest;
use libatmn::{
    ApiKey, Cancel, LogoutOptions, Result, SaveOptions, classify_key, explain_key, find_key, logout, resolve_key,
    save_keys,
};
use napi_derive::napi;
use serde_json::Value;

use crate::call::{Call, JsCallback, start_blocking};
use crate::caller::set_login_command;
use crate::convert;
use crate::envelope::answer;
use crate::options::{LogoutObject, ResolveObject, SaveObject};

/// `classifyKey`
#[napi(catch_unwind, js_name = "classifyKey")]
pub fn classify(text: String) -> String {
    answer(|| Ok(classify_key(&text).map_or(Value::Null, convert::class)))
}

/// The parts of a key, for `new ApiKey`.
#[napi(catch_unwind, js_name = "parseKey")]
pub fn parse(text: String) -> String {
    answer(|| Ok(convert::key(&ApiKey::parse(&text)?)))
}

/// What hints tell users to run in order to log in, for `configure`.
#[napi(catch_unwind, js_name = "setLoginCommand")]
pub fn configure_login_command(command: Option<String>) -> String {
    answer(|| set_login_command(command).map(|()| Value::Null))
}

/// The name of an option that does not exist, with keys masked: one may have been passed as a name by mistake.
#[napi(catch_unwind, js_name = "maskedName")]
pub fn masked_name(name: String) -> String {
    mask_segments(&name)
}

/// The option that a name which is none probably means.
#[napi(catch_unwind, js_name = "nearestName")]
pub fn nearest_name(name: String, known: Vec<String>) -> Option<String> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    nearest(&name, &known).map(str::to_owned)
}

/// `resolveKey`
#[napi(catch_unwind, js_name = "resolveKey")]
pub fn resolve(options: ResolveObject) -> String {
    answer(|| Ok(convert::resolved(&resolve_key(&options.read()?)?)))
}

/// `findKey`
#[napi(catch_unwind, js_name = "findKey")]
pub fn find(options: ResolveObject) -> String {
    answer(|| found(options))
}

/// `findKeyAsync`
#[napi(catch_unwind, js_name = "findKeyAsync")]
pub fn find_async(options: ResolveObject, callback: JsCallback) -> Call {
    start_blocking(callback, move |_| found(options))
}

fn found(options: ResolveObject) -> Result<Value> {
    Ok(find_key(&options.read()?)?.map_or(Value::Null, |found| convert::resolved(&found)))
}

/// `explainKey`
#[napi(catch_unwind, js_name = "explainKey")]
pub fn explain(options: ResolveObject) -> String {
    answer(|| Ok(convert::locations(&explain_key(&options.read()?)?)))
}

/// `saveKeys`
#[napi(catch_unwind, js_name = "saveKeys")]
pub fn save(texts: Vec<String>, options: SaveObject) -> String {
    answer(|| saved(&texts, options, &Cancel::new()))
}

/// `saveKeysAsync`
#[napi(catch_unwind, js_name = "saveKeysAsync")]
pub fn save_async(texts: Vec<String>, options: SaveObject, callback: JsCallback) -> Call {
    start_blocking(callback, move |cancel| saved(&texts, options, cancel))
}

fn saved(texts: &[String], options: SaveObject, cancel: &Cancel) -> Result<Value> {
    let keys = texts.iter().map(|text| ApiKey::parse(text)).collect::<Result<Vec<_>>>()?;
    let options = SaveOptions { cancel: cancel.clone(), ..options.read()? };
    Ok(convert::saved(&save_keys(&keys, &options)?))
}

/// `logout`
#[napi(catch_unwind, js_name = "logout")]
pub fn log_out(options: LogoutObject) -> String {
    answer(|| logged_out(options, &Cancel::new()))
}

/// `logoutAsync`
#[napi(catch_unwind, js_name = "logoutAsync")]
pub fn log_out_async(options: LogoutObject, callback: JsCallback) -> Call {
    start_blocking(callback, move |cancel| logged_out(options, cancel))
}

fn logged_out(options: LogoutObject, cancel: &Cancel) -> Result<Value> {
    let options = LogoutOptions { cancel: cancel.clone(), ..options.read()? };
    Ok(convert::logout_result(&logout(&options)?))
}
