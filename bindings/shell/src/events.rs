//! The events of a login on stderr, and the lines that the user pastes while it waits.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Local};
use libatmn::__internal::json;
use libatmn::__internal::login::without_pasting;
use libatmn::{Event, EventCode, Result};

use crate::output::{CALLER, Output};
use crate::terminal::{Keyboard, Paste, Typed};

/// How often a waiting command checks for pasted text or a signal.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Prints an event, as text or as JSON.
pub(crate) fn print(event: &Event, paste: Paste, output: &Output) {
    let mut event = event.clone();
    if let (EventCode::Hint, Paste::Headless | Paste::NoTerminal) = (event.code, paste) {
        event.message = with_two_steps(&event.message);
    }
    let event = &event;
    output.event_json(&json::event(event));
    match (event.code, event.context.get("url")) {
        (EventCode::LoginUrl, Some(url)) => {
            output.message("Log in at this URL:");
            print_url(url, output);
        }
        // The result contains the same, and more.
        (EventCode::KeysSaved, _) => {}
        // The callback may be a denial. Only an approval is followed by keys.
        (EventCode::CallbackReceived, _) if output.is_rich() => {}
        (EventCode::KeysReceived, _) if output.is_rich() => {
            output.done("Approved");
            output.done("Keys created");
        }
        (EventCode::BrowserOpened | EventCode::CallbackReceived | EventCode::KeysReceived, _) => {
            output.done(&event.message);
        }
        (EventCode::BrowserFailed | EventCode::KeyRejected, _) => output.warning(&event.message),
        // What the user should know about the file.
        (EventCode::Hint, _) if event.context.contains_key("path") => output.warning(&event.message),
        // The message about the wait asks the user to paste.
        (EventCode::Hint, _) if event.context.contains_key("port") => {
            without_pasting(&event.message).iter().for_each(|advice| output.message(advice));
        }
        _ => output.message(&event.message),
    }
}

/// Prints advice as a login does.
pub(crate) fn print_hint(message: String, output: &Output) {
    print(&Event::new(EventCode::Hint, message), Paste::NoTerminal, output);
}

/// Advice where nothing reads pasted text: a login in two steps instead of the sentences that ask the user to paste.
fn with_two_steps(message: &str) -> String {
    let instead = "If the browser cannot come back here, use `atmn login --begin` and `--complete` instead.";
    match without_pasting(message) {
        None => instead.to_owned(),
        Some(rest) if rest.len() < message.len() => format!("{rest} {instead}"),
        Some(rest) => rest,
    }
}

/// Prints the login URL. Terminals copy a wrapped line as one, so the URL is alone on its line and never broken.
pub(crate) fn print_url(url: &str, output: &Output) {
    if output.is_rich() { output.link(url, url) } else { output.required_message(url) }
}

/// Handles what the user typed: submits a pasted line, shows the URL again, or copies it.
pub(crate) fn handle_typed(
    keyboard: &mut Keyboard,
    url: Option<&str>,
    submit: impl FnOnce(&str) -> Result<()>,
    output: &Output,
) {
    match (keyboard.typed(), url) {
        (Some(Typed::Line(line)), _) if !line.reveal().trim().is_empty() => {
            if let Err(error) = submit(line.reveal()).map_err(|error| error.for_caller(&CALLER)) {
                let hint = error.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
                output.message(&format!("{}{hint} Still waiting.", error.message));
            }
        }
        (Some(Typed::Line(_)), Some(url)) => print_url(url, output),
        (Some(Typed::Copy), Some(url)) => {
            output.copy(url);
            output.message("Copied the URL, if your terminal allows it. Press Enter to show the URL.");
        }
        (Some(_), None) | (None, _) => {}
    }
}

/// How long a login waits, and what the user can do meanwhile.
pub(crate) fn wait_message(timeout: Duration, deadline: SystemTime, paste: Paste) -> String {
    let (number, unit) = match timeout.as_secs() {
        seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    let plural = if number == 1 { "" } else { "s" };
    let rest = match paste {
        Paste::Read => " If the browser shows an error after you approve, paste its URL here. Press Ctrl-C to cancel.",
        Paste::Headless => " This terminal is not read (--headless). Press Ctrl-C to cancel.",
        Paste::NoTerminal => "",
    };
    format!("Waiting up to {number} {unit}{plural} (until {}).{rest}", time_of_day(deadline))
}

/// The local time of day.
fn time_of_day(time: SystemTime) -> String {
    DateTime::<Local>::from(time).format("%H:%M").to_string()
}

/// The time that is left, such as `4:32`.
pub(crate) fn time_left(deadline: SystemTime) -> String {
    let seconds = deadline.duration_since(SystemTime::now()).unwrap_or_default().as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_without_a_reader_does_not_speak_of_pasting() {
        let kept = "The port is forwarded.";
        assert_eq!(with_two_steps(kept), kept);
        for advice in
            ["Otherwise paste the URL that the browser shows.", "Open the URL there. Then paste the one that it shows."]
        {
            let shown = with_two_steps(advice);
            assert!(!shown.contains("paste") && shown.contains("--begin"), "{shown}");
        }
    }
}
