//! The environment variables and the working directory that JavaScript passes with each call.

use libatmn::Host;
use napi_derive::napi;

/// What a call sees of its host.
#[napi(object, object_to_js = false)]
pub struct HostView {
    /// Names and values in turn.
    pub variables: Vec<String>,
    /// The working directory, unless it was deleted.
    pub working_directory: Option<String>,
    /// The home directory of the account, if `HOME` is not set.
    pub home_directory: Option<String>,
    /// Whether JavaScript submits lines that the user pastes while a login waits.
    pub reads_lines: Option<bool>,
}

impl From<HostView> for Host {
    fn from(view: HostView) -> Self {
        let HostView { variables, working_directory, home_directory, reads_lines } = view;
        let variables = variables.chunks_exact(2).map(|pair| (&*pair[0], &*pair[1]));
        let host = Self::new(variables, working_directory.map(Into::into));
        let host = match home_directory {
            Some(directory) => host.with_home_directory(directory.into()),
            None => host,
        };
        if reads_lines == Some(true) { host.reading_lines() } else { host }
    }
}

/// The variables that finding a key needs.
#[napi(catch_unwind)]
pub fn resolution_variables() -> Vec<&'static str> {
    Host::RESOLUTION_VARIABLES.into()
}
