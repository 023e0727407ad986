//! The local Autumn of `libatmn/testing`.

use libatmn::Error;
use local_autumn::{LocalAutumn, Options, Running};
use napi_derive::napi;
use serde_json::Value;

use crate::envelope::answer;

/// A local Autumn on a thread of this process. It stops when the object is collected, or its environment ends.
#[napi]
pub struct RunningAutumn {
    running: Option<Running>,
    /// The envelope of the URL, or of the failure.
    url: String,
}

/// Starts a local Autumn with its control routes, on a free port.
#[napi(catch_unwind)]
pub fn start_autumn() -> RunningAutumn {
    let mut running = None;
    let url = answer(|| {
        let server = LocalAutumn::bind(Options { port: 0, controls: true, ..Options::default() });
        let server = server.and_then(LocalAutumn::spawn);
        let server = server.map_err(|error| Error::system_limit("Could not start a local Autumn", error))?;
        let url = server.url();
        running = Some(server);
        Ok(Value::from(url))
    });
    RunningAutumn { running, url }
}

#[napi]
impl RunningAutumn {
    /// The envelope of the base URL.
    #[napi(catch_unwind)]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Stops the server; its port is free when this returns.
    #[napi(catch_unwind)]
    pub fn stop(&mut self) {
        self.running = None;
    }
}
