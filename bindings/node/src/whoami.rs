//! Whose a key is.

use libatmn::whoami;
use napi_derive::napi;

use crate::call::{Call, Deliver, start};
use crate::convert;
use crate::options::Whoami;

/// `whoami`
#[napi(catch_unwind, js_name = "whoami")]
pub fn who_am_i(options: Whoami, deliver: Deliver) -> Call {
    start(deliver, |_, cancel| async move {
        let options = options.read()?;
        Ok(convert::identity(&cancel.run(whoami(&options)).await?).into())
    })
}
