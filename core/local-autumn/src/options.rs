//! The options of a server.

use std::sync::Arc;
use std::time::Duration;

use libatmn::Event;

use crate::request_log::LoggedRequest;

/// Called with every request after its response, on the server's thread.
type OnRequest = Arc<dyn Fn(&LoggedRequest) + Send + Sync>;
/// Called with every API request that the server refused, on the server's thread.
type OnEvent = Arc<dyn Fn(&Event) + Send + Sync>;

/// The options of a server.
#[derive(Clone)]
pub struct Options {
    /// The port on 127.0.0.1 and `::1`, or 0 for any free port. The default is 8080.
    pub port: u16,
    /// Enables the control routes under `/_test/`, faults and the request log. Use it only in tests: the control routes
    /// show whole keys.
    pub controls: bool,
    /// How long the head and the body of a request may each take to arrive. The default is ten seconds.
    pub request_timeout: Duration,
    /// Called with every request. Its `Display` is one line with masked keys.
    pub on_request: Option<OnRequest>,
    /// Called with an event (`request_refused`) for every refused API request.
    pub on_event: Option<OnEvent>,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 8080, controls: false, request_timeout: Duration::from_secs(10), on_request: None, on_event: None }
    }
}
