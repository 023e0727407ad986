//! The events of a login on stderr, and the lines that the user pastes while it waits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::__internal::json;
use libatmn::{Event, EventCode, Result};

use crate::output::{CALLER, Output};
use crate::terminal::typed_line;

/// How often a waiting command checks for a pasted line or a signal.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Prints an event, as text or as JSON.
pub(crate) fn print(event: &Event, output: &Output) {
    output.event_json(&json::event(event));
    match (event.code, event.context.get("url")) {
        (EventCode::LoginUrl, Some(url)) => {
            output.message("Log in at this URL:");
            // Terminals copy a wrapped line as one, so the URL is alone on its line and never broken.
            output.required_message(url);
        }
        // The result contains the same, and more.
        (EventCode::KeysSaved, _) => {}
        _ => output.message(&event.message),
    }
}

/// Submits a pasted line, if there is one. The terminal shows the line; this prints only why it was refused.
pub(crate) fn submit_typed_line(submit: impl FnOnce(&str) -> Result<()>, output: &Output) {
    let Some(line) = typed_line().filter(|line| !line.reveal().trim().is_empty()) else { return };
    if let Err(error) = submit(line.reveal()).map_err(|error| error.for_caller(&CALLER)) {
        let hint = error.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
        output.message(&format!("{}{hint} Still waiting.", error.message));
    }
}

/// How long a login waits, and what the user can do meanwhile.
pub(crate) fn wait_message(timeout: Duration, deadline: SystemTime, accepts_paste: bool) -> String {
    let (number, unit) = match timeout.as_secs() {
        seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    let plural = if number == 1 { "" } else { "s" };
    let paste = if accepts_paste {
        " If the browser shows an error after you approve, paste its URL here. Press Ctrl-C to cancel."
    } else {
        ""
    };
    format!("Waiting up to {number} {unit}{plural} (until {}).{paste}", time_of_day(deadline))
}

/// The time of day in UTC, because the standard library has no time zones.
fn time_of_day(time: SystemTime) -> String {
    let minutes = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 60;
    format!("{:02}:{:02} UTC", minutes / 60 % 24, minutes % 60)
}
