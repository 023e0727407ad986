//! What programs that build on libatmn need to know about a server.

use libatmn::server_info;
use napi_derive::napi;

use crate::convert;
use crate::envelope::answer;
use crate::options::ServerInfo;

/// `serverInfo`
#[napi(catch_unwind, js_name = "serverInfo")]
pub fn info(options: ServerInfo) -> String {
    answer(|| Ok(convert::server_facts(&server_info(&options.read()?)?)))
}
