//! The wait for a person in their browser: what they are told, and what they paste.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libatmn::__internal::json;
use libatmn::{ApiRequest, ApiResponse, ClientOptions, Event, EventCode, LoginOptions, LoginResult, Result, blocking};

use crate::output::{CALLER, Output};
use crate::signals::Ending;
use crate::terminal::typed_line;

/// How long a paste or a signal may wait to be noticed.
const TURN: Duration = Duration::from_millis(100);
/// When the coming end is announced; shorter waits announce it with their beginning.
const LAST_CALL: Duration = Duration::from_secs(60);

/// Logs in, unless the keys that are there still work.
pub(crate) fn log_in(options: &LoginOptions, attended: bool, ending: &Ending, output: &Output) -> Result<LoginResult> {
    let mut attempt = blocking::start_login(options)?;
    let (handle, deadline) = (attempt.handle(), attempt.deadline());
    let mut last_call = options.login_timeout > LAST_CALL;
    let mut hear = |event: &Event| {
        tell(event, output);
        if event.code == EventCode::LoginUrl {
            output.talk(&expectation(options.login_timeout, deadline, attended));
        }
        ControlFlow::Continue(())
    };
    loop {
        if ending.cancel().is_cancelled() {
            handle.cancel();
        }
        if attended {
            take(|text| handle.submit(text), output);
        }
        if let Some(done) = attempt.poll(TURN, Some(&mut hear))? {
            return Ok(done);
        }
        if last_call && left(deadline) < LAST_CALL {
            last_call = false;
            output.talk("Still waiting; one minute left.");
        }
    }
}

/// Calls the API, and logs in where that has to be.
pub(crate) fn call(
    options: ClientOptions,
    request: &ApiRequest,
    attended: bool,
    ending: &Ending,
    output: &Output,
) -> Result<ApiResponse> {
    let patience = options.login_timeout;
    let client = blocking::Client::new(options)?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut hear = |event: &Event| {
            tell(event, output);
            if event.code == EventCode::LoginUrl {
                output.talk(&expectation(patience, SystemTime::now() + patience, attended));
                // A call waits in one piece, so somebody else looks at what is typed meanwhile.
                if attended {
                    scope.spawn(|| take_until(&done, &client, output));
                }
            }
            ControlFlow::Continue(())
        };
        let result = client.request(request, Some(&mut hear), ending.cancel());
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn take_until(done: &AtomicBool, client: &blocking::Client, output: &Output) {
    while !done.load(Ordering::Relaxed) {
        take(|text| client.submit(text), output);
        std::thread::sleep(TURN);
    }
}

/// Says what happens, in words or as JSON.
pub(crate) fn tell(event: &Event, output: &Output) {
    output.event_json(&json::event(event));
    match (event.code, event.context.get("url")) {
        (EventCode::LoginUrl, Some(url)) => {
            output.talk("Log in at this address:");
            // Alone on its line, and whole however narrow the terminal: a wrapped address still copies as one.
            output.must(url);
        }
        // The result says the same, and more.
        (EventCode::KeysSaved, _) => {}
        _ => output.talk(&event.message),
    }
}

/// A terminal's own line is shown by the terminal; what it was worth is said here.
fn take(submit: impl FnOnce(&str) -> Result<()>, output: &Output) {
    let Some(line) = typed_line().filter(|line| !line.reveal().trim().is_empty()) else { return };
    if let Err(error) = submit(line.reveal()).map_err(|error| error.for_caller(&CALLER)) {
        let hint = error.hint.map(|hint| format!(" {hint}")).unwrap_or_default();
        output.talk(&format!("{}{hint} Still waiting.", error.message));
    }
}

fn expectation(timeout: Duration, deadline: SystemTime, attended: bool) -> String {
    let until = clock(deadline);
    let (number, unit) = match timeout.as_secs() {
        seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    let plural = if number == 1 { "" } else { "s" };
    let ways = "If the browser cannot come back here, paste the address that it ends at. Ctrl-C cancels.";
    let ways = if attended { format!(" {ways}") } else { String::new() };
    format!("Waiting for {number} {unit}{plural}, until {until}.{ways}")
}

/// The time of day. The standard library knows no time zones, so this says which one it means.
fn clock(time: SystemTime) -> String {
    let minutes = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 60;
    format!("{:02}:{:02} UTC", minutes / 60 % 24, minutes % 60)
}

fn left(deadline: SystemTime) -> Duration {
    deadline.duration_since(SystemTime::now()).unwrap_or_default()
}
