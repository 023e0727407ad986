//! The organization that a key belongs to.

use libatmn::whoami;
use napi_derive::napi;

use crate::call::{Call, JsCallback, start};
use crate::convert;
use crate::options::Whoami;

/// `whoami`
#[napi(catch_unwind, js_name = "whoami")]
pub fn who_am_i(options: Whoami, callback: JsCallback) -> Call {
    start(callback, false, |_, cancel| async move {
        let options = options.read()?;
        Ok(convert::identity(&cancel.run(whoami(&options)).await?).into())
    })
}
