//! Checks of this machine and the server.

use libatmn::diagnose;
use napi_derive::napi;

use crate::call::{Call, JsCallback, start};
use crate::convert;
use crate::options::Diagnose;

/// `diagnose`
#[napi(catch_unwind, js_name = "diagnose")]
pub fn check_machine(options: Diagnose, callback: JsCallback) -> Call {
    start(callback, false, |_, cancel| async move {
        let options = options.read()?;
        Ok(convert::diagnosis(cancel.run(diagnose(&options)).await?).into())
    })
}
